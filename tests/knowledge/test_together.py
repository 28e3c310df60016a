"""Things that come while others are done are done together next, and each hears of its own."""

import asyncio
from collections.abc import Sequence

import pytest

from knowledge.together import MOST, Together


class Doer:
    """Doubles numbers, when it may; `groups` are those that it was given."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.may = asyncio.Event()

    async def do(self, numbers: Sequence[int]) -> list[int]:
        self.groups.append(list(numbers))
        await self.may.wait()
        if -13 in numbers:
            raise ValueError(numbers)
        return [2 * number for number in numbers]


async def test_what_comes_meanwhile_is_one_group_in_order() -> None:
    doer = Doer()
    together = Together(doer.do)
    adding = [asyncio.ensure_future(together.add(n)) for n in range(3)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    adding += [asyncio.ensure_future(together.add(n)) for n in range(3, MOST + 5)]
    await asyncio.sleep(0)
    doer.may.set()
    assert await asyncio.gather(*adding) == [2 * n for n in range(MOST + 5)]
    assert [len(group) for group in doer.groups] == [3, MOST, 2]
    assert await together.add(7) == 14


async def test_what_fails_fails_alone() -> None:
    doer = Doer()
    doer.may.set()
    together = Together(doer.do)
    adding = [asyncio.ensure_future(together.add(n)) for n in (12, -13, 14)]
    found = await asyncio.gather(*adding, return_exceptions=True)
    assert [found[0], found[2]] == [24, 28]
    assert isinstance(found[1], ValueError)
    with pytest.raises(ValueError, match="13"):
        await together.add(-13)


@pytest.mark.parametrize("number", [-13, 4])
async def test_whoever_waits_no_longer_takes_nobody_along(number: int) -> None:
    doer = Doer()
    together = Together(doer.do)
    gone = asyncio.ensure_future(together.add(number))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gone.cancel()
    other = asyncio.ensure_future(together.add(5))
    doer.may.set()
    assert await other == 10
    await asyncio.wait([gone])
    assert gone.cancelled()
