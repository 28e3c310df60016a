"""Answers with our retrieval by answers with the passage that holds the answer.

{sample} questions of XQuAD, half in each language, the same model ({model}), the same prompt and
the same checks. *Ours* searches all 480 passages; *gold* has a store with the one passage in the
question's language and nothing to choose (rarities and sketches of words as in the large store, so
that only the choice differs). A reply counts 1 where the expected words stand in it, else its F1
with them as SQuAD counts it; *strict F1* is SQuAD's F1 of the whole sentence, low because we answer
in sentences. Letter case, accents, articles and marks are ignored, `four` is `4`; silence counts 0.
"""

import asyncio
import re
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from unicodedata import combining, normalize

import numpy as np

from knowledge.articles import Chunk
from knowledge.conversations import Answer, Conversation, Message
from knowledge.stores.embedded import EmbeddedStore
from pipelines.answering import Assistant
from pipelines.models import ChatModel
from pipelines.retrieval import Retriever
from tests.benchmarks.datasets import LANGUAGES, READER, Question, RememberingEmbedder, xquad
from tests.benchmarks.library import Library, assistant, model_named, tell
from tests.benchmarks.report import judged, table

SAMPLE = 100
SEED = 11
MODEL = "embedded:qwen2.5-coder-1.5b"
GOAL = 0.92
_IGNORED = frozenset(("a", "an", "the", "el", "la", "los", "las", "lo", "un", "una"))
_NUMBERS = {
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    "es": (
        "cero",
        "uno",
        "dos",
        "tres",
        "cuatro",
        "cinco",
        "seis",
        "siete",
        "ocho",
        "nueve",
        "diez",
    ),
}
_DIGITS = {word: str(n) for words in _NUMBERS.values() for n, word in enumerate(words)}


@dataclass(frozen=True, slots=True)
class Score:
    """One reply."""

    language: str
    tolerant: float
    strict: float
    is_silent: bool
    has_gold: bool


def measure(sample: int = SAMPLE) -> str:
    """The section of docs/benchmarks.md."""
    ours, gold = asyncio.run(_measured(sample))
    about = (__doc__ or "").split("\n\n", 1)[1].strip()
    head = ["", "ours", "gold passage", "ratio", "goal"]
    name = MODEL.partition(":")[2]
    return (
        f"## Reading\n\n{about.format(sample=len(ours), model=name)}\n\n"
        f"{table(head, _rows(ours, gold))}"
    )


def _rows(ours: Sequence[Score], gold: Sequence[Score]) -> Iterator[list[str]]:
    for name, language in (("F1", ""), ("F1, EN", "en"), ("F1, ES", "es")):
        a, b = (mean(s.tolerant for s in some if language in s.language) for some in (ours, gold))
        ratio = a / b if b else 0.0
        goal = "" if language else judged(ratio, at_least=GOAL)
        yield [name, f"{a:.3f}", f"{b:.3f}", f"{ratio:.3f}", goal]
    strict = [mean(s.strict for s in some) for some in (ours, gold)]
    yield ["strict F1", *(f"{value:.3f}" for value in strict), "", ""]
    for name, field in (("silent", "is_silent"), ("gold passage cited", "has_gold")):
        yield [name, *(str(sum(getattr(s, field) for s in some)) for some in (ours, gold)), "", ""]


async def _measured(sample: int) -> tuple[list[Score], list[Score]]:
    public = xquad()
    questions = _drawn(public.questions, sample)
    passages = {chunk.article: chunk for chunk in public.chunks}
    ours, gold = [], []
    with tempfile.TemporaryDirectory() as folder:
        async with (
            Library.open(Path(folder), RememberingEmbedder()) as library,
            model_named(MODEL) as model,
        ):
            await library.put(public.chunks)
            everything = assistant(library.retriever(), model, library.words)
            await everything.start()
            for number, question in enumerate(questions, 1):
                ours.append(score(question, await everything.answer(_asking(question))))
                async with _knowing(passages[question.gold], library, model) as somebody:
                    gold.append(score(question, await somebody.answer(_asking(question))))
                tell(f"reading: {number} of {len(questions)}, {ours[-1]}, {gold[-1]}")
    return ours, gold


def _drawn(questions: Sequence[Question], sample: int) -> list[Question]:
    """As many of each language, in turn."""
    random = np.random.default_rng(SEED)
    drawn = []
    for language in LANGUAGES:
        own = [question for question in questions if question.language == language]
        drawn.append([own[n] for n in random.choice(len(own), sample // 2, replace=False)])
    return [question for pair in zip(*drawn, strict=True) for question in pair]


@asynccontextmanager
async def _knowing(chunk: Chunk, library: Library, model: ChatModel) -> AsyncIterator[Assistant]:
    """Somebody who knows a single passage and all words."""
    embedder = library.embedder
    with tempfile.TemporaryDirectory() as folder:
        store = await EmbeddedStore.open(
            Path(folder), dimensions=embedder.dimensions, model=embedder.name
        )
        await store.replace([chunk.article], [chunk])
        rows = await embedder.embed_passages([chunk.searchable_text])
        await store.add_vectors({chunk.text_hash: rows[0]})
        retriever = Retriever(store, embedder, library.words, closely=library.closely)
        try:
            yield assistant(retriever, model, library.words)
        finally:
            await store.close()


def _asking(question: Question) -> Conversation:
    return Conversation("bench", (Message("1", "terminal:bench", question.text),), READER)


def score(question: Question, answer: Answer) -> Score:
    """How much of the expected words an answer holds."""
    said = [] if answer.abstained else normalised(re.sub(r"\[\d+\]", " ", answer.text))
    expected = [normalised(text) for text in question.answers]
    strict = max(f1(said, words) for words in expected)
    is_there = any(holds(said, words) for words in expected)
    cited = {citation.chunk.article for citation in answer.citations}
    return Score(
        language=question.language,
        tolerant=1.0 if is_there else strict,
        strict=strict,
        is_silent=answer.abstained,
        has_gold=bool(cited & {question.gold, question.gold_other}) and not answer.abstained,
    )


def normalised(text: str) -> list[str]:
    """The words that count."""
    plain = "".join(c for c in normalize("NFKD", text.casefold()) if not combining(c))
    words = re.findall(r"\w+(?:[.,]\d+)*", plain)
    return [_DIGITS.get(word, word) for word in words if word not in _IGNORED]


def holds(said: Sequence[str], words: Sequence[str]) -> bool:
    """Whether these words stand there one behind the other."""
    length = len(words)
    places = range(len(said) - length + 1)
    return bool(words) and any(list(said[n : n + length]) == list(words) for n in places)


def f1(said: Sequence[str], words: Sequence[str]) -> float:
    """The harmonic mean of precision and recall, by word."""
    shared = (Counter(said) & Counter(words)).total()
    if not shared:
        return 0.0
    precision, recall = shared / len(said), shared / len(words)
    return 2 * precision * recall / (precision + recall)


if __name__ == "__main__":
    sys.stdout.write(measure(4 if "--few" in sys.argv else SAMPLE))
