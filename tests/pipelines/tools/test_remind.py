"""Reminders by a tool: what is a time, whose they are, and that nothing is set unconfirmed."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.articles import Audience
from knowledge.conversations import Decision
from knowledge.history import History
from knowledge.reminders import MOST_OPEN, Reminders, TooManyRemindersError
from knowledge.tool_calls import ToolCalls
from knowledge.turn import Turn
from knowledge.turns import Turns
from pipelines.tool import ArgumentsError, Caller, CannotError
from pipelines.tool_call import in_full
from pipelines.tool_files import all_tools
from pipelines.tool_memory import Memory
from pipelines.tools import Call
from pipelines.tools.remind import cancel_reminder, my_reminders, remind
from tests.brokers import broker_of
from tests.databases import opened

START = datetime(2026, 3, 27, 12, tzinfo=UTC)
ALONE = Audience.of("terminal:ana", "everyone")
ANA = Caller("terminal:ana", ALONE, "C1", "es", START)
IN_CHANNEL = replace(ANA, audience=Audience.of("slack:T1:chan:C9", "everyone"))


async def nothing_found() -> object:
    """No index is needed."""
    raise AssertionError


async def nothing_readable(chunks: object, reader: object) -> set[str]:
    """Nor is a right."""
    raise AssertionError


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """An empty database on a day before clocks go forward."""
    async with opened(f"sqlite:///{tmp_path / 'x.db'}") as engine:
        with time_machine.travel(START, tick=False):
            yield engine


@pytest.fixture
def memory(engine: AsyncEngine) -> Memory:
    """What a team in Madrid remembers."""
    return Memory(
        retriever=nothing_found,  # type: ignore[arg-type]  # never asked
        history=History(engine),
        readable=nothing_readable,
        reminders=Reminders(engine),
        zone=lambda: ZoneInfo("Europe/Madrid"),
    )


async def set_(memory: Memory, when: str, what: str = "drink tea", zone: str = "") -> str:
    """What the tool says."""
    said = await remind.function(when, what, ANA, memory, zone)
    assert isinstance(said, str)
    return said


@pytest.mark.parametrize(
    ("when", "zone", "due_at", "shown"),
    [
        ("30", "", "2026-03-27T12:30", "2026-03-27 13:30 (Europe/Madrid)"),
        ("30 minutes", "", "2026-03-27T12:30", "2026-03-27 13:30 (Europe/Madrid)"),
        ("5 minutos", "", "2026-03-27T12:05", "2026-03-27 13:05 (Europe/Madrid)"),
        ("2026-03-30T09:00", "", "2026-03-30T07:00", "2026-03-30 09:00 (Europe/Madrid)"),
        ("2026-03-28 09:00", "", "2026-03-28T08:00", "2026-03-28 09:00 (Europe/Madrid)"),
        ("2026-03-28t09:00:30", "", "2026-03-28T08:00:30", "2026-03-28 09:00 (Europe/Madrid)"),
        ("2026-03-28T09:00-05:00", "", "2026-03-28T14:00", "2026-03-28 15:00 (Europe/Madrid)"),
        ("2026-03-28T09:00", "Bogotá", "2026-03-28T14:00", "2026-03-28 09:00 (America/Bogota)"),
        ("2026-10-25T02:30", "", "2026-10-25T00:30", "2026-10-25 02:30 (Europe/Madrid)"),
        ("2027-03-27T12:00", "", "2027-03-27T11:00", "2027-03-27 12:00 (Europe/Madrid)"),
    ],
)
async def test_a_time_is_that_of_the_team_unless_it_says_otherwise(
    memory: Memory, when: str, zone: str, due_at: str, shown: str
) -> None:
    said = await set_(memory, when, zone=zone)
    assert said == (
        f"Reminder 1 is set for {shown}. It is told with their next tertulia chat after that:"
        " drink tea"
    )
    (kept,) = await memory.reminders.of("terminal:ana")
    assert kept.due_at == datetime.fromisoformat(due_at).replace(tzinfo=UTC)
    assert (kept.when, kept.what, kept.language) == (shown, "drink tea", "es")


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ("0", "lies ahead"),
        ("2026-03-27T12:59", "lies ahead"),
        ("2025-03-28T09:00", "lies ahead"),
        ("2027-03-29T09:00", "lies ahead, by a year at most"),
        ("999999", "lies ahead"),
        ("2026-03-29T02:30", "does not exist there: clocks go forward"),
        ("2026-03-28", "no date with a time of day"),
        ("20260328", "no date with a time of day"),
        ("tomorrow at 9", "no date with a time of day"),
        ("mañana", "no date with a time of day"),
        ("", "no date with a time of day"),
        ("-5", "no date with a time of day"),
        ("5 hours", "no date with a time of day"),
        ("2026-02-30T10:00", "no date and time"),
        ("2026-03-28T25:00", "no date and time"),
        ("9999-12-31T23:59", "lies ahead"),
        ("0001-01-01T00:00", "lies ahead|no date and time"),
        ("'; DROP TABLE reminders; 1T1", "no date and time"),
    ],
)
async def test_what_is_no_time_that_lies_ahead_is_refused(
    memory: Memory, when: str, words: str
) -> None:
    with pytest.raises(CannotError, match=words):
        await set_(memory, when)
    assert await memory.reminders.of("terminal:ana") == []


@pytest.mark.parametrize("what", ["", " \n\u200b ", "x" * 301])
async def test_what_has_no_words_or_too_many_is_refused(memory: Memory, what: str) -> None:
    with pytest.raises(CannotError, match="at most 300"):
        await set_(memory, "30", what)


async def test_words_are_kept_on_one_line_as_they_are(memory: Memory) -> None:
    await set_(memory, "30", "  ¿agua?\n*y* <b>té</b>\x1b ")
    await set_(memory, "30", "x" * 300)
    first, second = await memory.reminders.of("terminal:ana")
    assert (first.what, len(second.what)) == ("¿agua? *y* <b>té</b>", 300)


async def test_an_unknown_place_is_refused_with_the_nearest(memory: Memory) -> None:
    with pytest.raises(CannotError, match="America/Bogota"):
        await set_(memory, "2026-03-28T09:00", zone="Bogotta")


async def test_nobody_sets_more_than_fifty(memory: Memory) -> None:
    for _ in range(MOST_OPEN):
        await set_(memory, "30")
    with pytest.raises(TooManyRemindersError, match="50 open reminders"):
        await set_(memory, "30")


async def test_it_is_told_where_it_was_asked_for(memory: Memory, engine: AsyncEngine) -> None:
    turn = Turn("slack", ("slack:1",), "C1", "terminal:ana", "Remind me", {"ts": "1"})
    await Turns(engine).receive(turn, "one:1:1")
    assert "It is told here: drink tea" in await set_(memory, "30")


async def test_people_see_and_cancel_their_own(memory: Memory) -> None:
    await set_(memory, "60", "second")
    await set_(memory, "30", "first")
    assert await my_reminders.function(ANA, memory) == [
        {"number": 2, "when": "2026-03-27 13:30 (Europe/Madrid)", "what": "first"},
        {"number": 1, "when": "2026-03-27 14:00 (Europe/Madrid)", "what": "second"},
    ]
    ben = replace(ANA, person="terminal:ben", audience=Audience.of("terminal:ben"))
    assert await my_reminders.function(ben, memory) == []
    with pytest.raises(CannotError, match="no open reminder 1 of theirs"):
        await cancel_reminder.function(1, ben, memory)
    said = await cancel_reminder.function(1, ANA, memory)
    assert said == "Reminder 1 for 2026-03-27 14:00 (Europe/Madrid) is cancelled: second"
    with pytest.raises(CannotError, match="no open reminder 1"):
        await cancel_reminder.function(1, ANA, memory)


async def test_what_one_is_reminded_of_in_private_is_not_told_in_a_channel(memory: Memory) -> None:
    await remind.function("30", "the surprise party", replace(ANA, conversation="D1"), memory)
    await remind.function("30", "the meeting", IN_CHANNEL, memory)
    (seen,) = await my_reminders.function(IN_CHANNEL, memory)
    assert seen["what"] == "the meeting"
    with pytest.raises(CannotError, match="no open reminder 1"):
        await cancel_reminder.function(1, IN_CHANNEL, memory)
    assert len(await my_reminders.function(ANA, memory)) == 2


async def test_what_is_being_told_just_now_cannot_be_cancelled(memory: Memory) -> None:
    await set_(memory, "30")
    await memory.reminders.claim(1)
    with pytest.raises(CannotError, match="no open reminder 1"):
        await cancel_reminder.function(1, ANA, memory)


async def test_the_broker_sets_and_cancels_nothing_unconfirmed(
    memory: Memory, engine: AsyncEngine
) -> None:
    tools = {name: one.remembering(memory) for name, one in all_tools().items()}
    names = ("remind", "my_reminders", "cancel_reminder")
    assert [tools[name].effect for name in names] == ["write", "read", "write"]
    broker = broker_of(tools, ToolCalls(engine).add)
    await set_(memory, "30", "first")
    calls = (
        Call("remind", {"when": "30", "what": "tea"}),
        Call("cancel_reminder", {"number": 1}),
    )
    for call in calls:
        assert (await broker.call(call, ANA, names)).status == "unconfirmed"
    wrong = Call("remind", {"when": "30", "what": "tea", "memory": {}})
    assert (await broker.call(wrong, ANA, names)).status == "refused"
    done = await broker.call(Call("my_reminders"), ANA, names)
    assert (done.status, '"what": "first"' in done.text) == ("done", True)
    assert len(await memory.reminders.of("terminal:ana")) == 1


async def test_what_is_confirmed_is_the_time_that_was_meant_when_it_was_asked_for(
    memory: Memory,
) -> None:
    tools = {name: one.remembering(memory) for name, one in all_tools().items()}
    broker, names = broker_of(tools), ("remind", "cancel_reminder")
    asked = await broker.call(Call("remind", {"when": "30", "what": " tea\n"}), ANA, names)
    assert in_full(asked.call).splitlines() == [
        "remind",
        '  when: "2026-03-27T13:30:00+01:00"',
        '  what: "tea"',
        '  zone: ""',
        '  time_zone: "Europe/Madrid"',
    ]
    later = replace(ANA, at=START + timedelta(minutes=9))
    done = await broker.confirmed(Decision(asked.confirmation, is_yes=True), later, names)
    assert done.status == "done", done.text
    (kept,) = await memory.reminders.of("terminal:ana")
    assert kept.due_at == START + timedelta(minutes=30)
    asked = await broker.call(Call("cancel_reminder", {"number": 1}), ANA, names)
    assert asked.call.facts == {"what": "tea", "when": "2026-03-27 13:30 (Europe/Madrid)"}
    past = await broker.call(
        Call("remind", {"when": "2026-03-27T09:00", "what": "tea"}), ANA, names
    )
    assert (past.status, past.confirmation) == ("failed", "")
    assert "lies ahead" in past.text


def test_no_model_says_what_is_remembered() -> None:
    for one in (remind, my_reminders, cancel_reminder):
        assert one.takes_memory == "memory"
        assert "memory" not in one.parameters["properties"]
        with pytest.raises(ArgumentsError):
            one.checked({"memory": {}})
