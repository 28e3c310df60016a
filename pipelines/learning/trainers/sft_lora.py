"""Tunes a small addition to a model's weights (LoRA): the usual way to teach behaviour."""

from pipelines.learning.trainers import Trainer
from pipelines.learning.tuning.lora import Lora
from pipelines.learning.tuning.tuner import Tuner


def build() -> Trainer:
    """The trainer."""
    return Tuner(Lora())
