"""Leases: one at a time, over when released, taken over when silent; never two with one number."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.database import transaction
from knowledge.leases import Lease, LeaseLostError, Leases, LeaseTakenError, people
from tests.databases import opened

LEASE_S = 0.4
BOUND_S = 20


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    async with opened(database_url) as engine:
        yield engine


class Clock:
    """Seconds that a test moves on."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def leases(engine: AsyncEngine, *, clock: Callable[[], float] | None = None) -> Leases:
    """The leases as another process sees them."""
    return Leases(engine, lease_s=LEASE_S, **({"clock": clock} if clock else {}))


async def fence_of(lease: Lease) -> int:
    return lease.fence


async def leave_for_dead(engine: AsyncEngine, name: str) -> None:
    """A lease whose holder is killed: it is taken and never released."""
    await leases(engine).alone(name, fence_of)
    async with transaction(engine) as connection:
        await connection.execute(text("UPDATE leases SET holder = 'process 1 on mars x'"))


async def test_every_lease_gets_a_higher_number(engine: AsyncEngine) -> None:
    one, other = leases(engine), leases(engine)
    fences = [await each.alone("a", fence_of) for each in (one, other, one)]
    assert fences == [1, 2, 3]
    assert await other.alone("b", fence_of) == 1
    assert await one.taken() == []


async def test_who_has_a_lease_is_said_to_whoever_wants_it(engine: AsyncEngine) -> None:
    async def try_in_vain(lease: Lease) -> None:
        (taken,) = await leases(engine).taken("refresh:")
        assert (taken.name, taken.fence) == ("refresh:a_b", lease.fence)
        assert await leases(engine).taken("refresh:a%") == []
        with pytest.raises(LeaseTakenError) as caught:
            await leases(engine).alone("refresh:a_b", fence_of)
        assert f"'refresh:a_b' is being done by {people(taken.holder)} since" in str(caught.value)
        assert "process" in str(caught.value)

    await leases(engine).alone("refresh:a_b", try_in_vain)


async def test_many_at_once_are_one_after_another(engine: AsyncEngine) -> None:
    inside, most, fences = 0, 0, []

    async def work(lease: Lease) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        fences.append(lease.fence)
        await asyncio.sleep(0.01)
        inside -= 1

    async def try_until_done() -> None:
        mine = leases(engine)
        while True:
            try:
                return await mine.alone("a", work, wait_s=1)
            except LeaseTakenError:
                continue

    async with asyncio.timeout(BOUND_S):
        await asyncio.gather(*(try_until_done() for _ in range(8)))
    assert most == 1
    assert fences == sorted(fences) == list(range(1, 9))


async def test_whoever_waits_gets_the_lease_when_it_is_free(engine: AsyncEngine) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def work(_: Lease) -> None:
        begun.set()
        await may_end.wait()

    first = asyncio.create_task(leases(engine).alone("a", work))
    await begun.wait()
    second = asyncio.create_task(leases(engine).alone("a", fence_of, wait_s=BOUND_S))
    await asyncio.sleep(0.1)
    assert not second.done()
    may_end.set()
    await first
    async with asyncio.timeout(BOUND_S):
        assert await second == 2


async def test_whoever_waits_for_somebody_alive_is_told_in_the_end(engine: AsyncEngine) -> None:
    async def wait_in_vain(lease: Lease) -> None:
        with pytest.raises(LeaseTakenError):
            await leases(engine).alone("a", fence_of, wait_s=LEASE_S * 1.5)
        await lease.check()

    async with asyncio.timeout(BOUND_S):
        await leases(engine).alone("a", wait_in_vain)


async def test_a_holder_that_is_silent_for_the_lease_time_is_replaced(engine: AsyncEngine) -> None:
    await leave_for_dead(engine, "a")
    clock = Clock()
    mine = leases(engine, clock=clock)
    for seconds in (0, LEASE_S * 0.9):
        clock.now = Clock.now + seconds
        with pytest.raises(LeaseTakenError, match="mars"):
            await mine.alone("a", fence_of)
    clock.now = Clock.now + LEASE_S * 1.1
    assert await mine.alone("a", fence_of) == 2


async def test_whoever_waits_a_moment_still_finds_out_that_a_holder_is_dead(
    engine: AsyncEngine,
) -> None:
    await leave_for_dead(engine, "a")
    async with asyncio.timeout(BOUND_S):
        assert await leases(engine).alone("a", fence_of, wait_s=0.01) == 2


async def test_clocks_that_jump_take_nobody_the_lease(engine: AsyncEngine) -> None:
    async def go_through_time(lease: Lease) -> None:
        for jump in (timedelta(hours=1), timedelta(hours=-1), timedelta(days=900)):
            with time_machine.travel(datetime.now(UTC) + jump, tick=True):
                with pytest.raises(LeaseTakenError):
                    await leases(engine).alone("a", fence_of)
                await asyncio.sleep(LEASE_S / 2)
                await lease.check()

    await leases(engine).alone("a", go_through_time)


async def test_work_ends_when_its_lease_is_lost(engine: AsyncEngine) -> None:
    """What a process finds that was paused for long: somebody else has the lease."""

    async def be_robbed(lease: Lease) -> None:
        async with transaction(engine) as connection:
            await connection.execute(text("UPDATE leases SET fence = fence + 1"))
        with pytest.raises(LeaseLostError, match="silent for more than"):
            await lease.check()
        await asyncio.Event().wait()

    async with asyncio.timeout(BOUND_S):
        with pytest.raises(LeaseLostError):
            await leases(engine).alone("a", be_robbed)
    (taken,) = await leases(engine).taken()
    assert taken.fence == 2  # what is not ours any more we do not release


async def test_who_cannot_say_that_it_is_alive_stops_before_others_begin(
    engine: AsyncEngine,
) -> None:
    async def lose_the_database(_: Lease) -> None:
        async with transaction(engine) as connection:
            await connection.execute(text("ALTER TABLE leases RENAME TO away"))
        await asyncio.Event().wait()

    async with asyncio.timeout(BOUND_S):
        with pytest.raises(LeaseLostError):
            await leases(engine).alone("a", lose_the_database)


async def test_work_that_fails_or_is_cancelled_leaves_the_lease_free(engine: AsyncEngine) -> None:
    async def fail(_: Lease) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        await leases(engine).alone("a", fail)
    begun = asyncio.Event()

    async def hang(_: Lease) -> None:
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(leases(engine).alone("a", hang))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await leases(engine).alone("a", fence_of) == 3


async def test_names_that_nobody_uses_any_more_are_forgotten(engine: AsyncEngine) -> None:
    await leases(engine).alone("serve:1", fence_of)
    await leases(engine).alone("refresh:a", fence_of)
    await leases(engine).forget_silent("serve:", longer_than=timedelta(days=1))
    assert await leases(engine).alone("serve:1", fence_of) == 2
    with time_machine.travel(datetime.now(UTC) + timedelta(days=2)):
        await leases(engine).forget_silent("serve:", longer_than=timedelta(days=1))
    assert await leases(engine).alone("serve:1", fence_of) == 1
    assert await leases(engine).alone("refresh:a", fence_of) == 2
