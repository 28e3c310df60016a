"""Every month what serves is measured anew beside what there was before anything was learnt.

People, pages and models change: what was better once may not be any longer. The gate itself is
tried as well: it must refuse what serves now as its own successor.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cast import USUAL
from bot.evaluating import Progress
from bot.learning_candidate import Answering, Bench
from bot.learning_material import Material, material
from bot.learning_run import alone
from bot.live import persona_of, take_back
from bot.measuring import Asked, Measuring, measuring
from bot.pace import Between
from bot.prompt_candidate import casting_of
from bot.routing_candidate import Routing, serving_router
from bot.search_candidate import Searching, serving_search
from knowledge.candidate import Candidate
from knowledge.candidates import Candidates
from pipelines.current import MODEL, ROUTER, SEARCH, Casting
from pipelines.learning.gate import HARM, Condition, Verdict
from pipelines.learning.registry import conditions, verdict_value, waived_of
from pipelines.learning.sets import Wanted

if TYPE_CHECKING:
    from bot.app import App

REGATED = "regated"


@dataclass(frozen=True, slots=True)
class Regated:
    """What the gate says of a champion now.

    Attributes:
        worse: rules that held, or that nobody had waived, and do not hold any longer.
        is_taken_back: whether it lost what it must keep, or does harm: it serves no more.
        refuses_null: whether the gate refuses the champion as its own successor.
    """

    name: str
    worse: tuple[Condition, ...]
    is_taken_back: bool
    refuses_null: bool

    def __str__(self) -> str:
        """In words, for whoever looks after Tertulia."""
        said = [f"{one.name}: {one.measured}, wanted: {one.rule}" for one in self.worse]
        still = "serves no more" if self.is_taken_back else "still serves"
        found = f"{self.name} {still}; {'; '.join(said) or 'every rule holds as before'}"
        null = (
            "" if self.refuses_null else ". The gate let it pass as its own successor: look at it"
        )
        return f"{found}{null}"


async def regate(
    app: "App", by: str, count: int, progress: Progress, between: Between | None = None
) -> list[Regated]:
    """Measure whatever serves, and take back what has become harmful.

    Args:
        app: with the knowledge.
        by: who wants it.
        count: questions for each of what must be kept.
        progress: is told what happens.
        between: awaited between two pieces of work.

    Raises:
        TertuliaError: nothing can be measured.
    """

    async def work(go_on: Between) -> list[Regated]:
        known = await material(app, Wanted())
        serving = await Candidates(await app.database()).being("champion")
        known_places = {MODEL, SEARCH, ROUTER}
        serving = [one for one in serving if one.place in known_places or persona_of(one.place)]
        if not serving:
            return []
        async with measuring(app, count, progress, go_on) as (asker, asked):
            asked = known.asked(asked, count)
            again = _Regating(app, by, known, asker, asked, progress, go_on)
            found = [await again.of(one) for one in serving]
            return [one for one in found if one]

    return await alone(app, between, work)


@dataclass(frozen=True, slots=True)
class _Regating:
    app: "App"
    by: str
    known: Material
    asker: Measuring
    asked: Asked
    progress: Progress
    between: Between

    async def of(self, one: Candidate) -> Regated | None:
        """What the gate says of it now; None where it waits for the index that it is for."""
        plain = await self.app.cast.casting(await self._persona(one), learnt=False)
        bench = Bench(
            self.app,
            self.by,
            self.known,
            self.asker,
            self.asked,
            plain,
            self.progress,
            self.between,
        )
        bench.has_sought_prompt = True  # whether one is better was asked before it served
        draft = await self._serving(bench, one, plain)
        if draft is None:
            return None
        verdict, _ = await draft.judged(bench)
        return await self._told(one, verdict, await draft.is_refused_as_itself(bench))

    async def _persona(self, one: Candidate) -> str:
        """The one that it was made for; of a router only as long as there is such a persona."""
        if name := persona_of(one.place):
            return name
        name = str(one.about.get("persona", USUAL))
        if name == USUAL:
            return USUAL
        known, _ = await self.app.cast.examined()
        return name if any(persona.name == name for persona in known) else USUAL

    async def _serving(
        self, bench: Bench, one: Candidate, plain: Casting
    ) -> Searching | Routing | Answering | None:
        """What serves; None where it is for another index or model, or has nothing to do."""
        if one.place == SEARCH:
            return await serving_search(bench, one)
        if one.place == ROUTER:
            return await serving_router(bench, one)
        is_model = one.place == MODEL
        casting = (
            replace(plain, model=one.serves)
            if is_model
            else await casting_of(bench, Path(one.serves))
        )
        agreement, forgotten = one.about.get("agreement", 1.0), one.about.get("forgotten_nats")
        return Answering(one, frozenset(), casting, agreement, forgotten=forgotten)

    async def _told(self, one: Candidate, verdict: Verdict, refuses_null: bool) -> Regated:
        """Write down what was found, and take back what does harm."""
        candidates = Candidates(await self.app.database())
        await candidates.describe(one.name, {REGATED: verdict_value(verdict)})
        worse = tuple(_worse(one, verdict))
        harmful = [rule for rule in worse if rule.name.endswith("-kept") or rule.name in HARM]
        if harmful:
            await take_back(candidates, one, "; ".join(f"{r.name}: {r.measured}" for r in harmful))
        return Regated(one.name, worse, bool(harmful), refuses_null)


def _worse(one: Candidate, verdict: Verdict) -> Sequence[Condition]:
    """Rules that do not hold now, without those that did not before, and want of questions."""
    before = {rule.name for rule in conditions(one.about) if not rule.holds}
    before |= set(waived_of(one.about))
    known = [rule for rule in verdict.failed if rule.name not in before]
    return [rule for rule in known if not rule.name.endswith("-count")]
