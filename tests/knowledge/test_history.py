"""What was said is remembered, but never before a larger circle than it was said in."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest

from knowledge.articles import ATTACHED, Audience, Chunk
from knowledge.conversations import (
    Answer,
    ChunkUse,
    Citation,
    Conversation,
    Feedback,
    Message,
    Receipt,
)
from knowledge.database import close_database, open_database
from knowledge.history import OURSELVES, History

EVERYBODY = Audience.of("everyone")
ANA = Audience.of("everyone", "terminal:ana")
RECEIPT = Receipt(persona="helpdesk", prompt_version="1", model="m", timings_s={"total": 1.0})


@pytest.fixture
async def history(database_url: str) -> AsyncIterator[History]:
    engine = await open_database(database_url)
    yield History(engine)
    await close_database(engine)


async def all_open(chunk_ids: Sequence[str], _reader: Audience) -> set[str]:
    return set(chunk_ids)


async def none_open(_chunk_ids: Sequence[str], _reader: Audience) -> set[str]:
    return set()


def asked(text: str, n: int, reader: Audience, author: str = "terminal:ana") -> Conversation:
    return Conversation("c1", (Message(f"m{n}", author, text),), reader)


def answer(text: str) -> Answer:
    chunk = Chunk("i", "s:a.md", 0, "A", "Thirty days.", "en", EVERYBODY)
    return Answer("", text, "en", (Citation(1, chunk, "Thirty days.", 0.9),), RECEIPT)


async def test_a_conversation_is_remembered_in_order(history: History) -> None:
    first = asked("first", 0, ANA)
    await history.keep(first, answer("re first"))
    await history.keep(asked("second", 1, ANA), answer("re second"))
    earlier = await history.earlier("c1", ANA, 10, open_now=all_open)
    assert [m.text for m in earlier] == ["first", "re first", "second", "re second"]
    assert earlier[0] == first.question
    assert [m.author for m in earlier[:2]] == ["terminal:ana", OURSELVES]
    assert [m.text for m in await history.earlier("c1", ANA, 1, open_now=all_open)] == ["re second"]
    assert await history.authors("c1") == {"terminal:ana"}
    assert await history.earlier("other", ANA, 10, open_now=all_open) == []


async def test_what_a_smaller_circle_heard_is_not_told_to_a_larger_one(history: History) -> None:
    await history.keep(asked("my salary", 1, ANA), answer("private"))
    await history.keep(asked("opening hours", 2, EVERYBODY), answer("public"))
    assert [m.text for m in await history.earlier("c1", EVERYBODY, 10, open_now=all_open)] == [
        "opening hours",
        "public",
    ]
    assert len(await history.earlier("c1", ANA, 10, open_now=all_open)) == 4
    assert await history.earlier("c1", Audience(), 10, open_now=all_open) == []


async def test_an_answer_is_forgotten_when_a_source_of_it_may_not_be_read_any_more(
    history: History,
) -> None:
    await history.keep(asked("my leave", 1, ANA), answer("Thirty days."))
    earlier = await history.earlier("c1", ANA, 10, open_now=none_open)
    assert [m.text for m in earlier] == ["my leave"]


async def test_what_came_with_a_question_is_for_those_before_whom_it_was_answered(
    history: History,
) -> None:
    async def stored(chunk_ids: Sequence[str], _reader: Audience) -> set[str]:
        return set(chunk_ids) - {"attached"}

    chunk = Chunk("attached", f"{ATTACHED}0:sauna.md", 0, "Sauna", "At five.", "en", ANA)
    found = (ChunkUse(chunk.article, 0, 0.9, True, "attached"), ChunkUse("s:a", 0, 0.5, False, "i"))
    cited = replace(
        answer("At five."),
        citations=(Citation(1, chunk, "At five.", 0.9),),
        receipt=replace(RECEIPT, chunks=found),
    )
    kept = await history.keep(asked("When?", 1, ANA), cited)
    earlier = await history.earlier("c1", ANA, 10, open_now=stored)
    assert [m.text for m in earlier] == ["When?", "At five."]
    recorded = await history.recorded(kept.reference)
    assert recorded
    assert recorded.rests_on_attached
    assert recorded.was_told_to(ANA)
    assert recorded.was_told_to(Audience.of("terminal:ana")), "who has left a group since"
    assert not recorded.was_told_to(EVERYBODY)
    assert not recorded.was_told_to(Audience.of("everyone", "terminal:ben"))
    shown = await recorded.still(ANA, stored)
    assert shown
    assert shown.receipt.chunks == found
    closed = await recorded.still(ANA, none_open)
    assert closed
    assert closed.receipt.chunks == found[:1]


async def test_a_reply_that_only_names_pages_is_not_remembered(history: History) -> None:
    unsure = replace(answer("I do not know. The nearest page is: Wages."), citations=())
    await history.keep(asked("my wage", 1, ANA), unsure)
    earlier = await history.earlier("c1", ANA, 10, open_now=all_open)
    assert [m.text for m in earlier] == ["my wage"]


async def test_signs_that_a_database_refuses_cost_no_answer(history: History) -> None:
    kept = await history.keep(asked("one\0two ñ 🦉", 1, ANA), answer("a\0b"))
    assert [m.text for m in await history.earlier("c1", ANA, 2, open_now=all_open)] == [
        "onetwo ñ 🦉",
        "ab",
    ]
    await history.keep_feedback(Feedback(kept.reference, "terminal:ana", "up", "c\0d"))
    assert [f.comment for f in await history.feedback(kept.reference)] == ["cd"]


async def test_every_answer_gets_its_own_reference(history: History) -> None:
    kept = [await history.keep(asked("q", n, ANA), answer("a")) for n in range(20)]
    references = {one.reference for one in kept}
    assert len(references) == 20
    assert all(reference.startswith("T-") and len(reference) == 6 for reference in references)


async def test_feedback_is_kept_with_its_answer(history: History) -> None:
    kept = await history.keep(asked("q", 1, ANA), answer("a"))
    up = Feedback(kept.reference, "terminal:ana", "up", "exactly")
    down = replace(up, verdict="down", comment="outdated")
    form = replace(down, comment="", fault="outdated", better="It is 20 weeks.")
    for one in (up, down, form):
        await history.keep_feedback(one)
    assert await history.feedback(kept.reference) == [up, down, form]
    assert await history.feedback("T-XXXX") == []
