"""A candidate on its way: made, measured beside what serves, judged, reported, perhaps promoted."""

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from bot.evaluating import Progress
from bot.learning_material import Material
from bot.measuring import Asked, Measuring
from bot.pace import Between
from knowledge.candidate import Candidate, State
from knowledge.candidates import Candidates, StateError, UnknownCandidateError
from knowledge.hashing import sha256_of
from knowledge.text_files import write_whole
from pipelines.current import Casting
from pipelines.evaluation.results import Result
from pipelines.learning import report
from pipelines.learning.evidence import Evidence, Slice
from pipelines.learning.gate import Verdict, is_no_gain, judged
from pipelines.learning.measuring import Measured, harm, kept, serving, target
from pipelines.learning.registry import VERDICT, NotAllowedError, Registry
from pipelines.learning.trainers import NoCandidateError

if TYPE_CHECKING:
    from bot.app import App

PEOPLE = "questions that people rated"
NOT_SOUGHT = "nobody has looked for a better prompt, which a tuned model must beat"


class Draft(Protocol):
    """Something that was made and has not been measured."""

    @property
    def candidate(self) -> Candidate:
        """As it will be kept; `set` of what is known of it names the rows that it was made of."""

    @property
    def rows(self) -> frozenset[str]:
        """The ids of those that it has learnt from."""

    async def judged(self, bench: "Bench") -> tuple[Verdict, list[report.Sample]]:
        """What the gate says of it, and what it changes.

        Raises:
            TertuliaError: it cannot be asked.
        """


@dataclass(frozen=True, slots=True)
class Answering:
    """A prompt or a model: a `Draft` that is measured by its answers.

    Attributes:
        casting: who answers with it.
        agreement: share of pieces that are served as they were trained; 1 where nothing was.
        larger: what it takes of memory beside what serves now, relative to that.
        forgotten: nats a token; None where no weights were changed.
    """

    candidate: Candidate
    rows: frozenset[str]
    casting: Casting
    agreement: float = 1.0
    larger: float = 0.0
    forgotten: float | None = None

    async def judged(self, bench: "Bench") -> tuple[Verdict, list[report.Sample]]:
        """It is asked what was asked of what serves now."""
        before = await bench.measured_champion()
        after = await bench.asker.of(self.candidate.name, self.casting, bench.asked)
        clusters = bench.known.conversations
        is_prompt = self.casting.model == bench.now.model
        prompted = None
        if not is_prompt:
            best = await bench.measured_prompt()
            prompted = target(best, after.target, clusters, PEOPLE)
        evidence = Evidence(
            target=target(before.target, after.target, clusters, PEOPLE),
            prompted=prompted,
            kept=kept(before, after),
            harm=harm(before, after, bench.asked.clues),
            serving=serving(before, after, agreement=self.agreement, larger=self.larger),
            forgotten=self.forgotten,
            vetoes=() if is_prompt or bench.has_sought_prompt else (NOT_SOUGHT,),
        )
        verdict = judged(evidence)
        if verdict.open:
            more = await bench.further(self.candidate.name, self.casting, verdict.open)
            verdict = judged(evidence.further(more))
        return verdict, samples(before, after)

    async def is_refused_as_itself(self, bench: "Bench") -> bool:
        """Whether the same, asked twice, is no gain."""
        asked = bench.asked.target
        once = await bench.asker.target(self.casting, asked)
        twice = await bench.asker.target(self.casting, asked)
        same = target(once, twice, bench.known.conversations, PEOPLE)
        return is_no_gain(same)


@dataclass(frozen=True, slots=True)
class Made:
    """A candidate, what the gate says of it, and what became of it."""

    candidate: Candidate
    verdict: Verdict
    report: Path
    state: State = "trained"

    @property
    def serves(self) -> bool:
        """Whether everybody is answered with it from now on."""
        return self.state == "champion"

    def as_json(self) -> dict[str, Any]:
        """As `tertulia learn run --json` prints it."""
        failed = [
            {"name": one.name, "measured": one.measured, "rule": one.rule, "missing": one.missing}
            for one in self.verdict.failed
        ]
        return {
            "name": self.candidate.name,
            "place": self.candidate.place,
            "passes": self.verdict.passes,
            "failed": failed,
            "report": str(self.report),
            "state": self.state,
            "serves": self.serves,
        }


@dataclass(slots=True)
class Bench:
    """What candidates are made and measured with, in one run.

    Attributes:
        now: who answers at this moment.
        between: awaited between two pieces of work.
        prompted: the same model with the best prompt that was found.
        has_sought_prompt: whether one was looked for.
        has_promoted: whether something serves since this run: what is measured later is measured
            beside what served before, and waits for a person.
        is_gradual: whether what passes is tried before it serves.
        champion: what `now` answered, once it was asked.
    """

    app: "App"
    by: str
    known: Material
    asker: Measuring
    asked: Asked
    now: Casting
    progress: Progress
    between: Between
    prompted: Casting | None = None
    champion: Measured | None = None
    has_sought_prompt: bool = False
    has_promoted: bool = False
    is_gradual: bool = False
    _best: list[Result] = field(default_factory=list)
    _further: dict[tuple[str, ...], Measured] = field(default_factory=dict)

    async def measured_champion(self) -> Measured:
        """What serves now, asked once."""
        if self.champion is None:
            self.champion = await self.asker.of("what serves now", self.now, self.asked)
        return self.champion

    async def measured_prompt(self) -> list[Result]:
        """Answers to the target with the best prompt that was found, asked once."""
        if self.prompted is None:
            return (await self.measured_champion()).target
        if not self._best:
            self._best = await self.asker.target(self.prompted, self.asked.target)
        return self._best

    async def further(self, name: str, casting: Casting, slices: tuple[str, ...]) -> list[Slice]:
        """More questions about these, asked of what serves now and of a candidate."""
        self.progress(f"{name}: more questions have to tell: {', '.join(slices)}")
        asker, asked = await self.asker.further()
        some = asked.about(slices)
        if slices not in self._further:
            self._further[slices] = await asker.of("what serves now", self.now, some)
        after = await asker.of(name, casting, some)
        return [one for one in kept(self._further[slices], after) if one.name in slices]


async def judged_candidate(bench: Bench, draft: Draft) -> Made:
    """Measure what was made, have the gate judge, write the report, and let it serve if it may.

    Raises:
        NoCandidateError: just this was measured before.
        TertuliaError: it cannot answer.
    """
    candidates = Candidates(await bench.app.database())
    name = draft.candidate.name
    # First: whatever happens from here on, it is known what stands in which file.
    await _noted(candidates, draft, bench)
    verdict, samples = await draft.judged(bench)
    await _check_rows(draft, bench)
    registry = Registry(candidates)
    await registry.judge(name, verdict, by=bench.by)
    path = folder_of(bench.app, name) / "report.md"
    write_whole(path, report.written(draft.candidate, verdict, samples))
    if verdict.passes and not bench.has_promoted:
        await _brought_on(registry, name, is_gradual=bench.is_gradual)
    made = Made(draft.candidate, verdict, path, (await candidates.one(name)).state)
    bench.has_promoted |= made.serves
    return made


async def _noted(candidates: Candidates, draft: Draft, bench: Bench) -> None:
    """Write it down; one that an earlier run has not come to judge is gone on with."""
    name = draft.candidate.name
    if await is_new(candidates, name):
        await candidates.add(draft.candidate, by=bench.by, reason="made of what people said")
        await (await bench.app.learning.kept()).made_of(draft.candidate.about["set"], name)


async def is_new(candidates: Candidates, name: str) -> bool:
    """Whether nobody has written it down; an earlier run may have, and not come to judge it.

    Raises:
        NoCandidateError: just this was measured before.
    """
    try:
        one = await candidates.one(name)
    except UnknownCandidateError:
        return True
    if VERDICT in one.about or one.state != "trained":
        raise NoCandidateError(
            f"nothing new: {name} was measured already, and is {one.state}.",
            what_to_do="Another one is made once there are other rows.",
        )
    return False


async def _check_rows(draft: Draft, bench: Bench) -> None:
    """Refuse what rests on a row that somebody has taken back meanwhile."""
    # What people voted on may be learnt from before a curator has seen it.
    kept = await (await bench.app.learning.kept()).all("approved", "waiting")
    if gone := draft.rows - {one.id for one in kept}:
        await bench.app.learning.take_out(draft.candidate.name, gone)
        raise NoCandidateError(
            f"{len(gone)} rows that it was made of were taken back while it was measured.",
            what_to_do="It is made anew without them: tertulia learn run",
        )


def samples(before: Measured, after: Measured) -> list[report.Sample]:
    """What changed, from invented questions alone: a report may outlive what people asked."""
    known = {one.id: one for one in after.same}
    return [
        report.Sample(
            one.question,
            one.answer,
            known[one.id].answer,
            known[one.id].scores.get("right", 0.0) - one.scores.get("right", 0.0),
        )
        for one in before.same
    ]


async def _brought_on(registry: Registry, name: str, *, is_gradual: bool) -> None:
    """Have it serve or be tried; the first one in its place waits for a person."""
    with suppress(NotAllowedError, StateError):  # a trial beside another one, too
        if is_gradual:
            await registry.try_out(name, "shadow", by="learn run", is_person=False)
        else:
            await registry.promote(name, by="learn run", is_person=False)


def folder_of(app: "App", name: str) -> Path:
    """The folder of a candidate."""
    folder = app.settings.home.learning / "candidates" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def hashed(*files: Path) -> dict[str, str]:
    """Files with what is in them, to be known again."""
    return {str(one): sha256_of(one) for one in files}
