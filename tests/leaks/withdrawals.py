"""How long a right still counts after it was withdrawn, while somebody serves with our defaults.

Two ways to withdraw one: the audience of a source in `tertulia.toml`, and the readers that an
article has at its source. What counts is when a search of another process does not find it any
more. Changes come at random moments.
"""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic

from bot.app import App
from bot.serving import serve
from bot.settings import Settings
from knowledge.articles import Audience
from tests.bot.team import living_in
from tests.fakes.shelves import shelves

EVERYONE = Audience.of("everyone")
OPEN, CLOSED = "everyone", "terminal:ana"
LONGEST_S = 300.0


@dataclass
class House:
    """A home with sources, each with one page.

    Attributes:
        audiences: of each source, as the file says.
    """

    home: Path
    audiences: dict[str, str]
    has_own: dict[str, bool]

    def write(self) -> None:
        """Write down the sources."""
        tables = [
            f'[sources.{name}]\nkind = "shelf"\npath = "{self.home / name}"\n'
            f"audience = {json.dumps([readers])}\nown = {json.dumps(self.has_own[name])}\n"
            "watch = false\n"  # a database tells nobody that it changed
            for name, readers in self.audiences.items()
        ]
        new = self.home / "new"
        new.write_text("\n".join(tables), encoding="utf-8")
        new.replace(self.home / "tertulia.toml")

    def write_page(self, name: str, readers: str) -> None:
        """Let the page of a source be for these."""
        (self.home / name).mkdir(exist_ok=True)
        text = f"for: {readers}\nThere are 27 days of leave in the house of {name}.\n"
        (self.home / name / "leave.txt").write_text(text, encoding="utf-8")

    def say(self, name: str, readers: str) -> None:
        """Change who may read a source."""
        if self.has_own[name]:
            self.write_page(name, readers)
        else:
            self.audiences[name] = readers
            self.write()


async def measured(home: Path, count: int, seed: int = 7) -> dict[str, list[float]]:
    """Seconds until a right did not count any more: `count` of each kind."""
    names = ["file", *(f"own{n}" for n in range(max(1, count // 3)))]
    has_own = {name: name != "file" for name in names}
    house = House(home, dict.fromkeys(names, OPEN), has_own)
    for name in names:
        house.write_page(name, OPEN)
    house.write()
    told, found = asyncio.Event(), dict[str, list[float]](file=[], articles=[])
    async with App(Settings()) as app, App(Settings()) as reader:
        serving = asyncio.create_task(serve(app, [], told))
        try:
            async with asyncio.TaskGroup() as group:
                for name in names:
                    times = found["articles" if has_own[name] else "file"]
                    rounds = 3 if has_own[name] else count
                    random = Random(f"{seed} {name}")
                    group.create_task(_withdrawn(house, reader, name, times, rounds, random))
        finally:
            told.set()
            await serving
    return found


async def _withdrawn(
    house: House, reader: App, name: str, times: list[float], rounds: int, random: Random
) -> None:
    for _ in range(rounds):
        await _until(reader, name, is_open=True)
        await asyncio.sleep(random.uniform(0, 30 if house.has_own[name] else 5))
        house.say(name, CLOSED)
        started = monotonic()
        await _until(reader, name, is_open=False)
        times.append(monotonic() - started)
        house.say(name, OPEN)


async def _until(reader: App, name: str, *, is_open: bool) -> None:
    async with asyncio.timeout(LONGEST_S):
        while True:
            store, _ = await (await reader.stores()).searched()
            if bool(await store.chunks_of(f"{name}:leave.txt", reader=EVERYONE)) is is_open:
                return
            await asyncio.sleep(0.2)


def withdrawn(count: int) -> dict[str, list[float]]:
    """Measure: seconds by the way in which a right was withdrawn, about `count` of each."""
    prefix = "tertulia-withdrawals-"
    with TemporaryDirectory(prefix=prefix) as name, living_in(Path(name)), shelves():
        return asyncio.run(measured(Path(name), count))
