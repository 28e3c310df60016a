"""Tunes a model to tell what a text is, by a question in words and the names of the classes."""

from pipelines.learning.trainers import Trainer
from pipelines.learning.tuning.lora import Lora
from pipelines.learning.tuning.naming import Naming
from pipelines.learning.tuning.tuner import Tuner


def build() -> Trainer:
    """The trainer."""
    return Tuner(Lora(), Naming())
