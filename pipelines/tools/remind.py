"""Reminders: what somebody wants to be told later, in the place where it was asked for."""

import re
from datetime import datetime, timedelta, tzinfo
from typing import Annotated, Any

from knowledge.cleaning import clean
from knowledge.conversations import now
from knowledge.reminders import Reminder
from pipelines.time_zones import moments, zone_of
from pipelines.tool import Caller, CannotError, tool
from pipelines.tool_memory import Memory

LONGEST = 300
"""Characters of what is told."""
FARTHEST = timedelta(days=366)
TERMINAL = "terminal"
_MINUTES = re.compile(r"(\d{1,6})(?: ?min(?:ute|uto)?s?\.?)?", re.IGNORECASE)
_HAS_TIME = re.compile(r"\d[T ]\d", re.IGNORECASE)
RIGHT = "Right: 2026-05-04T15:00, or a number of minutes from now such as 30."


def _reminder(when: str, what: str, caller: Caller, memory: Memory, zone: str) -> dict[str, str]:
    """What a reminder comes to: minutes count from when it was asked for."""
    place, due_at = _due(when, zone, caller, memory)
    local = due_at.astimezone(place).isoformat(timespec="seconds")
    return {"when": local, "what": _words(what), "time_zone": str(place)}


@tool(effect="write", completed=_reminder)
async def remind(
    when: Annotated[str, "date and time such as 2026-05-04T15:00, or minutes from now such as 30"],
    what: Annotated[str, "what to tell then, in the asker's words"],
    caller: Caller,
    memory: Memory,
    zone: Annotated[str, "time zone or large city, only if the question names one"] = "",
) -> str:
    """Reminds whoever asks of something, later and in this conversation.

    Use it for "remind me" and "recuérdame", not for appointments with others.
    """
    place, due_at = _due(when, zone, caller, memory)
    wanted = Reminder(
        person=caller.person,
        conversation=caller.conversation,
        what=_words(what),
        due_at=due_at,
        language=caller.language,
        when=f"{due_at.astimezone(place):%Y-%m-%d %H:%M} ({place})",
    )
    kept = await memory.reminders.add(wanted)
    where = "with their next tertulia chat after that" if kept.platform == TERMINAL else "here"
    return f"Reminder {kept.number} is set for {kept.when}. It is told {where}: {kept.what}"


@tool
async def my_reminders(caller: Caller, memory: Memory) -> list[dict[str, Any]]:
    """The open reminders of whoever asks, with their numbers."""
    return [
        {"number": one.number, "when": one.when, "what": one.what}
        for one in await _seen(caller, memory)
    ]


async def _cancelling(number: int, caller: Caller, memory: Memory) -> dict[str, str]:
    """What is not told any more."""
    wanted = await _own(number, caller, memory)
    return {"what": wanted.what, "when": wanted.when}


@tool(effect="write", completed=_cancelling)
async def cancel_reminder(
    number: Annotated[int, "of the reminder, as my_reminders tells it"],
    caller: Caller,
    memory: Memory,
) -> str:
    """Cancels a reminder of whoever asks. Look up its number with my_reminders first."""
    wanted = await _own(number, caller, memory)
    if not await memory.reminders.cancel(number, caller.person):
        raise _none(number)
    return f"Reminder {number} for {wanted.when} is cancelled: {wanted.what}"


async def _own(number: int, caller: Caller, memory: Memory) -> Reminder:
    for one in await _seen(caller, memory):
        if one.number == number:
            return one
    raise _none(number)


def _none(number: int) -> CannotError:
    return CannotError(f"There is no open reminder {number} of theirs here.")


async def _seen(caller: Caller, memory: Memory) -> list[Reminder]:
    """Their own; where others read along, those of this conversation alone."""
    every = await memory.reminders.of(caller.person)
    is_alone = caller.person in caller.audience.principals
    return [one for one in every if is_alone or one.conversation == caller.conversation]


def _due(when: str, zone: str, caller: Caller, memory: Memory) -> tuple[tzinfo, datetime]:
    """In which time zone a reminder is meant, and when it is due."""
    place = zone_of(zone)[0] if zone.strip() else memory.zone()
    due_at = _moment(when, place, caller.at)
    if not now() < due_at <= now() + FARTHEST:
        raise CannotError("A reminder lies ahead, by a year at most; this time does not.")
    return place, due_at


def _words(what: str) -> str:
    words = " ".join(clean(what).split())
    if not 0 < len(words) <= LONGEST:
        raise CannotError(f"A reminder has words, and at most {LONGEST} characters of them.")
    return words


def _moment(when: str, place: tzinfo, asked_at: datetime) -> datetime:
    """The point in time that is meant.

    Raises:
        CannotError: it is none, or never comes where clocks are put forward.
    """
    if minutes := _MINUTES.fullmatch(when.strip()):
        return asked_at + timedelta(minutes=int(minutes[1]))
    if not _HAS_TIME.search(when):
        raise CannotError(f"That is no date with a time of day. {RIGHT}")
    try:
        written = datetime.fromisoformat(when.strip())
        found = [written] if written.tzinfo else moments(written, place)
    except (ValueError, OverflowError) as error:
        raise CannotError(f"That is no date and time. {RIGHT}") from error
    if not found:
        raise CannotError(f"{when.strip()} does not exist there: clocks go forward then.")
    return found[0]
