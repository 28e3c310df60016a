"""Finds out, for questions that were answered wrongly, which change would put them right."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.app import App
from bot.pace import Between
from bot.places import readers
from bot.principals import is_person
from bot.refreshing import BY_HAND_WAIT_S
from knowledge.articles import Audience
from knowledge.conversations import Feedback
from knowledge.errors import UsageError
from knowledge.learning_examples import LearningExamples
from knowledge.rated_answers import RatedAnswer, RatedAnswers
from knowledge.sentences import sentences
from knowledge.text_files import file_name_of
from knowledge.words import fold
from pipelines.evaluation.cases import Case, Said
from pipelines.evaluation.judging import plain
from pipelines.evaluation.table import read_table
from pipelines.learning import triage_chart
from pipelines.learning.corrections import Correction, answerable, correction_of, why_not
from pipelines.learning.counterfactuals import Failing, Found, Laboratory, Parts, says_all
from pipelines.learning.triage import SAMPLES, Approved, Evidence, Test, judged
from pipelines.learning.triage_sheet import Judged, Sheet
from pipelines.particulars import exact_parts

LEASE = "triage"
TURNS = "rated answers"
NEEDS = "tool:"
"""With this begins the kind of a question that needs the tool which follows."""
GONE = "it is gone: somebody has deleted the question, or likes the answer by now"
Progress = Callable[[str], None]


class NothingToTriageError(UsageError):
    """There is no question of which anything can be found out."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is looked into.

    Attributes:
        path: a table of questions; None for the answers that people put right.
        author: who looks into it; also who asks where a table does not say it.
        samples: answers for each test.
        keeps: whether cases that were looked into stay so while nothing else has changed.
    """

    path: Path | None
    author: str
    persona: str = "helpdesk"
    samples: int = SAMPLES
    keeps: bool = False


@dataclass(slots=True)
class Batch:
    """Questions to look into.

    Attributes:
        names: of the cases, in order.
        tables: the cases of a table, by name; others are read when their turn comes.
        corrections: that a prompt may be made of.
        approved: how many corrections there are of each kind.
        opinions: how many there are, one a person and answer, and of how many people.
        fingerprint: changes with what is asked and expected; empty where that is read later.
    """

    name: str
    names: tuple[str, ...]
    tables: dict[str, Failing] = field(default_factory=dict)
    corrections: tuple[Correction, ...] = ()
    approved: Counter[str] = field(default_factory=Counter[str])
    opinions: tuple[int, int] = (0, 0)
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found, and whether somebody stopped it."""

    sheet: Sheet
    is_interrupted: bool = False

    def as_json(self) -> dict[str, Any]:
        """The value that `tertulia learn triage --json` prints."""
        sheet = self.sheet
        return {
            **sheet.about,
            **sheet.value(),
            "is_complete": not self.is_interrupted,
            "chart": str(sheet.chart) if sheet.chart.exists() else None,
            "cases": [row.as_json() for row in sheet.rows],
        }


class Triage:
    """Looks into one question after the other; whoever stops it keeps what was found so far.

    Args:
        between: awaited before every question; by default whoever asks goes first.
    """

    def __init__(self, app: App, wish: Wish, between: Between | None = None) -> None:
        self._app, self._wish = app, wish
        self._between = between or app.pace.pause
        self._curator = readers(wish.author)
        self._sheet: Sheet | None = None

    async def run(self, progress: Progress) -> Outcome:
        """Find out what would help, and draw it.

        Raises:
            NothingToTriageError, NothingKnownError: there is nothing to look into.
            LeaseTakenError: somebody else is at it.
            TertuliaError: the table cannot be read, or nobody can answer.
        """
        batch = await self._batch()

        async def work(_: object) -> Outcome:
            async with self._app.cast.taken_apart(self._wish.persona) as parts:
                self._sheet = await self._opened(batch, parts)
                return await self._through(batch, parts, self._sheet, progress)

        leases = await self._app.leases()
        try:
            return await leases.alone(LEASE, work, wait_s=BY_HAND_WAIT_S)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if self._sheet is None or task is None or task.uncancel() > 0:
                raise  # nothing was begun, or somebody else wants this to end, too
            return Outcome(self._sheet, is_interrupted=True)

    async def _batch(self) -> Batch:
        if self._wish.path is None:
            batch = await self._of_turns()
        else:
            batch = await asyncio.to_thread(self._of_table, self._wish.path)
        if not batch.names:
            raise NothingToTriageError(
                "Nobody has said yet of an answer what would have been right.",
                what_to_do="Name a table of questions: tertulia learn triage questions.csv",
            )
        return batch

    def _of_table(self, path: Path) -> Batch:
        cases = read_table(path, is_reader=is_person)
        known = {one.id: self._of_case(one) for one in cases.cases}
        answerable(cases.cases, path)
        made = [correction_of(one.case, one.reader) for one in known.values()]
        corrections = tuple(one for one in made if one)
        kinds = Counter[str](one.kind for one in corrections)
        return Batch(
            path.stem, tuple(known), known, corrections, kinds, fingerprint=cases.fingerprint
        )

    def _of_case(self, case: Case) -> Failing:
        who = case.readers or (self._wish.author,)
        return Failing(case, readers(*who), tool=case.kind.partition(NEEDS)[2])

    async def _of_turns(self) -> Batch:
        rated = await (await self._answers()).all()
        names = [one.recorded.reference for one in rated if any(f.better for f in one.feedback)]
        examples = await LearningExamples(await self._app.database()).all("approved")
        approved = [one for one in examples if one.is_corrected]
        told = [_correction(one, said) for one in rated if (said := one.correction)]
        # Approved ones may be shown to whoever may read their passages: more people.
        told += [Correction(one.question, one.target, one.audience, one.kind) for one in approved]
        corrections = tuple({fold(one.question): one for one in told}.values())
        kinds = Counter[str](one.kind for one in approved)
        voters = [f.author for one in rated for f in {f.author: f for f in one.feedback}.values()]
        opinions = (len(voters), len(set(voters)))
        return Batch(TURNS, tuple(names), {}, corrections, kinds, opinions)

    async def _answers(self) -> RatedAnswers:
        return RatedAnswers(await self._app.database())

    async def _opened(self, batch: Batch, parts: Parts) -> Sheet:
        state = await self._app.index.state()
        about = {
            "set": batch.name,
            "questions": batch.fingerprint,
            "persona": parts.persona.name,
            "prompt_version": parts.persona.version,
            "model": parts.model.name,
            "passages": state.chunks,
            "author": self._wish.author,
            "samples": self._wish.samples,
        }
        folder = self._app.settings.home.learning / "triage" / file_name_of(batch.name)
        return await asyncio.to_thread(Sheet.open, folder, about, keeps=self._wish.keeps)

    async def _through(
        self, batch: Batch, parts: Parts, sheet: Sheet, progress: Progress
    ) -> Outcome:
        laboratory = Laboratory(parts, batch.corrections, self._curator, self._wish.samples)
        known = {row.id for row in sheet.rows}
        sheet.rows[:] = [row for row in sheet.rows if row.id in batch.names]
        for number, name in enumerate(batch.names, 1):
            await self._between()
            if name not in known:
                await self._case(name, batch, laboratory, sheet)
            progress(f"{number} of {len(batch.names)} looked into ...")
        await asyncio.to_thread(sheet.finish)
        await triage_chart.draw(sheet)
        return Outcome(sheet)

    async def _case(self, name: str, batch: Batch, laboratory: Laboratory, sheet: Sheet) -> None:
        failing, is_told = await self._failing(name, batch)
        if failing is None:
            sheet.left_out[name] = GONE
        elif why := why_not(failing.case):
            sheet.left_out[failing.case.question if is_told else name] = why
        else:
            approved = Approved(batch.approved[failing.case.kind], *batch.opinions)
            evidence, found = await measured(failing, laboratory, approved)
            question = failing.case.question if is_told else ""
            row = Judged(name, question, judged(evidence), evidence.shares, found.gold.rank)
            await asyncio.to_thread(sheet.add, row)

    async def _failing(self, name: str, batch: Batch) -> tuple[Failing | None, bool]:
        """A case as it is now, and whether whoever looks into it may read its question."""
        if name in batch.tables:
            return batch.tables[name], True
        answers = await self._answers()
        one = await answers.one(name)
        said = one.correction if one else None
        if one is None or said is None:
            return None, False
        failing = failing_of(one, said, await answers.before(one))
        return failing, one.recorded.was_told_to(self._curator)


async def measured(
    failing: Failing, laboratory: Laboratory, approved: Approved
) -> tuple[Evidence, Found]:
    """All that can be found out of one case.

    What the asker may not read is not asked for, and what is answered rightly needs no tests.
    """
    found = await laboratory.found(failing)
    shares: dict[Test, float] = {}
    was_right = says_all(failing.case, failing.disliked)
    evidence = Evidence(failing.case.expected, found.gold, shares, approved, was_right)
    if evidence.lacks_knowledge and found.gold.is_closed:
        return evidence, found
    shares["unchanged"] = await laboratory.share("unchanged", failing, found)
    if not evidence.is_right("unchanged"):
        for test in laboratory.tests(found, failing):
            shares[test] = await laboratory.share(test, failing, found)
    return evidence, found


def failing_of(one: RatedAnswer, said: Feedback, before: tuple[tuple[str, bool], ...]) -> Failing:
    """A kept answer as a question with what is expected: what somebody says would be right."""
    case = Case(
        question=one.question.text,
        facts=facts_of(said.better),
        readers=(one.recorded.asker,),
        kind="style" if said.fault == "style" else "answer",
        before=tuple(Said(text, is_ours) for text, is_ours in before),
    )
    return Failing(case, Audience(one.recorded.readers), disliked=one.recorded.text)


def facts_of(better: str) -> tuple[tuple[str, ...], ...]:
    """What of somebody's words an answer has to say.

    That is the sentences with numbers, codes or dates: these themselves, in other words around them
    as well. Where there are none, all sentences.
    """
    said = sentences(plain(better)) or [better]
    exact = tuple(tuple(dict.fromkeys((one, _core(one)))) for one in said if exact_parts(one))
    return exact or tuple((one,) for one in said)


def _core(sentence: str) -> str:
    """From the first number or code of a sentence to the word behind the last one."""
    words = sentence.split()
    places = [n for n, word in enumerate(words) if exact_parts(word)]
    return " ".join(words[places[0] : places[-1] + 2]).strip(".,;:!?¡¿") if places else sentence


def _correction(one: RatedAnswer, said: Feedback) -> Correction:
    readers = Audience(one.recorded.readers)
    return Correction(one.question.text, plain(said.better), readers, said.fault)
