"""Tunes a model to do without a long prompt what it does with it (context distillation)."""

from pipelines.learning.trainers import Trainer
from pipelines.learning.tuning.distilling import Distillation
from pipelines.learning.tuning.lora import Lora
from pipelines.learning.tuning.tuner import Tuner

# Teacher and pupil are compared on them: the more there are, the less of a gain is luck.
_HELD_OUT = 0.2


def build() -> Trainer:
    """The trainer."""
    return Tuner(Lora(usual={"held_out": _HELD_OUT}), Distillation())
