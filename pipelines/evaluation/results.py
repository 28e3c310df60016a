"""What came of one question, and the scores that are kept of it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import log2
from typing import Any

from knowledge.articles import Audience
from knowledge.conversations import Answer
from pipelines.evaluation.cases import Case
from pipelines.evaluation.judging import held, in_right_language, is_source, ranks, says
from pipelines.personas.voice import Voice
from pipelines.voices import breaks

DEEPEST = 10
"""Pages of a search that count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One question and what was measured; a row of `results.jsonl`.

    Attributes:
        id: of the case, to pair it with the same question in another run.
        scores: by the name of a metric; those that mean nothing for this question are missing.
        found: articles that the search found, best first, each once.
        missing: facts that the answer does not state.
        error: the kind of the failure; empty where an answer was given or honestly withheld.
    """

    id: str
    question: str
    kind: str
    language: str
    expected: str
    scores: Mapping[str, float]
    answer: str = ""
    reason: str | None = None
    cited: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        """The row as it is written."""
        scores = {name: round(value, 4) for name, value in self.scores.items()}
        return asdict(self) | {"scores": scores}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Result":
        """The row as it was written; fields that later versions add are left out."""
        known = {key: value[key] for key in cls.__dataclass_fields__ if key in value}
        for key in ("cited", "found", "missing"):
            known[key] = tuple(known.get(key, ()))
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of a search.

    Attributes:
        articles: their ids with their addresses, best first.
    """

    articles: Mapping[str, str] = field(default_factory=dict)

    def scores(self, case: Case) -> dict[str, float]:
        """Whether a wanted page comes first, and nDCG of the first ten."""
        if not case.sources:
            return {}
        places = ranks(case.sources, list(self.articles.items())[:DEEPEST])
        best = sum(1 / log2(n + 2) for n in range(min(len(case.sources), DEEPEST)))
        gained = sum(1 / log2(place + 2) for place in places)
        return {"hit_at_1": float(0 in places), "ndcg_at_10": gained / best}


def of_search(case: Case, pages: Pages, seconds: float) -> Result:
    """The result of a search alone."""
    scores = pages.scores(case) | {"seconds": seconds}
    return _result(case, scores, found=tuple(pages.articles))


def of_failure(case: Case, error: str, seconds: float) -> Result:
    """The result of a question that got no answer in so many seconds: nothing of it is right."""
    scores = {"failed": 1.0, "seconds": seconds}
    if case.expected != "anything":
        scores["right"] = 0.0
    if case.is_refused:
        scores["refusals"] = 0.0
    if case.facts:
        scores["facts"] = 0.0
    if case.sources:
        scores["sources"] = 0.0
    return _result(case, scores, error=error)


NO_VOICE = Voice()


def of_answer(
    case: Case,
    answer: Answer,
    *,
    reader: Audience,
    seconds: float,
    voice: Voice = NO_VOICE,
    only_language: str = "",
) -> Result:
    """The result of an answer.

    Args:
        case: what was asked.
        answer: what was answered.
        reader: who reads it.
        seconds: that it took.
        voice: of the persona; it counts where there is one.
        only_language: the only one of the persona; empty where it follows the asker.
    """
    pages = Pages({use.article: use.url for use in answer.receipt.chunks})
    missing = tuple(fact[0] for fact in case.facts if not _said(fact, answer))
    scores = pages.scores(case) | _of_manners(case, answer, reader, only_language)
    scores |= {"seconds": seconds, "failed": 0.0}
    scores |= {f"tokens_{name}": float(n) for name, n in answer.receipt.tokens.items()}
    scores |= _of_content(case, answer, missing)
    if voice and not answer.abstained:
        scores["voice"] = float(not breaks(answer.text, voice, only_language or answer.language))
    return _result(
        case,
        scores,
        answer=answer.text,
        reason=answer.reason,
        cited=tuple(dict.fromkeys(article for article, _ in _cited(answer))),
        found=tuple(pages.articles),
        missing=missing,
    )


def _said(fact: tuple[str, ...], answer: Answer) -> bool:
    return not answer.abstained and says(answer.text, fact)


def _cited(answer: Answer) -> list[tuple[str, str]]:
    """Articles and addresses that an answer rests on; not those that say otherwise."""
    otherwise = {dissent.n for dissent in answer.dissents}
    return [(c.chunk.article, c.chunk.url) for c in answer.citations if c.n not in otherwise]


def _of_content(case: Case, answer: Answer, missing: tuple[str, ...]) -> dict[str, float]:
    """Whether what is expected was said."""
    if case.is_refused:
        return {"refusals": float(answer.abstained), "right": float(answer.abstained)}
    if case.expected == "anything":
        return {}
    scores = {"false_refusals": float(answer.abstained)}
    if case.facts:
        scores["facts"] = 1 - len(missing) / len(case.facts)
    if case.sources:
        cited = _cited(answer)
        scores["sources"] = float(any(is_source(s, *one) for s in case.sources for one in cited))
    is_right = not answer.abstained and not missing and scores.get("sources", 1.0) == 1
    return scores | {"right": float(is_right)}


def _of_manners(
    case: Case, answer: Answer, reader: Audience, only_language: str
) -> dict[str, float]:
    """What must hold of every answer, whatever it says."""
    if answer.abstained:
        return {}
    in_language = in_right_language(answer.text, case.question, only_language or case.language)
    scores = {"language": float(in_language)}
    if answer.receipt.chunks or answer.citations:  # small talk rests on nothing
        holds = held(answer, case.question, reader)
        scores["citations_hold"] = sum(holds) / len(holds) if holds else 0.0
    return scores


def _result(case: Case, scores: Mapping[str, float], **more: Any) -> Result:  # noqa: ANN401 (passed on)
    return Result(
        id=case.id,
        question=case.question,
        kind=case.kind,
        language=case.language,
        expected=case.expected,
        scores=scores,
        **more,
    )
