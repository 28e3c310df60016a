"""Language models and embedders: the contracts, and how a name in a setting becomes one."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """A model that turns texts into vectors whose dot product is their similarity."""

    name: str
    dimensions: int

    async def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """Vectors of what people ask: shape (len(texts), dimensions), rows of length 1."""

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of what is searched: shape (len(texts), dimensions), rows of length 1."""


class ChatModel(Protocol):
    """A language model that answers.

    Attributes:
        name: as in the setting, for instance `embedded:qwen2.5-coder-1.5b`.
        context_tokens: how long prompt and answer may be together.
    """

    name: str
    context_tokens: int

    @property
    def prompt_tokens_per_s(self) -> float | None:
        """Measured reading speed, None until something was read."""

    async def start(self) -> None:
        """Load the model or reach the server; calling it again does nothing."""

    async def stop(self) -> None:
        """Release memory and ports."""

    async def identity(self) -> str:
        """What changes where the model does: its name, where it runs, and its digest if known."""

    async def count_tokens(self, text: str) -> int:
        """Number of tokens of a text, special tokens not counted."""

    async def read_ahead(self, messages: Sequence[Any]) -> None:
        """Read the fixed beginning of a prompt into the model's cache and measure the speed."""

    async def weigh(self, messages: Sequence[Any], words: Sequence[str]) -> dict[str, float]:
        """How likely the answer to these messages begins with each word; they sum to 1."""

    def generator(self) -> Any:  # noqa: ANN401 (a Haystack chat generator; Haystack has no common type)
        """A Haystack chat generator component (`run_async`, streaming) for this model."""
