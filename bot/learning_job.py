"""Every night rows are made of what was rated, and what may not be kept any longer is forgotten.

Every week something is made of them that measures better, or the reason is noted why there is none;
another search, which takes but minutes, and another router in the night after enough rows were
approved. What passes is tried before it serves, and taken back where people fare worse with it.
"""

from collections import Counter
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from bot.alarms import Alarm, Alarms, sound
from bot.app import App
from bot.cast import USUAL
from bot.jobs import Job, Shift
from bot.rhythm import rhythm
from bot.schedule import Schedule
from bot.trying_out import OFTEN, TRIALS, TRIALS_NIGHTLY, WATCH, Trial
from knowledge.candidates import Candidates
from pipelines.current import ROUTER, SEARCH

if TYPE_CHECKING:
    from bot.learning_run import Outcome

SCHEDULE = "schedule"
"""Who wants it where nobody does."""
NAME = "learn:examples"
NIGHTLY = "30 3 * * *"
RUN = "learn:run"
WEEKLY = "0 4 * * 0"
SEARCHING = "learn:search"
AFTER_ROWS = "45 3 * * *"
TRIAGE = "learn:triage"
AFTER_SEARCH = "15 4 * * *"
FEWEST_NEW = 50
"""Rows that were approved since the last one, before another search or router is looked for."""
REGATE = "learn:regate"
MONTHLY = "0 5 1 * *"


async def keep_learning(schedule: Schedule, app: App, alarms: Alarms) -> None:
    """Have the schedule look at what was rated; nothing is scheduled where nothing is learnt.

    Raises:
        TertuliaError: the database cannot be used, or tertulia.toml is written wrong.
    """
    jobs = LearningJobs(app, alarms).all(app.structure.zone())
    kept = await app.learning.kept()
    is_any = app.learning.settings.consent or await kept.all("waiting", "approved", "rejected")
    for job in jobs:
        await (schedule.put(job) if is_any else schedule.drop(job.name))


class LearningJobs:
    """What the schedule does to learn."""

    def __init__(self, app: App, alarms: Alarms) -> None:
        self._app, self._alarms = app, alarms

    def all(self, zone: tzinfo) -> list[Job]:
        """Each with its rhythm, in the time of a team."""
        trial = Trial(self._app, self._alarms)
        return [
            Job(NAME, rhythm(NIGHTLY, zone), self._mine),
            Job(SEARCHING, rhythm(AFTER_ROWS, zone), self._search),
            Job(TRIAGE, rhythm(AFTER_SEARCH, zone), self._triage),
            Job(RUN, rhythm(WEEKLY, zone), self._run),
            Job(REGATE, rhythm(MONTHLY, zone), self._regate),
            Job(TRIALS, rhythm(TRIALS_NIGHTLY, zone), trial.bring_on),
            Job(WATCH, rhythm(OFTEN, zone), trial.watch),
        ]

    async def _mine(self, shift: Shift) -> str:
        await shift.checkpoint()
        mined = await self._app.learning.mine()
        for said in mined.alarms:
            await sound(Alarm(NAME, said), self._alarms)
        left_out = mined.left_out.total()
        return f"{len(mined.made)} made, {left_out} left out, {len(mined.forgotten)} forgotten"

    async def _search(self, shift: Shift) -> str:
        await shift.checkpoint()
        new = {place: await _new_rows(self._app, place) for place in (SEARCH, ROUTER)}
        if (most := max(new.values())) < FEWEST_NEW:
            return f"{most} rows were approved since the last one; {FEWEST_NEW} are wanted"
        said = []
        if new[SEARCH] >= FEWEST_NEW:
            said.append(await self._learnt(shift, SEARCH))
        if new[ROUTER] >= FEWEST_NEW and (persona := await _with_tools(self._app)):
            said.append(await self._learnt(shift, "routing", persona=persona))
        return "; ".join(said) or "nobody who has tools was asked"

    async def _triage(self, shift: Shift) -> str:
        from bot.triaging import NothingToTriageError, Triage, Wish

        await shift.checkpoint()
        wish = Wish(None, SCHEDULE, keeps=True)  # as the weekly run has it, which goes on from here
        try:
            sheet = (await Triage(self._app, wish, shift.checkpoint).run(lambda _: None)).sheet
        except NothingToTriageError as error:
            return str(error)
        kinds = Counter(row.verdict.kind for row in sheet.rows)
        return ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())

    async def _run(self, shift: Shift) -> str:
        await shift.checkpoint()
        return await self._learnt(shift)

    async def _learnt(self, shift: Shift, *ways: str, persona: str = USUAL) -> str:
        from bot.learning_run import Wish, learn
        from bot.learning_told import told_to_owners

        wish = Wish(SCHEDULE, persona, ways=ways, is_gradual=True)
        learning = learn(self._app, wish, lambda _: None, shift.checkpoint)
        return told(await told_to_owners(self._app, learning))

    async def _regate(self, shift: Shift) -> str:
        from bot.measuring import COUNT
        from bot.regating import regate

        await shift.checkpoint()
        found = await regate(self._app, SCHEDULE, COUNT, lambda _: None, shift.checkpoint)
        for one in found:
            if one.worse or not one.refuses_null:
                await sound(Alarm(REGATE, str(one)), self._alarms)
        return ". ".join(map(str, found)) or "nothing learnt serves"


async def _new_rows(app: App, place: str) -> int:
    """Rows that were approved since a candidate for a place was last made."""
    made = await Candidates(await app.database()).all(place)
    last = made[-1].made_at if made else datetime.min.replace(tzinfo=UTC)
    rows = await (await app.learning.kept()).all("approved")
    return sum(one.decided_at is not None and one.decided_at > last for one in rows)


async def _with_tools(app: App) -> str:
    """Who has tools that only look, and answered most of what was approved; empty for nobody."""
    rows = await (await app.learning.kept()).all("approved")
    asked = Counter(row.provenance.get("persona", "") for row in rows)
    personas, _ = await app.cast.examined()
    able = [one.name for one in personas if (await app.cast.reading(one)).tools and asked[one.name]]
    return max(able, key=lambda name: asked[name], default="")


def told(outcome: "Outcome") -> str:
    """What a run came to, in a line for the schedule."""
    made = [
        f"{one.candidate.name}: "
        + ("serves" if one.serves else one.state if one.verdict.passes else "refused")
        for one in outcome.made
    ]
    return "; ".join([*made, *(f"no candidate, because: {why}" for why in outcome.reasons)])
