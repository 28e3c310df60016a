"""Everything is delivered four times, to two processes at once: each message has one answer."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.storms import discord_crowd, slack_crowd
from tests.storms.crowd import Asked, until_all_ended
from tests.storms.homes import Team, fresh
from tests.storms.nursery import Serving

COPIES, MANY, BOUND_S = 4, 3, 90.0


@pytest.fixture
def own(team: Team) -> Iterator[Team]:
    """A team with a home of its own."""
    with fresh(team) as copy:
        yield copy


async def test_one_answer_each_whichever_process_hears_of_it(own: Team) -> None:
    async with (
        slack_crowd.opened() as slack,
        discord_crowd.opened(ways=("mention", "ask")) as discord,
    ):
        both = {**slack.environment, **discord.environment, "PLATFORMS": "slack,discord"}
        settings = {**own.settings, **both}
        processes = [await asyncio.to_thread(Serving, own.home, settings) for _ in range(2)]
        try:
            await slack.slack.sockets.connected(2, within_s=BOUND_S)
            await discord.ready()
            await discord.discord.until(
                lambda: sum(one.line is not None for one in discord.discord.gateway.sessions) == 2,
                within=BOUND_S,
            )
            slack.slack.faults.copies = discord.discord.events.copies = COPIES
            await slack.ask(MANY)
            await discord.ask(2 * MANY)
            for crowd in (slack, discord):
                await until_all_ended(crowd, BOUND_S)
        finally:
            ended = [await asyncio.to_thread(one.end) for one in processes]
        assert ended == [0, 0], processes[0].said()
        asked: list[Asked] = [*slack.asked(), *discord.asked()]
    assert [one.replies for one in asked] == [1] * 3 * MANY
    assert all(one.is_answered and one.is_owed for one in asked)
