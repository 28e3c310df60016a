"""Calls of tools are rows that nobody changes, on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from knowledge.tool_calls import ToolCalled, ToolCalls
from tests.databases import opened

CALLED = ToolCalled(
    tool="rooms",
    person="terminal:ana",
    conversation="C1",
    arguments={"floor": 1, "words": ["Bogotá", None, "\u0000"], "deep": {"a": 1.5}},
    status="done",
    effect="read",
    seconds=0.25,
    at=datetime(2026, 5, 4, 12, 30, tzinfo=UTC),
)


@pytest.fixture
async def calls(database_url: str) -> AsyncIterator[ToolCalls]:
    """Calls in an empty database, of each kind."""
    async with opened(database_url) as engine:
        yield ToolCalls(engine)


async def test_what_was_called_is_kept_as_it_was(calls: ToolCalls) -> None:
    await calls.add(CALLED)
    assert await calls.of("C1") == [CALLED]


async def test_each_conversation_has_its_own_oldest_first(calls: ToolCalls) -> None:
    for number, conversation in enumerate(("C1", "C2", "C1")):
        await calls.add(replace(CALLED, conversation=conversation, arguments={"n": number}))
    assert [one.arguments["n"] for one in await calls.of("C1")] == [0, 2]
    assert await calls.of("C3") == []


async def test_several_at_once_are_all_written(calls: ToolCalls) -> None:
    rows = [replace(CALLED, arguments={"n": n}, status="refused") for n in range(8)]
    await asyncio.gather(*(calls.add(row) for row in rows))
    kept = await calls.of("C1")
    assert sorted(one.arguments["n"] for one in kept) == list(range(8))


def test_it_is_of_this_moment_unless_said_otherwise() -> None:
    called = ToolCalled("a", "b", "c", {}, "done", "read", 0.0)
    assert called.at.tzinfo is UTC
