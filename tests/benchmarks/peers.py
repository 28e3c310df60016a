"""Two well-known ways of indexing what has changed, for comparison: LangChain and LlamaIndex.

Both are installed for the benchmarks only (the dependency group `bench`).
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from knowledge.articles import Chunk

VectorsByText = Mapping[str, list[float]]
Run = Callable[[Sequence[Chunk]], int]
"""Brings the index up to date with these chunks; returns how many of them it wrote."""


def langchain(vectors: VectorsByText) -> Run:
    """LangChain `index()` into its vector store in memory, with its record manager in memory.

    Raises:
        ImportError: it is not installed.
    """
    from langchain_core.documents import Document
    from langchain_core.indexing import InMemoryRecordManager, index
    from langchain_core.vectorstores import InMemoryVectorStore

    records = InMemoryRecordManager(namespace="bench")
    records.create_schema()
    known: Any = LookedUp(vectors)
    store = InMemoryVectorStore(known)

    def run(chunks: Sequence[Chunk]) -> int:
        documents = [
            Document(page_content=c.searchable_text, metadata={"source": c.article}) for c in chunks
        ]
        done = index(
            documents,
            records,
            store,
            cleanup="full",
            source_id_key="source",
            key_encoder="sha256",
            batch_size=1000,
        )
        return int(done["num_added"])

    return run


class LookedUp:
    """LangChain's form of an embedder whose vectors are known."""

    def __init__(self, vectors: VectorsByText) -> None:
        self._vectors = vectors

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """The vectors of these texts."""
        return [self._vectors[text] for text in texts]


def llama_index(vectors: VectorsByText) -> Run:
    """LlamaIndex `IngestionPipeline` with a document store and upserts, all in memory.

    Raises:
        ImportError: it is not installed.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the library about itself
        from llama_index.core.ingestion import DocstoreStrategy, IngestionPipeline
        from llama_index.core.schema import Document, TransformComponent
        from llama_index.core.storage.docstore import SimpleDocumentStore
        from llama_index.core.vector_stores import SimpleVectorStore

    class Embed(TransformComponent):  # type: ignore[misc,unused-ignore]  # untyped where it is absent
        """LlamaIndex's form of an embedder whose vectors are known."""

        def __call__(self, nodes: Any, **_: Any) -> Any:  # noqa: ANN401 (LlamaIndex's own types)
            for node in nodes:
                node.embedding = vectors[node.text]
            return nodes

    pipeline = IngestionPipeline(
        transformations=[Embed()],
        docstore=SimpleDocumentStore(),
        vector_store=SimpleVectorStore(),
        docstore_strategy=DocstoreStrategy.UPSERTS_AND_DELETE,
    )

    def run(chunks: Sequence[Chunk]) -> int:
        documents = [Document(id_=c.id, text=c.searchable_text) for c in chunks]
        return len(pipeline.run(documents=documents))

    return run


PEERS = {
    "langchain-core": ("LangChain `index()`", langchain),
    "llama-index-core": ("LlamaIndex `IngestionPipeline`", llama_index),
}


def named(package: str) -> str:
    """A peer's name with its version."""
    return f"{PEERS[package][0]} ({package} {version(package)})"
