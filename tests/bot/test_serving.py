"""Serving ends when a part of it fails, and says so; what stands beside it survives trouble."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.app import App
from bot.desk import Desk
from bot.serving import serve, serving
from bot.settings import Settings
from knowledge.database import transaction
from knowledge.errors import OperatorError
from tests.bot.test_schedule import until
from tests.fakes.platforms.square import Square


class TokenError(OperatorError):
    """The platform does not let us in."""


class Locked(Square):
    """A platform that lets nobody in."""

    name = "locked"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.has_failed = asyncio.Event()

    async def run(self) -> None:
        """Fail."""
        await asyncio.sleep(0)
        self.has_failed.set()
        raise TokenError("The token is wrong.", what_to_do="Set another one.")


class Patient(Square):
    """A platform where nobody says anything."""

    name = "patient"
    was_ended = False

    async def run(self) -> None:
        """Listen until it is ended."""
        try:
            await asyncio.Event().wait()
        finally:
            self.was_ended = True


async def test_a_platform_that_cannot_begin_ends_it_with_its_reason(empty_home: Path) -> None:
    async with App(Settings()) as app:
        with pytest.raises(TokenError, match="token is wrong"):
            await serve(app, [Locked(Desk(app, await app.inbox()))], asyncio.Event())
        assert await serving(await app.leases()) == []


async def test_a_platform_that_ends_for_good_takes_no_other_along(empty_home: Path) -> None:
    told = asyncio.Event()
    async with App(Settings()) as app:
        desk = Desk(app, await app.inbox())
        locked, patient = Locked(desk), Patient(desk)
        task = asyncio.create_task(serve(app, [locked, patient], told))
        await asyncio.wait_for(locked.has_failed.wait(), 30)
        done, _ = await asyncio.wait([task], timeout=0.5)
        assert not done
        told.set()
        await task
    assert patient.was_ended


async def test_who_has_lost_the_lease_of_being_alive_takes_another_one(empty_home: Path) -> None:
    told = asyncio.Event()
    async with App(Settings()) as app:
        leases, engine = await app.leases(), await app.database()
        task = asyncio.create_task(serve(app, [], told))

        async def is_alive() -> bool:
            return len(await serving(leases)) == 1

        await until(is_alive)
        async with transaction(engine) as connection:
            await connection.execute(text("UPDATE leases SET fence = fence + 1, holder = ''"))
        await until(is_alive)
        told.set()
        await task
        assert not await is_alive()
