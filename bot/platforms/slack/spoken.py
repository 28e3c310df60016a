"""What people see in a message, out of how Slack writes it down."""

import re
from collections.abc import Iterable, Mapping
from html import unescape

_MARKED = re.compile(r"<([@#!]?)([^<>|]+)(?:\|([^<>]*))?>")
_ID = re.compile(r"@([UW][A-Z0-9]{6,})\b")
"""Somebody in a text of `spoken` whose name was not known yet."""


def mentions(text: str) -> frozenset[str]:
    """The ids of everybody who is mentioned."""
    return frozenset(found[2] for found in _MARKED.finditer(text) if found[1] == "@")


def unnamed(texts: Iterable[str]) -> list[str]:
    """The ids that stand in texts of `spoken` in the place of names, each once."""
    return list(dict.fromkeys(found[1] for text in texts for found in _ID.finditer(text)))


def with_names(text: str, names: Mapping[str, str]) -> str:
    """A text of `spoken` with the names of people, as far as they are known."""
    return _ID.sub(lambda found: f"@{names.get(found[1], found[1])}", text)


def spoken(text: str, *, without: str = "") -> str:
    """The text as people read it, but for names, which Slack has to be asked for: `with_names`.

    Args:
        text: as Slack hands it over.
        without: the id of somebody whose mentions are left out: our own.
    """

    def read(found: re.Match[str]) -> str:
        kind, name, label = found.groups()
        if kind == "@":
            return "" if name == without else f"@{label or name}"
        if kind == "#":
            return f"#{label or name}"
        if kind == "!":
            return label or f"@{name.partition('^')[0]}"
        return f"{label} ({name})" if label and label not in name else name

    return unescape(_MARKED.sub(read, text)).strip()
