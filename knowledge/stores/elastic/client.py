"""Talks to Elasticsearch, versions 8 and 9; translates its errors into ours."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import elasticsearch
from elasticsearch import AsyncElasticsearch

from knowledge.errors import OperatorError, TertuliaError, TransientError

REQUEST_TIMEOUT_S = 30.0
BUSY_PAUSES_S = (0.25, 0.5, 1, 2, 4, 8, 8, 8, 8, 8)
"""Before a busy server is asked again; after the last one it is given up."""
_HEADERS = {"content-type": "application/vnd.elasticsearch+json; compatible-with=8"}
_BULK_HEADERS = {"content-type": "application/vnd.elasticsearch+x-ndjson; compatible-with=8"}

Body = Mapping[str, Any]


class StoreUnreachableError(TransientError):
    """The server is down, does not answer in time, or is too busy."""


class StoreDegradedError(TransientError):
    """Parts of the index did not answer: half a result is none."""


class StoreRefusedError(OperatorError):
    """The server does not accept our key, our request or any writing at all."""


class ConflictError(TransientError):
    """Somebody else changed the same thing first, or what should be made is there already."""


class MissingError(OperatorError):
    """There is no such index or document."""


class Elastic:
    """A connection to one cluster; it belongs to the event loop that first uses it."""

    def __init__(
        self,
        url: str,
        api_key: str = "",
        *,
        timeout_s: float = REQUEST_TIMEOUT_S,
        pauses_s: Sequence[float] = BUSY_PAUSES_S,
    ) -> None:
        self.place = _without_password(url)
        # No retries below ours: it would ask a server again and again that has just said no.
        self._client = AsyncElasticsearch(
            url, api_key=api_key or None, request_timeout=timeout_s, max_retries=0
        )
        self._pauses_s = tuple(pauses_s)

    async def close(self) -> None:
        """Hang up."""
        await self._client.close()

    async def ask(
        self, method: str, path: str, body: Body | None = None, **parameters: str | int
    ) -> Any:  # noqa: ANN401 (JSON has no narrower type)
        """One request, asked again while the server is too busy.

        Raises:
            StoreUnreachableError, StoreRefusedError, ConflictError, MissingError: as it answers.
        """
        query = {key: str(value).lower() for key, value in parameters.items()}
        return await self._patiently(method, path, query, body, _HEADERS)

    async def search(self, index: str, body: Body) -> Any:  # noqa: ANN401 (as above)
        """One search; all of the index answers, or it is an error."""
        found = await self.ask(
            "POST", f"/{index}/_search", body, allow_partial_search_results=False
        )
        return self.whole(found)

    async def searches(self, index: str, bodies: Sequence[Body]) -> list[Any]:
        """Several searches in one round trip, their answers in the same order."""
        if not bodies:
            return []
        head = {"index": index, "allow_partial_search_results": False}
        lines = [line for body in bodies for line in (head, body)]
        found = await self._patiently("POST", "/_msearch", {}, _lines(lines), _BULK_HEADERS)
        return [self.whole(one) for one in found["responses"]]

    async def bulk(self, lines: bytes) -> list[Any]:
        """One bulk request; what became of each operation."""
        found = await self._patiently("POST", "/_bulk", {}, lines, _BULK_HEADERS)
        return [next(iter(item.values())) for item in found["items"]]

    @asynccontextmanager
    async def walked(self, index: str, body: Body, size: int) -> AsyncIterator["Walk"]:
        """All hits of a search, page by page, on the state that the index has now."""
        opened = await self.ask("POST", f"/{index}/_pit", keep_alive="2m")
        try:
            yield Walk(self, opened["id"], body, size)
        finally:
            await self.ask("DELETE", "/_pit", {"id": opened["id"]})

    def whole(self, found: Any) -> Any:  # noqa: ANN401 (as above)
        """What a search found, if all shards have answered in time."""
        if "error" in found:
            raise self._from_status(found.get("status", 500), found["error"])
        if found.get("timed_out") or found.get("_shards", {}).get("failed"):
            raise StoreDegradedError(
                f"Only a part of the index at {self.place} answered.",
                what_to_do="Ask again in a minute; if it stays, look at the cluster's health.",
            )
        return found

    async def _patiently(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: Body | bytes | None,
        headers: Mapping[str, str],
    ) -> Any:  # noqa: ANN401 (as above)
        """Ask again while the server says that it has too much to do (429)."""
        for pause in self._pauses_s:
            with suppress(_BusyError):
                return await self._once(method, path, query, body, headers)
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 (spreads the load)
        try:
            return await self._once(method, path, query, body, headers)
        except _BusyError as error:
            raise self._unreachable("has too much to do") from error

    async def _once(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: Body | bytes | None,
        headers: Mapping[str, str],
    ) -> Any:  # noqa: ANN401 (as above)
        accept = {"accept": "application/vnd.elasticsearch+json; compatible-with=8"}
        try:
            answer = await self._client.perform_request(
                method, path, params=query, headers={**accept, **headers}, body=body
            )
        except elasticsearch.ApiError as error:
            if error.status_code == 429:
                raise _BusyError from error
            raise self._from_status(error.status_code, error.body) from error
        except elasticsearch.ConnectionTimeout as error:
            raise self._unreachable("did not answer in time") from error
        except elasticsearch.TransportError as error:
            raise self._unreachable("cannot be reached") from error
        return answer.body

    def _from_status(self, status: int, said: Any) -> TertuliaError:  # noqa: ANN401 (as above)
        reason = _reason(said)
        if status == 404:
            return MissingError(
                f"Elasticsearch at {self.place} has no such thing: {reason}.",
                what_to_do="Build the index anew: tertulia refresh",
            )
        if status == 409 or "resource_already_exists" in reason:
            return ConflictError(
                f"Somebody else changed the index at {self.place} at the same time.",
                what_to_do="Try again in a minute.",
            )
        if status in {401, 403} and "read_only" not in reason and "read-only" not in reason:
            return StoreRefusedError(
                f"Elasticsearch at {self.place} does not accept our key ({reason}).",
                what_to_do="Set ELASTICSEARCH_API_KEY to a key that may manage our indices.",
            )
        if status == 403:
            return StoreRefusedError(
                f"Elasticsearch at {self.place} takes no writes now: {reason}.",
                what_to_do="Mostly its disk is nearly full: free some space there, then refresh.",
            )
        if status >= 500:
            return self._unreachable(f"failed ({reason})")
        return StoreRefusedError(
            f"Elasticsearch at {self.place} refused a request (status {status}): {reason}.",
            what_to_do="Check that it is version 8.19 or newer; if so, tell us what it said.",
        )

    def _unreachable(self, what: str) -> StoreUnreachableError:
        return StoreUnreachableError(
            f"Elasticsearch at {self.place} {what}.",
            what_to_do="Check that it runs and that ELASTICSEARCH_URL is right; then try again.",
        )


class Walk:
    """The pages of one walk over an index."""

    def __init__(self, elastic: Elastic, moment: str, body: Body, size: int) -> None:
        self._elastic, self._moment, self._body, self._size = elastic, moment, body, size

    async def __aiter__(self) -> AsyncIterator[list[Any]]:
        after: list[Any] | None = None
        while True:
            body = {
                "sort": [{"_shard_doc": "asc"}],
                "track_total_hits": False,
                **self._body,
                "size": self._size,
                "pit": {"id": self._moment, "keep_alive": "2m"},
            }
            if after is not None:
                body["search_after"] = after
            # A moment of the index knows its index; parameters of a search are not taken beside it.
            found = self._elastic.whole(await self._elastic.ask("POST", "/_search", body))
            hits = found["hits"]["hits"]
            if hits:
                yield hits
            if len(hits) < self._size:
                return
            after = hits[-1]["sort"]


class _BusyError(Exception):
    """The server asks to come back later."""


def _lines(values: Sequence[Body]) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def _reason(said: Any) -> str:  # noqa: ANN401 (JSON has no narrower type)
    """What the server says is wrong, in one line."""
    error = said.get("error", said) if isinstance(said, Mapping) else said
    if isinstance(error, Mapping):
        cause = (error.get("root_cause") or [error])[0]
        error = f"{cause.get('type', '')}: {cause.get('reason', '')}"
    return str(error)[:300]


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
