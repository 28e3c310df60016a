"""Tunes all weights of a model: for small models and long trainings; takes most memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.learning.trainers import Job, Trainer
from pipelines.learning.tuning.base import Looks, has_bf16, load
from pipelines.learning.tuning.settings import Settings
from pipelines.learning.tuning.tuner import Tuner


@dataclass(frozen=True, slots=True)
class Full:
    """Every weight is tuned."""

    name: str = "full"
    # A tenth of what an addition learns with: more unlearns what the model knew.
    usual: Mapping[str, Any] = field(default_factory=lambda: {"learning_rate": 2e-5})
    overfit_rate: float = 1e-4

    def settled(self, settings: Settings, _looks: Looks) -> Settings:
        """Nothing depends on the size."""
        return settings

    def tuned_weights(self, _settings: Settings, looks: Looks) -> int:
        """All of them."""
        return looks.weights

    def prepared(self, job: Job, _settings: Settings) -> tuple[Any, bool]:
        """The base in whole numbers: steps of this size would be lost in halves."""
        return load(job, half=False), has_bf16()

    def save(self, model: Any, folder: Path) -> None:
        """The whole model."""
        model.save_pretrained(folder)


def build() -> Trainer:
    """The trainer."""
    return Tuner(Full())
