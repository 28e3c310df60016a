"""Every night rows are made of what was rated, and what may not be kept any longer is forgotten.

Every week something is made of them that measures better, or the reason is noted why there is none;
another search, which takes but minutes, in the night after enough rows were approved.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.alarms import Alarm, Alarms, sound
from bot.app import App
from bot.jobs import Job, Shift
from bot.live import SEARCH
from bot.rhythm import rhythm
from bot.schedule import Schedule
from knowledge.candidates import Candidates

if TYPE_CHECKING:
    from bot.learning_run import Outcome

NAME = "learn:examples"
NIGHTLY = "30 3 * * *"
RUN = "learn:run"
WEEKLY = "0 4 * * 0"
SEARCHING = "learn:search"
AFTER_ROWS = "45 3 * * *"
FEWEST_NEW = 50
"""Rows that were approved since the last map of questions, before another one is looked for."""


async def keep_learning(schedule: Schedule, app: App, alarms: Alarms) -> None:
    """Have the schedule look at what was rated; nothing is scheduled where nothing is learnt.

    Raises:
        TertuliaError: the database cannot be used, or tertulia.toml is written wrong.
    """
    kept = await app.learning.kept()
    if not app.learning.settings.consent and not await kept.all("waiting", "approved", "rejected"):
        for name in (NAME, SEARCHING, RUN):
            await schedule.drop(name)
        return

    async def work(shift: Shift) -> str:
        await shift.checkpoint()
        mined = await app.learning.mine()
        for said in mined.alarms:
            await sound(Alarm(NAME, said), alarms)
        left_out = mined.left_out.total()
        return f"{len(mined.made)} made, {left_out} left out, {len(mined.forgotten)} forgotten"

    async def search(shift: Shift) -> str:
        await shift.checkpoint()
        if (new := await _new_rows(app)) < FEWEST_NEW:
            return f"{new} rows were approved since the last one; {FEWEST_NEW} are wanted"
        return await _learnt(shift, app, alarms, SEARCHING, ways=(SEARCH,))

    async def run(shift: Shift) -> str:
        await shift.checkpoint()
        return await _learnt(shift, app, alarms, RUN)

    zone = app.structure.zone()
    await schedule.put(Job(NAME, rhythm(NIGHTLY, zone), work))
    await schedule.put(Job(SEARCHING, rhythm(AFTER_ROWS, zone), search))
    await schedule.put(Job(RUN, rhythm(WEEKLY, zone), run))


async def _new_rows(app: App) -> int:
    """Rows that were approved since a map of questions was last made."""
    made = await Candidates(await app.database()).all(SEARCH)
    last = made[-1].made_at if made else datetime.min.replace(tzinfo=UTC)
    rows = await (await app.learning.kept()).all("approved")
    return sum(one.decided_at is not None and one.decided_at > last for one in rows)


async def _learnt(
    shift: Shift, app: App, alarms: Alarms, job: str, *, ways: tuple[str, ...] = ()
) -> str:
    """What a run came to; an alarm where something waits for a person."""
    from bot.learning_run import Wish, learn

    outcome = await learn(app, Wish("schedule", ways=ways), lambda _: None, shift.checkpoint)
    for one in outcome.made:
        if one.verdict.passes and not one.serves:
            waits = f"{one.candidate.name} has passed the gate and waits: {one.report}"
            await sound(Alarm(job, waits), alarms)
    return told(outcome)


def told(outcome: "Outcome") -> str:
    """What a run came to, in a line for the schedule."""
    made = [
        f"{one.candidate.name}: "
        + ("serves" if one.serves else "passed" if one.verdict.passes else "refused")
        for one in outcome.made
    ]
    return "; ".join([*made, *(f"no candidate, because: {why}" for why in outcome.reasons)])
