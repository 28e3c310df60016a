"""What the gate is shown of another way of searching: the same questions, searched both ways.

No model is asked. The target is where the candidate can change anything: questions whose pages are
in another language; what it must keep is every question in each language, and that questions
without an answer are still known to have none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.language import language_of_question
from pipelines.evaluation.asking import Asker
from pipelines.evaluation.cases import Case
from pipelines.learning.gate import Evidence, Harm, Serving, Slice
from pipelines.retrieval import Retriever

NDCG = "ndcg_at_10"
UNLIKELY = 0.5
"""Calibrated answerability below which a search says that the answer is not there."""


@dataclass(frozen=True, slots=True)
class Searched:
    """What one way of searching came to.

    Attributes:
        scores: of each case: nDCG@10, or whether nothing was promised where there is nothing.
        seconds: of each search.
        leaked: passages that were found and that whoever asked may not open.
    """

    scores: tuple[float, ...]
    seconds: tuple[float, ...]
    leaked: int


async def evidence_of(
    cases: Sequence[Case],
    clusters: Mapping[str, str],
    *,
    asker: Asker,
    champion: Retriever,
    candidate: Retriever,
    page_languages: Mapping[str, str],
) -> Evidence:
    """All that a search alone tells of a candidate.

    Args:
        cases: with known sources, or without an answer; others tell nothing.
        clusters: of each case by its id: questions on one page or of one conversation.
        asker: who asks.
        champion: what finds passages now.
        candidate: what would.
        page_languages: of the sources, by the names under which cases have them.
    """
    cases = [case for case in cases if case.sources or case.is_refused]
    before = await searched(cases, asker, champion)
    after = await searched(cases, asker, candidate)

    asked_in = [case.language or language_of_question(case.question) for case in cases]
    asked = list(zip(cases, asked_in, strict=True))
    across = [
        bool(case.sources) and own not in {page_languages.get(one, own) for one in case.sources}
        for case, own in asked
    ]
    both = _Both(cases, clusters, before, after)
    kept = [
        both.part(f"answers {language}", [bool(c.sources) and own == language for c, own in asked])
        for language in ("en", "es")
    ]
    kept.append(both.part("refusals", [case.is_refused for case in cases]))
    return Evidence(
        target=both.part("nDCG@10 across languages", across),
        prompted=None,  # no prompt changes what is found
        kept=tuple(kept),
        harm=Harm(probes=len(cases), leaked=after.leaked),
        serving=Serving(slower=_p95(after.seconds) / _p95(before.seconds) - 1),
    )


@dataclass(frozen=True, slots=True)
class _Both:
    """Cases that were searched both ways."""

    cases: Sequence[Case]
    clusters: Mapping[str, str]
    before: Searched
    after: Searched

    def part(self, name: str, chosen: Sequence[bool]) -> Slice:
        """Some of them."""
        places = [n for n, is_in in enumerate(chosen) if is_in]
        names = [self.cases[n].id for n in places]
        return Slice(
            name,
            tuple(self.clusters.get(one, one) for one in names),
            tuple(self.before.scores[n] for n in places),
            tuple(self.after.scores[n] for n in places),
        )


async def searched(cases: Sequence[Case], asker: Asker, retriever: Retriever) -> Searched:
    """Search for each case, as whoever asks it."""
    scores, seconds, leaked = [], [], 0
    both = zip(cases, [one async for one in asker.looked_up(cases, retriever)], strict=True)
    for case, (result, found) in both:
        seconds.append(result.scores["seconds"])
        says_no = float(found.answerability.calibrated < UNLIKELY)
        scores.append(says_no if case.is_refused else result.scores[NDCG])
        reader = asker.conversation(case).audience
        leaked += sum(not one.chunk.audience.admits(reader) for one in found.chunks)
    return Searched(tuple(scores), tuple(seconds), leaked)


def _p95(seconds: Sequence[float]) -> float:
    return float(np.percentile(seconds, 95)) if seconds else 1.0
