"""Answers that people put right, as examples for a prompt; never the one that is asked for."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from knowledge.articles import Audience
from knowledge.errors import UsageError
from knowledge.language import language_of_question
from knowledge.words import fold, terms
from pipelines.evaluation.cases import Case
from pipelines.evaluation.judging import says
from pipelines.models import Vectors
from pipelines.particulars import exact_parts, without_exact_parts
from pipelines.personas.examples import Example

SHOWN = 3
"""Nearest ones; each is some 60 tokens of every prompt."""
SAME = 0.95
"""Cosine from which two questions are one, as for rows to learn from."""
Embed = Callable[[Sequence[str]], Awaitable[Vectors]]


class NothingKnownError(UsageError):
    """Of no question it is known what would be right."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A question with the answer that people said was right.

    Attributes:
        readers: what is true of all before whom it was said; a model is shown it only where all of
            that is true of who reads its answer, as with what was said before in a conversation.
        kind: of question, as whoever keeps the questions names it.
    """

    question: str
    answer: str
    readers: Audience
    kind: str = ""


async def nearest(
    case: Case, reader: Audience, corrections: Sequence[Correction], embed: Embed
) -> tuple[Example, ...]:
    """The corrections that are nearest to a question, as turns of a prompt; the nearest last.

    Left out are the case's own one, whatever says what the case expects, and whatever asks the
    same in other words: with those a prompt would only repeat what it was told.

    Args:
        case: what is asked, with what is expected.
        reader: who reads the reply; what they may not read is no example for them.
        corrections: to choose from.
        embed: turns texts into vectors of length 1.
    """
    usable = [
        one
        for one in corrections
        if one.readers.principals <= reader.principals
        and fold(one.question) != fold(case.question)
        and not any(says(one.answer, fact) for fact in case.facts)
    ]
    if not usable:
        return ()
    vectors = await embed([case.question, *(one.question for one in usable)])
    near = np.asarray(vectors[1:] @ vectors[0])
    order = [n for n in np.argsort(-near, kind="stable") if near[n] < SAME]
    return tuple(_example(usable[n]) for n in reversed(order[:SHOWN]))


def _example(one: Correction) -> Example:
    language = language_of_question(one.question, "en")
    return Example(one.question, one.answer, passage=one.answer, language=language)


def correction_of(case: Case, readers: Audience) -> Correction | None:
    """What a table's row teaches: its facts in their first wording; None where it has none."""
    answer = " ".join(_sentence(wordings[0]) for wordings in case.facts)
    return Correction(case.question, answer, readers, case.kind) if answer else None


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def why_not(case: Case) -> str:
    """Why the grader cannot tell a right answer to this; empty where it can."""
    if case.expected == "anything":
        return "nobody has said what would be right: neither an answer nor a source"
    empty = [fact for fact in case.facts if not any(map(_has_content, fact))]
    if empty:
        return f"'{empty[0][0]}' has no word and no number that an answer could be compared with"
    return ""


def answerable(cases: Sequence[Case], table: Path) -> list[Case]:
    """Those of a table's questions whose answers can be graded.

    Raises:
        NothingKnownError: there is none.
    """
    if able := [one for one in cases if not why_not(one)]:
        return able
    raise NothingKnownError(
        f"Of no question in {table} it is known what would be right.",
        what_to_do="Fill in the column 'answer' or 'source': tertulia eval template",
    )


def _has_content(wording: str) -> bool:
    language = language_of_question(wording, "en")
    return bool(exact_parts(wording) or terms(without_exact_parts(wording), language))
