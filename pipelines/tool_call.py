"""A call of a tool, and what came of it."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Literal
from unicodedata import combining

from knowledge.articles import Chunk
from knowledge.cleaning import clean
from knowledge.conversations import Picture, ToolFault
from pipelines.tool import Effect, Tool

MOST_SHOWN = 160
"""Of a call, in one line for people."""
_PLAIN_NAME = re.compile(r"\w{1,60}", re.ASCII)
_SHAPELESS = re.compile("[\u2800\ufe00-\ufe0f]")
"""Signs without a shape that Python takes for printable, and `clean` for text or a part of it."""
_GAP = re.compile(" {20,}")
"""Behind which the rest is taken for nothing, or is out of sight."""
_ABOVE_OR_BELOW = 200
"""From here on, what Unicode calls the combining class of a mark."""
Status = Literal[
    "done", "refused", "failed", "unconfirmed", "declined", "late", "unknown", "postponed"
]
"""`unknown` was begun, and nobody knows its end; `postponed` waits for something else."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a model wants called: nothing of it is checked.

    Attributes:
        facts: what else people should know of it before they confirm it; of ours or of the tool.
    """

    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)

    def completed(self, known: Tool, told: Mapping[str, Any]) -> "Call":
        """The same with what its tool has told of it: arguments by their names, and facts."""
        named = known.parameters.get("properties", {})
        arguments = {name: value for name, value in told.items() if name in named}
        facts = {name: value for name, value in told.items() if name not in named}
        return replace(self, arguments={**self.arguments, **arguments}, facts=facts)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call.

    Attributes:
        text: the result, or what went wrong, in words for the model; never to be trusted.
        fault: what went wrong, where that is not for the tool to say: people read no words that
            are meant for the model.
        effect: of the tool.
        seconds: that it took.
        confirmation: the name by which whoever asked may have it done.
        pages: of our knowledge, where these are the result.
        picture: that it has made, as it may be shown.
        draws: whether a picture is what it is for.
        perhaps_done: whether it failed, and may have changed something all the same.
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
    fault: ToolFault = ""
    perhaps_done: bool = False


def shown(call: Call) -> str:
    """A call in one line, for people: `clock(zone="Asia/Tokyo")`."""
    line = " ".join(clean(f"{call.tool}({', '.join(_values(call, '='))})").split())
    return line if len(line) <= MOST_SHOWN else f"{line[:MOST_SHOWN]} …)"


def in_full(call: Call) -> str:
    """A call in lines with every argument in full, for whoever is to confirm it."""
    return "\n  ".join([clean(call.tool), *_values(call, ": ")])


def _values(call: Call, between: str) -> Iterator[str]:
    for name, value in (*call.arguments.items(), *call.facts.items()):
        # A name of any other form could pass for a line of its own.
        called = name if _PLAIN_NAME.fullmatch(name) else _visible(name)
        yield f"{called}{between}{_visible(value)}"


def _visible(value: object) -> str:
    """A value as JSON in which everything can be seen: nobody confirms what they do not see."""
    text = "".join(map(_sign, json.dumps(value, ensure_ascii=False)))
    text = _GAP.sub(lambda gap: len(gap[0]) * r"\u0020", text)
    return text if clean(text) == text and not _SHAPELESS.search(text) else json.dumps(value)


def _sign(sign: str) -> str:
    # Marks above and below letters can be heaped up until they hide the lines beside them.
    is_seen = sign.isprintable() and combining(sign) < _ABOVE_OR_BELOW
    return sign if is_seen else json.dumps(sign)[1:-1]


def fingerprint(known: Tool, call: Call) -> str:
    """What is the same only for the same call of the same tool."""
    words = (known.name, known.description, known.effect, dict(known.parameters))
    told = (*words, known.pin, call.arguments, call.facts)
    return sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()
