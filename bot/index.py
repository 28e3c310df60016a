"""What is known: brought up to date, labelled, taken out; in every version of the index."""

import asyncio
from typing import TYPE_CHECKING

from bot import settling
from bot.source_entry import SourceEntry
from bot.stores import ElasticStores, Swap
from knowledge.articles import Audience
from knowledge.sources import Source
from knowledge.stores import StoreState
from pipelines import indexing, removing, sketching
from pipelines.embedding import embed_waiting
from pipelines.refresh_report import RefreshReport

if TYPE_CHECKING:
    from bot.app import App
    from knowledge.stores.elastic import ElasticIndexes


class Index:
    """The index of an app, whichever store has it."""

    def __init__(self, app: "App") -> None:
        self._app = app

    async def refresh(self, entry: SourceEntry, wish: indexing.Wish | None = None) -> RefreshReport:
        """Bring the index up to date with one source; afterwards all of it can be searched.

        Whoever calls this has the lease of the source's job.
        """
        source = self._app.structure.built(entry)
        wish = await settling.begin(self._app, entry, wish or indexing.Wish())
        report = await self.take_in(source, wish)
        await settling.end(self._app, entry)
        return report

    async def take_in(self, source: Source, wish: indexing.Wish | None = None) -> RefreshReport:
        """The same with a source that is not one of the team's."""
        store = await (await self._app.stores()).written(force=wish.force if wish else False)
        ledger = await self._app.ledger()
        report = await indexing.refresh(source, store=store, ledger=ledger, wish=wish)
        await sketching.sketch_waiting(store, await self._app.words(await self._app.embedder()))
        return report

    async def sources(self) -> set[str]:
        """The sources that have anything in a version of the index."""
        stores = await (await self._app.stores_without_server()).every()
        return {name for store in stores for name in await store.sources()}

    async def relabel(self, name: str, audience: Audience) -> None:
        """Let this audience and nobody else see what is known from a source."""
        for store in await (await self._app.stores_without_server()).every():
            await store.relabel(name, audience)

    async def close(self, name: str) -> None:
        """Let nobody see what is known from a source, until it is refreshed."""
        ledger = await self._app.ledger()
        for store in await (await self._app.stores_without_server()).every():
            await removing.close(name, store=store, ledger=ledger)

    async def forget(self, name: str) -> int:
        """Take everything that came from a source out of the index; the number of articles.

        Whoever calls this has the lease of the source's job.
        """
        ledger = await self._app.ledger()
        stores = await (await self._app.stores_without_server()).every()
        forgotten = [await removing.forget(name, store=s, ledger=ledger) for s in stores]
        await ledger.terms(name).forget()  # last: after a kill it is still known what is left
        return max(forgotten, default=0)

    async def complete(
        self, seconds: float | None = None, *, force: bool = False
    ) -> tuple[StoreState, Swap | None]:
        """Give vectors to chunks that have none, to the end or for some seconds.

        Where this was the next version of the index, it is taken into use if it is ready; `force`
        takes it although it is smaller than the one before.
        """
        stores, embedder = await self._app.stores(), await self._app.embedder()
        store = await stores.written(force=force)
        try:
            async with asyncio.timeout(seconds):
                await embed_waiting(store, embedder, should_pause=self._app.pace.is_busy)
                words = await self._app.words(embedder)
                await sketching.learn_waiting(store, words, should_stop=self._app.pace.is_busy)
        except TimeoutError:
            pass
        return await store.state(), await stores.swap(force=force)

    async def versions(self) -> "ElasticIndexes | None":
        """The versions of the index, where the store has such."""
        stores = await self._app.stores()
        return stores.indexes if isinstance(stores, ElasticStores) else None

    async def state(self) -> StoreState:
        """How much can be found now."""
        store, _ = await (await self._app.stores()).searched()
        return await store.state()
