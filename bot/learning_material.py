"""What learning has to work with: rows to learn from, and questions of people that measure it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import TYPE_CHECKING

from bot.measuring import Asked
from bot.triaging import failing_of
from knowledge.articles import EVERYONE, Audience
from knowledge.conversations import Feedback
from knowledge.learning_examples import Example, MadeSet
from knowledge.rated_answers import RatedAnswers
from pipelines.evaluation.cases import Case
from pipelines.learning.corrections import why_not
from pipelines.learning.counterfactuals import Failing
from pipelines.learning.measuring import Clue, clues, frequent
from pipelines.learning.pairs import is_held
from pipelines.learning.sets import Chosen, Wanted

if TYPE_CHECKING:
    from bot.app import App


_PLACEHOLDER = re.compile(r"\[[A-Z]+(?:_[A-Z]+)*_\d+\]")


@dataclass(frozen=True, slots=True)
class Question:
    """A question of people with what they say is right, from a row.

    Attributes:
        row: its id.
        conversation: where it was asked: questions of one are right or wrong together.
        pages: that a right answer to it rests on; none where that is not known.
    """

    failing: Failing
    row: str
    conversation: str
    pages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Material:
    """Rows of a set that was written, and the questions behind them.

    Attributes:
        made: the set, by which those are found that were made of a row which is forgotten.
        known: questions behind rows that are learnt from.
        target: questions behind rows that measure, and that nobody learns from.
        clues: what could leak of the rows.
    """

    chosen: Chosen
    made: MadeSet
    known: tuple[Question, ...] = ()
    target: tuple[Question, ...] = ()
    clues: tuple[Clue, ...] = ()
    conversations: dict[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> frozenset[str]:
        """The ids of those that are learnt from."""
        return frozenset(one.id for one in self.chosen.train)

    def asked(self, usual: Asked, count: int) -> Asked:
        """What contenders are asked, questions of people and of rows included.

        Args:
            usual: what all are asked.
            count: questions for each of what must be kept; ten times as many rows are probed.
        """
        probed = self.clues[:: ceil(len(self.clues) / (10 * count)) or 1]
        return replace(
            usual,
            target=[one.failing for one in self.target],
            clues=probed,
            words=frequent(self.chosen.train),
        )


async def material(app: "App", wanted: Wanted) -> Material:
    """Write a set, and find the questions behind its rows.

    Raises:
        SetUnwritableError: it cannot be written.
    """
    chosen, made = await app.learning.give_out(wanted, None)
    known = await _questions(app, chosen.train)
    target = await _questions(app, chosen.evaluate)
    texts = [(one, await _passages(app, one)) for one in chosen.train]
    conversations = {one.failing.case.id: one.conversation for one in target}
    return Material(chosen, made, known, target, tuple(clues(texts)), conversations)


async def _questions(app: "App", rows: Sequence[Example]) -> tuple[Question, ...]:
    """The questions of which a grader can tell a right answer, each once."""
    answers = RatedAnswers(await app.database())
    found = {}
    for row in rows:
        question = await _question(row, answers)
        if question and not why_not(question.failing.case):
            found[question.failing.case.id] = question
    return tuple(found.values())


async def _question(row: Example, answers: RatedAnswers) -> Question | None:
    """As it was asked, where it is still kept; else in the words of the row."""
    name = row.provenance.get("answer")
    if name is None:
        case = Case(question=row.question, facts=((row.target,),))
        return Question(Failing(case, Audience.of(EVERYONE)), row.id, row.id)
    one = await answers.one(name)
    if one is None:
        return None
    if _PLACEHOLDER.search(row.target):
        return None  # the true answer has a name there
    # What the curator approved, and not what anybody said.
    said = Feedback(name, row.curator, "down", better=row.target)
    failing = failing_of(one, said, await answers.before(one))
    pages = _pages(row) if is_held(row) else ()
    return Question(failing, row.id, one.recorded.conversation, pages)


def _pages(row: Example) -> tuple[str, ...]:
    """The pages of the passages that a row rests on."""
    known = row.provenance.get("passages", ())
    return tuple(sorted({one["article"] for one in known if not one.get("is_beside")}))


async def _passages(app: "App", row: Example) -> str:
    """The text of the passages that a row rests on."""
    articles = sorted({one["article"] for one in row.provenance.get("passages", ())})
    found = await (await app.retriever()).passages(articles, row.audience)
    return "\n".join(one.text for one in found.values())
