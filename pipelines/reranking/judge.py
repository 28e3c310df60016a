"""The model that answers, asked of each chunk whether it answers the question: yes or no.

Needs no other model and nothing to download; a chunk takes the time of one token, about a second
with a small model on two cores.
"""

from collections.abc import Sequence

from knowledge.articles import Chunk
from pipelines.models import ChatModel
from pipelines.self_check import agreement

CHARACTERS = 1_000
"""Of a chunk that the model reads."""


class Judge:
    """Asks a chat model."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    async def scores(self, question: str, chunks: Sequence[Chunk]) -> list[float]:
        """How sure the model is of each chunk, one after the other: it has one cache."""
        await self._model.start()
        texts = (chunk.searchable_text[:CHARACTERS] for chunk in chunks)
        return [await agreement(self._model, question, [text]) for text in texts]


def build(model: ChatModel) -> Judge:
    """A judge that asks this model."""
    return Judge(model)
