"""Requests that Discord did not want wait at a door, one by one, no longer than asked."""

import asyncio

import aiohttp
import discord
import pytest

from bot.platforms.discord.doors import LONGEST_WAIT_S, Doors
from tests.fakes.hurried_loop import hurried
from tests.fakes.loopback import LoopbackServer, Reply, Request

TIMES = 20.0


class Busy:
    """Says 429 for some answers, then 200; notes when it was asked."""

    def __init__(self, *pauses: str) -> None:
        self.pauses = list(pauses)
        self.asked_at: list[float] = []

    def respond(self, _: Request) -> Reply:
        self.asked_at.append(asyncio.get_running_loop().time())
        if not self.pauses:
            return Reply.of({})
        return Reply(status=429, headers={"Retry-After": self.pauses.pop(0)})


def statuses(busy: Busy, calls: int) -> list[int]:
    """What this many calls at a time get, after a first one."""

    async def main() -> list[int]:
        async with (
            LoopbackServer(busy.respond) as server,
            aiohttp.ClientSession(trace_configs=[Doors().trace()]) as session,
        ):

            async def call() -> int:
                async with session.get(f"{server.url}/x") as response:
                    return response.status

            first = await call()
            return [first, *await asyncio.gather(*(call() for _ in range(calls)))]

    with asyncio.Runner(loop_factory=hurried(TIMES)) as runner:
        return runner.run(main())


def test_nobody_asks_early_and_one_finds_out_for_all() -> None:
    busy = Busy("10", "20")
    assert statuses(busy, 3) == [429, 429, 200, 200]
    first, second, third, _ = busy.asked_at
    assert second - first >= 10
    assert third - second >= 20


def test_a_pause_that_is_no_number_is_a_second() -> None:
    busy = Busy("soon")
    assert statuses(busy, 1) == [429, 200]
    assert busy.asked_at[1] - busy.asked_at[0] >= 1


def test_a_longer_wait_is_told_and_not_waited_for() -> None:
    busy = Busy(str(2 * LONGEST_WAIT_S))
    with pytest.raises(discord.RateLimited):
        statuses(busy, 1)
    assert len(busy.asked_at) == 1


async def test_a_broken_call_keeps_the_door_shut_for_nobody() -> None:
    doors, told = Doors(), Busy("0")
    async with aiohttp.ClientSession(trace_configs=[doors.trace()]) as session:
        async with LoopbackServer(told.respond) as server:
            url = f"{server.url}/x"
            async with session.get(url) as response:
                assert response.status == 429
        for _ in range(2):  # nobody listens any more
            with pytest.raises(aiohttp.ClientError):
                await session.get(url)
