"""Whether a new version of the index may take the place of the old one."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from knowledge.articles import Chunk
from knowledge.stores import Probe
from knowledge.stores.elastic.store import ElasticStore

BELIEVED = 0.8
"""The share of the old version's articles that each source must have in the new one."""
AGREEING = 0.8
"""The share of probe queries, of those that the old version answers, that the new one must."""
PROBES = 24
_WORDS = 12
_PLACES = 10


@dataclass(frozen=True, slots=True)
class Comparison:
    """The new version beside the old one.

    Attributes:
        articles: of each source, in the old version and in the new one.
        probes: how many probe queries the old one answers, and how many of those the new one.
        waiting: chunks of the new one that have no vector yet.
    """

    articles: dict[str, tuple[int, int]]
    probes: tuple[int, int]
    waiting: int

    @property
    def missing(self) -> dict[str, tuple[int, int]]:
        """The sources that have too few articles in the new version."""
        return {
            name: (old, new) for name, (old, new) in self.articles.items() if new < BELIEVED * old
        }

    @property
    def agrees(self) -> bool:
        """Whether the new version finds what the old one finds."""
        asked, found = self.probes
        return found >= AGREEING * asked

    @property
    def is_ready(self) -> bool:
        """Whether nobody would miss the old version."""
        return not (self.missing or self.waiting) and self.agrees


async def compared(old: ElasticStore, new: ElasticStore) -> Comparison:
    """Compare by counts, and by what both find for pieces of the old version's own text."""
    before, after = await asyncio.gather(old.counts(), new.counts())
    state = await new.state()
    return Comparison(
        articles={name: (count, after.get(name, 0)) for name, count in before.items()},
        probes=await _probed(old, new),
        waiting=state.chunks - state.embedded,
    )


async def _probed(old: ElasticStore, new: ElasticStore) -> tuple[int, int]:
    chunks = await old.sample(PROBES)
    answered = [chunk for chunk in chunks if chunk.audience.principals and await _finds(old, chunk)]
    found = [chunk for chunk in answered if await _finds(new, chunk)]
    return len(answered), len(found)


async def _finds(store: ElasticStore, chunk: Chunk) -> bool:
    """Whether a few words of a chunk lead to its article."""
    words = f"{chunk.title} {' '.join(chunk.text.split()[:_WORDS])}"
    probe = Probe(words, chunk.language)
    legs = await store.search(probe, reader=chunk.audience, limit=_PLACES)
    return chunk.article in _articles(hit.chunk for leg in legs for hit in leg.hits)


def _articles(chunks: Iterable[Chunk]) -> set[str]:
    return {chunk.article for chunk in chunks}
