"""`tertulia learn run`: from what people said to a candidate, or to the reason why there is none.

The cheapest way comes first: what triage says is missing from the knowledge is told and never
learnt; a prompt is looked for before any weight is touched; a model is tuned only where triage
asks for it, and has to be better than the best prompt. Whatever was made is measured beside what
serves now, and the gate decides. Without a gain, nothing changes, and the reason is told.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from bot.evaluating import Progress
from bot.jobs import RunStoppedError
from bot.learning_candidate import Bench, Draft, Made, judged_candidate
from bot.learning_material import Material, material
from bot.measuring import COUNT, measuring
from bot.pace import Between
from bot.prompt_candidate import prompt_candidate
from bot.refreshing import BY_HAND_WAIT_S
from bot.routing_candidate import routing_candidate
from bot.search_candidate import search_candidate
from bot.triaging import NothingToTriageError, Triage
from bot.triaging import Wish as TriageWish
from bot.tuned_candidate import tuned_candidate
from knowledge.errors import TertuliaError
from knowledge.leases import Lease, LeaseLostError
from pipelines.learning.sets import Wanted
from pipelines.learning.triage import SAMPLES, Kind, Summary, summed_up

if TYPE_CHECKING:
    from bot.app import App

LEASE, ROUTING = "learning", "routing"
NOTHING = Summary({}, {})
Learnt = TypeVar("Learnt")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be learnt.

    Attributes:
        by: who wants it; a person, or the schedule.
        persona: whose answers are looked at.
        count: questions for each of what must be kept.
        samples: answers for each test of triage.
        tuning: settings of the trainer.
        ways: that are tried whatever triage says; what it asks for where none is named.
        is_gradual: whether what passes is tried before it serves: first where nobody meets it.
    """

    by: str
    persona: str = "helpdesk"
    count: int = COUNT
    samples: int = SAMPLES
    tuning: Mapping[str, Any] = field(default_factory=dict)
    ways: tuple[str, ...] = ()
    is_gradual: bool = False


@dataclass(slots=True)
class Outcome:
    """What a run came to.

    Attributes:
        rows: how many there were to learn from, to measure with, and left out, by the reason.
        triage: what was wrong with the answers that people put right.
        made: candidates with what the gate says.
        reasons: why there is no candidate, or no other one.
    """

    rows: dict[str, Any] = field(default_factory=dict)
    triage: Summary = NOTHING
    made: list[Made] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The value that `tertulia learn run --json` prints."""
        return {
            "rows": self.rows,
            "triage": {"kinds": dict(self.triage.kinds), "ways": dict(self.triage.ways)},
            "candidates": [one.as_json() for one in self.made],
            "no_candidate_because": self.reasons,
        }


async def learn(
    app: "App", wish: Wish, progress: Progress, between: Between | None = None
) -> Outcome:
    """Look at what people said, and make of it what measures better; one at a time.

    Args:
        app: the team's own.
        wish: what is to be learnt.
        progress: is told how far it is.
        between: awaited between two pieces of work; by default whoever asks goes first.

    Raises:
        RunStoppedError: `between` says so.
        LeaseTakenError: somebody else is at it.
        TertuliaError: nothing can be looked at, or nobody can answer.
    """
    return await alone(app, between, lambda go_on: _Learning(app, wish, progress, go_on).run())


async def alone(
    app: "App", between: Between | None, work: Callable[[Between], Awaitable[Learnt]]
) -> Learnt:
    """Do what only one may do at a time; between its pieces others go first, and it may end.

    Raises:
        LeaseTakenError: somebody else is at it.
    """

    async def led(lease: Lease) -> Learnt:
        async def go_on() -> None:
            await (between or app.pace.pause)()
            await lease.check()

        return await work(go_on)

    return await (await app.leases()).alone(LEASE, led, wait_s=BY_HAND_WAIT_S)


class _Learning:
    def __init__(self, app: "App", wish: Wish, progress: Progress, between: Between) -> None:
        self._app, self._wish, self._progress, self._between = app, wish, progress, between
        self._outcome = Outcome()

    async def run(self) -> Outcome:
        found = self._outcome
        self._progress("Making rows of what people said ...")
        await self._app.learning.mine()
        known = await material(self._app, Wanted())
        found.rows = _counted(known)
        if not known.chosen.train:
            found.reasons.append(_no_rows(known))
            return found
        if not self._wish.ways:
            found.triage = await self._triaged()
        if missing := found.triage.kinds.get("knowledge", 0):
            found.reasons.append(
                f"For {missing} questions the knowledge has no answer; that is never learnt. "
                "Add pages: tertulia learn triage names the questions."
            )
        if wanted := self._wanted():
            await self._made(known, wanted)
        else:
            found.reasons.append("Triage asks for nothing that could be learnt.")
        return found

    def _wanted(self) -> list[str]:
        """The ways to try, the cheapest first."""
        found = self._outcome.triage.kinds
        asked_for = [way for way, kinds in _FOR.items() if any(found.get(one) for one in kinds)]
        return [way for way in _FOR if way in (self._wish.ways or asked_for)]

    async def _triaged(self) -> Summary:
        """What is wrong with the answers that people put right."""
        wish = TriageWish(None, self._wish.by, self._wish.persona, self._wish.samples, keeps=True)
        try:
            outcome = await Triage(self._app, wish, self._between).run(self._progress)
        except NothingToTriageError:
            return NOTHING
        if outcome.is_interrupted:
            raise asyncio.CancelledError
        return summed_up([row.verdict for row in outcome.sheet.rows])

    async def _made(self, known: Material, ways: Sequence[str]) -> None:
        """Try each way, and have the gate judge what it makes."""
        async with AsyncExitStack() as stack:
            asker, asked = await stack.enter_async_context(
                measuring(self._app, self._wish.count, self._progress, self._between)
            )
            asked = known.asked(asked, self._wish.count)
            now = await self._app.cast.casting(self._wish.persona)
            by, progress = self._wish.by, self._progress
            bench = Bench(self._app, by, known, asker, asked, now, progress, self._between)
            bench.is_gradual = self._wish.is_gradual
            for way in ways:
                await self._between()
                try:
                    made = await _drafted(way, bench, self._wish)
                    self._outcome.made.append(await judged_candidate(bench, made))
                except (RunStoppedError, LeaseLostError):
                    raise
                except TertuliaError as error:
                    self._outcome.reasons.append(f"No {way}: {error}")
                bench.has_sought_prompt |= way == "prompt"


def _counted(known: Material) -> dict[str, Any]:
    chosen = known.chosen
    return {
        "learnt_from": len(chosen.train),
        "replayed": len(chosen.replay),
        "measuring": len(known.target),
        "left_out": dict(chosen.left_out),
        "set": known.made.id,
    }


def _no_rows(known: Material) -> str:
    left_out = ", ".join(f"{count} {why}" for why, count in known.chosen.left_out.most_common())
    return f"There is no row to learn from{f' ({left_out} left out)' if left_out else ''}."


async def _drafted(way: str, bench: Bench, wish: Wish) -> Draft:
    """What a way makes, not yet measured."""
    if way == "search":
        return await search_candidate(bench, wish.tuning)
    if way == ROUTING:
        return await routing_candidate(bench, wish.tuning)
    if way == "prompt":
        return await prompt_candidate(bench)
    return await tuned_candidate(bench, way, wish.tuning)


_FOR: Mapping[str, tuple[Kind, ...]] = {
    # First, as it takes seconds: what comes later is measured with what is found by then.
    "search": ("retrieval",),
    # Nobody complains of what took too long: it is looked for at night, or by who names it.
    ROUTING: (),
    "prompt": ("prompt", "distractors", "tuning", "preference"),
    "reading": ("distractors",),
    "tuning": ("tuning",),
    "liking": ("preference",),
}
"""What triage has to find for a way to be tried, the cheapest way first."""
WAYS = tuple(_FOR)
