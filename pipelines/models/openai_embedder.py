"""An embedder behind any server that speaks the OpenAI protocol."""

from collections.abc import Sequence

import openai
from openai import AsyncOpenAI

from pipelines.models import Vectors
from pipelines.models.endpoints import Endpoint, garbled, translated
from pipelines.models.prefixes import prefixes
from pipelines.models.texts import batches, normalised, stacked

BATCH = 32


class OpenAIEmbedder:
    """The `Embedder` of all kinds of servers; use `connected` to make one."""

    def __init__(self, name: str, endpoint: Endpoint, client: AsyncOpenAI, *, model: str) -> None:
        self.name = name
        self.dimensions = 0
        self._model = model
        self._endpoint = endpoint
        self._client = client
        self._question_prefix, self._passage_prefix = prefixes(model)

    @classmethod
    async def connected(
        cls, name: str, endpoint: Endpoint, *, model: str, timeout_s: float = 60.0
    ) -> "OpenAIEmbedder":
        """An embedder that has asked its server for one vector, to know how long they are.

        Raises:
            ModelUnavailableError, ModelMissingError, ModelRefusedError: as the server answers.
            ModelAnswerError: what came are no vectors.
        """
        embedder = cls(name, endpoint, endpoint.connect(timeout_s=timeout_s), model=model)
        try:
            embedder.dimensions = (await embedder._ask(["length"])).shape[1]
        except BaseException:
            await embedder.close()
            raise
        return embedder

    async def close(self) -> None:
        """Hang up."""
        await self._client.close()

    async def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """Vectors of what people ask, with the prefix that the model was trained with."""
        return await self._embed([self._question_prefix + text for text in texts])

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of what is searched, with the prefix that the model was trained with."""
        return await self._embed([self._passage_prefix + text for text in texts])

    async def _embed(self, texts: Sequence[str]) -> Vectors:
        parts = [await self._ask(batch) for batch in batches(texts, BATCH)]
        if any(part.shape[1] != self.dimensions for part in parts):
            raise garbled(self._model, self._endpoint)
        return stacked(parts, self.dimensions)

    async def _ask(self, texts: list[str]) -> Vectors:
        """The rows of one batch, each of length 1."""
        # Several servers refuse an empty text.
        asked = [text or " " for text in texts]
        try:
            answer = await self._client.embeddings.create(
                model=self._model, input=asked, encoding_format="float"
            )
            rows = {item.index: item.embedding for item in answer.data}
            return normalised([rows[i] for i in range(len(texts))], len(texts))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise garbled(self._model, self._endpoint) from error
        except openai.APIError as error:
            raise translated(error, self._model, self._endpoint) from error
