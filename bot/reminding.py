"""Tells people what they wanted to be told later: on platforms as a job, in a terminal at once.

What a channel is told of our own accord is told the same way.
"""

from datetime import datetime, timedelta

from bot.egress import in_markdown
from bot.inbox import Inbox
from bot.jobs import Job, Shift
from bot.platforms import Platform
from bot.posts import Post
from bot.schedule import Schedule
from bot.wording import say
from knowledge.conversations import now
from knowledge.reminders import Reminder, Reminders, job_of
from knowledge.turn import NOBODY, Turn

LATE = timedelta(minutes=2)
"""What is told later than this says when it should have been."""
RETRY = timedelta(seconds=30)
TERMINAL = "terminal"


class WhenDue:
    """The rhythm of what runs when the next reminder is due; each run says when that is."""

    text = "when one is due"

    def following(self, due: datetime, now: datetime) -> None:
        """Nothing follows by itself."""

    def latest(self, now: datetime) -> None:
        """Any time may be right."""


async def keep_reminding(
    schedule: Schedule, inbox: Inbox, reminders: Reminders, platform: Platform
) -> None:
    """Have the schedule tell what is due on a platform, from now on and late where it was missed.

    Raises:
        TertuliaError: the database cannot be used.
    """

    async def work(shift: Shift) -> str:
        told = 0
        try:
            for one in await reminders.due(platform.name):
                await shift.lease.check()  # who waits for an answer does not hold this up
                told += await tell(one, inbox, reminders, platform)
        finally:
            await reminders.wake(platform.name, not_before=now() + RETRY)
        return f"{told} told"

    await schedule.put(Job(job_of(platform.name), WhenDue(), work))
    await reminders.wake(platform.name)


async def tell(one: Reminder, inbox: Inbox, reminders: Reminders, platform: Platform) -> bool:
    """Tell one, once: whoever was killed over it had written it down, or had not begun.

    False where it was taken back, or told by somebody else.
    """
    if not await reminders.claim(one.number):
        return False
    turn = Turn(
        platform=platform.name,
        keys=(f"{platform.name}:reminder:{one.number}",),
        conversation=one.conversation,
        author=NOBODY,
        text="",
        place=platform.at(one.conversation) if one.person == NOBODY else one.place,
        locale=one.language,
    )
    await inbox.announce(
        platform.later(turn, one.number, one.due_at),
        Post(_announced(one) or _worded(one, in_markdown(one.what)), one.language),
    )
    return await reminders.told(one.number)


async def told_in_terminal(reminders: Reminders, person: str) -> list[str]:
    """What is due for somebody who sits at a terminal; each is given once."""
    due = await reminders.due(TERMINAL, person)
    return [_worded(one, one.what) for one in due if await reminders.told(one.number)]


def _announced(one: Reminder) -> str:
    """What a channel is told; empty for what somebody wanted to be told."""
    if one.person != NOBODY:
        return ""
    late = say("told-late", one.language, when=one.when) if _is_late(one) else ""
    return f"{one.what}\n\n{late}".strip()


def _is_late(one: Reminder) -> bool:
    return now() - one.due_at > LATE


def _worded(one: Reminder, what: str) -> str:
    if not _is_late(one):
        return say("reminder", one.language, what=what)
    return say("reminder-late", one.language, what=what, when=one.when)
