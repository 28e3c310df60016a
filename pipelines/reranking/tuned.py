"""A model that was tuned to tell which passages answer a question, asked of each: yes or no.

It is asked in the words that it was trained with (`pipelines/learning/trainers/reranker.py`): both
take them from here.
"""

from collections.abc import Sequence

from haystack.dataclasses import ChatMessage

from knowledge.articles import Chunk
from pipelines.models import ChatModel
from pipelines.prompting import filled, prompt

CHARACTERS = 1_000
"""Of a passage that the model reads."""
YES, NO = "Yes", "No"
UNSURE = 0.5
NEEDS_ITS_MODEL = True


def asked(question: str, passage: str) -> list[ChatMessage]:
    """What the model is asked about a passage, here and in its training."""
    return filled(prompt("tell_passage"), passage=passage[:CHARACTERS], question=question)


class Tuned:
    """Asks a chat model that was tuned for it."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    async def scores(self, question: str, chunks: Sequence[Chunk]) -> list[float]:
        """How likely a yes is beside a no, one chunk after the other: the model has one cache."""
        await self._model.start()
        return [await self._score(asked(question, chunk.searchable_text)) for chunk in chunks]

    async def _score(self, messages: Sequence[ChatMessage]) -> float:
        weights = await self._model.weigh(messages, (YES, NO))
        return weights[YES] if any(weights.values()) else UNSURE


def build(model: ChatModel) -> Tuned:
    """A reranker that asks this model."""
    return Tuned(model)
