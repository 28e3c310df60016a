"""A chat model on an Ollama server."""

import asyncio
import math
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from haystack.dataclasses import ChatMessage
from haystack.tools import ToolsType

from knowledge.errors import TertuliaError
from pipelines.models import weighing
from pipelines.models.errors import ModelMissingError, ModelRefusedError
from pipelines.models.ollama import errors, requests
from pipelines.models.ollama.card import USUAL_CONTEXT_TOKENS, Card
from pipelines.models.ollama.prompts import estimated_tokens, prompt_tokens, shared_part
from pipelines.models.ollama.server import OllamaServer
from pipelines.models.reading import ReadingSpeed, number

if TYPE_CHECKING:
    from pipelines.models.ollama.generating import OllamaGenerator

SPARE_LINES = 100
"""A line holds a token or a few; an answer with more lines than this beyond has no end."""


class OllamaChatModel:
    """The `ChatModel` of a model on an Ollama server.

    Attributes:
        name: as in the setting.
        model: as the server calls it.
        context_tokens: what the server says once the model is started, at most 8192.
    """

    def __init__(self, name: str, server: OllamaServer, *, model: str) -> None:
        self.name = name
        self.model = model
        self.context_tokens = USUAL_CONTEXT_TOKENS
        self.place = server.place
        self.speed = ReadingSpeed()
        self._server = server
        self._starting = asyncio.Lock()
        self._card: Card | None = None
        self._last: Mapping[str, Any] | None = None
        self._beginning: Sequence[ChatMessage] = ()
        self._idle: asyncio.Task[None] | None = None
        self._answers = 0

    @property
    def prompt_tokens_per_s(self) -> float | None:
        """Measured after every answer: the median of the last nine."""
        return self.speed.tokens_per_s

    async def start(self) -> None:
        """See that the server has the model and that it can answer, and have it loaded.

        Raises:
            ModelUnavailableError, ModelMissingError, ModelRefusedError: as the server answers.
            ModelLoadError: the server has too little memory for it.
        """
        await self._ready()

    async def stop(self) -> None:
        """Hang up, which ends answers that are being written; the server unloads when it likes."""
        async with self._starting:
            await self._leave_idle()
            self._card = self._last = None
            await self._server.close()

    async def identity(self) -> str:
        """Its name, the server's address and the digest of what is behind the name now."""
        wanted = self.model if ":" in self.model else f"{self.model}:latest"
        digests = {str(one.get("name")): one.get("digest") for one in await self._listed()}
        return f"{self.name} {self.place} {digests.get(wanted)}"

    async def count_tokens(self, text: str) -> int:
        """Tokens of a text, estimated on the safe side: Ollama cannot count them."""
        return estimated_tokens(text)

    async def read_ahead(self, messages: Sequence[ChatMessage]) -> None:
        """Read the beginning of a prompt into the cache by asking for a single token."""
        self._beginning = messages
        # It may be in the cache from before we came: then the speed is an upper limit.
        self.speed.note_at_most(*await self._read(messages))

    async def weigh(
        self, messages: Sequence[ChatMessage], words: Sequence[str]
    ) -> dict[str, float]:
        """How likely the answer to these messages begins with each word; they sum to 1.

        Old servers do not tell probabilities: there the word said counts alone.
        """
        wanted = {"max_tokens": 1, "temperature": 0.0}
        body = await self.body(messages, wanted)
        body |= {"stream": False, "logprobs": True, "top_logprobs": weighing.MOST_ALTERNATIVES}
        answer = await self._server.ask("/api/chat", body, model=self.model)
        self.note(body, answer)
        try:
            tokens = _first_tokens(answer)
        except (KeyError, TypeError, IndexError, AttributeError, OverflowError) as error:
            raise errors.garbled(self.model, self.place) from error
        if self._beginning and not self._answers:
            self._idle = asyncio.create_task(self._read_beginning())
        return weighing.shares(tokens, words)

    async def idle(self) -> None:
        """Wait until nothing is done any more that nobody asked for."""
        if self._idle is not None:
            await asyncio.gather(self._idle, return_exceptions=True)

    def generator(self) -> "OllamaGenerator":
        """A new component for a pipeline; all share this model's connection."""
        from pipelines.models.ollama.generating import OllamaGenerator

        return OllamaGenerator(self)

    async def body(
        self,
        messages: Sequence[ChatMessage],
        wanted: Mapping[str, Any],
        tools: ToolsType | None = None,
    ) -> dict[str, Any]:
        """The request for an answer; options have the names of the OpenAI protocol or Ollama's.

        Raises:
            ContextTooLongError: the server would cut the prompt and say nothing.
        """
        card = await self._ready()
        body: dict[str, Any] = {
            "model": self.model,
            "messages": [requests.as_ollama(message) for message in messages],
            "stream": True,
            "truncate": False,
            "shift": False,
            "keep_alive": self._server.keep_alive,
            # Always the same number: with another one the server loads the model anew.
            "options": {**requests.options(wanted), "num_ctx": self.context_tokens},
        }
        if schemas := requests.tool_schemas(tools):
            body["tools"] = schemas
        if shape := requests.reply_format(wanted):
            body["format"] = shape
        thinks = requests.thinking(wanted)
        if thinks or "thinking" in card.capabilities:
            body["think"] = bool(thinks)
        longest = max(0, number(body["options"].get("num_predict")))
        if prompt_tokens(body) + longest > self.context_tokens:
            raise errors.too_long(self.model)
        await self._leave_idle()
        return body

    async def answer(self, body: Mapping[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        """The lines of the answer to a request.

        Raises:
            TertuliaError: down, busy, too slow, broken off, without end; what is refused.
        """
        count, self._answers = 0, self._answers + 1
        try:
            async with aclosing(self._server.lines("/api/chat", body, model=self.model)) as lines:
                async for line in lines:
                    yield line
                    count += 1
                    if count > self.context_tokens + SPARE_LINES:
                        raise errors.garbled(self.model, self.place)
        finally:
            self._answers -= 1

    def note(self, body: Mapping[str, Any], end: Mapping[str, Any]) -> dict[str, Any]:
        """Measure the reading speed by the last line of an answer; the usage of tokens.

        Ollama does not say what it took from its cache. What begins as the prompt before did
        counts as cached: the speed is then never overestimated.
        """
        read, written = (int(number(end.get(k))) for k in ("prompt_eval_count", "eval_count"))
        cached = int(read * shared_part(self._last, body))
        self._last = body
        self.speed.note(read - cached, seconds(end)["prompt_eval"])
        return {
            "prompt_tokens": read,
            "completion_tokens": written,
            "total_tokens": read + written,
            "prompt_tokens_details": {"cached_tokens": cached},
        }

    async def _read(self, messages: Sequence[ChatMessage]) -> tuple[float, float]:
        """Have messages read; how many tokens they are, and the seconds that it took."""
        body = self._last = await self.body(messages, {"max_tokens": 1})
        answer = await self._server.ask("/api/chat", {**body, "stream": False}, model=self.model)
        return number(answer.get("prompt_eval_count")), seconds(answer)["prompt_eval"]

    async def _read_beginning(self) -> None:
        """Read the beginning of the next prompt again: the check of an answer has displaced it."""
        with suppress(TertuliaError):
            await self._read(self._beginning)

    async def _leave_idle(self) -> None:
        """End what was done because nobody asked."""
        idle = self._idle
        if idle is not None and not idle.done() and idle is not asyncio.current_task():
            idle.cancel()
            await asyncio.gather(idle, return_exceptions=True)

    async def _ready(self) -> Card:
        async with self._starting:
            if self._card is None:
                try:
                    self._card = await self._meet()
                except BaseException:
                    await self._server.close()
                    raise
            return self._card

    async def _meet(self) -> Card:
        """Ask what the model is, and have it loaded."""
        shown = await self._shown()
        card = Card.read(shown)
        if not card.can("completion"):
            raise ModelRefusedError(
                f"The model {self.model} of Ollama at {self.place} does not support chat.",
                what_to_do=errors.CAPABLE["chat"],
            )
        self.context_tokens = card.context_tokens
        load = {
            "model": self.model,
            "keep_alive": self._server.keep_alive,
            "stream": False,
            "options": {"num_ctx": self.context_tokens},
        }
        await self._server.ask("/api/generate", load, model=self.model)
        return card

    async def _shown(self) -> dict[str, Any]:
        try:
            return await self._server.ask("/api/show", {"model": self.model}, model=self.model)
        except ModelMissingError as error:
            raise errors.missing(self.model, self.place, await self._nearest()) from error

    async def _nearest(self) -> str:
        """The name that may have been meant."""
        names = [str(one.get("name")).removesuffix(":latest") for one in await self._listed()]
        near = get_close_matches(self.model, names, n=1, cutoff=0.5)
        return f"Or did you mean '{near[0]}'?" if near else ""

    async def _listed(self) -> list[dict[str, Any]]:
        """What the server says of each of its models."""
        listed = (await self._server.ask("/api/tags", model=self.model)).get("models")
        return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def _first_tokens(answer: Mapping[str, Any]) -> list[tuple[str, float]]:
    """What the answer may begin with, and the probability of each."""
    listed = answer.get("logprobs")
    if listed:
        return [(str(one["token"]), math.exp(one["logprob"])) for one in listed[0]["top_logprobs"]]
    return [(str(answer["message"].get("content") or ""), 1.0)]


def seconds(end: Mapping[str, Any]) -> dict[str, float]:
    """What the last line of an answer says about times: load, prompt_eval, eval, total."""
    steps = ("load", "prompt_eval", "eval", "total")
    return {step: number(end.get(f"{step}_duration")) / 1e9 for step in steps}
