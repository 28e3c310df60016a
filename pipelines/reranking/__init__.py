"""Second opinions on the best chunks of a search: the contract, and how a setting names one.

A reranker is a file `pipelines/reranking/<name>.py` with `build(model) -> Reranker`; one that must
not ask the model that answers says so with `NEEDS_ITS_MODEL`. None is used unless a setting names
it, as `NAME` or `NAME:MODEL`: the search is good without, and every opinion takes time.
"""

import pkgutil
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import Protocol

import numpy as np
import structlog

from knowledge.articles import Chunk
from knowledge.errors import TertuliaError, suggestion
from pipelines.models import ChatModel, choosing
from pipelines.ranking import Candidate, place

RERANKED = 8
"""Chunks that are looked at again; more would cost more time than they bring."""
WEIGHT = 0.1
"""Of the reranker's score, 0 to 1: about the distance between the first and the tenth chunk."""

log = structlog.get_logger(__name__)


class Reranker(Protocol):
    """Says how well chunks answer a question."""

    async def scores(self, question: str, chunks: Sequence[Chunk]) -> list[float]:
        """0 to 1 for each chunk, in their order.

        Raises:
            TertuliaError: it cannot be asked now.
        """


def names() -> list[str]:
    """The rerankers there are, in alphabetical order."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def parts(setting: str) -> tuple[str, str]:
    """The name in a setting, and the model that is asked; empty for the one that answers."""
    name, _, model = setting.strip().partition(":")
    return name.strip().lower(), model.strip()


def problem_with(setting: str) -> str | None:
    """What is wrong with a setting and what would be right; None if nothing is."""
    name, model = parts(setting)
    if name not in names():
        return f"'{name}' is not known. {suggestion(name, names())}"
    if model:
        return choosing.problem_with(model, "chat")
    if getattr(_file(name), "NEEDS_ITS_MODEL", False):
        return f"'{name}' names no model. Right: {name}:embedded:BASE+ADAPTER"
    return None


def load(name: str, model: ChatModel) -> Reranker:
    """The reranker of this name, which asks this model."""
    reranker: Reranker = _file(name).build(model)
    return reranker


def _file(name: str) -> ModuleType:
    return import_module(f"{__name__}.{name}")


async def reranked(
    question: str, order: Sequence[Candidate], reranker: Reranker
) -> list[Candidate]:
    """Ranked candidates, the first ones in the order of both opinions.

    Args:
        question: as it is searched.
        order: best first; the scores of the first ones are changed.
        reranker: who is asked about the first ones; while it cannot be asked, the order stays.
    """
    best, rest = list(order[:RERANKED]), order[RERANKED:]
    try:
        scores = await reranker.scores(question, [c.chunk for c in best]) if best[1:] else [0.0]
    except TertuliaError as error:
        log.warning("not reranked", reason=type(error).__name__)
        return list(order)
    usual = float(np.mean(scores))
    for candidate, score in zip(best, scores, strict=False):
        candidate.score += WEIGHT * (score - usual)
    return [*sorted(best, key=place), *rest]
