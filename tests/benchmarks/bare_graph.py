"""Haystack's own graph of the parts of an answer, without anything of ours but the prompt file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from haystack import Document, Pipeline, component
from haystack.components.builders import AnswerBuilder, ChatPromptBuilder
from haystack.components.generators.chat import MockChatGenerator
from haystack.components.joiners import DocumentJoiner
from haystack.components.retrievers.in_memory import (
    InMemoryBM25Retriever,
    InMemoryEmbeddingRetriever,
)
from haystack.document_stores.in_memory import InMemoryDocumentStore

from pipelines import context
from pipelines.answering import PROMPT
from pipelines.models import Embedder, Vectors
from pipelines.prompting import prompt
from tests.benchmarks.library import Library


class InMemory:
    """An embedder that looks up what it has embedded before; that costs next to nothing."""

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner
        self._known: dict[tuple[str, str], np.ndarray[Any, np.dtype[np.float32]]] = {}
        self.name, self.dimensions = inner.name, inner.dimensions

    async def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """As the embedder behind it does."""
        return await self._remembered("question", texts)

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """As the embedder behind it does."""
        return await self._remembered("passage", texts)

    async def _remembered(self, kind: str, texts: Sequence[str]) -> Vectors:
        new = [text for text in texts if (kind, text) not in self._known]
        if new:
            is_question = kind == "question"
            embed = self._inner.embed_questions if is_question else self._inner.embed_passages
            for text, row in zip(new, await embed(new), strict=True):
                self._known[kind, text] = row
        return np.stack([self._known[kind, text] for text in texts])


@component
class DocumentsBefore:
    """The same for the bare graph, in Haystack's own words."""

    def __init__(self, documents: dict[str, list[Document]]) -> None:
        self._documents = documents

    @component.output_types(documents=list[Document])
    def run(self, query: str) -> dict[str, list[Document]]:
        """What was found for this question."""
        return {"documents": self._documents[query]}

    @component.output_types(documents=list[Document])
    async def run_async(self, query: str) -> dict[str, list[Document]]:
        """The same without a thread."""
        return self.run(query)


@dataclass(frozen=True, slots=True)
class Passages:
    """What the prompt file expects, made from documents by its own loop."""

    passages: tuple[dict[str, Any], ...]
    question: str
    language: str = "English"
    earlier: str = ""


@component
class AsEvidence:
    """Numbers the documents for the prompt file: the least that a bare graph has to do."""

    @component.output_types(evidence=Passages)
    def run(self, documents: list[Document], query: str) -> dict[str, Passages]:
        """The first ones, with their numbers."""
        numbered = (
            {"number": n, "text": document.content}
            for n, document in enumerate(documents[: context.COUNT], 1)
        )
        return {"evidence": Passages(tuple(numbered), query)}

    @component.output_types(evidence=Passages)
    async def run_async(self, documents: list[Document], query: str) -> dict[str, Passages]:
        """The same without a thread."""
        return self.run(documents, query)


def bare(source: Any, generator: MockChatGenerator) -> Pipeline:  # noqa: ANN401 (Haystack components have no common type)
    """Haystack's graph of retriever, prompt, model and answer builder."""
    graph = Pipeline()
    if isinstance(source, InMemoryDocumentStore):
        graph.add_component("words", InMemoryBM25Retriever(source))
        graph.add_component("vectors", InMemoryEmbeddingRetriever(source))
        joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=10)
        graph.add_component("retriever", joiner)
        graph.connect("words.documents", "retriever.documents")
        graph.connect("vectors.documents", "retriever.documents")
    else:
        graph.add_component("retriever", source)
    graph.add_component("evidence", AsEvidence())
    graph.add_component("prompt", ChatPromptBuilder(list(prompt(PROMPT)), required_variables="*"))
    graph.add_component("model", generator)
    graph.add_component("answer", AnswerBuilder())
    graph.connect("retriever.documents", "evidence.documents")
    graph.connect("evidence.evidence", "prompt.evidence")
    graph.connect("prompt.prompt", "model.messages")
    graph.connect("model.replies", "answer.replies")
    graph.connect("retriever.documents", "answer.documents")
    return graph


async def in_memory(library: Library, embedder: Embedder) -> InMemoryDocumentStore:
    """Haystack's store with the same chunks and vectors."""
    store = InMemoryDocumentStore(embedding_similarity_function="dot_product")
    async for chunks in library.store.batches(256):
        rows = await embedder.embed_passages([chunk.searchable_text for chunk in chunks])
        written = [
            Document(id=c.id, content=c.searchable_text, meta={"article": c.article})
            for c in chunks
        ]
        store.write_documents(
            [replace(d, embedding=v.tolist()) for d, v in zip(written, rows, strict=True)]
        )
    return store
