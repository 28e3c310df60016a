"""Which store is searched, and which one is written: the same, or the next version of it."""

from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from bot.settings import Settings
from knowledge.errors import OperatorError
from knowledge.stores import ChunkStore
from knowledge.stores.embedded import EmbeddedStore
from pipelines.indexing import PIPELINE_VERSION
from pipelines.models import Embedder

if TYPE_CHECKING:
    from knowledge.stores.elastic import Comparison, ElasticIndexes, ElasticStore

LOOK_S = 5.0
"""Seconds after which a question is answered from the version that is in use by then."""


class StoreMissingError(OperatorError):
    """The store that a setting names is not installed."""


@dataclass(frozen=True, slots=True)
class Swap:
    """Whether a new version of the index was taken into use.

    Attributes:
        index: the new version.
        is_done: whether it is searched from now on.
        why_not: what is missing, for whoever runs Tertulia; empty where it is done.
    """

    index: str
    is_done: bool
    why_not: str = ""


class Stores(Protocol):
    """The versions of what is known."""

    async def searched(self) -> tuple[ChunkStore, str]:
        """The store that answers, and the name of the embedder that made its vectors."""

    async def written(self, *, force: bool = False) -> ChunkStore:
        """The store that a refresh writes."""

    async def every(self) -> list[ChunkStore]:
        """All stores that hold chunks of today's sources."""

    async def swap(self, *, force: bool = False) -> Swap | None:
        """Take a new version into use if nobody would miss the old one; None without one."""

    async def close(self) -> None:
        """Release files and connections."""


class EmbeddedStores:
    """The one store in a folder: what is written is searched."""

    def __init__(self, store: EmbeddedStore, model: str) -> None:
        self._store, self._model = store, model

    @classmethod
    async def open(cls, settings: Settings, embedder: Embedder) -> "EmbeddedStores":
        """The store in the home folder."""
        folder, model = settings.home.index, embedder.name
        store = await EmbeddedStore.open(folder, dimensions=embedder.dimensions, model=model)
        return cls(store, model)

    async def searched(self) -> tuple[ChunkStore, str]:
        """The store."""
        return self._store, self._model

    async def written(self, *, force: bool = False) -> ChunkStore:
        """The store."""
        return self._store

    async def every(self) -> list[ChunkStore]:
        """The store."""
        return [self._store]

    async def swap(self, *, force: bool = False) -> Swap | None:
        """None: there is one version only."""

    async def close(self) -> None:
        """Release its files."""
        await self._store.close()


class ElasticStores:
    """The versions of an index on a server."""

    def __init__(self, indexes: "ElasticIndexes") -> None:
        self.indexes = indexes
        self._searched: ElasticStore | None = None
        self._looked_at = 0.0

    @classmethod
    def open(cls, settings: Settings, embedder: Embedder, identity: str) -> "ElasticStores":
        """The index on the Elasticsearch that the settings name.

        New versions are for this embedder; the identity of the database gives the index its name
        where no setting does.
        """
        try:
            from knowledge.stores.elastic import Elastic, ElasticIndexes, Shape
        except ImportError as error:
            raise StoreMissingError(
                "STORE=elastic needs the Python client of Elasticsearch, which is not installed.",
                what_to_do="Install it: pip install '.[elastic]' in Tertulia's folder",
            ) from error
        store = settings.store
        shape = Shape(
            dimensions=embedder.dimensions,
            model=embedder.name,
            pipeline=PIPELINE_VERSION,
            vectors=store.elasticsearch_vectors,
            shards=store.elasticsearch_shards,
            replicas=store.elasticsearch_replicas,
        )
        elastic = Elastic(store.elasticsearch_url, store.elasticsearch_api_key.get_secret_value())
        name = store.elasticsearch_index or f"tertulia-{identity[:8]}"
        return cls(ElasticIndexes(elastic, name, shape))

    async def searched(self) -> tuple[ChunkStore, str]:
        """The version behind the alias; another process may have put another one there."""
        if self._searched is None or monotonic() - self._looked_at > LOOK_S:
            self._searched, self._looked_at = await self.indexes.live(), monotonic()
        return self._searched, self._searched.model

    async def written(self, *, force: bool = False) -> ChunkStore:
        """That version, or the one that is built beside it."""
        return await self.indexes.next(force=force)

    async def every(self) -> list[ChunkStore]:
        """All versions: one that nobody searches now may be searched again."""
        return list(await self.indexes.present())

    async def swap(self, *, force: bool = False) -> Swap | None:
        """Take the version that was built into use if nobody would miss the old one."""
        from knowledge.stores.elastic import compared

        old, new = await self.indexes.live(), await self.indexes.next(force=force)
        if old.index == new.index:
            return None
        comparison = await compared(old, new)
        if comparison.is_ready or (force and not comparison.waiting):
            await self.indexes.swap(new)
            self._searched = None
            return Swap(new.index, is_done=True)
        return Swap(new.index, is_done=False, why_not=_why_not(comparison))

    async def close(self) -> None:
        """Hang up."""
        await self.indexes.close()


def _why_not(comparison: "Comparison") -> str:
    if comparison.waiting:
        return f"{comparison.waiting} passages still get their vectors: tertulia refresh --wait"
    if comparison.missing:
        lost = [f"{name} has {new} of {old}" for name, (old, new) in comparison.missing.items()]
        return (
            f"of the articles so far, {', '.join(lost)}. Refresh all sources; if so many were "
            "meant to go: tertulia refresh --force"
        )
    asked, found = comparison.probes
    return (
        f"of {asked} probe queries it answers only {found}. Look at the sources; to take it all "
        "the same: tertulia refresh --force"
    )
