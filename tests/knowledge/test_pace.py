"""How fast a site is asked, and when it is left alone."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from knowledge.fetching import Fetcher, FetchFailedError
from knowledge.sources.website.pace import HostClosedError, Pace
from tests.fakes.clock import HurriedClock
from tests.fakes.loopback import LoopbackServer, Reply, Request


class World:
    """A server with a list of replies, and somebody who asks it politely."""

    def __init__(self, server: LoopbackServer, fetcher: Fetcher) -> None:
        self.server = server
        self.replies: list[Reply] = []
        self.clock = HurriedClock()
        self.fetcher = fetcher
        self.pace = self.made()

    def made(self) -> Pace:
        return Pace(self.fetcher, requests_per_second=4, concurrency=2, clock=self.clock)

    def reply(self, _: Request) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    async def status(self) -> int:
        async with self.pace.get(self.server.url) as reply:
            return reply.status

    async def text(self) -> bytes:
        async with self.pace.get(self.server.url) as reply:
            return await reply.start(max_bytes=10)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with LoopbackServer(lambda request: made.reply(request)) as server:
        fetcher = Fetcher(allow_private=["127.0.0.1"])
        made = World(server, fetcher)
        made.replies = [Reply()]
        yield made
        await fetcher.close()


async def test_between_two_requests_there_is_the_time_that_was_agreed(world: World) -> None:
    for _ in range(3):
        await world.status()
    assert world.clock.slept == [0.25, 0.25]
    world.pace.slow_down(world.server.url, 7)
    await world.status()
    await world.status()
    assert world.clock.slept[-1] == 7
    world.pace.slow_down(world.server.url, 3600)
    await world.status()
    await world.status()
    assert world.clock.slept[-1] == 60


@pytest.mark.parametrize("status", [429, 503])
async def test_a_busy_site_is_asked_again_when_it_says(world: World, status: int) -> None:
    world.replies = [Reply(b"", status, headers={"Retry-After": "20"}), Reply()]
    assert await world.status() == 200
    assert world.clock.slept == [20]


async def test_a_date_is_as_good_as_seconds_and_nothing_said_means_longer_each_time(
    world: World,
) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=30))
    past = "Mon, 01 Jan 2024 10:00:00 -0000"
    world.replies = [
        Reply(b"", 503, headers={"Retry-After": soon}),
        Reply(b"", 503, headers={"Retry-After": past}),
        Reply(),
    ]
    assert await world.status() == 200
    assert 20 < world.clock.slept[0] <= 30
    assert world.clock.slept[1] == 1
    world.clock.slept.clear()
    world.replies = [Reply(b"", 429), Reply(b"", 429), Reply()]
    assert await world.status() == 200
    assert world.clock.slept[-2:] == pytest.approx([2, 4])


async def test_a_site_that_wants_to_be_left_alone_for_long_is_left_alone(world: World) -> None:
    world.replies = [Reply(b"", 429, headers={"Retry-After": "3600"})]
    for _ in range(3):
        with pytest.raises(HostClosedError, match="3600 seconds"):
            await world.status()
    assert len(world.server.requests) == 1


async def test_a_site_that_stays_busy_fails_this_page_and_is_left_alone_after_some(
    world: World,
) -> None:
    world.replies = [Reply(b"", 503, headers={"Retry-After": "1"})]
    for _ in range(5):
        with pytest.raises(FetchFailedError, match=r"too busy|does not answer any more"):
            await world.status()
    asked = len(world.server.requests)
    assert asked == 15
    with pytest.raises(HostClosedError):
        await world.status()
    assert len(world.server.requests) == asked


async def test_a_site_that_has_died_is_not_waited_for_page_by_page(world: World) -> None:
    for reply, requests in ((Reply(b"", cut_at=0, status=0), 5), (Reply(b"xyz", cut_at=1), 20)):
        world.replies = [reply]
        world.pace = world.made()
        world.server.requests.clear()
        for _ in range(requests):
            with pytest.raises(FetchFailedError, match="broke off"):
                await world.text()
        with pytest.raises(HostClosedError, match="does not answer any more"):
            await world.text()
        assert len(world.server.requests) == requests


async def test_one_good_answer_makes_up_for_those_that_broke_off(world: World) -> None:
    for _ in range(3):
        world.replies = [Reply(b"xyz", cut_at=1)]
        for _ in range(19):
            with pytest.raises(FetchFailedError):
                await world.text()
        world.replies = [Reply(b"xyz")]
        assert await world.text() == b"xyz"
