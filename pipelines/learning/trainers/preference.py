"""Tunes a model to what people like: from their votes (KTO), or from pairs of answers (DPO)."""

from pipelines.learning.trainers import Trainer
from pipelines.learning.tuning.liking import Liking
from pipelines.learning.tuning.lora import Lora
from pipelines.learning.tuning.tuner import Tuner

# A fortieth of what approved answers are learnt with: votes are noise, and steps on it lead far.
_RATE = 5e-6


def build() -> Trainer:
    """The trainer."""
    return Tuner(Lora(usual={"learning_rate": _RATE}), Liking())
