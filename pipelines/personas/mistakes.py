"""What is wrong with a persona's file, all of it at once."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from knowledge.errors import UsageError


class PersonaError(UsageError):
    """A persona's file is missing or wrong."""


class Mistake(NamedTuple):
    """One thing that is wrong, and what would be right; both are sentences."""

    wrong: str
    right: str


MOST_TOLD = 40
"""Mistakes; a file with more of them is no persona at all."""


def told(mistakes: Sequence[Mistake]) -> PersonaError:
    """The error that names all of them, each once.

    Args:
        mistakes: at least one.
    """
    each = list(dict.fromkeys(mistakes))
    first = each[:MOST_TOLD]
    if more := len(each) - len(first):
        first.append(Mistake(f"{more} more mistakes follow.", "Then look again."))
    wrong, right = (_once(texts) for texts in zip(*first, strict=True))
    return PersonaError(wrong, what_to_do=right)


def _once(texts: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(texts))
