"""A model whose tokens are counted."""

from collections.abc import Sequence
from typing import Any

from haystack import component
from haystack.dataclasses import ChatMessage, StreamingCallbackT
from haystack.tools import ToolsType

from pipelines.models import ChatModel
from pipelines.models.tally import Tally


class Metered:
    """A `ChatModel` that counts what another one reads anew and writes.

    Attributes:
        tally: what it took since it was made.
    """

    def __init__(self, inner: ChatModel) -> None:
        self._inner = inner
        self.name, self.context_tokens = inner.name, inner.context_tokens
        self.tally = Tally()

    @property
    def read(self) -> int:
        """Tokens of prompts that were not in the cache."""
        return self.tally.read

    @property
    def wrote(self) -> int:
        """Tokens of replies."""
        return self.tally.wrote

    @property
    def prompt_tokens_per_s(self) -> float | None:
        """As the model behind it."""
        return self._inner.prompt_tokens_per_s

    async def start(self) -> None:
        """As the model behind it."""
        await self._inner.start()
        self.context_tokens = self._inner.context_tokens

    async def stop(self) -> None:
        """As the model behind it."""
        await self._inner.stop()

    async def identity(self) -> str:
        """As the model behind it."""
        return await self._inner.identity()

    async def count_tokens(self, text: str) -> int:
        """As the model behind it."""
        return await self._inner.count_tokens(text)

    async def read_ahead(self, messages: Sequence[Any]) -> None:
        """As the model behind it."""
        await self._inner.read_ahead(messages)

    async def weigh(self, messages: Sequence[Any], words: Sequence[str]) -> dict[str, float]:
        """As the model behind it."""
        return await self._inner.weigh(messages, words)

    def generator(self) -> Any:  # noqa: ANN401 (as the protocol)
        """One that counts."""
        return _Metering(self._inner.generator(), self)


@component
class _Metering:
    """A generator that counts."""

    def __init__(self, inner: Any, meter: Metered) -> None:  # noqa: ANN401 (as the protocol)
        self._inner, self._meter = inner, meter

    async def warm_up_async(self) -> None:
        await self._inner.warm_up_async()

    @component.output_types(replies=list[ChatMessage])
    def run(
        self,
        messages: list[ChatMessage],
        streaming_callback: StreamingCallbackT | None = None,
        generation_kwargs: dict[str, Any] | None = None,
        tools: ToolsType | None = None,
    ) -> dict[str, Any]:
        raise NotImplementedError

    @component.output_types(replies=list[ChatMessage])
    async def run_async(
        self,
        messages: list[ChatMessage],
        streaming_callback: StreamingCallbackT | None = None,
        generation_kwargs: dict[str, Any] | None = None,
        tools: ToolsType | None = None,
    ) -> dict[str, Any]:
        asked = {"tools": tools} if tools else {}
        outputs: dict[str, Any] = await self._inner.run_async(
            messages, streaming_callback, generation_kwargs, **asked
        )
        self._meter.tally.note(outputs["replies"][0].meta)
        return outputs
