"""The Elasticsearch store keeps the contract, on a real server."""

import asyncio
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from knowledge.stores import ChunkStore
from knowledge.stores.elastic import Elastic, ElasticIndexes, ElasticStore, Shape
from tests.contracts.chunk_store_contract import ChunkStoreContract
from tests.contracts.stored_chunks import DIMENSIONS

SHAPE = Shape(dimensions=DIMENSIONS, model="test:model")


def indexes(url: str, folder: Path, shape: Shape = SHAPE) -> ElasticIndexes:
    """The indexes of a test: their name comes from its folder."""
    name = f"tertulia-test-{sha256(str(folder).encode()).hexdigest()[:12]}"
    return ElasticIndexes(Elastic(url), name, shape)


async def open_store(url: str, folder: Path) -> ElasticStore:
    return await indexes(url, folder).live()


class TestElasticStore(ChunkStoreContract):
    opening = (
        "from pathlib import Path\n"
        "from tests.knowledge.test_elastic_store import open_store as opened\n"
        "async def open_store():\n    return await opened({url!r}, Path({folder!r}))"
    )

    @pytest.fixture(autouse=True)
    def _server(self, elasticsearch_url: str, _own_folder: None) -> Iterator[None]:
        self.url = elasticsearch_url
        self.opening = TestElasticStore.opening.replace("{url!r}", repr(self.url))
        yield
        asyncio.run(self.destroy_store())

    async def open_store(self) -> ChunkStore:
        return await open_store(self.url, self.folder)

    async def destroy_store(self) -> None:
        found = indexes(self.url, self.folder)
        await found.remove()
        await found.close()
