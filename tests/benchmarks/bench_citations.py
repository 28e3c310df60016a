"""Whether citations hold: does the quote stand there, does the chunk say what the sentence says.

Questions about a made-up company of {pages} pages, whose facts were planted and are known, and
about the small handbook, {sample} at most for each model. Counted is every pair of a sentence and a
chunk that it cites, in answers that were given. *Quote*: the quoted words stand letter by letter in
the article, parsed anew from its file. *Holds*: a sentence with a planted value (in the wording of
either language) cites a chunk of the page that it was planted in, and the chunk has the value; in
any other sentence all numbers, codes and names stand in the cited chunk. This judge is apart from
the code that chose the citation: it knows the planted facts. Words that are neither value, number
nor name it does not judge, and `fourteen` is no `14` to it: it is rather too strict. *Across*: the
question is in one language and the cited chunk in the other.

What falls short was one pair: a near miss ("What does it cost to board a dog?") answered with the
price of another service for dogs, which stands on the cited page as its number does.
"""

import asyncio
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unicodedata import combining, normalize

from knowledge.conversations import Answer, Citation, Conversation, Message
from knowledge.examples.generate import generate
from knowledge.sentences import sentences
from knowledge.sources import Entry, files
from pipelines.answering import Assistant
from tests.benchmarks.bench_answers import HANDBOOKS, cases
from tests.benchmarks.datasets import READER, RememberingEmbedder
from tests.benchmarks.library import Library, assistant, model_named, tell
from tests.benchmarks.report import judged, table

MODELS = ("embedded:qwen2.5-coder-1.5b", "embedded:qwen2.5-coder-0.5b")
PAGES, SAMPLE, SEED = 120, 30, 7
GOAL_QUOTE, GOAL_HOLDS = 0.98, 0.95
_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
_NAME = re.compile(r"(?<=[\w,;)] )[A-ZÁÉÍÓÚÑ][\w-]*")
_CALENDAR = """january february march april may june july august september october november december
monday tuesday wednesday thursday friday saturday sunday"""
"""Names in English, where they have capitals, that are other words in Spanish."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, of whichever set, with what is known about its answer.

    Attributes:
        values: what was planted, each in all wordings that count.
        gold: the pages that it was planted in; none where no page answers.
    """

    text: str
    language: str
    values: tuple[tuple[str, ...], ...]
    gold: frozenset[str]


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence and a chunk that it cites."""

    is_quoted: bool
    holds: bool
    is_across: bool


@dataclass(slots=True)
class Tally:
    """Everything that one model said about one set."""

    asked: int = 0
    answered: int = 0
    pairs: list[Pair] = field(default_factory=list)


def measure(sample: int = SAMPLE) -> str:
    """The section of docs/benchmarks.md."""
    rows = asyncio.run(_measured(sample))
    about = (__doc__ or "").split("\n\n", 1)[1].strip().format(pages=PAGES, sample=sample)
    head = ["", "questions", "answered", "pairs", "quote", "goal", "holds", "goal"]
    return f"## Citations\n\n{about}\n\n{table(head, rows)}"


async def _measured(sample: int) -> list[list[str]]:
    tallies: dict[str, dict[str, Tally]] = {name: {} for name in MODELS}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "company"
        for title, pages, questions in (
            ("company", folder, _of_company(folder)),
            ("handbook", HANDBOOKS / "vets", _of_handbook()),
        ):
            chosen = _spread(questions, sample // 2)
            async with Library.open(Path(name) / title, RememberingEmbedder()) as library:
                await library.read(pages)
                for model in MODELS:
                    async with _with(model, library) as somebody:
                        tallies[model][title] = await _tally(somebody, pages, chosen)
                    tell(f"citations: {title}, {model}: {tallies[model][title]}")
    return [row for model, by_set in tallies.items() for row in _rows(model, by_set)]


def _of_company(folder: Path) -> list[Asked]:
    company = generate(folder, pages=PAGES, seed=SEED)
    return [
        Asked(
            text=question.text,
            language=question.language,
            values=_values(question.answer_keys, is_list=question.kind == "complete_list"),
            gold=frozenset(question.gold),
        )
        for question in company.questions
    ]


def _values(keys: tuple[str, ...], *, is_list: bool) -> tuple[tuple[str, ...], ...]:
    """The keys of a list are values of their own, else they are wordings of one."""
    if is_list:
        return tuple((key,) for key in keys)
    return (keys,) if keys else ()


def _of_handbook() -> list[Asked]:
    return [
        Asked(
            text=case.question,
            language=case.language,
            values=_values(case.answer_any, is_list=False),
            gold=frozenset(case.source),
        )
        for case in cases(HANDBOOKS / "vets")
    ]


def _spread(questions: Sequence[Asked], most: int) -> list[Asked]:
    """So many of them, evenly from first to last, so that all kinds are there."""
    count = min(most, len(questions))
    return [questions[n * len(questions) // count] for n in range(count)]


@asynccontextmanager
async def _with(setting: str, library: Library) -> AsyncIterator[Assistant]:
    async with model_named(setting) as model:
        somebody = assistant(library.retriever(), model, library.words)
        await somebody.start()
        yield somebody


async def _tally(somebody: Assistant, pages: Path, questions: Sequence[Asked]) -> Tally:
    tally = Tally(asked=len(questions))
    for question in questions:
        message = Message("1", "terminal:bench", question.text)
        answer = await somebody.answer(Conversation("bench", (message,), READER))
        if not answer.abstained:
            tally.answered += 1
            tally.pairs += await _pairs(question, answer, pages)
    return tally


async def _pairs(question: Asked, answer: Answer, pages: Path) -> list[Pair]:
    """Every sentence of an answer with each chunk that it cites."""
    by_number = {citation.n: citation for citation in answer.citations}
    texts = await _texts(answer.citations, pages)
    found = []
    for sentence in sentences(answer.text):
        for n in re.findall(r"\[(\d+)\]", sentence):
            citation = by_number[int(n)]
            pair = Pair(
                is_quoted=citation.quote in texts[citation.chunk.article],
                holds=holds(sentence, citation, question),
                is_across=citation.chunk.language != question.language,
            )
            if not (pair.is_quoted and pair.holds):
                tell(f"{pair}: {question.text} > {sentence} ({citation.chunk.article})")
            found.append(pair)
    return found


async def _texts(citations: Sequence[Citation], pages: Path) -> dict[str, str]:
    """The cited articles as their files say them now."""
    source = files.build(name="book", path=pages, audience=READER)
    try:
        return {
            article: (await source.read(Entry(article.partition(":")[2], ""))).article.text
            for article in {citation.chunk.article for citation in citations}
        }
    finally:
        await source.close()


def holds(sentence: str, citation: Citation, question: Asked) -> bool:
    """Whether the cited chunk holds what the sentence says, by the rules above."""
    said, chunk = plain(re.sub(r"\[\d+\]", "", sentence)), citation.chunk
    there = plain(chunk.searchable_text)
    values = [one for one in question.values if any(plain(way) in said for way in one)]
    if values:
        is_there = all(any(plain(way) in there for way in one) for one in values)
        return is_there and chunk.article.partition(":")[2] in question.gold
    names = {plain(name) for name in _NAME.findall(sentence)} - set(_CALENDAR.split())
    has_numbers = numbers(said) <= numbers(there)
    return has_numbers and all(name in there for name in names)


def numbers(text: str) -> set[str]:
    """The digits of every number, however it is grouped."""
    return {re.sub(r"\D", "", number) for number in _NUMBER.findall(text)}


def plain(text: str) -> str:
    """Without accents and capitals, single spaces."""
    decomposed = normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in decomposed if not combining(c)).split())


def _rows(model: str, by_set: dict[str, Tally]) -> list[list[str]]:
    name = model.partition(":")[2]
    rows = [[f"{name}, {title}", *_cells(tally)] for title, tally in by_set.items()]
    pairs = [pair for tally in by_set.values() for pair in tally.pairs]
    asked, answered = (sum(getattr(t, f) for t in by_set.values()) for f in ("asked", "answered"))
    across = Tally(pairs=[pair for pair in pairs if pair.is_across])
    rows.append([f"{name}, all", *_cells(Tally(asked, answered, pairs))])
    rows.append([f"{name}, across languages", "", "", *_cells(across)[2:]])
    return rows


def _cells(tally: Tally) -> list[str]:
    """Counts, shares and goals."""
    cells = [str(tally.asked), str(tally.answered), str(len(tally.pairs))]
    for wanted, goal in (("is_quoted", GOAL_QUOTE), ("holds", GOAL_HOLDS)):
        if not tally.pairs:
            return [*cells, "", "", "", ""]
        share = sum(getattr(pair, wanted) for pair in tally.pairs) / len(tally.pairs)
        cells += [f"{share:.3f}", judged(share, at_least=goal)]
    return cells


if __name__ == "__main__":
    sys.stdout.write(measure(4 if "--few" in sys.argv else SAMPLE))
