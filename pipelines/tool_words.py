"""What a tool returned, as text that a model reads."""

import json
from collections.abc import Iterator
from typing import Literal

from pydantic_core import PydanticSerializationError, to_jsonable_python

from knowledge.cleaning import clean

MOST_CHARACTERS = 4_000
"""Of a result: more is nothing that a model reads for one answer."""


def worded(value: object) -> tuple[Literal["done", "failed"], str]:
    """A result as text, cut where it is too long; bytes are none, nor is what may never end."""
    if value is None:
        return "done", ""
    if isinstance(value, str):
        return "done", cut(value)
    try:
        return "done", cut("".join(_beginning(value)))
    except (TypeError, ValueError, RecursionError):
        return "failed", "It gave something that is no text."


def _beginning(value: object) -> Iterator[str]:
    """A value as JSON, no further than it is read."""
    length = 0
    for piece in json.JSONEncoder(ensure_ascii=False, default=_plain).iterencode(value):
        yield piece
        length += len(piece)
        if length > MOST_CHARACTERS:
            return


def _plain(value: object) -> object:
    """What JSON knows of something that it does not know itself, such as a date."""
    if isinstance(value, bytes | bytearray | memoryview | Iterator):
        raise TypeError(type(value).__name__)
    if isinstance(value, set | frozenset):
        return list(value)
    try:
        return to_jsonable_python(value)
    except PydanticSerializationError as error:
        raise TypeError(type(value).__name__) from error


def cut(text: str) -> str:
    """A text without anything invisible, and no longer than is read."""
    return clean(text[:MOST_CHARACTERS]) + (" … (cut)" if len(text) > MOST_CHARACTERS else "")
