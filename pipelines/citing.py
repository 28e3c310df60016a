"""Which chunk holds which sentence of an answer; what no chunk holds is not said.

The model is not asked for its word: each sentence is compared with the chunks. Numbers, dates,
codes, currencies and names must stand in the chunk (or in the question), a denial must be one
there too, and the rest of the words must be covered softly, which works across languages.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge.articles import Chunk
from knowledge.conversations import Citation
from knowledge.language import language_of_part
from knowledge.sentences import sentences
from pipelines.call_words import with_calls
from pipelines.clauses import denies_otherwise, is_in_one_clause
from pipelines.done_claims import claimed, is_told_on, is_untold
from pipelines.flag_claims import agreeing
from pipelines.particulars import (
    currencies,
    exact_parts,
    folded,
    is_one_name,
    names_said,
    whole_names,
    without_exact_parts,
)
from pipelines.statements import above, statements

LEAST_COVERAGE = 0.35
"""Below this share of its words a sentence speaks of other things than the chunk: sentences have
about .57 of theirs in their own passage in the other language, .28 in another passage."""
LEAST_COVERAGE_WITH_NUMBERS = 0.15
"""A sentence whose numbers and codes all stand in the chunk may use quite different words."""
ANSWER_WEIGHT = 0.7
"""How much the sentence counts for the choice among chunks that hold it; the question the rest."""


Matrix = NDArray[np.float32]


class Coverage(Protocol):
    """How much of one text another text holds."""

    async def matrix(self, texts: Sequence[str], against: Sequence[str]) -> Matrix:
        """Shape (len(texts), len(against)): the share, 0 to 1, of a text's words found there."""


@dataclass(frozen=True, slots=True)
class Cited:
    """An answer as it may be shown.

    Attributes:
        text: the sentences that hold, each followed by its citation numbers.
        dropped: sentences that no chunk holds.
        evidence: for each citation the statement behind it, as it reads alone.
    """

    text: str
    citations: tuple[Citation, ...]
    dropped: tuple[str, ...]
    evidence: tuple[str, ...] = ()


NOTHING = Cited("", (), ())


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What a text holds that is compared exactly."""

    parts: frozenset[str]
    words: frozenset[str]
    currencies: frozenset[str]

    @classmethod
    @lru_cache(maxsize=4096)
    def of(cls, text: str) -> "_Evidence":
        """Kept, because the same chunks come up again and again."""
        words = frozenset(re.findall(r"\w+", folded(text)))
        return cls(exact_parts(text), words, currencies(text))

    def holds_exactly(self, sentence: str, question: str, *, is_translated: bool) -> bool:
        """Whether every number, date, code and name of the sentence stands here or was asked."""
        missing = exact_parts(sentence) - self.parts - exact_parts(question)
        asked = frozenset(re.findall(r"\w+", folded(question)))
        if self.currencies and currencies(sentence) - currencies(question) - self.currencies:
            return False
        strange = (n for n in names_said(sentence) - asked if not self._knows(n, is_translated))
        return not missing and not any(strange)

    def _knows(self, name: str, is_translated: bool) -> bool:
        """Whether a name stands here, in the other language also in its form (Lisbon, Lisboa)."""
        pieces = re.findall(r"\w+", name)
        return all(p in self.words or (is_translated and self._has_form(p)) for p in pieces)

    def _has_form(self, piece: str) -> bool:
        return any(is_one_name(piece, word) for word in self.words)


async def cite(answer: str, *, question: str, chunks: Sequence[Chunk], coverage: Coverage) -> Cited:
    """Keep the sentences of an answer that a chunk holds, and say which chunk that is.

    Args:
        answer: the model's text, without numbers in brackets.
        question: what was asked; its own names and numbers need no proof.
        chunks: whatever the model may have read, best first.
        coverage: compares the words of two texts.
    """
    parts = whole_statements(answer)
    if not parts or not chunks:
        return replace(NOTHING, dropped=tuple(parts))
    texts = [chunk.proof for chunk in chunks]
    softly = [without_exact_parts(text) for text in (*parts, question)]
    # The words of a result were in no index: they are learnt, else no other language knows them.
    results = [chunk.text for chunk in chunks if chunk.is_result]
    covered = (await coverage.matrix([*softly, *results], texts))[: len(softly)]
    covered[[n for n, text in enumerate(softly) if not re.search(r"\w", text)]] = 1.0
    # A tool says just what it was asked for, in a few words: its numbers count, not its words.
    said = [chunk.is_result for chunk in chunks]
    covered[:, said] = np.maximum(covered[:, said], LEAST_COVERAGE_WITH_NUMBERS)
    # Of what it is about a call may tell: a subject is a name that people have said.
    about = [chunk.searchable_text for chunk in chunks]
    subjects = _subjects(question, about)
    chosen = []
    for part, share in zip(parts, covered, strict=False):
        agree = await agreeing(part, question, chunks, coverage.matrix)
        is_denied = agree is not None and not agree
        is_claim = is_denied or bool(claimed(part, question))
        may = [
            not is_claim or await _may_say(part, question, one, is_denied, coverage)
            for one in chunks
        ]
        held = await with_calls(part, question, chunks, share, coverage.matrix)
        held = _only(subjects, part, about, np.where(may, held, 0.0))
        chosen.append(_best(part, question, texts, agree or frozenset(), held, covered[-1]))
    return await _numbered(parts, chosen, chunks, covered, coverage)


def whole_statements(answer: str) -> list[str]:
    """The sentences of an answer; a bare "Yes." or "No." stays with what follows it."""
    plain = re.sub(r"\s*\[\d+(?:, ?\d+)*\]", "", answer)
    joined: list[str] = []
    for sentence in sentences(plain):
        is_bare = joined and len(re.findall(r"\w+", joined[-1])) < 2
        if is_bare:
            joined[-1] = f"{joined[-1]} {sentence}"
        else:
            joined.append(sentence)
    return joined


def _best(
    sentence: str,
    question: str,
    texts: Sequence[str],
    agree: frozenset[int],
    covered: NDArray[np.float32],
    asked: NDArray[np.float32],
) -> int | None:
    """The chunk that holds the sentence and, among several, answers the question best."""
    scores = ANSWER_WEIGHT * covered + (1 - ANSWER_WEIGHT) * asked
    has_numbers = bool(exact_parts(sentence) - exact_parts(question))
    least = LEAST_COVERAGE_WITH_NUMBERS if has_numbers else LEAST_COVERAGE
    for n in np.argsort(-scores, kind="stable"):
        holds = covered[n] >= least and _Evidence.of(texts[n]).holds_exactly(
            sentence, question, is_translated=_is_translated(sentence, texts[n])
        )
        if holds and (n in agree or not denies_otherwise(sentence, texts[n])):
            return int(n)
    return None


async def _may_say(
    sentence: str, question: str, chunk: Chunk, is_denied: bool, coverage: Coverage
) -> bool:
    """Whether a chunk may hold what a tool denies, or what is said to have been done."""
    if chunk.is_result:
        return not is_denied and not await is_untold(sentence, question, chunk, coverage.matrix)
    if is_denied and not is_in_one_clause(sentence, chunk.proof):
        return False
    return is_told_on(chunk.proof, sentence, question)


def _subjects(question: str, texts: Sequence[str]) -> list[str]:
    """The things that the question names in whole and that one of the texts knows by that name."""
    plain = [folded(text) for text in texts]
    return [name for name in whole_names(question) if any(name in text for text in plain)]


def _only(
    subjects: Sequence[str], sentence: str, texts: Sequence[str], covered: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The coverage, and none where the sentence names a subject that the text does not know.

    What was asked needs no proof, but where one page is about the thing that was asked for, no
    page about another thing holds what is said of it.
    """
    said = [name for name in subjects if name in folded(sentence)]
    knows = [all(name in folded(text) for name in said) for text in texts]
    return np.where(knows, covered, 0.0).astype(np.float32) if said else covered


def _is_translated(sentence: str, text: str) -> bool:
    """Whether the two may be in different languages."""
    language = language_of_part(sentence, "")
    return not language or language != language_of_part(text, "")


async def _numbered(
    parts: Sequence[str],
    chosen: Sequence[int | None],
    chunks: Sequence[Chunk],
    covered: Matrix,
    coverage: Coverage,
) -> Cited:
    """The kept sentences with their numbers, counted from 1 in the order of appearance."""
    numbers: dict[int, int] = {}
    citations: list[Citation] = []
    evidence: list[str] = []
    kept: list[str] = []
    for row, (part, n) in enumerate(zip(parts, chosen, strict=True)):
        if n is None:
            continue
        if n not in numbers:
            numbers[n] = len(numbers) + 1
            place = await best_statement(part, chunks[n], coverage)
            quoted = statements(chunks[n].text)[place]
            quote = chunks[n].text[quoted.start : quoted.end]
            citations.append(Citation(numbers[n], chunks[n], quote, float(covered[row, n])))
            evidence.append(told(chunks[n], place))
        kept.append(with_number(part, numbers[n]))
    dropped = tuple(p for p, n in zip(parts, chosen, strict=True) if n is None)
    return Cited(_joined(kept), tuple(citations), dropped, tuple(evidence))


def with_number(sentence: str, n: int) -> str:
    """The sentence with its citation in front of the closing mark, as in `It is so [1].` here."""
    match = re.search(r"[.!?…]*$", sentence)
    end = match.start() if match else len(sentence)
    return f"{sentence[:end].rstrip()} [{n}]{sentence[end:]}"


def _joined(sentences_kept: Sequence[str]) -> str:
    """List items each on a line of its own, other sentences one behind the other."""
    text = ""
    for sentence in sentences_kept:
        is_item = re.match(r"\s*(?:[-*•|]|\d+[.)]) ", sentence)
        text += ("\n" if is_item else " ") + sentence
    return text.strip()


async def best_statement(sentence: str, chunk: Chunk, coverage: Coverage) -> int:
    """The place of the statement of a chunk that says it best."""
    candidates = statements(chunk.text)
    if len(candidates) < 2:
        return 0
    texts = [statement.text for statement in candidates]
    wanted = exact_parts(sentence)
    shared = np.array([len(wanted & exact_parts(text)) for text in texts], dtype=np.float32)
    if np.count_nonzero(shared == shared.max()) == 1:
        return int(np.argmax(shared))
    covered = (await coverage.matrix([sentence], texts))[0]
    return int(np.argmax(covered + shared))


def told(chunk: Chunk, place: int) -> str:
    """A statement with what stands above it, and with the sentence before it for its "it"."""
    found = statements(chunk.text)
    around = found[max(0, place - 1) : place + 1]
    is_row = chunk.text[found[place].start] == "|"
    texts = [s.text for s in (around[-1:] if is_row else around)]
    return f"{above(chunk)}: {' '.join(texts)}"
