"""JSON of others as a model reads it: whole where it is short, else cut where that can be seen."""

import json
from typing import Any

LONGEST = 3_600
DEEPEST = 8
_STEPS = (
    (1, 15),
    (3, 30),
    (5, 60),
    (10, 100),
    (20, 200),
    (40, 600),
    (100, 2_000),
    (1_000, LONGEST),
)
"""Entries of a list and characters of a text that are kept, more with each try: what is too long by
far is never written out."""


def readable(value: object, longest: int = LONGEST) -> str:
    """A value as JSON of at most so many characters; what is left out is counted where it stood."""
    best = ""
    for entries, characters in _STEPS:
        text = json.dumps(_cut(value, entries, characters, DEEPEST), ensure_ascii=False)
        if len(text) > longest:
            return best or f"{text[:longest]} … (cut)"
        best = text
    return best


def _cut(value: object, entries: int, characters: int, depth: int) -> Any:  # noqa: ANN401 (JSON)
    if isinstance(value, str):
        return _short(value, characters)
    if not isinstance(value, list | dict):
        return value
    if not depth:
        return "… (left out)"
    left_out = len(value) - entries
    more = f"… ({left_out:,} more of {len(value):,} are left out)"
    if isinstance(value, list):
        kept = [_cut(one, entries, characters, depth - 1) for one in value[:entries]]
        return [*kept, more] if left_out > 0 else kept
    pairs = list(value.items())[:entries]
    shown = {_short(k, 60): _cut(v, entries, characters, depth - 1) for k, v in pairs}
    return shown | {"…": more} if left_out > 0 else shown


def _short(text: str, characters: int) -> str:
    left_out = len(text) - characters
    return f"{text[:characters]}… ({left_out:,} more characters)" if left_out > 20 else text
