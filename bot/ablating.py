"""Answers a team's questions with one more of the four ways each time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.evaluating import Progress
from bot.places import readers
from bot.principals import is_person
from knowledge.text_files import file_name_of
from pipelines.evaluation.asking import Asker
from pipelines.evaluation.cases import Case, CaseSet
from pipelines.evaluation.table import read_table
from pipelines.learning.ablation import LABELS, RUNGS, Rung, Step, assistant, draw
from pipelines.learning.corrections import answerable
from pipelines.learning.counterfactuals import Parts

if TYPE_CHECKING:
    from bot.app import App


@dataclass(frozen=True, slots=True)
class Ablation:
    """What each way adds.

    Attributes:
        learnt: what serves besides the persona's file, by its place.
        chart: where it is drawn.
    """

    name: str
    persona: str
    steps: tuple[Step, ...]
    learnt: dict[str, str]
    chart: Path

    def as_json(self) -> dict[str, Any]:
        """The value that `tertulia learn ablation --json` prints."""
        return {
            "set": self.name,
            "persona": self.persona,
            "questions": len(self.steps[0].right),
            "steps": [one.as_json() for one in self.steps],
            "learnt": self.learnt,
            "chart": str(self.chart),
        }


async def ablated(
    app: "App", table: Path, persona: str, author: str, progress: Progress
) -> Ablation:
    """Ask every question of a table once with each set of ways.

    Raises:
        NothingKnownError: of no question it is known what would be right.
        TertuliaError: the table cannot be read, or nobody can answer.
    """
    cases = read_table(table, is_reader=is_person)
    able = answerable(cases.cases, table)
    steps = []
    async with app.cast.taken_apart(persona, learnt=False) as parts:
        for rung in RUNGS[:-1]:
            steps.append(await _step(rung, parts, able, author, progress))
    async with app.cast.taken_apart(persona) as parts:
        steps.append(await _step(RUNGS[-1], parts, able, author, progress))
    return await _drawn(app, cases, persona, steps)


async def _drawn(app: "App", cases: CaseSet, persona: str, steps: Sequence[Step]) -> Ablation:
    folder = app.settings.home.learning / "ablation"
    folder.mkdir(parents=True, exist_ok=True)
    chart = folder / f"{file_name_of(cases.name)}-{persona}.png"
    await draw(steps, f"{cases.name}, as {persona}", chart)
    learnt = dict((await app.cast.casting(persona)).learnt)
    return Ablation(cases.name, persona, tuple(steps), learnt, chart)


async def _step(
    rung: Rung, parts: Parts, cases: Sequence[Case], author: str, progress: Progress
) -> Step:
    persona = parts.persona
    asker = Asker(author, lambda principals: readers(*principals))
    asker = replace(asker, voice=persona.voice, only_language=persona.only_language)
    answering = assistant(rung, parts)
    found = []
    async for result in asker.answered(cases, answering, deadline_s=parts.deadline_s):
        found.append(result)
        progress(f"{LABELS[rung]}: {len(found)} of {len(cases)} asked ...")
    right = tuple(one.scores.get("right", 0.0) for one in found)
    return Step(rung, right, tuple(one.scores.get("seconds", 0.0) for one in found))
