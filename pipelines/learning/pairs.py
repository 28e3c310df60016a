"""Pairs of a question and the passages in another language that answer it.

They come from approved examples, whose answers rest on known passages, and, counted apart, from the
team's own pages: a sentence is a question to the passage that says the same in another language. A
map that was learnt serves everybody, so it learns from nothing that not everybody may read.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.articles import EVERYONE, Audience, Chunk
from knowledge.language import language_of_question
from knowledge.learning_examples import Example
from knowledge.sentences import sentences
from pipelines.learning.duplicates import Groups
from pipelines.models import Vectors

SENTENCES = 3
"""Of one passage: more say nothing new about how people ask."""
WORDS = (4, 40)
"""Of a sentence that is taken for a question: from, to."""
KINDS = ("answer", "style")
"""Examples whose passages answer: a refusal has none, and what tools returned is no passage."""
LEAST_LEAD = 0.02
"""How much nearer a translation must be than the second nearest passage in its language."""
MOST = 5_000
"""Passages among which translations are looked for: their nearness takes 100 MB."""
_EVERYBODY = Audience.of(EVERYONE)


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and what answers it.

    Attributes:
        language: of the question.
        passages: hashes of the texts of chunks, each of which answers it; all in one language.
        cluster: pairs of one cluster share a passage, a page or a question.
        example: the id of the example that it comes from; empty where it is a sentence of a page.
    """

    question: str
    language: str
    passages: tuple[str, ...]
    cluster: str = ""
    example: str = ""


def for_everybody(chunks: Iterable[Chunk]) -> list[Chunk]:
    """The chunks that everybody may read and whose language is known, each text once."""
    found = {one.text_hash: one for one in chunks if one.language and _is_open(one.audience)}
    return list(found.values())


def approved(examples: Iterable[Example], chunks: Sequence[Chunk]) -> list[Pair]:
    """A pair for each other language in which an approved example has passages.

    Args:
        examples: in any state.
        chunks: that everybody may read.
    """
    languages = {one.text_hash: one.language for one in chunks}
    found = answered(examples, chunks)
    return [one for one in found if languages[one.passages[0]] != one.language]


def answered(examples: Iterable[Example], chunks: Sequence[Chunk]) -> list[Pair]:
    """A pair for each language in which an approved example has passages, its own included.

    Where an answer was put right its passages are those of the wrong one: such rows are left out,
    unless only the wording was wrong. So are rows that measure.

    Args:
        examples: in any state.
        chunks: that everybody may read; what an example rests on must still be there unchanged.
    """
    languages = {one.text_hash: one.language for one in chunks}
    found = []
    for one in filter(_teaches, examples):
        asked_in = one.provenance.get("language") or language_of_question(one.question)
        of_language: dict[str, list[str]] = defaultdict(list)
        for passage in sorted(one.passages & languages.keys()):
            of_language[languages[passage]].append(passage)
        found += [Pair(one.question, asked_in, tuple(p), "", one.id) for p in of_language.values()]
    return found


def _teaches(one: Example) -> bool:
    is_settled = one.state == "approved" and one.split != "eval" and _is_open(one.audience)
    return is_settled and is_held(one)


def is_held(one: Example) -> bool:
    """Whether what an example says stands in its passages: an answer that was right."""
    is_right = (not one.is_corrected or one.kind == "style") and one.opinion != "down"
    return is_right and one.kind in KINDS


def _is_open(audience: Audience) -> bool:
    return audience.admits(_EVERYBODY)


def synthetic(
    chunks: Sequence[Chunk], translations: Mapping[str, str], *, seed: int = 0
) -> list[Pair]:
    """Sentences of pages as questions to the translation of the passage that they stand in.

    Args:
        chunks: that everybody may read.
        translations: from the hash of a passage to that of the one that says the same.
        seed: decides which sentences.
    """
    random, (fewest, most) = np.random.default_rng(seed), WORDS
    found = []
    for chunk in (one for one in chunks if one.text_hash in translations):
        said = [one for one in sentences(chunk.text) if fewest <= len(one.split()) <= most]
        for place in sorted(random.permutation(len(said))[:SENTENCES]):
            asked = " ".join(said[place].split())
            found.append(Pair(asked, chunk.language, (translations[chunk.text_hash],)))
    return found


def translations(chunks: Sequence[Chunk], vectors: Vectors) -> dict[str, str]:
    """Passages that say the same in two languages: each is by far the nearest one of the other.

    Args:
        chunks: of any languages; of very many, the first ones are looked at.
        vectors: of the chunks, shape (chunks, dimensions), rows of length 1.

    Returns:
        From hash to hash, both ways.
    """
    places: dict[str, list[int]] = defaultdict(list)
    for place, chunk in enumerate(chunks[:MOST]):
        places[chunk.language].append(place)
    found: dict[str, str] = {}
    names = sorted(places)
    for number, first in enumerate(names):
        for second in names[number + 1 :]:
            for one, other in _mutual(places[first], places[second], vectors):
                found.setdefault(chunks[one].text_hash, chunks[other].text_hash)
                found.setdefault(chunks[other].text_hash, chunks[one].text_hash)
    return found


def _mutual(
    first: Sequence[int], second: Sequence[int], vectors: Vectors
) -> Iterator[tuple[int, int]]:
    """Places of two groups that are each other's nearest, clearly."""
    nearness = vectors[list(first)] @ vectors[list(second)].T
    to_first = nearness.argmax(axis=0)
    for row, column in enumerate(nearness.argmax(axis=1)):
        rest = (np.delete(nearness[row], column), np.delete(nearness[:, column], row))
        next_one = max(float(some.max(initial=-1.0)) for some in rest)
        if to_first[column] == row and nearness[row, column] - next_one >= LEAST_LEAD:
            yield first[row], second[int(column)]


def clustered(pairs: Sequence[Pair], chunks: Sequence[Chunk]) -> list[str]:
    """The cluster of each pair: what shares a passage, a page or a question stays together."""
    articles = {one.text_hash: one.article for one in chunks}
    groups = Groups(str(place) for place in range(len(pairs)))
    first: dict[str, str] = {}
    for place, pair in enumerate(pairs):
        ties = [
            f"asked {pair.question.casefold()}",
            *(articles.get(one, one) for one in pair.passages),
        ]
        for tie in ties:
            groups.join(first.setdefault(tie, str(place)), str(place))
    return [groups.of(str(place)) for place in range(len(pairs))]
