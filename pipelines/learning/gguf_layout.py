"""Where tuned weights go in a GGUF: names, and the order of their rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.errors import OperatorError

ARCHITECTURES = ("llama", "qwen2", "qwen3")
"""Those whose weights we know the place of."""
_PERMUTED = {"llama"}

Weights = NDArray[np.float32]


class PublishingError(OperatorError):
    """What was trained cannot be served; what serves now goes on serving."""

    is_for_good = False


@dataclass(frozen=True, slots=True)
class Layout:
    """How a model's file names and orders its weights.

    Attributes:
        heads: of attention, in each layer.
        key_heads: of the keys, which are fewer where queries share them.
    """

    architecture: str
    heads: int
    key_heads: int
    names: Any

    @classmethod
    def of(cls, path: Path) -> "Layout":
        """As the head of the file says.

        Raises:
            PublishingError: it is none that we know.
        """
        import gguf

        try:
            fields: Mapping[str, Any] = gguf.GGUFReader(path).fields
            architecture = str(fields["general.architecture"].contents())
        except (OSError, ValueError, KeyError, IndexError) as error:
            raise PublishingError(
                f"{path} is no GGUF file: {error}.",
                what_to_do="`tertulia models fetch` brings one.",
            ) from error
        if architecture not in ARCHITECTURES:
            raise PublishingError(
                f"Tuned weights of the architecture {architecture} cannot be written as GGUF.",
                what_to_do=f"Choose a base of {', '.join(ARCHITECTURES)}.",
            )
        kinds = {name: kind for kind, name in gguf.MODEL_ARCH_NAMES.items()}
        layers = int(fields[f"{architecture}.block_count"].contents())
        heads = int(fields[f"{architecture}.attention.head_count"].contents())
        key_heads = fields.get(f"{architecture}.attention.head_count_kv")
        return cls(
            architecture,
            heads,
            int(key_heads.contents()) if key_heads else heads,
            gguf.get_tensor_name_map(kinds[architecture], layers),
        )

    def name(self, theirs: str) -> str:
        """The name in the file of a weight that torch calls `model.layers.0.mlp.up_proj.weight`.

        Raises:
            PublishingError: the file knows no such weight.
        """
        name = self.names.get_name(theirs, try_suffixes=(".weight", ".bias"))
        if name is None:
            raise PublishingError(
                f"The base has no place for the weight {theirs}.",
                what_to_do="Train on the model that is served.",
            )
        return str(name)

    def ordered(self, name: str, weights: Weights) -> Weights:
        """Weights with their rows as the file has them.

        Files of the architecture `llama` keep the two halves that a position turns together next
        to each other, torch keeps them apart. Left as they are, the model still speaks, only worse.

        Args:
            name: in the file.
            weights: shape (outputs, ...), the outputs as torch has them.
        """
        if self.architecture not in _PERMUTED:
            return weights
        if ".attn_q." in name:
            return permuted(weights, self.heads)
        return permuted(weights, self.key_heads) if ".attn_k." in name else weights


def permuted(weights: Weights, heads: int) -> Weights:
    """The rows of each head from (first half, second half) to pairs of both.

    Source:
        llama.cpp, `LlamaModel.permute` in convert_hf_to_gguf.py (MIT).
    """
    outputs, *rest = weights.shape
    halves = weights.reshape(heads, 2, outputs // heads // 2, *rest)
    return np.ascontiguousarray(halves.swapaxes(1, 2).reshape(weights.shape))
