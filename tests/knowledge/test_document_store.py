"""The embedded store passes Haystack's own suites for document stores."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from haystack.dataclasses import Document
from haystack.document_stores.errors import DuplicateDocumentError
from haystack.document_stores.types import DuplicatePolicy
from haystack.errors import FilterError
from haystack.testing.document_store import DocumentStoreBaseExtendedTests
from haystack.testing.document_store_async import (
    CountDocumentsAsyncTest,
    DeleteAllAsyncTest,
    DeleteByFilterAsyncTest,
    DeleteDocumentsAsyncTest,
    FilterDocumentsAsyncTest,
    UpdateByFilterAsyncTest,
    WriteDocumentsAsyncTest,
)

from knowledge.articles import Audience, Chunk
from knowledge.stores import Probe
from knowledge.stores.documents import ChunkDocumentStore
from knowledge.stores.embedded import EmbeddedStore


@pytest.fixture
def document_store(tmp_path: Path) -> Iterator[ChunkDocumentStore]:
    store = ChunkDocumentStore(str(tmp_path), dimensions=3, model="test:model")
    yield store
    store.close()


class TestChunkDocumentStore(
    CountDocumentsAsyncTest,
    DeleteAllAsyncTest,
    DeleteByFilterAsyncTest,
    DeleteDocumentsAsyncTest,
    FilterDocumentsAsyncTest,
    UpdateByFilterAsyncTest,
    WriteDocumentsAsyncTest,
    DocumentStoreBaseExtendedTests,
):
    """Every shipped suite for what the store offers; the fixture is the one of this module."""

    @pytest.fixture
    def document_store(self, tmp_path: Path) -> Iterator[ChunkDocumentStore]:
        store = ChunkDocumentStore(str(tmp_path), dimensions=3, model="test:model")
        yield store
        store.close()

    def test_write_documents(self, document_store: ChunkDocumentStore) -> None:  # type: ignore[override]  # a narrower store
        document = Document(content="once")
        assert document_store.write_documents([document]) == 1
        with pytest.raises(DuplicateDocumentError):
            document_store.write_documents([document])
        assert document_store.filter_documents() == [document]

    async def test_write_documents_async(self, document_store: ChunkDocumentStore) -> None:
        document = Document(content="once")
        assert await document_store.write_documents_async([document]) == 1
        with pytest.raises(DuplicateDocumentError):
            await document_store.write_documents_async([document])
        assert await document_store.filter_documents_async() == [document]


async def test_a_written_document_is_found_by_the_embedded_store(
    document_store: ChunkDocumentStore, tmp_path: Path
) -> None:
    meta = {"title": "Leave", "language": "en", "article": "a", "audience": ["everyone"]}
    document = Document(content="thirty days of leave", meta=meta, embedding=[0.0, 1.0, 0.0])
    for_nobody = Document(content="more leave", meta={**meta, "audience": "everyone"})
    document_store.write_documents([document, for_nobody])
    store = await EmbeddedStore.open(tmp_path, dimensions=3, model="test:model")
    probe = Probe("leave", "en", vector=np.array([0, 1, 0], dtype=np.float32))
    legs = await store.search(probe, reader=Audience.of("everyone"), limit=9)
    assert [[hit.chunk.id for hit in leg.hits] for leg in legs if leg.own_language] == [
        [document.id],
        [document.id],
    ]
    await store.close()


async def test_a_chunk_is_a_document_that_filters_understand(
    document_store: ChunkDocumentStore, tmp_path: Path
) -> None:
    store = await EmbeddedStore.open(tmp_path, dimensions=3, model="test:model")
    audience = Audience.of("slack:U1")
    chunk = Chunk("x", "handbook:a.md", 2, "Leave", "thirty", "en", audience, ("A", "B"), page=4)
    await store.replace(["handbook:a.md"], [chunk])
    await store.close()
    filters = {"field": "meta.article", "operator": "==", "value": "handbook:a.md"}
    (found,) = document_store.filter_documents(filters)
    assert (found.id, found.content) == ("x", "thirty")
    assert found.meta["heading"] == ["A", "B"]
    assert found.meta["audience"] == ["slack:U1"]
    assert document_store.update_by_filter(filters, {"seen": True}) == 1
    (updated,) = document_store.filter_documents(filters)
    assert updated == replace(found, meta={**found.meta, "seen": True})
    document_store.delete_documents(["x"])
    assert document_store.count_documents() == 0


DOCUMENTS: list[dict[str, Any]] = [
    {"n": 1, "tags": ["a", "b"], "when": "2024-05-01T10:00:00+02:00", "deep": {"er": 1}},
    {"n": 2.5, "tags": [], "when": "2024-05-02", "name": 'it\'s 100% "quoted"'},
    {"n": "2.5", "when": "not a date"},
]


@pytest.mark.parametrize(
    ("field", "operator", "value", "expected"),
    [
        ("n", "==", 1, [0]),
        ("meta.n", ">", 1, [1]),
        ("meta.deep.er", "<=", 1, [0]),
        ("meta.deep", "==", {"er": 1}, [0]),
        ("meta.tags", "==", ["a", "b"], [0]),
        ("meta.tags", "in", [["a", "b"], []], [0, 1]),
        ("meta.tags", "in", [], []),
        ("meta.n", "not in", [1, None], [1, 2]),
        ("meta.when", "==", "2024-05-01T08:00:00+00:00", [0]),
        ("meta.when", ">", "2024-05-01T12:00:00", [1]),
        ("meta.name", "==", 'it\'s 100% "quoted"', [1]),
        ("content", "==", "document 2", [2]),
        ("meta.n'; DROP TABLE chunks; --", "==", None, [0, 1, 2]),
    ],
)
def test_filters_find(
    document_store: ChunkDocumentStore,
    field: str,
    operator: str,
    value: object,
    expected: list[int],
) -> None:
    documents = [Document(content=f"document {n}", meta=meta) for n, meta in enumerate(DOCUMENTS)]
    document_store.write_documents(documents)
    found = document_store.filter_documents({"field": field, "operator": operator, "value": value})
    assert found == [documents[n] for n in expected]


@pytest.mark.parametrize(("operator", "count"), [("AND", 3), ("OR", 0), ("NOT", 0)])
def test_an_operator_without_conditions_is_as_in_logic(
    document_store: ChunkDocumentStore, operator: str, count: int
) -> None:
    document_store.write_documents([Document(content=str(n)) for n in range(3)])
    found = document_store.filter_documents({"operator": operator, "conditions": []})
    assert len(found) == count


@pytest.mark.parametrize(
    "filters",
    [
        {"operator": "XOR", "conditions": []},
        {"field": "meta.n", "operator": "~", "value": 1},
        {"field": 'meta."n', "operator": "==", "value": 1},
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(
    document_store: ChunkDocumentStore, filters: dict[str, Any]
) -> None:
    with pytest.raises(FilterError):
        document_store.filter_documents(filters)


def test_skipped_documents_are_not_counted(document_store: ChunkDocumentStore) -> None:
    first, second = Document(content="1"), Document(content="2")
    document_store.write_documents([first])
    assert document_store.write_documents([first, second], DuplicatePolicy.SKIP) == 1
    with pytest.raises(DuplicateDocumentError):
        document_store.write_documents([Document(content="3")] * 2, DuplicatePolicy.FAIL)
    assert document_store.count_documents() == 2


def test_a_store_survives_a_serialised_pipeline(
    document_store: ChunkDocumentStore, tmp_path: Path
) -> None:
    document_store.write_documents([Document(content="kept")])
    again = ChunkDocumentStore.from_dict(document_store.to_dict())
    assert (again.folder, again.dimensions) == (str(tmp_path), 3)
    assert again.count_documents() == 1
    again.close()


async def test_a_relabelled_document_keeps_its_new_audience_when_it_is_updated(
    document_store: ChunkDocumentStore, tmp_path: Path
) -> None:
    meta = {"article": "docs:a.md", "audience": ["everyone"], "own": 1}
    document_store.write_documents([Document(content="salaries", meta=meta)])
    chunks = await EmbeddedStore.open(tmp_path, dimensions=3, model="test:model")
    await chunks.relabel("docs", Audience.of("terminal:ana"))
    (document,) = document_store.filter_documents()
    assert document.meta == {**meta, "audience": ["terminal:ana"]}
    everything = {"field": "meta.own", "operator": "==", "value": 1}
    assert document_store.update_by_filter(everything, {"own": 2}) == 1
    assert await chunks.chunks_of("docs:a.md", reader=Audience.of("everyone")) == []
    assert len(await chunks.chunks_of("docs:a.md", reader=Audience.of("terminal:ana"))) == 1
    await chunks.close()
