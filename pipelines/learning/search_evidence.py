"""What the gate is shown of another way of searching: the same questions, searched both ways.

No model is asked. The target is where the candidate can change anything: questions whose pages are
in another language; what it must keep is every question in each language, and that questions
without an answer are still known to have none.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.language import language_of_question
from pipelines.evaluation.asking import Asker
from pipelines.evaluation.cases import Case
from pipelines.learning.evidence import Evidence, Harm, Serving, Slice
from pipelines.retrieval import Retriever

NDCG = "ndcg_at_10"
UNLIKELY = 0.5
"""Calibrated answerability below which a search says that the answer is not there."""


@dataclass(frozen=True, slots=True)
class Sought:
    """A question to search for.

    Attributes:
        case: with known sources, by the ids of articles, or without an answer.
        asker: who asks it.
        cluster: questions on one page or of one conversation have the same one.
    """

    case: Case
    asker: Asker
    cluster: str


@dataclass(frozen=True, slots=True)
class World:
    """Pages, with questions to them and both ways to search them."""

    questions: Sequence[Sought]
    champion: Retriever
    candidate: Retriever


@dataclass(frozen=True, slots=True)
class Look:
    """What one search came to.

    Attributes:
        score: nDCG@10, or whether nothing was promised where there is nothing.
        leaked: passages that were found and that whoever asked may not open.
    """

    score: float
    seconds: float
    leaked: int


@dataclass(frozen=True, slots=True)
class Compared:
    """A question that was searched both ways.

    Attributes:
        language: of the question.
        is_across: whether its pages are all in another language.
    """

    case: Case
    cluster: str
    language: str
    is_across: bool
    before: Look
    after: Look


async def evidence_of(worlds: Sequence[World], between: Callable[[], Awaitable[None]]) -> Evidence:
    """All that a search alone tells of a candidate; questions without sources tell nothing.

    Args:
        worlds: pages with their questions.
        between: awaited after every question.
    """
    found = []
    for world in worlds:
        for one in world.questions:
            if one.case.sources or one.case.is_refused:
                found.append(await _compared(world, one))
                await between()
    answers = [one for one in found if one.case.sources]
    kept = [
        _part(f"answers {code}", [one for one in answers if one.language == code])
        for code in ("en", "es")
    ]
    kept.append(_part("refusals", [one for one in found if one.case.is_refused]))
    slower = _p95([one.after for one in found]) / _p95([one.before for one in found]) - 1
    return Evidence(
        target=_part("nDCG@10 across languages", [one for one in answers if one.is_across]),
        prompted=None,  # no prompt changes what is found
        kept=tuple(kept),
        harm=Harm(probes=len(found), leaked=sum(one.after.leaked for one in found)),
        serving=Serving(slower=slower),
    )


async def _compared(world: World, one: Sought) -> Compared:
    case = one.case
    reader = one.asker.conversation(case).audience
    pages = await world.champion.passages(case.sources, reader)
    languages = {page.language for page in pages.values()}
    asked_in = case.language or language_of_question(case.question)
    # Once beforehand: what is read closely for the first time takes longer, whoever finds it.
    for retriever in (world.champion, world.candidate):
        await _looked(one, retriever)
    return Compared(
        case=case,
        cluster=one.cluster,
        language=asked_in,
        is_across=bool(languages) and asked_in not in languages,
        before=await _looked(one, world.champion),
        after=await _looked(one, world.candidate),
    )


async def _looked(one: Sought, retriever: Retriever) -> Look:
    """Search for it, as whoever asks it."""
    ((result, found),) = [both async for both in one.asker.looked_up([one.case], retriever)]
    says_no = float(found.answerability.calibrated < UNLIKELY)
    reader = one.asker.conversation(one.case).audience
    return Look(
        score=says_no if one.case.is_refused else result.scores[NDCG],
        seconds=result.scores["seconds"],
        leaked=sum(not ranked.chunk.audience.admits(reader) for ranked in found.chunks),
    )


def _part(name: str, some: Sequence[Compared]) -> Slice:
    """Some of the questions."""
    return Slice(
        name,
        tuple(one.cluster for one in some),
        tuple(one.before.score for one in some),
        tuple(one.after.score for one in some),
    )


def _p95(looks: Sequence[Look]) -> float:
    return float(np.percentile([one.seconds for one in looks], 95)) if looks else 1.0
