from pathlib import Path

from knowledge.articles import Chunk
from pipelines import context
from pipelines.retrieval import Retrieved
from pipelines.sketching import sketch_waiting
from tests.pipelines.small_knowledge import PUBLIC, Index, asked, chunk, open_index, pages

TABLE = """The fees of the workshop are these.

| Thing | Price | Deposit |
|---|---|---|
| Drill | 4 euros | 20 euros |
| Sander | 6 euros | 30 euros |
| Ladder | 2 euros | 10 euros |
| Welding machine | 15 euros | 90 euros |"""


async def found_in(index: Index, chunks: list[Chunk], question: str) -> Retrieved:
    await index.add(chunks)
    await sketch_waiting(index.store, index.words)
    return await index.retriever.retrieve(asked(question))


async def test_the_sentence_that_answers_is_there_even_when_little_fits(tmp_path: Path) -> None:
    async with open_index(tmp_path) as index:
        found = await found_in(index, pages(), "What is the deposit for a cargo bike?")
        passages = await context.select(found, max_tokens=45)
        assert passages[0].number == 1
        assert passages[0].chunk.title == "Bicicletas"
        assert "35 euros" in passages[0].text
        assert sum(context.tokens(p.text) for p in passages) <= 45


async def test_with_room_the_best_chunks_come_whole_in_their_order(tmp_path: Path) -> None:
    async with open_index(tmp_path) as index:
        found = await found_in(index, pages(), "Who has the key of the bikes?")
        passages = await context.select(found, max_tokens=2_000, count=3)
        assert [p.number for p in passages] == [1, 2, 3]
        assert [p.chunk.id for p in passages] == [one.chunk.id for one in found.chunks[:3]]
        for passage in passages:
            assert passage.text == f"{passage.chunk.title}\n{passage.chunk.text}"


async def test_what_is_left_out_between_sentences_is_marked(tmp_path: Path) -> None:
    text = (
        "The sauna opens on Mondays. Flour is bought from a mill in the next valley every spring. "
        "Bread is sold in the morning before the post arrives by bus. The sauna costs five euros."
    )
    async with open_index(tmp_path) as index:
        one = Chunk("s#0", "h:House", 0, "House", text, "en", PUBLIC, heading=("Wellness",))
        found = await found_in(index, [one], "When is the sauna open and what does the sauna cost?")
        (passage,) = await context.select(found, max_tokens=32)
        assert passage.text == (
            "House > Wellness\nThe sauna opens on Mondays. … The sauna costs five euros."
        )


async def test_a_table_row_comes_with_the_header_of_its_table(tmp_path: Path) -> None:
    async with open_index(tmp_path) as index:
        found = await found_in(index, [chunk("Workshop", TABLE, "en")], "welding machine price")
        (passage,) = await context.select(found, max_tokens=45)
        lines = passage.text.splitlines()
        assert lines[0] == "Workshop"
        assert "| Thing | Price | Deposit |" in lines
        assert "|---|---|---|" in lines
        assert lines[-1].startswith("| Welding machine")
        assert "Sander" not in passage.text


async def test_nothing_found_gives_no_passages(tmp_path: Path) -> None:
    async with open_index(tmp_path) as index:
        found = await index.retriever.retrieve(asked("anything"))
        assert await context.select(found, max_tokens=100) == []


async def test_one_sentence_is_given_even_if_it_is_longer_than_allowed(tmp_path: Path) -> None:
    async with open_index(tmp_path) as index:
        found = await found_in(index, pages(), "wifi password")
        (passage,) = await context.select(found, max_tokens=1)
        assert passage.chunk.title == "Wifi"
