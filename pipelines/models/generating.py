"""A Haystack chat generator that always streams, raises our errors and measures the model."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from contextvars import ContextVar
from typing import Any, Protocol

import openai
from haystack import component
from haystack.components.generators.chat import OpenAIChatGenerator
from haystack.dataclasses import ChatMessage, StreamingCallbackT, StreamingChunk
from haystack.tools import ToolsType
from haystack.utils import Secret
from openai import AsyncOpenAI, AsyncStream
from openai.types.chat import ChatCompletionChunk

from pipelines.models import tally
from pipelines.models.endpoints import Endpoint, garbled, translated
from pipelines.models.errors import ModelUnavailableError
from pipelines.models.reading import ReadingSpeed, tokens_and_seconds

# Where a model writes arguments of a tool that are no JSON, it logs them: what people have said.
logging.getLogger("haystack.components.generators.utils").setLevel(logging.ERROR)


class Connected(Protocol):
    """What the generator needs of its model: a name there, a connection, a place to note speed."""

    model: str
    speed: ReadingSpeed

    async def connection(self) -> tuple[AsyncOpenAI, Endpoint]:
        """The client, started where it was not yet, and where it leads."""


# When the request of the running task was sent; the answer's headers may come with its first word.
_asked_at: ContextVar[float] = ContextVar("asked_at")


class AnswerStream:
    """The chunks of one answer as the server sends them, checked; its errors are ours.

    Attributes:
        timings: llama.cpp's measurement of the answer, where the server is llama.cpp.
    """

    def __init__(
        self, stream: AsyncStream[ChatCompletionChunk], model: Connected, place: Endpoint
    ) -> None:
        self._stream = stream
        self._model = model
        self._place = place
        self._began = _asked_at.get(time.monotonic())
        self._waited_s = 0.0
        self._finished = False
        self.timings: dict[str, Any] | None = None

    async def __aiter__(self) -> AsyncIterator[ChatCompletionChunk]:
        try:
            async for chunk in self._stream:
                self._note(chunk)
                yield chunk
        except (openai.APIError, json.JSONDecodeError) as error:
            raise translated(error, self._model.model, self._place) from error
        if not self._waited_s:
            raise garbled(self._model.model, self._place)
        if not self._finished:
            raise ModelUnavailableError(
                f"The model {self._model.model} at {self._place.place} broke off its answer.",
                what_to_do="Ask again in a minute.",
            )

    async def close(self) -> None:
        """Hang up: the server stops writing when nobody listens."""
        await self._stream.close()

    def _note(self, chunk: ChatCompletionChunk) -> None:
        if not _is_sound(chunk):
            raise garbled(self._model.model, self._place)
        self._waited_s = self._waited_s or time.monotonic() - self._began
        self._finished |= any(choice.finish_reason for choice in chunk.choices)
        self.timings = (chunk.model_extra or {}).get("timings", self.timings)
        if chunk.usage:
            usage = chunk.usage.model_dump()
            self._model.speed.note(*tokens_and_seconds(self.timings, usage, self._waited_s))


def _is_sound(chunk: object) -> bool:
    """Whether a chunk has the protocol's shape; the client builds anything from anything."""
    if not isinstance(chunk, ChatCompletionChunk) or not isinstance(
        getattr(chunk, "choices", None), list
    ):
        return False
    deltas = [getattr(choice, "delta", None) for choice in chunk.choices]
    return len(deltas) <= 1 and all(
        delta is not None
        and isinstance(delta.content, str | None)
        and isinstance(delta.tool_calls, list | None)
        for delta in deltas
    )


async def _nobody_watches(_chunk: StreamingChunk) -> None:
    """A callback for answers that are wanted whole."""


class ChatGenerator(OpenAIChatGenerator):
    """Haystack's generator over the model's own connection.

    Replies carry `usage` and, from llama.cpp, `timings` in their `meta`. Everything is streamed,
    so that there is one path to test, and a cancelled task stops the server in the middle.
    """

    def __init__(self, model: Connected) -> None:
        super().__init__(
            # Never used: the connection has the key, so that it is in no pipeline's description.
            api_key=Secret.from_token("unused"),
            model=model.model,
            generation_kwargs={"stream_options": {"include_usage": True}},
        )
        self._connected = model
        self._place = Endpoint("")

    def warm_up(self) -> None:
        """There is no sync twin: use `run_async`."""
        raise TypeError("This generator is async only: use run_async.")

    async def warm_up_async(self) -> None:
        """Start the model where it is not running yet."""
        self.async_client, self._place = await self._connected.connection()

    async def close_async(self) -> None:
        """Let go of the connection; the model closes it."""
        self.async_client = None

    @component.output_types(replies=list[ChatMessage])
    async def run_async(
        self,
        messages: list[ChatMessage] | str,
        streaming_callback: StreamingCallbackT | None = None,
        generation_kwargs: dict[str, Any] | None = None,
        *,
        tools: ToolsType | None = None,
        tools_strict: bool | None = None,
    ) -> dict[str, list[ChatMessage]]:
        """Answer; cancelling stops the server too.

        Raises:
            ModelUnavailableError: down, busy, too slow, or broke off.
            ModelMissingError, ModelRefusedError: the operator must act.
            ModelAnswerError: what came is no answer.
            ContextTooLongError: the prompt does not fit.
        """
        await self.warm_up_async()
        wanted = generation_kwargs or {}
        extra = {**self._place.extra, **wanted.get("extra_body", {})}
        _asked_at.set(time.monotonic())
        try:
            return await super().run_async(
                messages,
                streaming_callback or _nobody_watches,
                {**wanted, "extra_body": extra},
                tools=tools,
                tools_strict=tools_strict,
            )
        except openai.APIError as error:
            raise translated(error, self.model, self._place) from error

    async def _handle_async_stream_response(
        self, chat_completion: AsyncStream[ChatCompletionChunk], callback: StreamingCallbackT
    ) -> list[ChatMessage]:
        stream = AnswerStream(chat_completion, self._connected, self._place)
        try:
            replies = await super()._handle_async_stream_response(stream, callback)  # type: ignore[arg-type]  # it only iterates and closes
        finally:
            await asyncio.shield(stream.close())
        for reply in replies:
            reply.meta["timings"] = stream.timings
            tally.note(reply.meta)
        return replies
