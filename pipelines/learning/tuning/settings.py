"""How a model is tuned: what a job may set, and what is usual."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.learning.job_settings import chosen
from pipelines.learning.trainers import Job

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
        beta: how far a liking may lead away from the model as it was; more keeps it nearer.
        long_prompt: what the teacher reads before each question, and its pupil does not.
        grader: tells by a rule whether an answer is one that is wanted; `graders.py` has them.
        answer_tokens: of the longest answer that a teacher writes.
        soft: whether all that a teacher might have written is learnt, and not only what it wrote.
        pattern: a question about a text that stands at `{text}`, whose answer is a name.
        is_test: whether few votes or questions are enough; what comes of it is not to be served.
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
    beta: float = 0.1
    long_prompt: str = ""
    grader: str = ""
    answer_tokens: int = 128
    soft: bool = False
    pattern: str = ""
    is_test: bool = False

    @classmethod
    def of(cls, job: Job, **usual: Any) -> "Settings":
        """What the job sets, over what is usual with its trainer.

        Raises:
            JobRefusedError: it sets what there is not, or to a value that cannot be.
        """
        return chosen(cls(**usual), job, _LEAST)
