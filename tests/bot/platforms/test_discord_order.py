"""Of many who ask at once everybody sees a sign before anybody sees two."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.platforms.discord.calling import BEHIND_S, QUIET_S, Calls
from bot.platforms.discord.posting import InChannel
from bot.platforms.discord.spot import Spot
from bot.platforms.discord.views import in_the_making
from tests.bot.platforms.discord_world import answering, serving_discord
from tests.fakes.discord.channels import open_thread
from tests.fakes.hurried_loop import hurried

__all__ = ["answering"]

TIMES = 20.0


@asynccontextmanager
async def going_first(calls: Calls) -> AsyncIterator[None]:
    """One sign after another, meanwhile."""

    async def signs() -> None:
        while True:
            async with calls.calling("a sign", is_sign=True):
                await asyncio.sleep(QUIET_S / 2)

    task = asyncio.create_task(signs())
    await asyncio.sleep(0)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def draft(calls: Calls) -> None:
    """A call that goes behind those who go first."""
    async with calls.calling("a draft"):
        pass


async def test_who_goes_behind_waits_until_no_more_have_come_for_a_moment() -> None:
    calls, went = Calls(), list[str]()

    async def call(doing: str, *, is_sign: bool = False) -> None:
        async with calls.calling(doing, is_sign=is_sign):
            went.append(doing)

    calls.connected.set()
    await call("sign", is_sign=True)
    drafts = asyncio.create_task(call("draft"))
    for _ in range(5):
        await asyncio.sleep(QUIET_S / 10)
        await call("sign", is_sign=True)
    await drafts
    assert went == ["sign"] * 6 + ["draft"]


def test_nobody_waits_for_ever_nor_where_nobody_goes_first() -> None:
    async def main() -> float:
        calls, loop = Calls(), asyncio.get_running_loop()
        calls.connected.set()
        async with calls.calling("a draft"):
            began = loop.time()
        async with going_first(calls), calls.calling("another draft"):
            return loop.time() - began

    with asyncio.Runner(loop_factory=hurried(TIMES)) as runner:
        assert runner.run(main()) >= BEHIND_S


async def test_one_call_that_discord_holds_back_is_in_the_way_for_a_moment_only() -> None:
    calls = Calls()
    calls.connected.set()
    async with asyncio.timeout(BEHIND_S), calls.calling("a thread", is_sign=True):
        await draft(calls)


async def test_the_first_message_in_a_place_that_is_there_waits_for_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving_discord(monkeypatch) as world:
        client, ana, guild = world.platform.client, world.ana, world.guild.id
        thread = open_thread(world.channel, "Leave", ana.user)
        direct = Spot("1", ana.id, channel=ana.direct.id)
        inside = Spot("2", ana.id, guild=guild, channel=thread.id, parent=world.channel.id)
        async with going_first(client.calls):
            behind = asyncio.create_task(draft(client.calls))
            for spot in (direct, inside):
                await InChannel(client, spot).begin(in_the_making("…", spot.mark, "en"))
            assert not behind.done()
        await behind
