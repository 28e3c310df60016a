"""The clock that stands still until a test lets time pass."""

import asyncio

from tests.fakes.stepped_clock import SteppedClock


async def test_sleepers_wake_in_order_at_the_moment_they_waited_for() -> None:
    clock = SteppedClock()
    woken: list[tuple[str, float]] = []

    async def sleep(name: str, *pauses_s: float) -> None:
        for pause_s in pauses_s:
            await clock.sleep(pause_s)
            woken.append((name, clock.now()))

    tasks = [asyncio.ensure_future(sleep(*who)) for who in (("a", 5, 1), ("b", 2, 0, 9))]
    await clock.advance(7)
    assert woken == [("b", 2.0), ("b", 2.0), ("a", 5.0), ("a", 6.0)]
    assert clock.now() == 7.0
    await clock.advance(4)
    await asyncio.gather(*tasks)
    assert woken[-1] == ("b", 11.0)
