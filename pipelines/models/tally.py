"""How many tokens models take while something is done, whoever asks them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Tally:
    """What models took.

    Attributes:
        read: tokens of prompts that were not in a model's cache, where its server tells that.
        wrote: tokens of replies.
    """

    read: int = 0
    wrote: int = 0

    @property
    def tokens(self) -> int:
        """All of them."""
        return self.read + self.wrote

    def note(self, meta: Mapping[str, Any]) -> None:
        """Add what a reply took, as its `meta` has it."""
        usage, timings = meta.get("usage") or {}, meta.get("timings") or {}
        cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
        self.read += timings.get("prompt_n", (usage.get("prompt_tokens") or 0) - cached)
        self.wrote += usage.get("completion_tokens") or 0


_tally: ContextVar[Tally | None] = ContextVar("tally", default=None)


@contextmanager
def tallied() -> Iterator[Tally]:
    """Counts what every model that is asked meanwhile takes; words that are only weighed do not."""
    tally = Tally()
    token = _tally.set(tally)
    try:
        yield tally
    finally:
        _tally.reset(token)


def note(meta: Mapping[str, Any]) -> None:
    """Have a reply counted, where somebody counts."""
    if tally := _tally.get():
        tally.note(meta)
