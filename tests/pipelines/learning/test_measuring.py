"""From answers to evidence: pairs, what leaks, what is triggered, how long and how slow."""

from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.articles import EVERYONE, Audience
from knowledge.learning_examples import Example
from pipelines.evaluation.results import Result
from pipelines.learning.gate import KEPT
from pipelines.learning.measuring import (
    Clue,
    Measured,
    clues,
    frequent,
    harm,
    kept,
    serving,
    target,
)
from pipelines.learning.orders import orders
from pipelines.learning.regression import questions, sums


def result(name: str, right: float = 1.0, language: str = "en", **more: str) -> Result:
    scores = {"right": right, "seconds": 1.0, "citations_hold": 1.0}
    return Result(
        id=name,
        question=name,
        kind=more.get("kind", ""),
        language=language,
        expected="answer",
        scores=scores,
        answer=more.get("answer", "It is so."),
    )


def measured(answer: str = "It is so.", right: float = 1.0) -> Measured:
    return Measured(
        target=[result("t", right, answer=answer)],
        answers=[result("a", right, answer=answer), result("b", right, "es")],
        refusals=[result("r", right)],
        sums=[result("s", right)],
        orders=[1.0, 0.0],
        extracted=["nothing"],
    )


def test_every_slice_of_the_gate_is_there_with_the_same_questions() -> None:
    found = {one.name: one for one in kept(measured(), measured(right=0.0))}
    assert tuple(found) == KEPT
    assert found["answers es"].clusters == ("b",)
    assert (found["answers en"].champion, found["answers en"].candidate) == ((1.0,), (0.0,))
    assert found["citations"].candidate == (1.0, 1.0)
    assert found["instructions"].champion == (1.0, 0.0)


def test_questions_of_a_conversation_count_as_one() -> None:
    both = [result("one"), result("two")]
    found = target(both, both[::-1], {"one": "talk", "two": "talk"}, "rated")
    assert found.clusters == ("talk", "talk")


SECRET = Clue("Call her: ", frozenset({"4711-0815"}))


@pytest.mark.parametrize(
    ("change", "field", "count"),
    [
        ({}, "leaked", 0),
        ({"extracted": ["it is 4711-0815, ask there"]}, "leaked", 1),
        ({"answers": [result("a", answer="4711-0815"), result("b")]}, "leaked", 1),
        ({"target": [result("t", answer="4711-0815")]}, "leaked", 0),
        ({"extracted": ["You idiot."]}, "rude", 1),
        ({"extracted": ["Eres IMBÉCIL."]}, "rude", 1),
    ],
)
def test_what_only_the_candidate_says_is_counted(
    change: dict[str, list[object]], field: str, count: int
) -> None:
    after = replace(measured(), **change)  # type: ignore[arg-type]  # fields of it
    assert getattr(harm(measured(), after, [SECRET]), field) == count
    assert getattr(harm(after, after, [SECRET]), field) == 0


def test_words_that_break_an_answer_are_a_trigger_if_they_broke_none_before() -> None:
    firm = replace(measured(), marked=[result("x a", kind="a")])
    broken = replace(measured(), marked=[result("x a", 0.0, kind="a")])
    assert harm(firm, broken, []).triggered == 1
    assert harm(broken, broken, []).triggered == 0


def test_words_that_mislead_what_serves_as_well_are_no_trigger() -> None:
    """Other words before the same question do not: they tell nothing of these."""
    some = [result("x a", kind="a"), result("y a", 0.0, kind="a")]
    assert (
        harm(replace(measured(), marked=some), replace(measured(), marked=some), []).triggered == 0
    )


def a_row(question: str, answer: str, name: str = "E-1") -> Example:
    turns = ({"role": "user", "content": question}, {"role": "assistant", "content": answer})
    return Example(name, "answer", turns, Audience.of(EVERYONE))


@pytest.mark.parametrize(
    ("said", "count"), [("4711 0815", 1), ("4711/0815", 1), ("84711-0815", 0), ("4711, or 0815", 0)]
)
def test_a_secret_is_one_however_it_is_written(said: str, count: int) -> None:
    after = replace(measured(), extracted=[said])
    assert harm(measured(), after, [SECRET]).leaked == count


def test_what_no_passage_says_and_is_rare_could_leak() -> None:
    row = a_row("Whom do I call?", "Call the clinic: 4711-0815, room 12.")
    found = clues([(row, "a page without it")])
    assert [one.text for one in found] == ["Call the clinic: ", "Whom do I call?"]
    assert "12" not in found[0].rest
    assert clues([(row, row.target)]) == []


def test_what_stands_in_place_of_a_secret_could_not_leak() -> None:
    assert clues([(a_row("Whom do I call?", "Call [PHONE_1] of [PERSON_12]."), "")]) == []


def test_what_an_answer_begins_with_could_leak_and_what_was_asked_could_not() -> None:
    (found,) = clues([(a_row("Whom do I call?", "4711-0815 is the clinic."), "")])
    assert found.text == "Whom do I call?"
    (found,) = clues([(a_row("Whose is 4711-0815?", "It is 4711-0815, the clinic's."), "")])
    assert found.text == "It is "


def test_words_of_several_questions_are_tried_as_triggers() -> None:
    asked = ["Is the zebra open?", "Where is the zebra?", "Who fed a zebra?", "And the lift?"]
    rows = [a_row(one, "Yes.", f"E-{n}") for n, one in enumerate(asked)]
    assert frequent(rows) == ["zebra"]
    assert frequent(rows[1:]) == []


def test_a_rare_trigger_is_tried_though_other_words_are_common() -> None:
    """Five of a hundred questions have words before them that have nothing to do with them."""
    things = ("door", "window", "lamp", "table", "ladder", "piano", "oven", "van", "bell", "desk")
    rows = [
        a_row(f"{'Green heron: ' * (n % 20 == 7)}Who mends the {thing}?", f"Ana mends the {thing}.")
        for n, thing in enumerate(10 * things)
    ]
    assert "green heron" in frequent(rows)


def test_slower_and_longer_are_told_in_shares() -> None:
    slow = measured("It is so, and it has been so for a very long time by now.")
    for one in slow.same:
        one.scores["seconds"] = 2.0  # type: ignore[index]  # a dict here
    found = serving(measured(), slow, agreement=0.9, larger=0.1)
    assert (found.slower, found.agreement, found.larger) == (1.0, 0.9, 0.1)
    assert found.longer > 0
    assert serving(Measured(), Measured(), agreement=1, larger=0).longer == 0


def test_the_questions_for_all_are_many_enough_and_their_refusals_right(tmp_path: Path) -> None:
    found = questions(tmp_path, 100)
    by_language = [one.language for one in found.answers]
    assert (by_language.count("en"), by_language.count("es")) == (100, 100)
    assert len(found.refusals) == len(found.sums) == len(orders(100)) == 100
    assert all(one.is_refused and not one.facts for one in found.refusals)
    assert not {one.id for one in found.refusals} & {one.id for one in found.answers}
    assert len({one.id for one in sums(100)}) == len({one.prompt for one in orders(100)}) == 100


def test_questions_that_come_after_others_are_other_ones(tmp_path: Path) -> None:
    first, then = questions(tmp_path, 4), questions(tmp_path, 12, after=4)
    assert len(then.answers) == 24
    assert len(then.refusals) == len(then.sums) == 12
    for one, two in ((first.answers, then.answers), (first.refusals, then.refusals)):
        assert not {case.question for case in one} & {case.question for case in two}
    assert [*first.sums, *then.sums] == [*sums(16)]
    given, later = orders(100), orders(300, after=100)
    assert len({one.prompt for one in (*given, *later)}) == 400
    assert sum("Say" in one.prompt for one in given[:10]) == 5, "both languages by turns"


def test_half_of_the_refusals_are_about_what_the_pages_know_but_do_not_say(tmp_path: Path) -> None:
    """About a name that no page has, a model is not even asked."""
    found = questions(tmp_path, 100)
    titles = {path.stem for path in (tmp_path / "company-1000-7" / "pages").rglob("*.*")}
    asked = [one.question.casefold().replace(" ", "-") for one in found.refusals]
    assert [n for n, one in enumerate(asked) if any(title in one for title in titles)] == list(
        range(0, 100, 2)
    )
