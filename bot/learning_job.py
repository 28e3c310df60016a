"""Every night rows are made of what was rated, and what may not be kept any longer is forgotten.

Every week something is made of them that measures better, or the reason is noted why there is none;
it is tried before it serves, and taken back where people fare worse with it.
"""

from typing import TYPE_CHECKING

from bot.alarms import Alarm, Alarms, sound
from bot.app import App
from bot.jobs import Job, Shift
from bot.rhythm import rhythm
from bot.schedule import Schedule
from bot.trying_out import OFTEN, TRIALS, TRIALS_NIGHTLY, WATCH, Trial

if TYPE_CHECKING:
    from bot.learning_run import Outcome

NAME = "learn:examples"
NIGHTLY = "30 3 * * *"
RUN = "learn:run"
WEEKLY = "0 4 * * 0"


async def keep_learning(schedule: Schedule, app: App, alarms: Alarms) -> None:
    """Have the schedule look at what was rated; nothing is scheduled where nothing is learnt.

    Raises:
        TertuliaError: the database cannot be used, or tertulia.toml is written wrong.
    """
    kept = await app.learning.kept()
    if not app.learning.settings.consent and not await kept.all("waiting", "approved", "rejected"):
        for name in (NAME, RUN, TRIALS, WATCH):
            await schedule.drop(name)
        return

    async def work(shift: Shift) -> str:
        await shift.checkpoint()
        mined = await app.learning.mine()
        for said in mined.alarms:
            await sound(Alarm(NAME, said), alarms)
        left_out = mined.left_out.total()
        return f"{len(mined.made)} made, {left_out} left out, {len(mined.forgotten)} forgotten"

    async def run(shift: Shift) -> str:
        from bot.learning_run import Wish, learn

        await shift.checkpoint()
        outcome = await learn(app, Wish("schedule", is_gradual=True), lambda _: None)
        return told(outcome)

    zone = app.structure.zone()
    await schedule.put(Job(NAME, rhythm(NIGHTLY, zone), work))
    await schedule.put(Job(RUN, rhythm(WEEKLY, zone), run))
    trial = Trial(app, alarms)
    await schedule.put(Job(TRIALS, rhythm(TRIALS_NIGHTLY, zone), trial.bring_on))
    await schedule.put(Job(WATCH, rhythm(OFTEN, zone), trial.watch))


def told(outcome: "Outcome") -> str:
    """What a run came to, in a line for the schedule."""
    made = [
        f"{one.candidate.name}: "
        + ("serves" if one.serves else one.state if one.verdict.passes else "refused")
        for one in outcome.made
    ]
    return "; ".join([*made, *(f"no candidate, because: {why}" for why in outcome.reasons)])
