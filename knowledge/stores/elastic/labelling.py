"""Gives chunks that are there another audience, also while others write them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from knowledge.articles import Audience, Chunk
from knowledge.stores.elastic.about import About, Noticeboard
from knowledge.stores.elastic.client import Elastic
from knowledge.stores.elastic.contents import Contents, Query
from knowledge.stores.elastic.documents import readers
from knowledge.stores.elastic.failures import ConflictError
from knowledge.stores.elastic.rewriting import Rewriter

_TRIES = 6
"""How often chunks are looked at while somebody else writes them."""


class Labels:
    """Who may read the chunks of one index."""

    def __init__(
        self, elastic: Elastic, index: str, rewriter: Rewriter, board: Noticeboard
    ) -> None:
        self._elastic, self._index = elastic, index
        self._contents = Contents(elastic, index)
        self._rewriter, self._board = rewriter, board

    async def of_source(self, source: str, audience: Audience) -> None:
        """Make this the audience of every chunk of a source.

        Whoever may not read it any more loses sight of it at once; labelling all its chunks anew
        may take minutes, after which whoever may read it now finds it.

        Raises:
            ConflictError: somebody else writes them with other readers again and again.
        """
        query = _others_than(audience, {"term": {"source": source}})
        principals = sorted(audience.principals)
        if await self._contents.count(query):
            await self._board.change(
                lambda about: replace(about, audiences={**about.audiences, source: principals})
            )
            await self._label(query, lambda chunk: replace(chunk, audience=audience))
        if source in (await self._board.read()).audiences:
            await self._board.change(lambda about: _without(about, source, principals))

    async def of_articles(self, audiences: Mapping[str, Audience]) -> None:
        """Make these the audiences of all chunks of these articles; unknown ones are left out."""
        await self._label_articles(
            audiences, lambda chunk: replace(chunk, audience=audiences[chunk.article])
        )

    async def beside(self, chunks: Sequence[Chunk]) -> None:
        """Follow the readers of chunks that were written to another version of the index.

        A text that stands there, too, is for the same readers here. An older one is for those
        alone who could read it and still may: what was struck out before a page was opened to
        more people stays unknown to them.
        """
        texts = {(chunk.article, chunk.text_hash) for chunk in chunks}
        audiences = {chunk.article: chunk.audience for chunk in chunks}

        def follow(chunk: Chunk) -> Chunk:
            now = audiences[chunk.article]
            if (chunk.article, chunk.text_hash) not in texts:
                now = Audience(now.principals & chunk.audience.principals)
            return replace(chunk, audience=now)

        await self._label_articles(audiences, follow)

    async def _label_articles(
        self, audiences: Mapping[str, Audience], change: Callable[[Chunk], Chunk]
    ) -> None:
        for audience in set(audiences.values()):
            some = [article for article, one in audiences.items() if one == audience]
            await self._label(_others_than(audience, {"terms": {"article": some}}), change)

    async def _label(self, query: Query, change: Callable[[Chunk], Chunk]) -> None:
        """Change the readers of the chunks of a query until all of them are as they should be."""
        for _ in range(_TRIES):
            if not await self._rewriter.amend(query, change):
                return
            await self._elastic.ask("POST", f"/{self._index}/_refresh")
        raise ConflictError(
            f"Others keep writing to the index {self._index} while its readers are changed.",
            what_to_do="Stop other refreshes of the same source and try again.",
        )


def _others_than(audience: Audience, among: Query) -> Query:
    """The chunks of a query that have another audience."""
    same = {"term": {"readers": readers(audience)}}
    return {"bool": {"filter": [among, {"bool": {"must_not": same}}]}}


def _without(about: About, source: str, principals: list[str]) -> About:
    """The notes without the audience of a source, if it still is the one that was written."""
    if about.audiences.get(source) != principals:
        return about
    left = {name: who for name, who in about.audiences.items() if name != source}
    return replace(about, audiences=left)
