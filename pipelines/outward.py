"""Whether a call would take out of the house what nobody has said: then whoever asked decides.

A tool that only reads may still tell others something: its arguments go to them. As long as a
model has read nothing but what people wrote it knows nothing else to tell. Once it has read pages,
results or earlier answers, every word of such a call must be one that people said, but for a few.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from knowledge.words import stop_words
from pipelines.particulars import exact_parts, folded, is_one_name
from pipelines.schema_parts import listed, parts
from pipelines.tool import Tool
from pipelines.tool_call import Call, Outcome

OUR_ANSWERS = ""
"""Where earlier answers of ours come from, in the place of the origin of a tool."""
MOST_FREE, MOST_FREE_NUMBERS = 6, 1
"""Words of a call, and numbers among them, that nobody has said: too few to tell a secret with."""
MOST_SIGNS = 12
"""That are no part of a word, besides one a word: signs can be written in, too."""
LEAST_STEM = 3
DAYS_AROUND = 15
"""A day as near as this is what "tomorrow" and "next Friday" come to."""
_COUNTS = tuple(map(str, range(11)))
"""How many days, how many tickets."""
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Heard:
    """What a model knows when it wants a call.

    Attributes:
        said: what people have said in the conversation.
        read: what else it has read, by the origin of the tool that gave it.
        at: when it was asked.
    """

    said: str = ""
    read: Mapping[str, str] = field(default_factory=dict)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def after(self, outcomes: Sequence[Outcome], tools: Sequence[Tool]) -> "Heard":
        """The same once these tools have said this."""
        # What stays in the house is kept apart, also from a tool of the same file that does not.
        origins = {one.name: one.origin for one in tools if one.outward}
        read = dict(self.read)
        for one in outcomes:
            if one.text and _tells(one):
                origin = origins.get(one.call.tool, one.call.tool)
                read[origin] = f"{read.get(origin, '')} {one.text}"
        return replace(self, read=read)

    def asks_first(self, known: Tool, call: Call) -> bool:
        """Whether somebody has to confirm a call before it is made: it changes or tells something.

        Args:
            known: the tool that is called.
            call: with arguments that keep to its schema, or do not.
        """
        if known.effect != "read":
            return True
        if not known.outward or not self.read.keys() - _same_place(known):
            return False
        return not self._holds(known, _leaving(known, call.arguments))

    def _holds(self, known: Tool, leaving: object) -> bool:
        """Whether people have said these values, but for a few words."""
        values = list(_values(leaving, _allowed(known)))
        words = Counter(word for one in values for word in self._words(one))
        text = "".join(one for one in values if isinstance(one, str))
        signs = len(text) - sum(map(len, _WORD.findall(text)))
        left = words - Counter(_words(self.said))
        numbers = sum(count for word, count in left.items() if word.isdecimal())
        return (
            signs <= MOST_SIGNS + words.total()
            and left.total() <= MOST_FREE
            and numbers <= MOST_FREE_NUMBERS
            and all(self._is_free(word, known) for word in left)
        )

    def _words(self, value: object) -> list[str]:
        """The words of a value; none of a day or a number that people have said, or may mean."""
        text = str(value)
        day = _day(text) if isinstance(value, str) else None
        if day and abs((day - self.at.date()).days) <= DAYS_AROUND:
            return []
        parts = exact_parts(text) if day or not isinstance(value, str) else frozenset()
        return [] if parts and parts <= exact_parts(self.said) else _words(text)

    def _is_free(self, word: str, known: Tool) -> bool:
        """Whether a word may stand in a call that was not said so often, or not in this form."""
        said = _words(self.said)
        if word.isdecimal():
            numbers = _words(self.read.get(known.origin, ""))
            return word in (*said, *numbers, *_COUNTS)
        is_plain = word in _described(known) or word in stop_words("en") | stop_words("es")
        return is_plain or any(_is_form_of(word, one) for one in said)


NOTHING_READ = Heard()


def _tells(one: Outcome) -> bool:
    """Whether a model has read of this what others wrote: what it did wrong is in our words."""
    return one.status == "done" or (one.status == "failed" and not one.fault)


def _same_place(known: Tool) -> set[str]:
    """The origins of what may go where this tool goes: a server hears again what it has said.

    A file of ours may go to several places, one of which shall not hear of another.
    """
    return {known.origin} if known.is_strange else set()


def _leaving(known: Tool, arguments: Mapping[str, Any]) -> object:
    """What goes out of a call: all arguments, where its tool does not know it better."""
    return known.outward(**arguments) if callable(known.outward) else arguments


def _allowed(known: Tool) -> frozenset[str]:
    """What a schema lets choose from, and the names that it gives."""
    schema = dict(known.parameters)
    given = (part.get("properties") for part in parts(schema))
    names = (name for one in given if isinstance(one, Mapping) for name in one)
    return frozenset([*names, *listed(schema, "enum", "const", "default")])


def _values(part: object, allowed: frozenset[str]) -> Iterator[str | int | float]:
    """The texts and numbers of arguments, and names that no schema gives."""
    if isinstance(part, Mapping):
        yield from (str(key) for key in part if key not in allowed)
        for value in part.values():
            yield from _values(value, allowed)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from _values(value, frozenset())
    elif part is None or isinstance(part, bool) or str(part) in allowed:
        return
    elif isinstance(part, str | int | float):
        yield part


def _described(known: Tool) -> frozenset[str]:
    """The words that the operator has told a model of a tool; a strange server has told its own."""
    if known.is_strange:
        return frozenset()
    return frozenset(_words(f"{known.description} {json.dumps(dict(known.parameters))}"))


def _is_form_of(word: str, said: str) -> bool:
    """Whether a word is one that was said, in another number or in the other language."""
    return is_one_name(word, said) or (len(word) >= LEAST_STEM and said.startswith(word))


def _words(text: str) -> list[str]:
    return _WORD.findall(folded(text))


def _day(text: str) -> date | None:
    """The day of a date or a time as a model writes it."""
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None
