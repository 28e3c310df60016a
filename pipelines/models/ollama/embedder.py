"""An embedder on an Ollama server."""

from collections.abc import Sequence

from pipelines.models import Vectors
from pipelines.models.errors import ModelRefusedError
from pipelines.models.ollama import errors
from pipelines.models.ollama.card import Card
from pipelines.models.ollama.server import OllamaServer
from pipelines.models.prefixes import prefixes
from pipelines.models.texts import batches, normalised, stacked

# One batch is on its way at a time: a refresh must not keep the server from answering.
BATCH = 32


class OllamaEmbedder:
    """The `Embedder` of a model on an Ollama server; use `connected` to make one."""

    def __init__(self, name: str, server: OllamaServer, *, model: str) -> None:
        self.name = name
        self.dimensions = 0
        self._model = model
        self._server = server
        self._question_prefix, self._passage_prefix = prefixes(model)

    @classmethod
    async def connected(cls, name: str, server: OllamaServer, *, model: str) -> "OllamaEmbedder":
        """An embedder that has asked its server for one vector, to know how long they are.

        Raises:
            ModelUnavailableError, ModelMissingError, ModelRefusedError: as the server answers.
            ModelAnswerError: what came are no vectors.
        """
        embedder = cls(name, server, model=model)
        try:
            shown = await server.ask("/api/show", {"model": model}, model=model)
            if not Card.read(shown).can("embedding"):
                raise ModelRefusedError(  # noqa: TRY301 (hangs up, as for all the others)
                    f"The model {model} of Ollama at {server.place} does not support embeddings.",
                    what_to_do=errors.CAPABLE["embeddings"],
                )
            embedder.dimensions = (await embedder._ask(["length"])).shape[1]
        except BaseException:
            await server.close()
            raise
        return embedder

    async def close(self) -> None:
        """Hang up."""
        await self._server.close()

    async def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """Vectors of what people ask, with the prefix that the model was trained with."""
        return await self._embed([self._question_prefix + text for text in texts])

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of what is searched, with the prefix that the model was trained with."""
        return await self._embed([self._passage_prefix + text for text in texts])

    async def _embed(self, texts: Sequence[str]) -> Vectors:
        parts = [await self._ask(batch) for batch in batches(texts, BATCH)]
        if any(part.shape[1] != self.dimensions for part in parts):
            raise errors.garbled(self._model, self._server.place)
        return stacked(parts, self.dimensions)

    async def _ask(self, texts: list[str]) -> Vectors:
        """The rows of one batch, each of length 1; a text too long counts by its beginning."""
        body = {"input": [text or " " for text in texts], "truncate": True}
        body |= {"model": self._model, "keep_alive": self._server.keep_alive}
        answer = await self._server.ask("/api/embed", body, model=self._model)
        try:
            return normalised(answer["embeddings"], len(texts))
        except (ValueError, TypeError, KeyError) as error:
            raise errors.garbled(self._model, self._server.place) from error
