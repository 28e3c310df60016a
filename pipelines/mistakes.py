"""All that is wrong with what somebody wrote, told in one error."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Mistake(NamedTuple):
    """One thing that is wrong, and what would be right; both are sentences."""

    wrong: str
    right: str


MOST_TOLD = 40
"""Mistakes; a file with more of them is read by nobody anyway."""


def joined(mistakes: Sequence[Mistake]) -> Mistake:
    """All of them as one, each once.

    Args:
        mistakes: at least one.
    """
    each = list(dict.fromkeys(mistakes))
    first = each[:MOST_TOLD]
    if more := len(each) - len(first):
        first.append(Mistake(f"{more} more mistakes follow.", "Then look again."))
    wrong, right = (" ".join(dict.fromkeys(texts)) for texts in zip(*first, strict=True))
    return Mistake(wrong, right)


def listed(problems: Iterable[str]) -> str:
    """What is wrong with one thing, each once, one behind the other; empty where nothing is."""
    each = list(dict.fromkeys(problems))
    first = each[:MOST_TOLD]
    if more := len(each) - len(first):
        first.append(f"and {more} more mistakes")
    return "; ".join(first)
