"""A call of a tool, and what came of it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal

from knowledge.articles import Chunk
from knowledge.cleaning import clean
from knowledge.conversations import Picture
from pipelines.tool import Effect, Tool

MOST_SHOWN = 160
"""Of a call, in one line for people."""
Status = Literal[
    "done", "refused", "failed", "unconfirmed", "declined", "late", "unknown", "postponed"
]
"""`unknown` was begun, and nobody knows its end; `postponed` waits for something else."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a model wants called: nothing of it is checked."""

    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call.

    Attributes:
        text: the result, or what went wrong, in words for the model; never to be trusted.
        effect: of the tool.
        seconds: that it took.
        confirmation: the name by which whoever asked may have it done.
        pages: of our knowledge, where these are the result.
        picture: that it has made, as it may be shown.
        draws: whether a picture is what it is for.
    """

    call: Call
    status: Status
    text: str
    effect: Effect = "read"
    seconds: float = 0.0
    confirmation: str = ""
    pages: tuple[Chunk, ...] = ()
    picture: Picture | None = None
    draws: bool = False


def shown(call: Call) -> str:
    """A call in one line, for people: `clock(zone="Asia/Tokyo")`."""
    line = " ".join(clean(f"{call.tool}({', '.join(_values(call, '='))})").split())
    return line if len(line) <= MOST_SHOWN else f"{line[:MOST_SHOWN]} …)"


def in_full(call: Call) -> str:
    """A call in lines with every argument in full, for whoever is to confirm it."""
    return "\n  ".join([clean(call.tool), *_values(call, ": ")])


def _values(call: Call, between: str) -> Iterator[str]:
    for name, value in call.arguments.items():
        line = f"{name}{between}{json.dumps(value, ensure_ascii=False)}"
        # What cannot be seen is written so that it can: nobody confirms what they do not see.
        yield line if clean(line) == line else clean(f"{name}{between}{json.dumps(value)}")


def fingerprint(known: Tool, call: Call) -> str:
    """What is the same only for the same call of the same tool."""
    told = (known.name, known.description, known.effect, dict(known.parameters), call.arguments)
    return sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()
