"""A small addition to a model's weights (LoRA): what most ways to tune it change."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pipelines.learning.trainers import Job
from pipelines.learning.tuning.base import Looks, has_bf16, load
from pipelines.learning.tuning.settings import Settings

# All projections; never the embeddings nor what reads them: no server takes these as an addition.
PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
SMALL = 500_000_000
"""Weights of a model below which a smaller addition is enough."""


@dataclass(frozen=True, slots=True)
class Lora:
    """An addition of low rank to every projection; the model's own weights stay as they are."""

    name: str = "lora"
    usual: Mapping[str, Any] = field(default_factory=dict)
    overfit_rate: float = 1e-3

    def settled(self, settings: Settings, looks: Looks) -> Settings:
        """With the rank that fits the model's size, where none is set."""
        return replace(settings, rank=settings.rank or (8 if looks.weights < SMALL else 16))

    def tuned_weights(self, settings: Settings, looks: Looks) -> int:
        """At most; grouped heads have a little less."""
        both = 4 * 2 * looks.width + 3 * (looks.width + looks.inner_width)
        return settings.rank * looks.layers * both

    def prepared(self, job: Job, settings: Settings) -> tuple[Any, bool]:
        """The base, its numbers of half the size where the machine computes with such."""
        from peft import LoraConfig, get_peft_model

        addition = LoraConfig(
            r=settings.rank,
            lora_alpha=round(settings.scale * settings.rank),
            use_rslora=settings.rank_stabilised,
            target_modules=list(PROJECTIONS),
            lora_dropout=0.0,
            bias="none",
            task_type="CAUSAL_LM",
        )
        return get_peft_model(load(job, half=has_bf16()), addition), False

    def save(self, model: Any, folder: Path) -> None:
        """The addition alone."""
        model.save_pretrained(folder, save_embedding_layers=False)
        (folder / "README.md").unlink(missing_ok=True)
