"""How much may be asked: as it is written, and as it is counted."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels import Channel
from bot.limit import Limit, limit
from bot.limits import Limits
from bot.marks import Marks
from knowledge.conversations import now
from knowledge.database import close_database, open_database
from knowledge.notes import SourceNotes
from knowledge.turn import NOT_FOR_THEM, Turn
from knowledge.turns import Turns

NO_LIMIT = Channel()


@pytest.fixture
async def turns(tmp_path: Path) -> AsyncIterator[Turns]:
    """No turns yet."""
    engine = await open_database(f"sqlite:///{tmp_path}/turns.db")
    yield Turns(engine)
    await close_database(engine)


def noted(turns: Turns) -> Marks:
    """What people were told, in the same database."""
    return Marks(SourceNotes(turns._engine, "limits.told"))


async def asks(
    limits: Limits, key: str, channel: Channel, author: str = "x:ana", *, may_ask: bool = True
) -> str | None:
    """Somebody asks; what is told."""
    turn = Turn("x", (key,), key, author, "Why?", locale="en", channel="x:chan:1")
    kept = await limits.turns.receive(turn, "here")
    assert kept
    refusal = await limits.refusal(kept, channel)
    if refusal is not None:
        await limits.turns.refuse(kept)
        await limits.turns.end(kept, "over")
    if refusal is None and not may_ask:
        await limits.turns.refuse(kept, NOT_FOR_THEM)
    if refusal is None:
        return None
    return refusal.text if refusal.is_news else ""


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("30/hour", Limit(30, timedelta(hours=1))),
        ("5 per 10 minutes", Limit(5, timedelta(minutes=10))),
        (" 1 / DAY ", Limit(1, timedelta(days=1))),
        ("", None),
    ],
)
def test_a_limit_is_read_as_people_write_it(written: str, read: Limit | None) -> None:
    assert limit(written) == read


@pytest.mark.parametrize("written", ["many", "0/hour", "5 per 0 minutes", "5/week", "-1/hour"])
def test_what_is_no_limit_is_refused_with_what_is_right(written: str) -> None:
    with pytest.raises(ValueError, match="30/hour"):
        limit(written)


async def test_who_waits_may_ask_again_and_is_told_once_more_the_next_time(turns: Turns) -> None:
    clock = [now() + timedelta(seconds=30)]
    limits = Limits(turns, noted(turns), lambda: clock[0])
    few = Channel(per_person="2/hour")
    assert [await asks(limits, f"a{n}", few) for n in range(2)] == [None, None]
    told = await asks(limits, "a2", few)
    assert told
    assert "2 questions" in told
    assert "in 60 minutes" in told
    after_a_restart = Limits(turns, noted(turns), lambda: clock[0])
    assert await asks(after_a_restart, "a3", few) == ""
    assert await asks(limits, "z", few, "x:zoe") is None
    clock[0] += timedelta(hours=1, minutes=1)
    assert await asks(limits, "a4", few) is None
    clock[0] += timedelta(hours=2)
    assert await asks(limits, "a5", Channel(per_channel="1 per 4 days")) == (
        "One question was asked in this channel, which is all that I may answer here for now. "
        "I go on in 4 days; until then I leave questions out."
    )


async def test_who_may_not_ask_uses_up_their_own_limit_and_not_the_channel_s(turns: Turns) -> None:
    limits = Limits(turns, noted(turns))
    few = Channel(per_channel="2/hour", per_person="3/hour")
    said = [await asks(limits, f"b{n}", few, "x:ben", may_ask=False) for n in range(4)]
    assert said[:3] == [None] * 3
    assert said[3]
    assert "3 questions" in said[3]
    assert [await asks(limits, f"a{n}", few) for n in range(2)] == [None, None]
    assert await asks(limits, "a2", few)


async def test_without_a_limit_nobody_is_refused(turns: Turns) -> None:
    limits = Limits(turns, noted(turns))
    assert {await asks(limits, f"a{n}", NO_LIMIT) for n in range(40)} == {None}


async def test_a_question_that_is_put_right_is_no_second_one_until_that_goes_on(
    turns: Turns,
) -> None:
    limits = Limits(turns, noted(turns))
    few = Channel(per_person="2/hour")
    assert await asks(limits, "a", few) is None
    for edits in range(1, 5):
        turn = Turn("x", ("a", f"a:{edits}"), "a", "x:ana", "Why?", channel="x:chan:1")
        kept = await turns.receive(turn, "here", "a", edits=edits)
        assert kept
        assert (await limits.refusal(kept, few) is None) == (edits < 4), edits
    assert await asks(limits, "b", few) == "", "the third edit was a question"
