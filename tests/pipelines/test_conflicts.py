"""Pages that contradict each other: the newest counts, and the other one is named."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from knowledge.articles import Chunk
from knowledge.conversations import Citation, Dissent
from pipelines import context
from pipelines.citing import Cited
from pipelines.close_reading import Reading
from pipelines.conflicts import Conflict, Side, conflicts
from pipelines.dissent import dissents, still_open
from pipelines.duplicates import sameness, without_copies
from pipelines.ranking import Candidate
from pipelines.retrieval import Ranked, Retriever
from pipelines.statements import statements
from tests.pipelines.small_knowledge import PUBLIC, asked, reading_closely

QUESTION = "What is the deposit for a cargo bike?"


def page(path: str, title: str, text: str, *, changed: int = 2026, language: str = "en") -> Chunk:
    return Chunk(
        id=f"h:{path}#0",
        article=f"h:{path}",
        position=0,
        title=title,
        text=text,
        language=language,
        audience=PUBLIC,
        updated_at=datetime(changed, 1, 1, tzinfo=UTC) if changed else None,
    )


def read(chunk: Chunk, *, nearness: float = 0.9, is_superseded: bool = False) -> Ranked:
    """A chunk whose statements are all this near to the question."""
    said = tuple(statements(chunk.text))
    near = np.full(len(said), nearness, dtype=np.float32)
    return Ranked(chunk, 0.1, Reading(said, near), is_superseded)


def found(*ranked: Ranked, question: str = QUESTION) -> list[tuple[str, str, bool]]:
    """Each contradiction: the page that counts, the other one, whether that is older."""
    return [
        (c.kept.chunk.article[2:], c.other.chunk.article[2:], c.is_older)
        for c in conflicts(question, ranked)
    ]


OLD = page("bikes-2023.md", "Bikes 2023", "The deposit for a cargo bike is 35 euros.", changed=2023)
NEW = page("bikes.md", "Bikes", "The deposit for a cargo bike is 40 euros.")


def test_the_newer_page_counts_whichever_was_found_first() -> None:
    assert found(read(NEW), read(OLD)) == [("bikes.md", "bikes-2023.md", True)]
    assert found(read(OLD), read(NEW)) == [("bikes.md", "bikes-2023.md", True)]
    (conflict,) = conflicts(QUESTION, [read(OLD), read(NEW)])
    assert conflict.kept == Side(NEW, 0, NEW.text, frozenset({"40"}))
    assert conflict.other.values == {"35"}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (read(page("a.md", "Bikes", OLD.text)), read(page("b.md", "Bikes", NEW.text)), False),
        (
            read(page("a.md", "Bikes 2025", OLD.text, changed=0)),
            read(page("b.md", "Bikes 2022", NEW.text, changed=0)),
            True,
        ),
        (
            read(page("a.md", "Bikes", OLD.text)),
            read(page("b.md", "Bikes", NEW.text), is_superseded=True),
            True,
        ),
        (
            read(
                page("a.md", "Loans", "Berta, a cargo bike, has a deposit of 35 euros for Berta.")
            ),
            read(page("b.md", "Rent", "Berta, a cargo bike, has a deposit of 40 euros for Berta.")),
            False,
        ),
        (
            read(page("a.md", "Bikes", "The key of the bikes is with Irene Sanz.")),
            read(
                page("b.md", "Old bikes", "The key of the bikes is with Luis Vega.", changed=2020)
            ),
            True,
        ),
        (
            read(page("a.md", "Fees", "|Item|Fee|\n|---|---|\n|Bike|4 euros|")),
            read(page("b.md", "Fees 2020", "|Item|Fee|\n|---|---|\n|Bike|3 euros|")),
            True,
        ),
    ],
)
def test_what_is_older_is_told_by_version_year_or_date(
    first: Ranked, second: Ranked, expected: bool
) -> None:
    if first.chunk.title == "Fees":
        second = read(second.chunk, is_superseded=True)
    assert found(first, second) == [("a.md", "b.md", expected)]
    assert [older for *_, older in found(second, first)] == [expected]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (NEW, page("b.md", "Bikes", "The deposit for a cargo bike is 40 euros. Ask Ana.")),
        (NEW, page("b.md", "Scooters", "The deposit for a scooter is 35 euros.")),
        (NEW, page("b.md", "Bikes", "A cargo bike may be kept for 4 hours.")),
        (
            NEW,
            page("b.md", "Bikes", "La fianza de una bici de carga es de 35 euros.", language="es"),
        ),
        (
            page("a.md", "Lumora North", "The rent of Lumora North is €1,200 a year."),
            page("b.md", "Lumora South", "The rent of Lumora South is €1,500 a year."),
        ),
        (
            page("a.md", "Fees", "|Item|Fee|\n|---|---|\n|Bike|4 euros|"),
            page("b.md", "Fees", "|Item|Fee|\n|---|---|\n|Trailer|3 euros|"),
        ),
        (NEW, page("b.md", "Bikes", "|Item|Deposit|\n|---|---|\n|Cargo bike|35 euros|")),
        (
            page("a.md", "Bikes", "The shop opens at 9."),
            page("b.md", "Bikes", "The shop opens at 9 and closes at 17."),
        ),
    ],
)
def test_what_is_said_of_other_things_contradicts_nothing(first: Chunk, second: Chunk) -> None:
    assert found(read(first), read(second)) == []


def test_a_page_does_not_contradict_itself() -> None:
    text = "On weekdays the fee is 4 euros. On weekends the fee is 6 euros."
    other = Chunk("h:a.md#1", "h:a.md", 1, "Fees", text, "en", PUBLIC)
    assert found(read(page("a.md", "Fees", text)), read(other)) == []


def test_only_what_was_asked_counts() -> None:
    assert found(read(NEW), read(OLD, nearness=0.8)) == []
    assert found(read(NEW), Ranked(OLD, 0.1)) == []
    assert found() == []


@pytest.mark.parametrize(
    "question",
    ["What was the former deposit?", "What was the deposit in 2023?", "¿Cuál era la fianza antes?"],
)
def test_who_asks_for_the_old_rules_knows_that_they_changed(question: str) -> None:
    assert found(read(NEW), read(OLD), question=question) == []


def cited(text: str, chunk: Chunk) -> Cited:
    return Cited(text, (Citation(1, chunk, chunk.text, 1.0),), ())


def test_a_page_that_contradicts_what_is_said_is_cited_as_well() -> None:
    some = conflicts(QUESTION, [read(NEW), read(OLD)])
    citations, told = dissents(cited("The deposit is 40 euros [1].", NEW), some)
    assert [(c.n, c.chunk, c.quote) for c in citations] == [(2, OLD, OLD.text)]
    assert told == (Dissent(2, is_older=True),)


def test_a_page_that_may_not_be_opened_any_more_is_not_named() -> None:
    some = conflicts(QUESTION, [read(NEW), read(OLD)])
    against = dissents(cited("The deposit is 40 euros [1].", NEW), some)
    assert still_open(*against, {NEW.id, OLD.id}) == against
    assert still_open(*against, {NEW.id}) == ((), ())


def test_where_nobody_knows_which_holds_either_side_is_told_of_the_other() -> None:
    first, second = page("a.md", "Bikes", OLD.text), page("b.md", "Bikes", NEW.text)
    some = conflicts(QUESTION, [read(first), read(second)])
    assert dissents(cited("It is 35 euros [1].", first), some)[1] == (Dissent(2, is_older=False),)
    assert dissents(cited("It is 40 euros [1].", second), some)[1] == (Dissent(2, is_older=False),)


def test_what_is_not_said_is_not_contradicted() -> None:
    some = conflicts(QUESTION, [read(NEW), read(OLD)])
    assert dissents(cited("There is a deposit [1].", NEW), some) == ((), ())
    assert dissents(cited("The deposit is 40 euros [1].", page("c.md", "C", "x")), some) == ((), ())
    both = Cited(
        "It was 35 and is 40 euros [1][2].",
        (Citation(1, NEW, NEW.text, 1.0), Citation(2, OLD, OLD.text, 1.0)),
        (),
    )
    assert dissents(both, some) == ((), ())


def test_few_pages_are_named_each_once() -> None:
    others = [page(f"{n}.md", "Bikes", OLD.text.replace("35", str(n))) for n in range(10, 15)]
    some = conflicts(QUESTION, [read(NEW), *map(read, others), *map(read, others)])
    assert all(isinstance(one, Conflict) for one in some)
    citations, _ = dissents(cited("The deposit is 40 euros [1].", NEW), some)
    assert [c.chunk.article for c in citations] == ["h:10.md", "h:11.md"]


def candidates(*chunks: Chunk) -> list[Candidate]:
    return [Candidate(chunk, True, True, cosine=0.9, score=-n) for n, chunk in enumerate(chunks)]


LONG = (
    "Members borrow a cargo bike for up to 4 hours. The deposit is 40 euros and is paid back "
    "in cash when the bike comes back clean and dry. The key hangs beside the door of the workshop."
)


def kept(*chunks: Chunk) -> list[str]:
    return [c.chunk.article[2:] for c in without_copies(candidates(*chunks))]


def test_the_same_text_takes_one_place() -> None:
    copy = page("copy.md", "Bikes (copy)", LONG.replace("hangs", "is"))
    assert kept(page("a.md", "Bikes", LONG), copy, NEW) == ["a.md", "bikes.md"]


def test_texts_that_differ_in_a_number_are_two() -> None:
    other = page("b.md", "Bikes", LONG.replace("40", "35"))
    assert kept(page("a.md", "Bikes", LONG), other) == ["a.md", "b.md"]
    spanish = page("c.md", "Bikes", LONG, language="es")
    assert kept(page("a.md", "Bikes", LONG), spanish) == ["a.md", "c.md"]


def test_a_page_may_repeat_itself() -> None:
    first = page("a.md", "Bikes", LONG)
    again = Chunk("h:a.md#1", "h:a.md", 1, "Bikes", LONG, "en", PUBLIC)
    assert kept(first, again) == ["a.md", "a.md"]


def test_short_statements_are_the_same_by_chance() -> None:
    assert sameness("Closed on Mondays.") == ()
    assert sameness(LONG) == sameness(LONG.upper())


@pytest.fixture
async def retriever(tmp_path: Path) -> AsyncIterator[Retriever]:
    pages = [
        OLD,
        page("bikes.md", "Bikes", f"{NEW.text} The helmet is free."),
        page("a.md", "Loans", LONG),
        page("b.md", "Loans, for print", LONG),
        page("wifi.md", "Wifi", "The network of the office is called Tejo-5G."),
    ]
    async with reading_closely(tmp_path, pages) as retriever:
        yield retriever


def texts(passages: Sequence[context.Passage]) -> str:
    return "\n".join(passage.text for passage in passages)


async def test_the_older_page_and_the_copy_are_not_read(retriever: Retriever) -> None:
    search = await retriever.retrieve(asked(QUESTION))
    first = context.select(search, max_tokens=300)
    more = texts(context.select(search, max_tokens=2_000, after=first))
    assert "40 euros" in more
    assert "35 euros" not in more
    assert more.count("The key hangs beside the door") == 1
    assert ("bikes.md", "bikes-2023.md", True) in [
        (c.kept.chunk.article[2:], c.other.chunk.article[2:], c.is_older) for c in search.conflicts
    ]


async def test_a_statement_that_a_newer_page_contradicts_is_left_out_alone(tmp_path: Path) -> None:
    """Two pages of other names: only the dates tell, and the rest of the older one still holds."""
    older = page(
        "rent.md",
        "Renting things",
        "Berta is a bike. The deposit for Berta is 35 euros. Berta stands in the yard.",
        changed=2021,
    )
    newer = page("berta.md", "Berta", "The deposit for Berta is 40 euros.")
    async with reading_closely(tmp_path, [older, newer]) as retriever:
        search = await retriever.retrieve(asked("What is the deposit for Berta?"))
        first = context.select(search, max_tokens=300)
        more = texts(context.select(search, max_tokens=2_000, after=first))
        assert "35 euros" not in more
        assert "40 euros" in more
        assert "Berta stands in the yard." in more


async def test_of_a_list_everything_is_read_first(tmp_path: Path) -> None:
    people = [f"{name} {other}" for name in ("Ada", "Bo", "Cai") for other in ("Lind", "Ruiz")]
    text = "These people may open the safe:\n" + "\n".join(f"- {name}" for name in people)
    rest = "\n\nThe safe stands in the cellar. Coffee is bought on Mondays from a mill nearby."
    chunks = [page("safe.md", "Safe", text + rest), NEW, OLD]
    async with reading_closely(tmp_path, chunks) as retriever:
        search = await retriever.retrieve(asked("Who are all the people who may open the safe?"))
        whole = context.select_whole(search, max_tokens=400)
        assert all(name in whole[0].text for name in people)
        assert [passage.number for passage in whole] == list(range(1, len(whole) + 1))
        little = context.select_whole(search, max_tokens=40)
        assert sum(context.tokens(passage.text) for passage in little) <= 45
