"""What an answer costs beside the search model and the language model, by Haystack's bare graph.

CPU time of the process for an answer. In: everything between the question and the checked answer,
namely search, choice of statements, prompt, parsing of the stream, check of every sentence. Out:
embedder (all vectors are remembered) and language model (Haystack's `MockChatGenerator` replies at
once, in both graphs with the same words, each of them streamed; asked for yes or no it says yes).

The bare graph of the same parts is retriever -> ChatPromptBuilder -> MockChatGenerator ->
AnswerBuilder, with the same prompt file, run with `run_async`. Two pairs are compared: *without the
search*, where both retrievers hand out what was found before, and *with the search*, where ours
searches its store on disk and the bare graph has Haystack's own store in memory (words, vectors,
`DocumentJoiner`). The bare graph checks nothing: its answers may say what no page says. What our
check takes of the first figure is told apart.
"""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from haystack import Document
from haystack.components.generators.chat import MockChatGenerator
from haystack.dataclasses import ChatMessage, StreamingChunk

from knowledge.conversations import Conversation, Message
from pipelines import context, personas
from pipelines.answering import Assistant
from pipelines.coverage import SoftCoverage
from pipelines.models import Embedder
from pipelines.progress import Watcher
from pipelines.retrieval import Retrieved, Retriever
from pipelines.steps import Cite, Search
from tests.benchmarks.bare_graph import DocumentsBefore, InMemory, bare, in_memory
from tests.benchmarks.bench_answers import HANDBOOKS, cases
from tests.benchmarks.datasets import READER, RememberingEmbedder
from tests.benchmarks.library import Library
from tests.benchmarks.report import judged, spread, table

GOAL = 1.5
REPEATS = 5
MAX_TOKENS = 450
Ask = Callable[[str], Awaitable[object]]


class MockModel:
    """A `ChatModel` that takes no time.

    Attributes:
        replies: what it says to each question.
    """

    name = "mock"
    context_tokens = 4096
    prompt_tokens_per_s = None

    def __init__(self, replies: dict[str, str]) -> None:
        self.replies = replies
        self.question = ""

    async def start(self) -> None:
        """Nothing to load."""

    async def stop(self) -> None:
        """Nothing to release."""

    async def identity(self) -> str:
        """There is only one."""
        return self.name

    async def count_tokens(self, text: str) -> int:
        """About how many there are."""
        return len(text) // 4

    async def read_ahead(self, messages: Sequence[Any]) -> None:
        """Nothing to read into."""

    async def weigh(self, messages: Sequence[Any], words: Sequence[str]) -> dict[str, float]:
        """Yes."""
        return {word: float(n == 0) for n, word in enumerate(words)}

    def generator(self) -> MockChatGenerator:
        """Haystack's own mock, which streams word by word."""
        return MockChatGenerator(response_fn=lambda _: self.replies[self.question])


class Before(Retriever):
    """A retriever that hands out what was found before."""

    def __init__(self, found: dict[str, Retrieved]) -> None:
        self._found = found

    async def retrieve(
        self, conversation: Conversation, *, reworded: str = "", most: int = 10
    ) -> Retrieved:
        """What was found for this question."""
        return self._found[conversation.question.text]


def measure(repeats: int = REPEATS, most: int | None = None) -> str:
    """The section of docs/benchmarks.md."""
    rows = asyncio.run(_measured(repeats, most))
    about = (__doc__ or "").split("\n\n", 1)[1].strip()
    head = ["CPU ms an answer", "ours", "bare graph", "ratio", "goal"]
    return f"## Overhead of an answer\n\n{about}\n\n{table(head, rows)}"


async def _measured(repeats: int, most: int | None) -> list[list[str]]:
    questions = [case.question for case in cases(HANDBOOKS / "vets")][:most]
    embedder = InMemory(RememberingEmbedder())
    with tempfile.TemporaryDirectory() as folder:
        async with Library.open(Path(folder), embedder) as library:
            await library.read(HANDBOOKS / "vets")
            return await _compared(library, embedder, questions, repeats)


async def _compared(
    library: Library, embedder: InMemory, questions: Sequence[str], repeats: int
) -> list[list[str]]:
    """Both pairs in turn; every question once beforehand, so that nothing is new to anybody."""
    retriever = library.retriever()
    found = {text: await retriever.retrieve(_conversation(text)) for text in questions}
    search = Search(Before(found), MockModel({}))
    going_on = [await search.run_async(_conversation(text), Watcher(None)) for text in questions]
    # Where the search ends the pipeline there is no answer to compare.
    questions = [q for q, out in zip(questions, going_on, strict=True) if "evidence" in out]
    found = {text: found[text] for text in questions}
    model = MockModel({text: _reply(one) for text, one in found.items()})
    documents = {
        text: [Document(content=r.chunk.searchable_text, score=r.score) for r in one.chunks]
        for text, one in found.items()
    }
    coverage = SoftCoverage(library.words)
    ours = [_ours(each, model, coverage) for each in (Before(found), retriever)]
    store = await in_memory(library, embedder)
    theirs = [_theirs(DocumentsBefore(documents), model, None)]
    theirs.append(_theirs(store, model, embedder))
    rows = []
    for name, our, their in zip(
        ("without the search", "with the search"), ours, theirs, strict=True
    ):
        await _spent(our, questions, model)
        await _spent(their, questions, model)
        pairs = [
            (await _spent(our, questions, model), await _spent(their, questions, model))
            for _ in range(repeats)
        ]
        rows.append([name, *_cells(pairs)])
    checked = [await _check_spent(found, model, coverage) for _ in range(repeats)]
    rows.insert(1, ["of it the check of what is said", spread(checked, 1), "", "", ""])
    return rows


async def _check_spent(
    found: dict[str, Retrieved], model: MockModel, coverage: SoftCoverage
) -> float:
    """CPU milliseconds an answer of the step that compares it with the chunks."""
    search, check, spent = Search(Before(found), model), Cite(coverage, model), 0.0
    for text in found:
        outputs = await search.run_async(_conversation(text), Watcher(None))
        before = process_time()
        replies = [ChatMessage.from_assistant(model.replies[text])]
        await check.run_async(replies, outputs["evidence"])
        spent += process_time() - before
    return spent / len(found) * 1000


def _cells(pairs: Sequence[tuple[float, float]]) -> list[str]:
    ratios = [a / b for a, b in pairs]
    our, their = zip(*pairs, strict=True)
    goal = judged(median(ratios), at_most=GOAL, digits=1)
    return [spread(our, 1), spread(their, 1), spread(ratios), goal]


async def _spent(ask: Ask, questions: Sequence[str], model: MockModel) -> float:
    """CPU milliseconds an answer."""
    before = process_time()
    for text in questions:
        model.question = text
        await ask(text)
    return (process_time() - before) / len(questions) * 1000


def _conversation(text: str) -> Conversation:
    return Conversation("bench", (Message("1", "terminal:bench", text),), READER)


def _reply(found: Retrieved) -> str:
    """What a good model would say: the nearest statement, in the form that is asked for."""
    passages = context.select(found, max_tokens=MAX_TOKENS)
    text = passages[0].text.partition("\n")[2].partition("\n")[0]
    return f'{{"answer": "{text.replace(chr(34), "")}", "sources": [1]}}'


def _ours(retriever: Retriever, model: MockModel, coverage: SoftCoverage) -> Ask:
    persona = personas.load("helpdesk")
    assistant = Assistant(retriever=retriever, model=model, persona=persona, coverage=coverage)

    async def ask(text: str) -> object:
        return await assistant.answer(_conversation(text))

    return ask


def _theirs(source: object, model: MockModel, embedder: Embedder | None) -> Ask:
    graph = bare(source, model.generator())
    persona = personas.load("helpdesk")

    async def seen(_chunk: StreamingChunk) -> None:
        """Somebody watches here too."""

    async def ask(text: str) -> object:
        inputs: dict[str, dict[str, Any]] = {
            "evidence": {"query": text},
            "prompt": {"persona": persona},
            "model": {"streaming_callback": seen},
            "answer": {"query": text},
        }
        if embedder is None:
            inputs["retriever"] = {"query": text}
        else:
            vector = (await embedder.embed_questions([text]))[0]
            inputs["words"] = {"query": text}
            inputs["vectors"] = {"query_embedding": vector.tolist()}
        return await graph.run_async(inputs)

    return ask


if __name__ == "__main__":
    sys.stdout.write(measure(2, 4) if "--few" in sys.argv else measure())
