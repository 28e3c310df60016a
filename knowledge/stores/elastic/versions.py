"""Versions of the index behind one name: built beside each other, swapped when they are right."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import uuid4

from knowledge.errors import OperatorError
from knowledge.stores.elastic.client import Elastic
from knowledge.stores.elastic.failures import ConflictError, MissingError, closed
from knowledge.stores.elastic.mapping import Shape, chunk_index, kept_index
from knowledge.stores.elastic.store import ElasticStore

_NUMBER = re.compile(r"-v(\d+)$")
_OURS = r"-(?:v\d+|about|kept-[0-9a-f]{8})"
"""What stands behind the name in our indexes; `NAME-v2-about` is another team's."""

_ALL = "open,closed"


class VersionError(OperatorError):
    """There is no version of the index that could be taken into use."""


@dataclass(frozen=True, slots=True)
class Version:
    """One index behind the name.

    Attributes:
        is_live: whether it is the one that is searched.
        is_refused: whether somebody went back from it to the one before.
        is_closed: whether nobody can read or write it at the moment.
    """

    index: str
    number: int
    fingerprint: str
    model: str
    is_live: bool
    is_refused: bool
    is_closed: bool
    facts: Mapping[str, Any]


class ElasticIndexes:
    """All versions of one index.

    Args:
        name: of the alias; `NAME-v1`, `NAME-about` and `NAME-kept-...` stand beside it.
        shape: what a new version shall be like.
    """

    def __init__(self, elastic: Elastic, name: str, shape: Shape) -> None:
        self._elastic, self.name, self._shape = elastic, name, shape
        self._board = f"{name}-about"

    @property
    def place(self) -> str:
        """The server's address, without a password."""
        return self._elastic.place

    async def versions(self) -> list[Version]:
        """Every version that there is, oldest first."""
        try:
            found = await self._elastic.ask("GET", f"/{self.name}-v*", expand_wildcards=_ALL)
        except MissingError:
            return []
        own = re.compile(re.escape(self.name) + _NUMBER.pattern)
        versions = [self._version(i, about) for i, about in found.items() if own.fullmatch(i)]
        return sorted(versions, key=lambda version: version.number)

    def _version(self, index: str, about: Mapping[str, Any]) -> Version:
        facts = about["mappings"]["_meta"]
        number = _NUMBER.search(index)
        return Version(
            index=index,
            number=int(number[1]) if number else 0,
            fingerprint=facts["fingerprint"],
            model=facts["model"],
            is_live=self.name in about["aliases"],
            is_refused=f"{self.name}-refused" in about["aliases"],
            is_closed=about["settings"]["index"].get("verified_before_close") == "true",
            facts=facts,
        )

    async def live(self) -> ElasticStore:
        """The version that is searched; the first one is made where there is none yet.

        Raises:
            StoreClosedError: somebody has closed it.
        """
        versions = await self.versions()
        found = [version for version in versions if version.is_live]
        if not found:
            found = [await self._first(versions)]
        if found[-1].is_closed:
            raise closed(self.place, found[-1].index)
        return self.opened(found[-1])

    async def next(self, *, force: bool = False) -> ElasticStore:
        """The version that is written: the live one, or one that is being built beside it.

        Where the live one was made with another embedder, chunker or mapping, another version is
        built until it can take its place; one that was begun is gone on with. What is closed or
        removed in it is closed in all others: people may search them still, or again.

        Raises:
            VersionError: somebody went back from just this version; `force` takes it all the same.
        """
        store = await self._next(force=force)
        others = [one for one in await self.versions() if one.index != store.index]
        return store.followed_by([self.opened(one) for one in others])

    async def _next(self, *, force: bool) -> ElasticStore:
        live = await self.live()
        if live.fingerprint == self._shape.fingerprint:
            return live
        newer = [v for v in await self.versions() if v.number > _number(live.index)]
        fitting = [v for v in newer if v.fingerprint == self._shape.fingerprint]
        if not fitting:
            await self._drop(newer)
            return self.opened(
                await self._make(max([0, *map(_of, newer), _number(live.index)]) + 1)
            )
        if fitting[-1].is_refused and not force:
            raise VersionError(
                f"Version {fitting[-1].number} of the index, for the present settings, was taken "
                "out of use again.",
                what_to_do="Put the old settings back (EMBEDDING_MODEL above all); or take it into "
                "use in spite of that: tertulia refresh --force",
            )
        return self.opened(fitting[-1])

    async def present(self) -> list[ElasticStore]:
        """All versions, also those that nobody searches at the moment."""
        return [self.opened(version) for version in await self.versions()]

    async def swap(self, store: ElasticStore) -> None:
        """Let this version be searched from now on, all at once; the one before is kept.

        Versions older than that are removed.
        """
        versions = await self.versions()
        live = [version for version in versions if version.is_live]
        await self._point_to(store.index, refused=None)
        older = [v for v in versions if v.number < min([_number(store.index), *map(_of, live)])]
        await self._drop(older)

    async def rollback(self) -> Version:
        """Go back to the version before the live one, and return it.

        Raises:
            VersionError: there is none.
        """
        versions = await self.versions()
        live = next((version for version in versions if version.is_live), None)
        before = [v for v in versions if live and v.number < live.number]
        if live is None or not before:
            raise VersionError(
                "There is no earlier version of the index to go back to.",
                what_to_do="`tertulia store status` shows the versions there are.",
            )
        await self._point_to(before[-1].index, refused=live.index)
        return before[-1]

    async def remove(self) -> None:
        """Remove everything behind the name, for good."""
        found = await self._elastic.ask("GET", f"/{self.name}-*", expand_wildcards=_ALL)
        own = [index for index in found if re.fullmatch(re.escape(self.name) + _OURS, index)]
        if own:
            await self._elastic.ask("DELETE", f"/{','.join(own)}")

    async def close(self) -> None:
        """Hang up; stores that were opened here are closed by it, too."""
        await self._elastic.close()

    async def _point_to(self, index: str, *, refused: str | None) -> None:
        actions: list[Mapping[str, Any]] = [
            {"remove": {"index": f"{self.name}-v*", "alias": self.name, "must_exist": False}},
            {"remove": {"index": index, "alias": f"{self.name}-refused", "must_exist": False}},
            {"add": {"index": index, "alias": self.name}},
        ]
        if refused:
            actions.append({"add": {"index": refused, "alias": f"{self.name}-refused"}})
        await self._elastic.ask("POST", "/_aliases", {"actions": actions})

    async def _first(self, versions: Sequence[Version]) -> Version:
        """The first version, taken into use at once, since nobody has seen another."""
        made = versions[-1] if versions else await self._make(1)
        await self._point_to(made.index, refused=None)
        return made

    async def _make(self, number: int) -> Version:
        """Make an index; one that somebody else has made at this moment is taken instead."""
        index = f"{self.name}-v{number}"
        await asyncio.gather(
            self._create(self._board, kept_index(self._shape)),
            self._create(self._kept(self._shape.model), kept_index(self._shape)),
            self._create(index, chunk_index(self._shape, uuid4().hex)),
        )
        return next(version for version in await self.versions() if version.index == index)

    async def _create(self, index: str, body: Mapping[str, Any]) -> None:
        with suppress(ConflictError):  # somebody else was quicker, and made the same
            await self._elastic.ask("PUT", f"/{index}", body)

    async def _drop(self, versions: Sequence[Version]) -> None:
        for version in versions:
            await self._elastic.ask("DELETE", f"/{version.index}", ignore_unavailable=True)
            await self._elastic.ask(
                "POST",
                f"/{self._board}/_delete_by_query",
                {"query": {"ids": {"values": [version.index]}}},
                refresh=True,
            )

    def _kept(self, model: str) -> str:
        return f"{self.name}-kept-{sha256(model.encode()).hexdigest()[:8]}"

    def opened(self, version: Version) -> ElasticStore:
        """The store of one version."""
        return ElasticStore(
            self._elastic,
            version.index,
            board=self._board,
            kept=self._kept(version.model),
            facts=version.facts,
        )


def _number(index: str) -> int:
    found = _NUMBER.search(index)
    return int(found[1]) if found else 0


def _of(version: Version) -> int:
    return version.number
