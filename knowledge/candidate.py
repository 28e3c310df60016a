"""Something that was made to answer better, and the states that it goes through."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from knowledge.conversations import now

State = Literal[
    "draft", "trained", "gated", "shadow", "canary", "champion", "retired", "quarantined"
]
NEXT: Mapping[State, frozenset[State]] = {
    "draft": frozenset({"trained", "retired", "quarantined"}),
    "trained": frozenset({"gated", "retired", "quarantined"}),
    "gated": frozenset({"shadow", "canary", "champion", "retired", "quarantined"}),
    "shadow": frozenset({"canary", "champion", "retired", "quarantined"}),
    "canary": frozenset({"champion", "retired", "quarantined"}),
    "champion": frozenset({"retired", "quarantined"}),
    "retired": frozenset({"champion", "quarantined"}),
    "quarantined": frozenset({"retired"}),
}
"""Where a state may lead; what is retired comes back only where it was champion before."""
TRIALS: tuple[State, ...] = ("shadow", "canary")
"""In shadow it answers and nobody sees it; a canary answers a few channels."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that may serve in a place.

    Attributes:
        name: never used twice.
        place: what it would serve as, such as `prompt:helpdesk`, `model`, `search`.
        serves: what is put there: the setting of a model, a file, a folder.
        files: its files by their sha256; what has another one is not what passed the gate.
        about: everything needed to make it again, and what was measured.
    """

    name: str
    place: str
    serves: str
    files: Mapping[str, str] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)
    state: State = "draft"
    made_at: datetime = field(default_factory=now)


@dataclass(frozen=True, slots=True)
class Change:
    """A candidate that came into another state."""

    name: str
    state: State
    by: str
    reason: str
    at: datetime
