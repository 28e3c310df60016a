"""Edits of tertulia.toml while Tertulia serves: jobs change, and rights end at once."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.alarms import Alarm
from bot.app import App
from bot.following import Follower
from bot.schedule import Schedule
from bot.settings import Settings
from knowledge.articles import Audience, Chunk
from tests.bot.team import living_in
from tests.bot.test_schedule import until
from tests.fakes.shelves import shelves

LOOK_S = 0.05
QUIET_S = 0.5
EVERYONE, ANA = Audience.of("everyone"), Audience.of("terminal:ana", "everyone")


@dataclass
class House:
    """A home with a folder, what serves in it, and what its file says."""

    home: Path
    app: App
    alarms: list[Alarm] = field(default_factory=list)
    schedule: Schedule = field(init=False)

    @property
    def folder(self) -> Path:
        return self.home / "pages"

    def says(self, *sources: str) -> None:
        """The file says this now; written as editors do it, in two steps."""
        file = self.home / "tertulia.toml"
        file.write_text("")
        file.write_text("\n".join(sources))

    def source(self, name: str = "team", *, readers: str = "everyone", **options: object) -> str:
        """A table of the file."""
        lines = {"kind": "shelf", "path": str(self.folder), "audience": [readers], **options}
        written = [f"{key} = {json.dumps(value)}" for key, value in lines.items()]
        return "\n".join([f"[sources.{name}]", *written, ""])

    async def chunks(self, page: str, reader: Audience = EVERYONE) -> list[Chunk]:
        store, _ = await (await self.app.stores()).searched()
        return await store.chunks_of(f"team:{page}.txt", reader=reader)

    async def is_read(self, page: str = "leave", reader: Audience = EVERYONE) -> bool:
        return bool(await self.chunks(page, reader))

    async def is_closed(self, page: str = "leave") -> bool:
        return not await self.chunks(page, ANA)

    async def jobs(self) -> dict[str, str]:
        return {run.job: run.rhythm for run in await (await self.app.runs()).all()}

    @asynccontextmanager
    async def served(self, *, readers_s: float = 60.0) -> AsyncIterator[None]:
        """Somebody serves here."""

        async def alarm(alarm: Alarm) -> None:
            self.alarms.append(alarm)

        app = self.app
        self.schedule = Schedule(
            await app.runs(), await app.leases(), pace=app.pace, alarms=alarm, tick_s=LOOK_S
        )
        follower = Follower(app, self.schedule, alarms=alarm, look_s=LOOK_S, readers_s=readers_s)
        await follower.start()
        tasks = [asyncio.create_task(one) for one in (self.schedule.run(), follower.run())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await self.schedule.stop(within_s=5)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages/leave.txt").write_text("Parents take 19 weeks of leave.")
    with living_in(tmp_path), shelves():
        yield tmp_path


@pytest.fixture
async def house(home: Path) -> AsyncIterator[House]:
    async with App(Settings()) as app:
        yield House(home, app)


async def test_a_source_is_read_when_it_is_written_down(house: House) -> None:
    async with house.served():
        assert await house.jobs() == {}
        house.says(house.source(schedule="every 10 minutes"))
        await until(house.is_read)
        assert await house.jobs() == {"refresh:team": "every 10 minutes"}
        house.says("[schedule]\ntimezone = 'America/Lima'\n", house.source(schedule="0 3 * * *"))
        await until(lambda: has_jobs(house, {"refresh:team": "0 3 * * * in America/Lima"}))


async def has_jobs(house: House, wanted: dict[str, str]) -> bool:
    return await house.jobs() == wanted


async def test_a_source_that_is_taken_out_is_closed_and_opens_when_it_is_back(
    house: House,
) -> None:
    house.says(house.source())
    async with house.served():
        await until(house.is_read)
        house.says("")
        await until(house.is_closed)
        await until(lambda: has_jobs(house, {}))  # a refresh may have closed it before
        house.says(house.source())
        await until(house.is_read)
    house.says("")
    async with house.served():
        await until(house.is_closed)


async def test_whoever_may_no_longer_read_a_source_reads_it_no_more(house: House) -> None:
    house.says(house.source())
    async with house.served():
        await until(house.is_read)
        house.says(house.source(readers="terminal:ana"))

        async def is_for_ana_alone() -> bool:
            return not await house.is_read() and await house.is_read(reader=ANA)

        await until(is_for_ana_alone)


async def test_a_refresh_that_runs_writes_nothing_more_for_those_who_lost_their_rights(
    house: House,
) -> None:
    for number in range(200):
        (house.folder / f"page{number:03}.txt").write_text(f"This is page {number}.")
    house.says(house.source(seconds=0.3))
    async with house.served():
        await until(house.is_read)  # the first of four batches
        house.says(house.source(seconds=0.0, readers="terminal:ana"))
        await until(lambda: is_read_by(house, "page199", ANA))
        for page in ("leave", "page000", "page100", "page199"):
            assert not await house.is_read(page)


async def is_read_by(house: House, page: str, reader: Audience) -> bool:
    return await house.is_read(page, reader)


async def test_what_another_process_wrote_for_too_many_is_put_right(house: House) -> None:
    house.says(house.source(readers="terminal:ana"))
    async with house.served(readers_s=0.1):
        await until(lambda: is_read_by(house, "leave", ANA))
        await house.app.index.relabel("team", EVERYONE)
        await until(lambda: is_closed_to_all_but_ana(house))


async def is_closed_to_all_but_ana(house: House) -> bool:
    return not await house.is_read() and await house.is_read(reader=ANA)


async def test_where_articles_say_who_may_read_them_a_change_closes_them_first(
    house: House,
) -> None:
    (house.folder / "pay.txt").write_text("for: terminal:ana\nThe chair earns 4,812 euros.")
    house.says(house.source(own=True))
    async with house.served(readers_s=0.1):
        await until(lambda: is_read_by(house, "pay", ANA))
        assert await house.is_read("leave")
        assert not await house.is_read("pay")
        house.says(house.source(own=True, readers="terminal:ben"))
        await until(lambda: is_read_by(house, "leave", Audience.of("terminal:ben")))
        assert not await house.is_read("leave")
        await until(lambda: is_read_by(house, "pay", ANA))
        assert not await house.is_read("pay")
        house.says("")
        await until(lambda: is_closed_page(house, "pay"))
        house.says(house.source(own=True, readers="terminal:ben"))
        await until(lambda: is_read_by(house, "pay", ANA))
        assert not await house.is_read("pay")


async def is_closed_page(house: House, page: str) -> bool:
    return await house.is_closed(page)


async def test_a_source_that_changes_hands_and_breaks_at_once_is_closed(house: House) -> None:
    house.says(house.source())
    async with house.served():
        await until(house.is_read)
        house.says(house.source(readers="terminal:ana", colour="red"))
        await until(house.is_closed)

        async def has_failed() -> bool:
            run = await (await house.app.runs()).of("refresh:team")
            return run is not None and "no option 'colour'" in run.said

        await until(has_failed)


async def test_a_file_that_is_written_wrong_is_an_alarm_once_and_changes_nothing(
    house: House,
) -> None:
    house.says(house.source())
    async with house.served(readers_s=0.1):
        await until(house.is_read)
        house.says(house.source(schedule="evry hour"))
        await until(lambda: bool(house.alarms))
        await asyncio.sleep(QUIET_S)
        (alarm,) = house.alarms
        assert alarm.job == "tertulia.toml"
        assert 'Did you mean "every 1 hours"' in alarm.message or "every hour" in alarm.message
        assert await house.is_read()
        house.says(house.source(schedule="every hour"))
        await asyncio.sleep(QUIET_S)
        assert len(house.alarms) == 1


async def test_a_changed_file_of_a_watched_source_is_read_soon(house: House) -> None:
    house.says(house.source(schedule="never", watch=True))
    async with house.served():
        await until(lambda: has_jobs(house, {"refresh:team": "never"}))
        (house.folder / "wifi.txt").write_text("The network is called Tejo-5G.")
        await until(lambda: is_read_by(house, "wifi", EVERYONE))
        runs = await house.app.runs()
        before = await runs.of("refresh:team")
        house.says(house.source(schedule="never", watch=False))

        async def has_run_again() -> bool:
            run = await runs.of("refresh:team")
            return bool(run and before and run.fence > before.fence and run.outcome == "done")

        await until(has_run_again)
        (house.folder / "late.txt").write_text("Nobody looks at this.")
        await asyncio.sleep(QUIET_S)
        assert not await house.is_read("late")


async def test_a_store_that_is_away_at_the_start_is_waited_for(house: House) -> None:
    house.says(house.source())
    (house.home / "index").write_text("This is no folder.")
    async with house.served():
        assert await house.jobs() == {"refresh:team": "every hour"}
        (house.home / "index").unlink()
        await until(house.is_read)


async def test_a_database_that_is_away_for_a_moment_is_waited_for(house: House) -> None:
    from sqlalchemy import text

    from knowledge.database import transaction

    house.says(house.source())
    engine = await house.app.database()
    async with house.served():
        await until(house.is_read)
        async with transaction(engine) as connection:
            await connection.execute(text("ALTER TABLE job_runs RENAME TO away"))
        house.says(house.source(), house.source("more"))
        await asyncio.sleep(QUIET_S)
        async with transaction(engine) as connection:
            await connection.execute(text("ALTER TABLE away RENAME TO job_runs"))
        wanted = {"refresh:team": "every hour", "refresh:more": "every hour"}
        await until(lambda: has_jobs(house, wanted))


async def test_a_source_that_moves_and_opens_while_somebody_serves_shows_nothing_old(
    house: House,
) -> None:
    for number in range(12):
        (house.folder / f"board{number}.txt").write_text("The board talked about the merger.")
    house.says(house.source(readers="terminal:ana"))
    (house.home / "pub").mkdir()
    (house.home / "pub/p.txt").write_text("The office opens at nine.")
    async with house.served(readers_s=0.1):
        await until(lambda: is_read_by(house, "board11", ANA))
        house.says(house.source(path=str(house.home / "pub")))
        await until(lambda: is_read_by(house, "p", EVERYONE))
        for page in ("leave", "board0", "board11"):
            assert await house.is_closed(page)


async def test_a_source_that_cannot_be_built_when_somebody_serves_is_for_fewer_all_the_same(
    house: House,
) -> None:
    house.says(house.source())
    async with house.served():
        await until(house.is_read)
    house.says(house.source(readers="terminal:ana", colour="red"))
    async with house.served():
        assert await house.is_closed()


async def test_articles_that_say_now_who_may_read_them_are_closed_first(house: House) -> None:
    for number in range(12):
        (house.folder / f"page{number}.txt").write_text("This is a page.")
    house.says(house.source(watch=False))
    async with house.served():
        await until(house.is_read)
        for page in house.folder.iterdir():  # as where a drive is not mounted: nothing can be asked
            page.unlink()
        house.says(house.source(own=True, watch=False))
        await until(house.is_closed)
