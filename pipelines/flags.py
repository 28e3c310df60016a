"""What results of tools say with `true`, `false` and `null`, under the names that they give them.

`"free": false` denies that something is free without a word of denial, and `"free": true` is no
evidence that it is not. `null` is neither: who returns it does not know. Only what stands where a
value stands counts; a text that speaks of the word "false" says nothing of the kind.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeGuard

from pipelines.particulars import folded

_WORDS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None, "none": None}
_WRAPPER = "result"
"""The name under which MCP servers give a value that has none."""
_OPENS = re.compile(r"[{[]")
_LINE = re.compile(r"[^\n{}]+")
_NAMED = re.compile(
    r"([\"']?)([^\W\d][\w -]*)\1\s*[:=]\s*(true|false|null|none)\b(?=\s*(?:[,;.)\]|]|$))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Flag:
    """A value of a result.

    Attributes:
        name: its name as words; empty where it has none, and is all that the tool said.
        says: of a yes-or-no value what it is, None where that is not known.
        beside: the words of the same entry, folded: they tell of what it says that.
        result: whose it is, counted from 0.
    """

    name: str
    says: bool | None
    beside: frozenset[str]
    result: int = 0


@dataclass(frozen=True, slots=True)
class Flags:
    """The yes-or-no values of results, and the names of all its values, which words may mean."""

    all: tuple[Flag, ...] = ()
    names: tuple[str, ...] = ()


@lru_cache(maxsize=1024)
def flags(text: str) -> Flags:
    """What a result says with yes-or-no values: as JSON, also cut, or in lines of `name: false`."""
    alone = text.strip().strip(".").lower()
    if alone in _WORDS:
        return Flags((Flag("", _WORDS[alone], frozenset()),), ("",))
    try:
        found = [leaf for value in _values(text) for leaf in _leaves(value, "", frozenset())]
    except RecursionError:  # thousands of lists in lists
        found = []
    found = found or list(_in_lines(text))
    names = tuple(dict.fromkeys(name for name, _, _ in found))
    every = [Flag(name, value, words) for name, value, words in found if _is_flag(value)]
    return Flags(tuple(every), names)


def flags_of(results: Sequence[tuple[str, str]]) -> Flags:
    """What several results say.

    Args:
        results: of each what was called, such as `is_free(room="Duero")`, and what it said.
    """
    every: list[Flag] = []
    names: list[str] = []
    for n, (called, text) in enumerate(results):
        said = flags(text)
        # Where entries have the words of the call themselves, these tell them apart.
        about = words_of(called).difference(*(one.beside for one in said.all))
        # Of several results a bare `false` is on what its tool is called after.
        tool = _spaced(called.partition("(")[0]) if len(results) > 1 else ""
        names += [name or tool for name in said.names]
        every += [
            replace(one, name=one.name or tool, beside=one.beside | about, result=n)
            for one in said.all
        ]
    return Flags(tuple(every), tuple(dict.fromkeys(names)))


def _is_flag(value: object) -> TypeGuard[bool | None]:
    return value is None or isinstance(value, bool)


_Leaf = tuple[str, object, frozenset[str]]


def _values(text: str) -> Iterator[object]:
    """The JSON of a text; of what was cut off, the inner parts that are whole."""
    decoder, place = json.JSONDecoder(), 0
    while found := _OPENS.search(text, place):
        try:
            value, place = decoder.raw_decode(text, found.start())
            yield value
        except (ValueError, RecursionError):
            place = found.start() + 1


def _leaves(value: object, name: str, beside: frozenset[str]) -> Iterator[_Leaf]:
    """Names, values and the words beside them: of the same entry, and of those around it."""
    if isinstance(value, Mapping):
        own = [one for one in value.values() if not isinstance(one, list | Mapping)]
        here = beside.union(*(words_of(str(one)) for one in own if not _is_flag(_read(one))))
        for key, one in value.items():
            inside = here | words_of(key) if isinstance(one, list | Mapping) else here
            yield from _leaves(one, _spaced(key), inside)
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one, name, beside)
    else:
        yield "" if name == _WRAPPER else name, _read(value), beside


def _read(value: object) -> object:
    """A value, and of "false" as a text what it says."""
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return _WORDS[value.lower()]
    return value


def _in_lines(text: str) -> Iterator[_Leaf]:
    for line in _LINE.findall(text):
        for _, name, value in _NAMED.findall(line):
            yield _spaced(name), _WORDS[value.lower()], words_of(_NAMED.sub("", line))


def _spaced(name: str) -> str:
    """`inStock` and `in_stock` are two words."""
    return " ".join(re.findall(r"[^\W_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name))).lower()


def words_of(text: str) -> frozenset[str]:
    """The words of a text, folded; names such as `in_stock` are two."""
    return frozenset(re.findall(r"[^\W_]+", folded(text)))
