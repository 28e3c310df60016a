"""Whether a call would take out of the house what nobody has said: then whoever asked decides.

A tool that only reads may still tell others something: its arguments go to them. As long as a
model has read nothing but what people wrote it knows nothing else to tell. Once it has read pages,
results or earlier answers, every word of such a call must be one that people said, but for a few.
"""

import json
import re
import string
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

import structlog

from knowledge.words import stop_words
from pipelines.particulars import counted_parts, exact_parts, folded
from pipelines.schema_parts import Place, spelled
from pipelines.tool import Tool
from pipelines.tool_call import Call, Outcome

log = structlog.get_logger(__name__)
OUR_ANSWERS = ""
"""Where earlier answers of ours come from, in the place of the origin of a tool."""
MOST_FREE, MOST_FREE_NUMBERS = 6, 1
"""Words of a call, and numbers among them, that nobody has said: too few to tell a secret with."""
MOST_SIGNS = 12
"""That are no part of a word, besides one a word: signs can be written in, too."""
PLAIN_SIGNS = frozenset(f"{string.punctuation} \n¿¡‘’“”«»–—…·€£°ºª")
"""All others, such as those of Braille, stand for anything, and count as a word of their own."""
ACCENTS = "\u0301\u0303\u0308"
"""That people leave out or models put in: of `á`, `ñ` and `ü`. Other ones are never free."""
LEAST_STEM = 3
_ENDINGS = ("", "a", "e", "o", "n", "s", "as", "es", "os", "on", "res", "na", "ia", "ue")
"""Of one name in both languages, and of numbers: any other letters could tell something."""
DAYS_AROUND = 15
"""A day as near as this is what "tomorrow" and "next Friday" come to."""
_COUNTS = tuple(map(str, range(11)))
"""How many days, how many tickets."""
_WORD = re.compile(r"[^\W_]+")
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2})(?::00)?Z?)?")
"""In one form alone: a fraction of a second has room for any number."""
MIDNIGHT = "00:00"
Value = str | float | bool | None


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
            if tells(one):
                origin = origins.get(one.call.tool, one.call.tool)
                read[origin] = f"{read.get(origin, '')} {one.text}"
        return replace(self, read=read)

    def asks_first(self, known: Tool, call: Call) -> bool:
        """Whether somebody has to confirm a call before it is made: it changes or tells something.

        Args:
            known: the tool that is called.
            call: with arguments that keep to its schema.
        """
        if known.effect != "read":
            return True
        if not known.outward or not self.read.keys() - _same_place(known):
            return False
        return not self._holds(known, _leaving(known, call.arguments))

    def _holds(self, known: Tool, leaving: object) -> bool:
        """Whether people have said these values, but for a few words."""
        values = list(_values(leaving, Place.top(known.parameters)))
        texts = [one for one in values if isinstance(one, str)]
        words = Counter(word for one in texts for word in self._words(one))
        signs = _signs("".join(texts))
        left = words - Counter(_words(self.said)) + self._left_numbers(values)
        numbers = sum(count for word, count in left.items() if word.isdecimal())
        # Which of two values stands in a place tells something, and so does a place without one.
        bare = sum(isinstance(one, bool) or one is None for one in values)
        return (
            len(signs) <= MOST_SIGNS + words.total()
            and PLAIN_SIGNS.union(_signs(self.said)).issuperset(signs)
            and left.total() + bare <= MOST_FREE
            and numbers <= MOST_FREE_NUMBERS
            and all(self._is_free(word, known) for word in left)
        )

    def _left_numbers(self, values: Sequence[Value]) -> Counter[str]:
        """Of the values that are numbers those that people have not said, or not so often."""
        said = counted_parts(self.said)
        given = [
            spelled(one)
            for one in values
            if isinstance(one, int | float) and not isinstance(one, bool)
        ]
        words = Counter(word for one in given for word in ([one] if one in said else _words(one)))
        return words - (said | Counter(_words(self.said)))

    def _words(self, value: str) -> list[str]:
        """The words of a text; none of a day that people have said, or may mean."""
        found = _DAY.fullmatch(value)
        day = _day(found[1]) if found else None
        if not found or not day:
            return _words(value)
        is_near = abs((day - self.at.date()).days) <= DAYS_AROUND
        time = found[2] or MIDNIGHT
        return [
            *([] if is_near else self._unsaid(found[1])),
            *([] if time == MIDNIGHT else self._unsaid(time)),
        ]

    def _unsaid(self, text: str) -> list[str]:
        """The words of a day or a time, unless people have said just that."""
        parts = exact_parts(text)
        return [] if parts and parts <= exact_parts(self.said) else _words(text)

    def _is_free(self, word: str, known: Tool) -> bool:
        """Whether a word may stand in a call that was not said so often, or not in this form."""
        said = _words(self.said)
        if word.isdecimal():
            numbers = _words(self.read.get(known.origin, ""))
            return word in (*said, *numbers, *_COUNTS)
        bare = _without(word, ACCENTS)
        is_plain = bare in _described(known) or bare in stop_words("en") | stop_words("es")
        return is_plain or any(_is_form_of(bare, folded(one)) for one in said)


NOTHING_READ = Heard()


def tells(one: Outcome) -> bool:
    """Whether a model has read of this what others wrote: what it did wrong is in our words."""
    is_theirs = one.status == "done" or (one.status == "failed" and not one.fault)
    return is_theirs and bool(one.text)


def _same_place(known: Tool) -> set[str]:
    """The origins of what may go where this tool goes: a server hears again what it has said.

    A file of ours may go to several places, one of which shall not hear of another.
    """
    return {known.origin} if known.is_strange else set()


def _leaving(known: Tool, arguments: Mapping[str, Any]) -> object:
    """What goes out of a call: all arguments, where its tool does not know it better."""
    if not callable(known.outward):
        return arguments
    try:
        return known.outward(**arguments)
    except Exception as error:  # noqa: BLE001 (a team's own code: whatever it does, all may go out)
        log.warning("a tool does not say what leaves", tool=known.name, error=type(error).__name__)
        return arguments


def _values(part: object, place: Place) -> Iterator[Value]:
    """The texts and numbers of arguments, names that no schema gives, and what else is told.

    That is a truth value, and where anything may stand a list, a table or nothing: None each.
    """
    if not place.said and (part in (None, "") or isinstance(part, Mapping | list | tuple)):
        yield None
    if isinstance(part, Mapping):
        for name, value in part.items():
            inside = place.under(name)
            if not inside.said:
                yield str(name)
            yield from _values(value, inside)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from _values(value, place.in_list())
    elif isinstance(part, bool) or (
        isinstance(part, str | int | float) and spelled(part) not in place.choices()
    ):
        yield part


def _described(known: Tool) -> frozenset[str]:
    """The words that the operator has told a model of a tool; a strange server has told its own."""
    if known.is_strange:
        return frozenset()
    told = f"{known.description} {json.dumps(dict(known.parameters), ensure_ascii=False)}"
    return frozenset(map(folded, _words(told)))


def _is_form_of(word: str, said: str) -> bool:
    """Whether a word is one that was said, in another number or in the other language."""
    if len(word) >= LEAST_STEM and said.startswith(word):
        return True
    return any(len(stem) >= LEAST_STEM for stem in _stems(word) & _stems(said))


def _stems(word: str) -> set[str]:
    return {word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending)}


def _words(text: str) -> list[str]:
    """The words of a text as they are spelled, without the usual capitals.

    What only stands for a plain letter stays as it is, and so do capitals inside of a word:
    anything can be written with them in words that were said.
    """
    found = _WORD.findall(unicodedata.normalize("NFC", text))
    return [one.lower() if one[1:] in (one[1:].lower(), one.upper()[1:]) else one for one in found]


def _without(word: str, marks: str) -> str:
    """A word without these accents."""
    apart = unicodedata.normalize("NFD", word)
    return unicodedata.normalize("NFC", "".join(one for one in apart if one not in marks))


def _signs(text: str) -> str:
    """All that is no part of a word."""
    return _WORD.sub("", unicodedata.normalize("NFC", text))


def _day(text: str) -> date | None:
    """The day of this form, if there is one."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
