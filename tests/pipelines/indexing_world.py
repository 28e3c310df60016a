"""A folder of files, and a Tertulia in a folder beside it, for the tests of refreshing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from knowledge.articles import Audience, Chunk
from knowledge.database import close_database, open_database
from knowledge.ledger import Ledger
from knowledge.parsing import Limits
from knowledge.sources import Content, Entry, Notes
from knowledge.sources.files import FileSource, build
from knowledge.stores.embedded import EmbeddedStore
from pipelines.indexing import Wish, refresh
from pipelines.refresh_report import RefreshReport
from pipelines.removing import forget

EVERYONE = Audience.of("everyone")


class WatchedFiles(FileSource):
    """A folder that remembers which of its files were parsed."""

    read_paths: list[str]

    async def entries(self, since: str, notes: Notes) -> AsyncIterator[Entry]:
        """As the folder has them; from here on it remembers."""
        self.read_paths = []
        async for entry in super().entries(since, notes):
            yield entry

    async def read(self, entry: Entry) -> Content:
        """As the folder reads it."""
        self.read_paths.append(entry.path)
        return await super().read(entry)


@dataclass
class World:
    """Folders of files below `home`, and a Tertulia that knows them."""

    home: Path
    store: EmbeddedStore
    ledger: Ledger

    @property
    def folder(self) -> Path:
        """The folder of the source that is called `docs`."""
        return self.home / "docs"

    def source(
        self, audience: Audience = EVERYONE, *, name: str = "docs", max_file_mb: float = 50
    ) -> FileSource:
        """The folder of this name as a source."""
        path = self.home / name
        return build(name=name, path=path, audience=audience, max_file_mb=max_file_mb)

    async def refresh(
        self,
        *,
        wish: Wish | None = None,
        audience: Audience = EVERYONE,
        name: str = "docs",
        max_file_mb: float = 50,
    ) -> RefreshReport:
        """Refresh one source; the figures of the report fit together."""
        source = self.source(audience, name=name, max_file_mb=max_file_mb)
        report = await refresh(source, store=self.store, ledger=self.ledger, wish=wish)
        assert report.found == report.indexed + report.unchanged + len(report.failed)
        return report

    async def refresh_watched(
        self, limits: Limits | None = None
    ) -> tuple[RefreshReport, list[str]]:
        """A refresh, and the paths that were parsed for it."""
        source = WatchedFiles(
            name="docs", path=self.folder, audience=EVERYONE, limits=limits or Limits()
        )
        report = await refresh(source, store=self.store, ledger=self.ledger)
        return report, source.read_paths

    async def forget(self, name: str = "docs") -> int:
        """Forget a source."""
        return await forget(name, store=self.store, ledger=self.ledger)

    async def chunks(
        self, path: str, reader: Audience = EVERYONE, *, name: str = "docs"
    ) -> list[Chunk]:
        """What this reader sees of an article."""
        return await self.store.chunks_of(f"{name}:{path}", reader=reader)

    async def text(self, path: str, *, name: str = "docs") -> str:
        """What everybody may read of an article."""
        return "\n".join(chunk.text for chunk in await self.chunks(path, name=name))


@asynccontextmanager
async def open_world(home: Path) -> AsyncIterator[World]:
    """The Tertulia of this folder, as it was left or new."""
    (home / "docs").mkdir(exist_ok=True)
    engine = await open_database(f"sqlite+aiosqlite:///{home / 'tertulia.db'}")
    store = await EmbeddedStore.open(home / "store", dimensions=4, model="test")
    try:
        yield World(home, store, Ledger(engine))
    finally:
        await store.close()
        await close_database(engine)


def figures(report: RefreshReport) -> tuple[int, int, int, int, int]:
    """Found, indexed, unchanged, deleted, failed."""
    failed = len(report.failed)
    return report.found, report.indexed, report.unchanged, report.deleted, failed
