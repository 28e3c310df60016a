"""Indexes on a real Elasticsearch for a benchmark, removed in the end."""

import os
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import uuid4

import numpy as np

from knowledge.articles import Chunk
from knowledge.errors import TransientError
from knowledge.stores import Vector
from knowledge.stores.elastic import Elastic, ElasticIndexes, ElasticStore, Shape
from tests.benchmarks.report import SkippedError

URL = os.environ.get("TERTULIA_TEST_ELASTICSEARCH_URL", "http://127.0.0.1:9200")  # noqa: TID251 (benchmarks have no settings)


@asynccontextmanager
async def indexes(shape: Shape) -> AsyncIterator[ElasticIndexes]:
    """An index of this shape, with a name that nobody else has.

    Raises:
        SkippedError: there is no server.
    """
    elastic = Elastic(URL)
    found = ElasticIndexes(elastic, f"tertulia-bench-{uuid4().hex[:8]}", shape)
    try:
        await found.live()
    except TransientError as error:
        await elastic.close()
        raise SkippedError("no Elasticsearch answers: make services") from error
    try:
        yield found
    finally:
        await found.remove()
        await elastic.close()


@asynccontextmanager
async def indexes_of(name: str, shape: Shape) -> AsyncIterator[ElasticIndexes]:
    """The indexes of this name, for somebody who wants another shape."""
    elastic = Elastic(URL)
    yield ElasticIndexes(elastic, name, shape)
    await elastic.close()


async def is_there() -> bool:
    """Whether a server answers."""
    try:
        async with indexes(Shape(dimensions=1, model="none")):
            return True
    except SkippedError:
        return False


class OnServer:
    """Opens stores on the server; the benchmark leaves them to the server, which is thrown away."""

    async def open(self, _folder: Path, /, *, dimensions: int, model: str) -> ElasticStore:
        """An index of its own."""
        shape = Shape(dimensions=dimensions, model=model)
        found = ElasticIndexes(Elastic(URL), f"tertulia-bench-{uuid4().hex[:8]}", shape)
        return await found.live()


async def fill(
    store: ElasticStore, chunks: Sequence[Chunk], vectors: Sequence[Vector], *, batch: int = 1000
) -> None:
    """Write chunks with their vectors, each once."""
    for start in range(0, len(chunks), batch):
        some = chunks[start : start + batch]
        pairs = zip(some, vectors[start : start + batch], strict=True)
        await store.add_vectors({chunk.text_hash: vector for chunk, vector in pairs})
        await store.replace(sorted({chunk.article for chunk in some}), some)


async def milliseconds(work: Callable[[], Coroutine[Any, Any, object]]) -> float:
    """How long one call takes, by the clock: most of it is spent in the server."""
    start = perf_counter()
    await work()
    return (perf_counter() - start) * 1000


def percentiles(values: Sequence[float]) -> tuple[float, float]:
    """The median and the 95th percentile."""
    return float(np.percentile(values, 50)), float(np.percentile(values, 95))
