"""What a refresh did: figures for programs, one line for people."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Failure:
    """An article that was not read, and why.

    Attributes:
        is_meant: whether it was left out on purpose, so that nobody has to do anything.
    """

    article: str
    reason: str
    is_meant: bool = False


@dataclass(slots=True)
class RefreshReport:
    """What a refresh did; found = indexed + unchanged + failed."""

    name: str
    found: int = 0
    indexed: int = 0
    unchanged: int = 0
    deleted: int = 0
    failed: list[Failure] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def is_whole(self) -> bool:
        """Whether everything was read that was meant to be."""
        return all(one.is_meant for one in self.failed)

    def as_json(self) -> dict[str, Any]:
        """The report as `tertulia refresh --json` prints it."""
        failed = [{"article": one.article, "reason": one.reason} for one in self.failed]
        return {
            "name": self.name,
            "found": self.found,
            "indexed": self.indexed,
            "unchanged": self.unchanged,
            "deleted": self.deleted,
            "failed": failed,
            "seconds": round(self.seconds, 2),
        }

    def __str__(self) -> str:
        """The figures in one line, for people."""
        return (
            f"{self.found} found, {self.indexed} indexed, {self.unchanged} unchanged, "
            f"{self.deleted} deleted, {len(self.failed)} failed ({self.seconds:.1f} s)"
        )
