"""Turns are kept once, under all their names, and end once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from knowledge.conversations import now
from knowledge.database import transaction
from knowledge.turn import TURNS, WORDS, Turn
from knowledge.turns import Turns
from tests.databases import opened

ASKED = Turn("square", ("event 1", "message 1"), "thread 1", "terminal:ana", "Why?\0", {"in": [1]})
POST = {"text": "Because."}


@pytest.fixture
async def turns(database_url: str) -> AsyncIterator[Turns]:
    """Turns in an empty database, of each kind."""
    async with opened(database_url) as engine:
        yield Turns(engine)


async def test_a_message_is_kept_once_whatever_it_is_called(turns: Turns) -> None:
    kept = await turns.receive(ASKED, "me")
    assert kept is not None
    again = Turn("square", ("event 2", "message 1"), "thread 1", "terminal:ana", "Why?")
    assert await turns.receive(again, "me") is None
    other = Turn("square", ("event 2",), "thread 1", "terminal:ana", "And then?")
    assert await turns.receive(other, "me") is not None, "nothing of the refused one has stayed"
    named = await turns.named("event 1")
    assert named is not None
    assert (named.number, named.turn.text, named.turn.place) == (kept.number, "Why?", {"in": [1]})


async def test_of_many_deliveries_at_once_one_counts(turns: Turns) -> None:
    found = await asyncio.gather(*(turns.receive(ASKED, "me") for _ in range(8)))
    assert len([one for one in found if one]) == 1


async def test_a_turn_goes_from_received_to_posted_and_stays_there(turns: Turns) -> None:
    kept = await turns.receive(ASKED, "me")
    assert kept is not None
    assert await turns.begin(kept)
    assert await turns.answer(kept, POST)
    (open_now,) = await turns.open(["square"])
    assert (open_now.state, open_now.tries, open_now.post) == ("answered", 1, POST)
    assert set(open_now.turn.keys) == {"event 1", "message 1"}
    assert await turns.end(kept, "posted", "m7")
    assert not await turns.end(kept, "withdrawn")
    assert not await turns.begin(kept)
    assert not await turns.answer(kept, POST)
    ended = await turns.named("message 1")
    assert ended is not None
    assert (ended.state, ended.posted_as, ended.is_open) == ("posted", "m7", False)
    assert await turns.open(["square"]) == []
    assert await turns.named("message 2") is None


async def test_what_is_left_open_is_taken_over_by_one(turns: Turns) -> None:
    await turns.receive(ASKED, "gone")
    (left,) = await turns.open(["square"])
    taken = await asyncio.gather(*(turns.take_over(left, f"new {n}") for n in range(4)))
    (winner,) = [one for one in taken if one]
    assert (winner.number, winner.owner[:3]) == (left.number, "new")
    assert await turns.open(["elsewhere"]) == []


async def test_what_ended_long_ago_is_forgotten(turns: Turns) -> None:
    kept = await turns.receive(ASKED, "me")
    assert kept is not None
    later = now() + timedelta(days=1)
    await turns.forget_ended(later)
    assert await turns.named("event 1"), "somebody waits for it"
    await turns.end(kept, "told")
    await turns.forget_ended(now() - timedelta(days=1))
    assert await turns.named("event 1")
    await turns.forget_ended(later)
    assert await turns.named("event 1") is None
    assert await turns.receive(ASKED, "me") is not None


async def test_an_edit_that_comes_twice_leaves_the_names_as_they_are(turns: Turns) -> None:
    await turns.receive(ASKED, "me")
    edit = Turn("square", ("message 1", "edit 1"), "thread 1", "terminal:ana", "Why not?")
    edited = await turns.receive(edit, "me", "message 1")
    assert edited is not None
    assert await turns.receive(edit, "me", "message 1") is None
    named = await turns.named("message 1")
    assert named is not None
    assert named.number == edited.number
    assert await turns.receive(ASKED, "me") is None


async def test_what_a_message_said_before_an_edit_or_its_end_is_nowhere(turns: Turns) -> None:
    place = {"in": 1, WORDS: {"files": ["pay of Ana.pdf"]}}
    kept = await turns.receive(replace(ASKED, text="my pay", place=place), "me")
    assert kept
    await turns.answer(kept, {"text": "Your pay is 1."})
    await turns.end(kept, "posted", "m7")
    edit = Turn("square", ("message 1", "edit 1"), "thread 1", "terminal:ana", "leave", place)
    edited = await turns.receive(edit, "me", "message 1")
    assert edited
    async with transaction(turns._engine) as connection:
        earlier, later = (await connection.execute(select(TURNS).order_by(TURNS.c.number))).all()
    assert "pay" not in str(earlier)
    assert (earlier.state, earlier.posted_as) == ("posted", "m7"), "it still counts"
    assert "pay of Ana" in str(later)
    await turns.forget(edited)
    gone = await turns.named("message 1")
    assert gone
    assert gone.turn.place == {"in": 1}, "its answer can still be found and removed"


async def test_what_is_taken_back_long_after_it_was_answered_does_not_count_anew(
    turns: Turns,
) -> None:
    kept = await turns.receive(ASKED, "me")
    assert kept
    await turns.end(kept, "posted", "m7")
    since = now()
    ended = await turns.named("message 1")
    assert ended
    await turns.forget(ended)
    assert await turns.asked("terminal:ana", since, before=99, most=9) == []


async def test_what_was_taken_back_before_it_came_is_not_taken(turns: Turns) -> None:
    await turns.rule_out("message 1", "me")
    await turns.rule_out("message 1", "me")
    assert await turns.receive(ASKED, "me") is None
    assert await turns.open(["message 1", "square"]) == []
    assert not await turns.has("thread 1")
    other = Turn("square", ("message 2",), "thread 1", "terminal:ana", "Why?")
    kept = await turns.receive(other, "me")
    assert kept
    await turns.rule_out("message 2", "me")
    (left,) = await turns.open(["square"])
    assert left.turn == other
    await turns.forget(kept)
    gone = await turns.named("message 2")
    assert gone
    assert (gone.state, gone.turn.text, gone.post) == ("withdrawn", "", None)


async def test_a_message_and_its_edits_at_once_end_as_the_last_one(turns: Turns) -> None:
    edits = [
        Turn("square", ("message 1", f"edit {n}"), "thread 1", "terminal:ana", f"{n}?")
        for n in range(3)
    ]
    asked = asyncio.ensure_future(turns.receive(ASKED, "me"))
    coming = [asyncio.ensure_future(turns.receive(one, "me", "message 1")) for one in edits]
    found = await asyncio.gather(asked, *coming)
    assert all(found)
    named = await turns.named("message 1")
    assert named is not None
    assert named.turn.text == "2?"


async def test_of_several_processes_one_takes_each_message(database_url: str) -> None:
    async with opened(database_url) as one, opened(database_url) as other:
        both = Turns(one), Turns(other)
        asked = [Turn("square", (f"m{n}",), "c", "terminal:ana", "Why?") for n in range(20)]
        found = await asyncio.gather(
            *(turns.receive(turn, "me") for turn in asked for turns in both)
        )
        assert len([kept for kept in found if kept]) == len(asked)


async def test_pictures_are_kept_until_they_are_posted_and_no_longer(turns: Turns) -> None:
    kept = await turns.receive(ASKED, "me")
    assert kept
    assert await turns.answer(kept, POST, [b"one", b"two\0"])
    assert await turns.pictures(kept) == [b"one", b"two\0"]
    other = replace(kept, owner="somebody else")
    assert not await turns.answer(other, POST, [b"theirs"])
    assert await turns.answer(kept, POST, [b"three"])
    assert await turns.pictures(kept) == [b"three"], "a second try has taken their place"
    assert not await turns.end(replace(kept, number=99), "posted")
    assert await turns.end(kept, "posted", "m7")
    assert await turns.pictures(kept) == []


async def test_what_is_taken_back_or_edited_loses_its_pictures(turns: Turns) -> None:
    kept = await turns.receive(ASKED, "me")
    assert kept
    assert await turns.answer(kept, POST, [b"one"])
    edited = replace(ASKED, keys=("edit 1",), text="Why not?")
    again = await turns.receive(edited, "me", "message 1")
    assert again
    assert await turns.pictures(kept) == []
    assert await turns.answer(again, POST, [b"two"])
    await turns.forget(again)
    assert await turns.pictures(again) == []
