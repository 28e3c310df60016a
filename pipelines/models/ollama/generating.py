"""Haystack's generator for Ollama, put right where it is broken.

Its streams lose calls of tools without arguments and the second of two calls, fail on a line with
a thought and a text, forget that an answer was cut at its longest, and are never asked for again.
"""

from collections.abc import Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from haystack import component
from haystack.dataclasses import ChatMessage, StreamingCallbackT, StreamingChunk
from haystack.dataclasses.streaming_chunk import ComponentInfo
from haystack.tools import ToolsType
from haystack_integrations.components.generators.ollama import OllamaChatGenerator

from pipelines.models import tally
from pipelines.models.ollama import errors
from pipelines.models.ollama.chat import seconds
from pipelines.models.ollama.streaming import GarbledError, Reply

if TYPE_CHECKING:
    from pipelines.models.ollama.chat import OllamaChatModel

NO_SYNC_TWIN = "This generator is async only: use run_async."


async def _nobody_watches(_chunk: StreamingChunk) -> None:
    """A callback for answers that are wanted whole."""


class OllamaGenerator(OllamaChatGenerator):
    """Haystack's generator over the model's own connection.

    Replies carry `usage` and Ollama's durations in their `meta`. Everything is streamed, so that
    there is one path to test, and a cancelled task stops the server in the middle.
    """

    def __init__(self, model: "OllamaChatModel") -> None:
        super().__init__(model=model.model, url=model.place)
        self._connected = model

    def warm_up(self) -> None:
        """There is no sync twin: use `run_async`."""
        raise TypeError(NO_SYNC_TWIN)

    async def warm_up_async(self) -> None:
        """Start the model where it is not running yet."""
        await self._connected.start()

    @component.output_types(replies=list[ChatMessage])
    def run(  # type: ignore[override]  # the order of arguments of all our generators
        self,
        messages: list[ChatMessage] | str,
        streaming_callback: StreamingCallbackT | None = None,
        generation_kwargs: dict[str, Any] | None = None,
        *,
        tools: ToolsType | None = None,
    ) -> dict[str, list[ChatMessage]]:
        """There is no sync twin: use `run_async`."""
        raise TypeError(NO_SYNC_TWIN)

    @component.output_types(replies=list[ChatMessage])
    async def run_async(  # type: ignore[override]  # the order of arguments of all our generators
        self,
        messages: list[ChatMessage] | str,
        streaming_callback: StreamingCallbackT | None = None,
        generation_kwargs: dict[str, Any] | None = None,
        *,
        tools: ToolsType | None = None,
    ) -> dict[str, list[ChatMessage]]:
        """Answer; cancelling stops the server too.

        Options have the names of the OpenAI protocol or Ollama's.

        Raises:
            ModelUnavailableError: down, busy, too slow, or broke off.
            ModelMissingError, ModelRefusedError, ModelLoadError: the operator must act.
            ModelAnswerError: what came is no answer.
            ContextTooLongError: the prompt does not fit.
        """
        asked = [ChatMessage.from_user(messages)] if isinstance(messages, str) else messages
        body = await self._connected.body(asked, generation_kwargs or {}, tools)
        reply = await self._heard(body, streaming_callback or _nobody_watches)
        usage = self._connected.note(body, reply.end)
        meta = {"model": self.model, "usage": usage, "timings_s": seconds(reply.end)}
        tally.note(meta)
        return {"replies": [reply.message(meta)]}

    async def _heard(self, body: Mapping[str, Any], callback: StreamingCallbackT) -> Reply:
        """The whole answer, shown to whoever watches as it comes."""
        reply = Reply(ComponentInfo.from_component(self))
        async with aclosing(self._connected.answer(body)) as lines:
            async for line in lines:
                try:
                    chunks = list(reply.take(line))
                except GarbledError as error:
                    raise errors.garbled(self.model, self._connected.place) from error
                for chunk in chunks:
                    shown = callback(chunk)
                    if shown is not None:  # who watches may do so without waiting for anything
                        await shown
                if reply.end:
                    return reply
        raise errors.broken_off("", model=self.model, place=self._connected.place)
