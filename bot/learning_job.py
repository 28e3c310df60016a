"""Every night rows are made of what was rated, and what may not be kept any longer is forgotten."""

from bot.alarms import Alarm, Alarms, sound
from bot.app import App
from bot.jobs import Job, Shift
from bot.rhythm import rhythm
from bot.schedule import Schedule

NAME = "learn:examples"
NIGHTLY = "30 3 * * *"


async def keep_learning(schedule: Schedule, app: App, alarms: Alarms) -> None:
    """Have the schedule look at what was rated; nothing is scheduled where nothing is learnt.

    Raises:
        TertuliaError: the database cannot be used, or tertulia.toml is written wrong.
    """
    kept = await app.learning.kept()
    if not app.learning.settings.consent and not await kept.all("waiting", "approved", "rejected"):
        await schedule.drop(NAME)
        return

    async def work(shift: Shift) -> str:
        await shift.checkpoint()
        mined = await app.learning.mine()
        for said in mined.alarms:
            await sound(Alarm(NAME, said), alarms)
        left_out = mined.left_out.total()
        return f"{len(mined.made)} made, {left_out} left out, {len(mined.forgotten)} forgotten"

    await schedule.put(Job(NAME, rhythm(NIGHTLY, app.structure.zone()), work))
