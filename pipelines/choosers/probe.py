"""Finds out once for each model how it is best asked for calls, and remembers it."""

import asyncio
import json
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any

import structlog

from knowledge.conversations import now
from knowledge.errors import TransientError
from knowledge.sources import Notes
from pipelines.choosers import Choice, Chooser, native, router
from pipelines.choosers.native import Native
from pipelines.choosers.router import Router
from pipelines.models import ChatModel
from pipelines.models.errors import ContextTooLongError, ModelRefusedError
from pipelines.prompting import prompt
from pipelines.tool import Tool
from pipelines.tool_call import Call

NOTES = "models.tool_calls"  # no source has such a name
TIME_LIMIT_S = 30.0
"""For each way; somebody may be waiting."""
AGAIN_AFTER = timedelta(days=1)
"""Where one way could not be measured: a server may be busy, or learn to take tools."""
MEASURED_BEFORE = "embedded:"
"""Models of our catalogue: of twenty calls none came natively, nearly all by our prompt."""
_ON = datetime(2026, 5, 4, 9, tzinfo=UTC)
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """What the questions have told of a model.

    Attributes:
        of: how many questions there were.
        router: how many were right with our own prompt; None where that took too long.
        native: how many were right natively; None where the other way was right already, or the
            server takes no tools, or it took too long.
        at: when, in ISO 8601.
    """

    of: int
    router: int | None
    native: int | None
    at: str

    @property
    def is_native(self) -> bool:
        """Whether the model calls better by itself; where it is the same, it is asked our way."""
        return self.native is not None and self.native > (self.router or 0)

    def is_old(self) -> bool:
        """Whether it tells nothing any more."""
        is_whole = self.router == self.of or self.native is not None
        return not is_whole and now() - datetime.fromisoformat(self.at) > AGAIN_AFTER


class Probe:
    """Asks each model a few questions once, both ways.

    Args:
        notes: where what they told is kept.
        time_limit_s: for each way.
    """

    def __init__(self, notes: Notes, *, time_limit_s: float = TIME_LIMIT_S) -> None:
        self._notes, self._time_limit_s = notes, time_limit_s

    async def best(self, model: ChatModel) -> Chooser:
        """The way that suits a started model.

        Raises:
            TertuliaError: the model cannot be used.
        """
        found = await self._found(model)
        return Native(model, Router(model)) if found and found.is_native else Router(model)

    async def told(self, model: ChatModel) -> str:
        """How a model is asked and why, in a few words for whoever runs it."""
        found = await self._found(model)
        if found is None:
            return "is asked for calls with our own prompt, as was measured for it"
        way = "natively" if found.is_native else "with our own prompt"
        figures = [
            f"{right} of {found.of} right {name}"
            for name, right in (("natively", found.native), ("with our own prompt", found.router))
            if right is not None
        ]
        return f"is asked for calls {way} ({', '.join(figures) or 'too slow to be measured'})"

    async def _found(self, model: ChatModel) -> Found | None:
        """What is known of a model, found out where it is not; None for one of ours."""
        if model.name.startswith(MEASURED_BEFORE):
            return None
        key = f"{_edition()} {await model.identity()}"
        found = _read((await self._notes.get([key])).get(key, ""))
        if found is None or found.is_old():
            found = await self._measured(model)
            await self._notes.put({key: json.dumps(asdict(found))})
            log.info("measured how a model calls tools", model=model.name, native=found.is_native)
        return found

    async def _measured(self, model: ChatModel) -> Found:
        right = await self._right(Router(model))
        most = len(exam()[1])
        # Nothing is better than all: then the other way need not be tried.
        other = None if right == most else await self._right(Native(model))
        return Found(most, right, other, now().isoformat())

    async def _right(self, chooser: Chooser) -> int | None:
        """How many questions are chosen right for; None where that could not be found out."""
        tools, questions = exam()
        try:
            async with asyncio.timeout(self._time_limit_s):
                chosen = [await chooser.calls(Choice(text, _ON), tools) for text, _ in questions]
        except (TimeoutError, TransientError, ContextTooLongError, ModelRefusedError) as error:
            log.info("not measured", way=chooser.name, reason=type(error).__name__)
            return None
        pairs = zip(chosen, questions, strict=True)
        right = [wanted for calls, (_, wanted) in pairs if _plain(calls) == _plain(wanted)]
        # Who never calls anything is right wherever nothing is needed, and of no use.
        return len(right) if any(right) else 0


@cache
def exam() -> tuple[tuple[Tool, ...], tuple[tuple[str, tuple[Call, ...]], ...]]:
    """The tools, and each question with the calls that it needs."""
    said = tomllib.loads(_text())
    tools = [
        Tool(one["name"], one["description"], json.loads(one["parameters"]), print)
        for one in said["tools"]
    ]
    questions = [
        (one["text"], tuple(Call(**call) for call in one["calls"])) for one in said["questions"]
    ]
    return tuple(tools), tuple(questions)


def _text() -> str:
    return resources.files("pipelines.choosers").joinpath("probe.toml").read_text("utf-8")


@cache
def _edition() -> str:
    """What changes where prompts or questions do."""
    messages = (*prompt(router.PROMPT), *prompt(native.PROMPT))
    return sha256("\n".join([_text(), *(m.text or "" for m in messages)]).encode()).hexdigest()[:12]


def _plain(calls: Sequence[Call]) -> list[str]:
    """Calls for comparing: in any order, names in any case."""
    found = []
    for call in calls:
        arguments = {name: _value(value) for name, value in call.arguments.items()}
        found.append(f"{call.tool} {json.dumps(arguments, sort_keys=True)}")
    return sorted(found)


def _value(value: Any) -> Any:  # noqa: ANN401 (JSON)
    if isinstance(value, str):
        return value.strip().casefold()
    return float(value) if isinstance(value, int | float) else value


def _read(note: str) -> Found | None:
    try:
        return Found(**json.loads(note))
    except (ValueError, TypeError):
        return None
