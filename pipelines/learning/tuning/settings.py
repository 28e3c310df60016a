"""How a model is tuned: what a job may set, and what is usual."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from knowledge.errors import suggestion
from pipelines.learning.trainers import Job, JobRefusedError

_LEAST: Mapping[str, float] = {"held_out": 0.0, "most_steps": 0, "rank": 0, "greedy": 0}


@dataclass(frozen=True, slots=True)
class Settings:
    """How a model is tuned.

    Attributes:
        learning_rate: of AdamW, after a few steps of warming up.
        batch: rows of one step.
        at_once: rows that are in memory together; more is faster and takes more memory.
        epochs: how often every row is seen at most; fewer where held-out rows get worse.
        most_steps: an end before that; 0 is none.
        longest: tokens; longer rows are left out, never cut.
        held_out: share of the rows that is kept apart, once there are twenty.
        checkpoint_steps: steps after which it is noted how far the training has come.
        rank: of a LoRA; 0 takes 8 for models below 500 million weights, and 16 for others.
        scale: by how much a LoRA counts, `alpha / rank`.
        rank_stabilised: whether it counts `alpha / sqrt(rank)` instead.
        greedy: prompts that the tuned model answers at its end, to be compared with what is served.
    """

    learning_rate: float = 2e-4
    batch: int = 16
    at_once: int = 4
    epochs: int = 3
    most_steps: int = 0
    longest: int = 1024
    held_out: float = 0.1
    checkpoint_steps: int = 50
    rank: int = 0
    scale: float = 2.0
    rank_stabilised: bool = False
    greedy: int = 20

    @classmethod
    def of(cls, job: Job, **usual: Any) -> "Settings":
        """What the job sets, over what is usual with its trainer.

        Raises:
            JobRefusedError: it sets what there is not, or to a value that cannot be.
        """
        known = {one.name: one.type for one in fields(cls)}
        for name, value in job.settings.items():
            if name not in known:
                raise JobRefusedError(
                    f"A trainer has no setting '{name}'.", what_to_do=suggestion(name, known)
                )
            _check(name, value, type(getattr(cls(), name)))
        return replace(cls(), **{**usual, **job.settings})


def _check(name: str, value: object, kind: type) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    right = isinstance(value, bool) if kind is bool else is_number
    if kind is int:
        right = right and isinstance(value, int)
    if right and kind is not bool:
        least = _LEAST.get(name, 1 if kind is int else 1e-9)
        right = isinstance(value, int | float) and value >= least
    if not right:
        raise JobRefusedError(
            f"The setting '{name}' of a trainer cannot be {value!r}.",
            what_to_do=f"It is {'yes or no' if kind is bool else 'a number, ' + kind.__name__}.",
        )
