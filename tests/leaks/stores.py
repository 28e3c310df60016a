"""Both stores, each with what is special about it: files in a folder, versions on a server."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from knowledge.stores import ChunkStore
from knowledge.stores.elastic import Elastic, ElasticIndexes, Shape
from knowledge.stores.embedded import EmbeddedStore
from tests.leaks.tertulia import DIMENSIONS, BagOfWords


class Stores(Protocol):
    """Where a Tertulia keeps what it knows.

    Attributes:
        has_versions: whether another version can be built, taken into use and left again.
    """

    has_versions: bool

    async def searched(self) -> ChunkStore:
        """Opened anew."""

    async def written(self, searched: ChunkStore) -> ChunkStore:
        """What a refresh writes."""

    async def every(self, searched: ChunkStore) -> list[ChunkStore]:
        """All that hold chunks."""

    async def begin_version(self) -> None:
        """As after a change of the chunker."""

    async def swap(self) -> None:
        """Take into use what was built."""

    async def roll_back(self) -> None:
        """Take the version before into use again, with the settings of that time."""

    async def remove(self) -> None:
        """Leave nothing behind."""


class InAFolder:
    """The embedded store."""

    has_versions = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def searched(self) -> ChunkStore:
        name = BagOfWords.name
        return await EmbeddedStore.open(self._folder, dimensions=DIMENSIONS, model=name)

    async def written(self, searched: ChunkStore) -> ChunkStore:
        return searched

    async def every(self, searched: ChunkStore) -> list[ChunkStore]:
        return [searched]

    async def begin_version(self) -> None:
        raise NotImplementedError

    swap = roll_back = begin_version

    async def remove(self) -> None:
        """The folder goes by itself."""


class OnAServer:
    """Elasticsearch; a new version is one that another chunker has made."""

    has_versions = True

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._name = f"tertulia-test-{sha256(str(folder).encode()).hexdigest()[:12]}"
        self._shape = Shape(dimensions=DIMENSIONS, model=BagOfWords.name, pipeline="0")
        self._made = 0
        self._elastic = Elastic(url)

    def _indexes(self) -> ElasticIndexes:
        return ElasticIndexes(self._elastic, self._name, self._shape)

    async def searched(self) -> ChunkStore:
        """By a connection of its own, which its reader closes."""
        return await ElasticIndexes(Elastic(self._url), self._name, self._shape).live()

    async def written(self, searched: ChunkStore) -> ChunkStore:
        return await self._indexes().next()

    async def every(self, searched: ChunkStore) -> list[ChunkStore]:
        return list(await self._indexes().present())

    async def begin_version(self) -> None:
        self._made += 1
        self._shape = replace(self._shape, pipeline=str(self._made))
        await self._indexes().next()

    async def swap(self) -> None:
        indexes = self._indexes()
        await indexes.swap(await indexes.next())

    async def roll_back(self) -> None:
        back = await self._indexes().rollback()
        self._shape = replace(self._shape, pipeline=back.fingerprint.split("|")[4])

    async def remove(self) -> None:
        await self._indexes().remove()
        await self._elastic.close()
