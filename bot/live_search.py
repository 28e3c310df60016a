"""The way of searching that was learnt and serves now: asked for with every question.

A map of questions serves where the index was made with the embedder that it was learnt for, in
either store. While another version of the index with other vectors is searched, it waits.
"""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot.live import Champions, take_back
from knowledge.candidates import Candidates
from pipelines.current import SEARCH
from pipelines.models import Embedder
from pipelines.query_map import QueryMap, QueryMapError
from pipelines.retrieval import Retriever

if TYPE_CHECKING:
    from bot.app import App


class LiveSearch:
    """What finds chunks at this moment.

    Args:
        tried: candidates on trial that count before champions.
    """

    def __init__(self, app: "App", tried: Collection[str] = ()) -> None:
        self._app = app
        self._champions = Champions(self._candidates, tried)
        self._turned: tuple[Retriever, str, Retriever] | None = None

    async def over(self, retriever: Retriever, embedder: Embedder) -> Retriever:
        """The retriever with the map that serves, the same one as long as it does.

        Args:
            retriever: of the index that is in use.
            embedder: that its vectors come from.
        """
        champion = await self._champions.of(SEARCH, embedder.name)
        if champion is None:
            return retriever
        if self._turned is None or self._turned[:2] != (retriever, champion.name):
            try:
                by = await asyncio.to_thread(
                    QueryMap.load,
                    Path(champion.serves),
                    embedder=embedder.name,
                    dimensions=embedder.dimensions,
                )
            except QueryMapError as error:
                await take_back(await self._candidates(), champion, str(error))
                return await self.over(retriever, embedder)
            named = replace(by, name=champion.name)
            self._turned = (retriever, champion.name, retriever.turning(named))
        return self._turned[2]

    async def _candidates(self) -> Candidates:
        return Candidates(await self._app.database())
