"""Who may read what is known is what the file says, whoever looks first; nothing old is opened."""

import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot import settling
from bot.app import App
from bot.settings import Settings
from bot.source_entry import StructureError
from bot.stores import EmbeddedStores, Stores
from knowledge.articles import Audience
from knowledge.errors import TertuliaError
from knowledge.stores import ChunkStore
from knowledge.stores.embedded import EmbeddedStore
from pipelines import indexing
from pipelines.indexing import Wish
from pipelines.models import Embedder
from pipelines.refresh_report import RefreshReport
from tests.bot.team import Tertulia, living_in, write
from tests.fakes.shelves import shelves

EVERYONE, ANA, BEN = "everyone", "terminal:ana", "terminal:ben"


@dataclass
class House:
    """A home with two folders of pages, of a board and of everybody."""

    home: Path
    app: App

    def says(self, folder: str, *readers: str, **options: object) -> None:
        """The file says this now, as somebody has written it by hand."""
        lines = {"kind": "shelf", "path": str(self.home / folder), "audience": readers, **options}
        written = [f"{key} = {json.dumps(value)}" for key, value in lines.items()]
        (self.home / "tertulia.toml").write_text("\n".join(["[sources.hub]", *written]))

    async def refresh(self, wish: Wish | None = None) -> RefreshReport:
        return await self.app.index.refresh(self.app.structure.source("hub"), wish)

    async def settle(self) -> set[str]:
        return await self.app.settling.follow()

    async def pages(self, *reader: str) -> set[str]:
        """The pages that this reader finds."""
        store, _ = await (await self.app.stores()).searched()
        found = {}
        for article in await store.articles("hub"):
            found[article] = await store.chunks_of(article, reader=Audience.of(*reader))
        return {article.removeprefix("hub:") for article, chunks in found.items() if chunks}


class TwoVersions(EmbeddedStores):
    """A store, and an older version of it that nobody searches or writes now."""

    older: EmbeddedStore

    async def every(self) -> list[ChunkStore]:
        """Both."""
        return [*await super().every(), self.older]


class VersionedApp(App):
    """Tertulia with two versions of the index, as on a server."""

    async def _stores_with(self, embedder: Embedder) -> Stores:
        stores = await TwoVersions.open(self.settings, embedder)
        assert isinstance(stores, TwoVersions)
        stores.older = await EmbeddedStore.open(
            self.settings.home.index / "older", dimensions=embedder.dimensions, model=embedder.name
        )
        self._closing.push_async_callback(stores.older.close)
        self._closing.push_async_callback(stores.close)
        return stores


async def test_an_older_version_of_the_index_opens_nothing_of_the_old_place(house: House) -> None:
    async with VersionedApp(Settings()) as app:
        versioned = House(house.home, app)
        house.says("board", ANA)
        _, older = await (await app.stores()).every()
        source = app.structure.built(app.structure.source("hub"))
        await indexing.refresh(source, store=older, ledger=await app.ledger())
        await versioned.refresh()
        house.says("pub", ANA)
        await versioned.refresh()
        assert await versioned.pages(ANA) == {"p.txt"}
        await versioned.refresh()
        house.says("pub", EVERYONE)
        await versioned.settle()
        everybody = Audience.of(EVERYONE)
        assert len(await older.articles("hub")) == 12
        assert not await older.chunks_of("hub:m1.txt", reader=everybody)
        await versioned.refresh()
        assert await versioned.pages(EVERYONE) == {"p.txt"}
        assert not await older.chunks_of("hub:m1.txt", reader=everybody)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    board = {f"m{n}.txt": f"The board met {n} times about the merger." for n in range(12)}
    write(tmp_path / "board", board)
    write(tmp_path / "pub", {"p.txt": "The office opens at nine."})
    with living_in(tmp_path), shelves():
        async with App(Settings()) as app:
            yield House(tmp_path, app)


async def test_another_place_opens_nothing_of_the_old_one(house: House) -> None:
    house.says("board", ANA)
    await house.refresh()
    house.says("pub", EVERYONE)
    assert await house.settle() == {"hub"}
    assert await house.pages(EVERYONE) == await house.pages(ANA) == set()
    assert await house.settle() == {"hub"}
    assert await house.pages(EVERYONE) == set()
    report = await house.refresh()
    assert (report.indexed, await house.pages(EVERYONE)) == (1, {"p.txt"})
    assert await house.settle() == set()


async def test_a_refresh_alone_opens_nothing_of_another_place(house: House) -> None:
    house.says("board", ANA)
    await house.refresh()
    house.says("nowhere", EVERYONE)
    opened: list[set[str]] = []
    with suppress(TertuliaError):
        await house.refresh()
    assert await house.pages(EVERYONE, ANA) == set()
    house.says("board", ANA)
    await house.refresh()

    async def look() -> None:
        opened.append(await house.pages(EVERYONE))

    house.says("pub", EVERYONE)
    await house.refresh(Wish(checkpoint=look))
    assert not any(any(page.startswith("m") for page in pages) for pages in opened)
    assert await house.pages(EVERYONE) == {"p.txt"}


async def test_the_old_place_is_readable_for_the_same_people_until_the_new_one_is_read(
    house: House,
) -> None:
    house.says("board", ANA, BEN)
    await house.refresh()
    house.says("pub", BEN)
    await house.settle()
    assert await house.pages(ANA) == set()
    assert len(await house.pages(BEN)) == 12
    report = await house.refresh()
    assert (report.deleted, await house.pages(BEN)) == (12, {"p.txt"})
    house.says("pub", EVERYONE)
    assert await house.settle() == set()
    assert await house.pages(EVERYONE) == {"p.txt"}


async def test_a_refresh_of_another_place_that_was_killed_opens_nothing_later(
    house: House,
) -> None:
    class KilledError(Exception):
        pass

    def die(_report: RefreshReport) -> None:
        raise KilledError

    house.says("board", ANA)
    await house.refresh()
    house.says("pub", ANA)
    with pytest.raises(KilledError):
        await house.refresh(Wish(progress=die))
    assert await house.pages(ANA) > {"p.txt"}
    for folder in ("pub", "board"):
        house.says(folder, EVERYONE)
        await house.settle()
        assert await house.pages(EVERYONE, ANA) == set()


async def test_readers_that_come_while_another_place_is_read_wait_for_its_end(
    house: House,
) -> None:
    house.says("board", ANA)
    await house.refresh()
    house.says("pub", ANA)
    await house.refresh(Wish(progress=lambda _: house.says("pub", EVERYONE, ANA)))
    assert await house.pages(ANA) == {"p.txt"}
    assert await house.pages(EVERYONE) == set()
    await house.settle()
    assert await house.pages(EVERYONE) == {"p.txt"}


def test_what_cannot_be_read_at_another_place_is_not_known_from_the_old_one(
    home: Path, tertulia: Tertulia, tmp_path: Path
) -> None:
    second = write(tmp_path / "second", {"wifi.txt": "Nothing here.", "leave.md": "x" * 2000})
    command = ["source", "add", "team", "files", "--path", str(second), "--replace"]
    assert tertulia(*command, "--option", "max_file_mb=0.001").code == 0
    (report,) = tertulia("refresh", "team", "--json").value["sources"]
    assert (report["indexed"], [one["article"] for one in report["failed"]]) == (
        1,
        ["team:leave.md"],
    )
    found = tertulia("search", "parental leave", "--json").value["chunks"]
    assert {chunk["article"] for chunk in found} == {"team:wifi.txt"}


async def test_a_source_that_cannot_be_built_is_for_nobody_beyond_its_entry(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAIT", "0")
    house.says("board", EVERYONE, ANA, seconds="${WAIT}")
    await house.refresh()
    monkeypatch.delenv("WAIT")
    house.says("board", ANA, seconds="${WAIT}")
    await house.settle()
    assert await house.pages(EVERYONE) == set()
    assert len(await house.pages(ANA)) == 12
    house.says("board", ANA, BEN, colour="red")
    await house.settle()
    assert await house.pages(ANA) == await house.pages(BEN) == set()


async def test_without_knowing_what_it_is_a_source_that_cannot_be_built_is_closed(
    house: House,
) -> None:
    house.says("board", ANA)
    await house.refresh()
    await (await house.app.ledger()).terms("hub").forget()  # as an older version has left it
    house.says("board", ANA, colour="red")
    assert await house.settle() == {"hub"}
    assert await house.pages(ANA) == set()


async def test_rows_that_say_now_who_may_read_them_are_closed_until_they_are_asked(
    house: House,
) -> None:
    (house.home / "pub/pay.txt").write_text(f"for: {ANA}\nThe chair earns 4,812 euros.")
    house.says("pub", EVERYONE)
    await house.refresh()
    house.says("pub", EVERYONE, own=True)
    assert await house.settle() == {"hub"}
    assert await house.pages(EVERYONE) == set()
    await house.refresh()
    assert (await house.pages(EVERYONE), await house.pages(ANA)) == ({"p.txt"}, {"pay.txt"})
    house.says("pub", BEN, own=True)
    assert await house.settle() == {"hub"}
    assert await house.pages(EVERYONE, ANA) == set()
    await house.refresh()
    assert (await house.pages(BEN), await house.pages(ANA)) == ({"p.txt"}, {"pay.txt"})
    house.says("pub", BEN, own=False)
    assert await house.settle() == {"hub"}
    assert await house.pages(BEN) == await house.pages(ANA) == set()


def test_a_file_that_names_fewer_readers_counts_for_whoever_asks_next(
    home: Path, tertulia: Tertulia
) -> None:
    def found(*more: str) -> bool:
        chunks = tertulia("search", "parental leave", "--json", *more).value["chunks"]
        return any(chunk["article"] == "team:leave.md" for chunk in chunks)

    assert found("--as", BEN)
    file = home / "tertulia.toml"
    team, board = file.read_text().split("[sources.board]")
    written = team.replace(EVERYONE, ANA)
    file.write_text(f"{written}[sources.board]{board}")
    assert not found("--as", BEN)
    assert found("--as", ANA)
    file.write_text(f"[sources.board]{board}")
    assert not found("--as", ANA)
    file.write_text("[sources")
    assert not found("--as", ANA)


async def test_a_long_conversation_follows_the_file_too(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.says("pub", EVERYONE)
    await house.refresh()
    await house.app.retriever()
    house.says("pub", ANA)
    await house.app.retriever()
    assert await house.pages(EVERYONE) == {"p.txt"}
    async with App(Settings()) as later:
        await later.retriever()
    assert await house.pages(EVERYONE) == set()


def test_another_place_and_more_readers_in_one_command_show_nothing_old(
    home: Path, tertulia: Tertulia, tmp_path: Path
) -> None:
    pub = write(tmp_path / "pub", {"p.md": "The office opens at nine."})
    command = ["source", "add", "board", "files", "--path", str(pub), "--audience", EVERYONE]

    def found() -> str:
        return tertulia("search", "the pay of the chair", "--as", BEN, "--json", "--top", "100").out

    assert tertulia(*command, "--replace").code == 0
    assert "4,812" not in found()
    assert tertulia("refresh", "board").code == 0
    assert "4,812" not in found()
    assert "opens at nine" in found()


def test_a_name_that_is_taken_again_by_hand_shows_nothing_old(
    empty_home: Path, tertulia: Tertulia, tmp_path: Path
) -> None:
    board = {f"pay{n}.md": f"The chair of club {n} earns 4,812 euros." for n in range(12)}
    old, pub = write(tmp_path / "old", board), write(tmp_path / "pub", {"p.md": "Hello."})
    command = ["source", "add", "club", "files", "--path"]
    assert tertulia(*command, str(old), "--audience", ANA).code == 0
    assert tertulia("refresh").code == 0
    (empty_home / "tertulia.toml").write_text("")
    assert tertulia(*command, str(pub)).code == 0
    search = ["search", "what the chair earns", "--as", BEN, "--json", "--top", "100"]
    assert "4,812" not in tertulia(*search).out
    assert tertulia("refresh", "club").code == 0
    (chunk,) = tertulia(*search).value["chunks"]
    assert chunk["article"] == "club:p.md"


async def test_another_process_that_closes_a_source_is_heard_by_a_refresh(house: House) -> None:
    """What is read of one place, while the file names another by now, is for nobody."""
    house.says("board", ANA)
    entry = house.app.structure.source("hub")
    await house.refresh()
    house.says("pub", EVERYONE)
    await house.app.index.refresh(entry)
    assert await house.pages(EVERYONE, ANA) == set()
    assert settling.readers_now(house.app, entry) == Audience()


async def test_another_place_behind_a_name_of_the_environment_opens_nothing_old(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLACE", str(house.home / "board"))
    house.says("${PLACE}", ANA, path="${PLACE}")
    await house.refresh()
    assert len(await house.pages(ANA)) == 12
    monkeypatch.setenv("PLACE", str(house.home / "pub"))
    house.says("${PLACE}", EVERYONE, path="${PLACE}")
    assert await house.settle() == {"hub"}
    assert await house.pages(EVERYONE) == set()
    await house.refresh()
    assert await house.pages(EVERYONE) == {"p.txt"}


async def test_who_does_not_know_the_environment_closes_nothing_and_opens_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLACE", str(house.home / "board"))
    house.says("${PLACE}", ANA, path="${PLACE}")
    await house.refresh()
    monkeypatch.delenv("PLACE")
    await house.settle()
    assert len(await house.pages(ANA)) == 12
    house.says("${PLACE}", EVERYONE, path="${PLACE}/sub")
    await house.settle()
    assert await house.pages(EVERYONE) == set()


async def test_what_is_kept_of_an_unknown_place_is_shown_to_nobody(house: House) -> None:
    house.says("board", ANA)
    await house.refresh()
    await (await house.app.ledger()).terms("hub").forget()
    house.says("pub", EVERYONE)
    assert await house.settle() == {"hub"}
    assert await house.pages(ANA, EVERYONE) == set()


async def test_a_source_that_only_the_store_knows_is_closed_where_the_file_does_not_name_it(
    house: House,
) -> None:
    house.says("board", ANA)
    await house.refresh()
    ledger = await house.app.ledger()
    await ledger.forget("hub", [path async for path in ledger.paths("hub")])
    assert await ledger.articles() == {}
    (house.home / "tertulia.toml").write_text("[schedule]\n")
    await house.settle()
    assert await house.pages(ANA) == set()


async def test_a_right_that_is_withdrawn_counts_whatever_else_is_wrong_in_the_file(
    house: House,
) -> None:
    house.says("board", EVERYONE)
    await house.refresh()
    house.says("board", ANA, schedule="evry hour")
    with pytest.raises(StructureError, match="evry hour"):
        await house.settle()
    assert await house.pages(EVERYONE) == set()
    assert len(await house.pages(ANA)) == 12


async def test_a_file_that_is_gone_opens_nothing(house: House) -> None:
    house.says("board", EVERYONE)
    await house.refresh()
    (house.home / "tertulia.toml").unlink()
    await house.app.retriever()
    assert await house.pages(EVERYONE) == set()
