"""A chat model behind any server that speaks the OpenAI protocol."""

import asyncio
import math
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Protocol

import openai
from haystack.dataclasses import ChatMessage
from openai import AsyncOpenAI

from knowledge.errors import suggestion
from pipelines.models import weighing
from pipelines.models.endpoints import Endpoint, translated
from pipelines.models.errors import ModelMissingError
from pipelines.models.generating import AnswerStream, ChatGenerator
from pipelines.models.reading import ReadingSpeed

# Where a server does not say how much it can read at once.
USUAL_CONTEXT_TOKENS = 4096
CHARACTERS_PER_TOKEN = 3.5


class Server(Protocol):
    """What runs the model; it may have to be started first."""

    async def open(self) -> Endpoint:
        """Where it answers, once it does; calling it again does nothing."""

    async def close(self) -> None:
        """Release what `open` took."""


class RemoteServer:
    """A server that somebody else starts and stops."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    async def open(self) -> Endpoint:
        """Its address."""
        return self._endpoint

    async def close(self) -> None:
        """Nothing: it is not ours."""


class OpenAICompatibleChatModel:
    """The `ChatModel` of all kinds of servers.

    Attributes:
        name: as in the setting.
        model: as the server calls it.
        context_tokens: where not given, what the server says once it is started.
    """

    def __init__(
        self,
        name: str,
        server: Server,
        *,
        model: str,
        context_tokens: int = 0,
        timeout_s: float = 120.0,
    ) -> None:
        self.name = name
        self.model = model
        self.context_tokens = context_tokens or USUAL_CONTEXT_TOKENS
        self.speed = ReadingSpeed()
        self._ask_context = not context_tokens
        self._server = server
        self._timeout_s = timeout_s
        self._starting = asyncio.Lock()
        self._connection: tuple[AsyncOpenAI, Endpoint] | None = None
        self._has_tokenizer = True

    @property
    def prompt_tokens_per_s(self) -> float | None:
        """Measured after every answer: the median of the last nine."""
        return self.speed.tokens_per_s

    async def start(self) -> None:
        """Open the server and see that it has the model.

        Raises:
            ModelUnavailableError, ModelMissingError, ModelRefusedError: as the server answers.
        """
        await self.connection()

    async def stop(self) -> None:
        """Hang up, which ends answers that are being written, then close the server."""
        async with self._starting:
            await self._hang_up()

    async def connection(self) -> tuple[AsyncOpenAI, Endpoint]:
        """The client, started where it was not yet, and where it leads."""
        async with self._starting:
            if self._connection is None:
                await self._connect()
            assert self._connection is not None, "connected just now"  # noqa: S101 (for mypy)
            return self._connection

    async def _connect(self) -> None:
        endpoint = await self._server.open()
        self._connection = endpoint.connect(timeout_s=self._timeout_s), endpoint
        try:
            await self._meet(*self._connection)
        except BaseException:
            await self._hang_up()
            raise

    async def _hang_up(self) -> None:
        if self._connection is not None:
            await self._connection[0].close()
            self._connection = None
        await self._server.close()

    async def _meet(self, client: AsyncOpenAI, endpoint: Endpoint) -> None:
        """See that the server has the model, and ask how much it can read at once."""
        try:
            listed = {model.id: model async for model in client.models.list()}
        except openai.NotFoundError:
            # Some servers keep no list; whether they have the model shows at the first answer.
            listed = {}
        except openai.APIError as error:
            raise translated(error, self.model, endpoint) from error
        if listed and self.model not in listed:
            raise ModelMissingError(
                f"The server at {endpoint.place} has no model {self.model}. "
                f"{suggestion(self.model, listed)}",
                what_to_do="Put the right name after the colon in the setting.",
            )
        if self._ask_context:
            said = getattr(listed.get(self.model), "max_model_len", None)  # vLLM
            self.context_tokens = int(said or await _llama_context(client, endpoint))

    async def identity(self) -> str:
        """Its name and the server's address; no server of this protocol tells a digest."""
        _, endpoint = await self.connection()
        return f"{self.name} {endpoint.place}"

    async def count_tokens(self, text: str) -> int:
        """Tokens of a text; an estimate (3.5 characters each) where the server cannot count."""
        client, endpoint = await self.connection()
        if self._has_tokenizer:
            # llama.cpp reads the first two, vLLM the others.
            body = {"content": text, "add_special": False}
            body |= {"model": self.model, "prompt": text, "add_special_tokens": False}
            with suppress(openai.APIStatusError, KeyError, TypeError):
                answer: Any = await client.post(
                    f"{endpoint.root}/tokenize", cast_to=object, body=body
                )
                return len(answer["tokens"])
            self._has_tokenizer = False
        return math.ceil(len(text) / CHARACTERS_PER_TOKEN)

    async def read_ahead(self, messages: Sequence[ChatMessage]) -> None:
        """Read the beginning of a prompt into the cache by asking for a single token."""
        client, endpoint = await self.connection()
        prompt: Any = [message.to_openai_dict_format() for message in messages]
        try:
            stream = await client.chat.completions.create(
                model=self.model,
                messages=prompt,
                max_tokens=1,
                stream=True,
                stream_options={"include_usage": True},
                extra_body=endpoint.extra,
            )
        except openai.APIError as error:
            raise translated(error, self.model, endpoint) from error
        async for _ in AnswerStream(stream, self, endpoint):
            pass

    async def weigh(
        self, messages: Sequence[ChatMessage], words: Sequence[str]
    ) -> dict[str, float]:
        """How likely the answer to these messages begins with each word; they sum to 1."""
        client, endpoint = await self.connection()
        try:
            completion = await client.chat.completions.create(
                model=self.model, extra_body=endpoint.extra, **weighing.request(messages)
            )
        except openai.APIError as error:
            raise translated(error, self.model, endpoint) from error
        return weighing.weights(completion, words)

    def generator(self) -> ChatGenerator:
        """A new component for a pipeline; all share this model's connection."""
        return ChatGenerator(self)


async def _llama_context(client: AsyncOpenAI, endpoint: Endpoint) -> int:
    """What llama.cpp says about its context; other servers have no such page."""
    with suppress(openai.APIError, ValueError, KeyError, TypeError):
        answer: Any = await client.get(f"{endpoint.root}/props", cast_to=object)
        return int(answer["default_generation_settings"]["n_ctx"])
    return USUAL_CONTEXT_TOKENS
