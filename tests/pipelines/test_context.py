from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from knowledge.articles import Chunk
from pipelines import context
from pipelines.close_reading import CloseReader
from pipelines.retrieval import Ranked, Retrieved, Retriever
from pipelines.sketching import sketch_waiting
from pipelines.statements import Statement
from tests.pipelines.small_knowledge import PUBLIC, Index, asked, chunk, open_index, pages

TABLE = """The fees of the workshop are these.

| Thing | Price | Deposit |
|---|---|---|
| Drill | 4 euros | 20 euros |
| Sander | 6 euros | 30 euros |
| Ladder | 2 euros | 10 euros |
| Welding machine | 15 euros | 90 euros |"""


@asynccontextmanager
async def closely_read(folder: Path, chunks: Sequence[Chunk]) -> AsyncIterator[Retriever]:
    """A retriever over these chunks that reads the best ones statement by statement."""
    async with open_index(folder) as index:
        await fill(index, chunks)
        reader = await CloseReader.open(folder / "statements", index.embedder)
        yield Retriever(index.store, index.embedder, index.words, closely=reader)
        await reader.close()


async def fill(index: Index, chunks: Sequence[Chunk]) -> None:
    await index.add(chunks)
    await sketch_waiting(index.store, index.words)


def total(passages: Sequence[context.Passage]) -> int:
    return sum(context.tokens(passage.text) for passage in passages)


@pytest.mark.parametrize(
    ("question", "title", "words"),
    [
        ("What is the deposit for a cargo bike?", "Bicicletas", "35 euros"),
        ("¿Cuántas semanas dura el permiso parental?", "Leave", "16 weeks"),
        ("When does the dishwasher start?", "Kitchen", "18:00"),
    ],
)
async def test_the_statement_that_answers_is_there_even_when_little_fits(
    tmp_path: Path, question: str, title: str, words: str
) -> None:
    async with closely_read(tmp_path, pages()) as retriever:
        found = await retriever.retrieve(asked(question))
        passages = context.select(found, max_tokens=60)
        text = {passage.chunk.title: passage.text for passage in passages}
        assert words in text[title]
        assert total(passages) <= 70


async def test_what_was_not_enough_stays_as_it_is_and_the_rest_follows(tmp_path: Path) -> None:
    async with closely_read(tmp_path, pages()) as retriever:
        found = await retriever.retrieve(asked("Who has the key of the bikes?"))
        first = context.select(found, max_tokens=300)
        more = context.select(found, max_tokens=2_000, after=first, count=3)
        assert more[: len(first)] == first
        assert [p.number for p in more] == list(range(1, len(more) + 1))
        given = [(p.chunk.id, place) for p in more for place in p.places]
        assert len(set(given)) == len(given)
        all_of_it = [(r.chunk.id, n) for r in found.chunks[:3] for n in range(len(read(r)))]
        assert set(all_of_it) <= set(given)


def read(ranked: Ranked) -> Sequence[Statement]:
    assert ranked.reading
    return ranked.reading.statements


async def test_first_comes_what_is_near_with_the_sentences_beside_it(tmp_path: Path) -> None:
    text = (
        "Flour comes from a mill in the next valley. You may carry six days of leave over. "
        "They have to be taken by 30 April. The bus to the mill leaves at noon."
    )
    async with closely_read(tmp_path, [chunk("House", text, "en"), *pages()]) as retriever:
        found = await retriever.retrieve(asked("Which days of leave can be carried over?"))
        first = context.select(found, max_tokens=300)
        (house,) = [passage.text for passage in first if passage.chunk.title == "House"]
        assert "They have to be taken by 30 April." in house
        assert len(first) < len(context.select(found, max_tokens=2_000, after=first))


async def test_a_page_that_was_replaced_is_not_read(tmp_path: Path) -> None:
    old = chunk("Fire plan 2022", "The assembly point is the car park. Candles are fine.", "en")
    new = chunk("Fire plan", "The assembly point is the chapel green. No candles.", "en")
    async with closely_read(tmp_path, [old, new]) as retriever:
        found = await retriever.retrieve(asked("Where is the assembly point?"))
        first = context.select(found, max_tokens=300)
        titles = {p.chunk.title for p in context.select(found, max_tokens=900, after=first)}
        assert titles == {"Fire plan"}
        found = await retriever.retrieve(asked("Where was the assembly point in 2022?"))
        best = context.select(found, max_tokens=300)[0]
        assert best.chunk.title == "Fire plan 2022"


async def test_what_is_left_out_between_statements_is_marked(tmp_path: Path) -> None:
    text = (
        "The sauna opens on Mondays. Flour is bought from a mill in the next valley every spring. "
        "Bread is sold in the morning before the post arrives by bus. The sauna costs five euros."
    )
    one = Chunk("s#0", "h:House", 0, "House", text, "en", PUBLIC, heading=("Wellness",))
    async with closely_read(tmp_path, [one]) as retriever:
        found = await retriever.retrieve(asked("When is the sauna open and what does it cost?"))
        (passage,) = context.select(found, max_tokens=32)
        assert passage.text == (
            "House > Wellness\nThe sauna opens on Mondays. … The sauna costs five euros."
        )


async def test_a_table_row_is_read_out_with_the_header_of_its_table(tmp_path: Path) -> None:
    async with closely_read(tmp_path, [chunk("Workshop", TABLE, "en")]) as retriever:
        found = await retriever.retrieve(asked("What is the price of the welding machine?"))
        (passage,) = context.select(found, max_tokens=30)
        row = "Thing: Welding machine; Price: 15 euros; Deposit: 90 euros"
        assert row in passage.text.splitlines()
        assert "Sander" not in passage.text
        assert "|" not in passage.text


async def test_rows_stand_on_lines_of_their_own_the_best_first(tmp_path: Path) -> None:
    async with closely_read(tmp_path, [chunk("Workshop", TABLE, "en")]) as retriever:
        found = await retriever.retrieve(asked("What is the price of the welding machine?"))
        first = context.select(found, max_tokens=30)
        (title, best), (_, intro, *others) = [
            passage.text.splitlines()
            for passage in context.select(found, max_tokens=500, after=first)
        ]
        assert (title, best) == (
            "Workshop",
            "Thing: Welding machine; Price: 15 euros; Deposit: 90 euros",
        )
        assert intro == "The fees of the workshop are these."
        assert sorted(others) == [
            "Thing: Drill; Price: 4 euros; Deposit: 20 euros",
            "Thing: Ladder; Price: 2 euros; Deposit: 10 euros",
            "Thing: Sander; Price: 6 euros; Deposit: 30 euros",
        ]


async def test_nothing_found_gives_no_passages(tmp_path: Path) -> None:
    async with closely_read(tmp_path, []) as retriever:
        found = await retriever.retrieve(asked("anything"))
        assert context.select(found, max_tokens=100) == []


async def test_one_statement_is_given_even_if_it_is_longer_than_allowed(tmp_path: Path) -> None:
    async with closely_read(tmp_path, pages()) as retriever:
        found = await retriever.retrieve(asked("Where is the wifi password?"))
        (passage,) = context.select(found, max_tokens=1)
        assert passage.text == "Wifi\nThe password hangs on the fridge in the kitchen."


async def test_chunks_that_nobody_read_closely_give_their_first_statements(tmp_path: Path) -> None:
    async with open_index(tmp_path) as index:
        await fill(index, [chunk("Wifi", "One is here. Two is there. Three is gone.", "en")])
        found: Retrieved = await index.retriever.retrieve(asked("wifi"))
        (passage,) = context.select(found, max_tokens=17)
        assert passage.text.startswith("Wifi\nOne is here.")
        assert "Three" not in passage.text
