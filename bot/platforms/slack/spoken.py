"""What people see in a message, out of how Slack writes it down."""

import re
from html import unescape

_MARKED = re.compile(r"<([@#!]?)([^<>|]+)(?:\|([^<>]*))?>")


def mentions(text: str) -> frozenset[str]:
    """The ids of everybody who is mentioned."""
    return frozenset(found[2] for found in _MARKED.finditer(text) if found[1] == "@")


def spoken(text: str, *, without: str = "") -> str:
    """The text as people read it.

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
