"""Reads a LoRA as PEFT keeps it, and writes it as llama.cpp reads it; no torch."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.learning.gguf_layout import Layout, PublishingError, Weights
from pipelines.learning.tuning.pickles import refuse_pickles

WEIGHTS, CONFIG = "adapter_model.safetensors", "adapter_config.json"
_KEY = re.compile(r"base_model\.model\.(?P<name>.+)\.lora_(?P<side>[AB])\.weight")
_NOT_SERVED = ("embed_tokens", "lm_head")
# What a file of llama.cpp cannot say.
_REFUSED = {
    "use_dora": "DoRA",
    "rank_pattern": "a rank of its own for some weights",
    "alpha_pattern": "an alpha of its own for some weights",
    "modules_to_save": "whole weights beside the addition",
    "fan_in_fan_out": "weights that lie on their side",
    "layer_replication": "layers that are used twice",
    "trainable_token_indices": "tuned words of the vocabulary",
    "lora_bias": "tuned biases",
}


@dataclass(frozen=True, slots=True)
class Adapter:
    """An addition to some weights of a model.

    Attributes:
        alpha: `alpha / rank` is how much it counts.
        pairs: A, shape (rank, inputs), and B, shape (outputs, rank), by the weight's name in torch.
    """

    rank: int
    alpha: float
    pairs: Mapping[str, tuple[Weights, Weights]]

    @property
    def scale(self) -> float:
        """By how much B times A counts."""
        return self.alpha / self.rank


def read(folder: Path) -> Adapter:
    """The adapter in a folder.

    Raises:
        PublishingError: there is none, or llama.cpp could not serve it as it was trained.
        JobRefusedError: there are pickles in the folder.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    refuse_pickles(folder)
    try:
        said = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        rank, alpha = int(said["r"]), float(said["lora_alpha"])
        tensors = load_file(folder / WEIGHTS)
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise PublishingError(
            f"There is no adapter in {folder} that can be read: {error}.",
            what_to_do="Train again.",
        ) from error
    _check(said)
    if said.get("use_rslora"):
        # Such an adapter counts alpha / sqrt(rank), and llama.cpp always takes alpha / rank.
        alpha *= math.sqrt(rank)
    return Adapter(rank, alpha, _pairs(tensors))


def write(adapter: Adapter, base: Path, path: Path) -> None:
    """Write an adapter for a base, as llama.cpp's own converter would.

    Raises:
        PublishingError: the adapter does not fit the base.
    """
    import gguf

    layout = Layout.of(base)
    shapes = {one.name: tuple(map(int, one.shape[::-1])) for one in gguf.GGUFReader(base).tensors}
    partial = path.with_name(path.name + ".partial")
    writer = gguf.GGUFWriter(partial, layout.architecture)
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, adapter.alpha)
    for theirs, (a, b) in sorted(adapter.pairs.items()):
        name = fitting(layout, theirs, (b.shape[0], a.shape[1]), shapes)
        writer.add_tensor(f"{name}.lora_a", a)
        writer.add_tensor(f"{name}.lora_b", layout.ordered(name, b))
    try:
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def fitting(
    layout: Layout, theirs: str, shape: tuple[int, ...], shapes: Mapping[str, tuple[int, ...]]
) -> str:
    """The name in the file of a weight of this shape.

    Raises:
        PublishingError: the file has none of this shape.
    """
    name = layout.name(theirs)
    if shapes.get(name) != shape:
        raise PublishingError(
            f"The weight {theirs} has the shape {shape}, and the base has {shapes.get(name)}.",
            what_to_do="Publish with the base that was trained on.",
        )
    return name


def _check(said: Mapping[str, Any]) -> None:
    problem = next((words for name, words in _REFUSED.items() if said.get(name)), "")
    if said.get("peft_type") != "LORA":
        problem = f"the method {said.get('peft_type')}"
    if said.get("bias") not in ("none", None):
        problem = "tuned biases"
    if problem:
        raise _unserved(problem)


def _pairs(tensors: Mapping[str, Any]) -> dict[str, tuple[Weights, Weights]]:
    sides: dict[str, dict[str, Weights]] = {}
    for key, tensor in tensors.items():
        found = _KEY.fullmatch(key)
        if found is None or any(one in key for one in _NOT_SERVED):
            raise _unserved(f"the weight {key}")
        sides.setdefault(f"{found['name']}.weight", {})[found["side"]] = tensor.astype(np.float32)
    if not sides or any(len(pair) != 2 for pair in sides.values()):
        raise _unserved("half of an addition")
    return {name: (pair["A"], pair["B"]) for name, pair in sides.items()}


def _unserved(what: str) -> PublishingError:
    return PublishingError(
        f"The adapter has {what}, which no file of llama.cpp can hold.",
        what_to_do="Train a plain LoRA of the projections.",
    )
