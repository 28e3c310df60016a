"""Talks to Elasticsearch, versions 8 and 9; `failures.py` says in our words what it refuses."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import elasticsearch
from elasticsearch import AsyncElasticsearch

from knowledge.stores.elastic.failures import (
    StoreDegradedError,
    elsewhere,
    explained,
    is_block,
    unreachable,
)

REQUEST_TIMEOUT_S = 30.0
BUSY_PAUSES_S = (0.25, 0.5, 1, 2, 4, 8, 8, 8, 8, 8)
"""Before a busy server is asked again; after the last one it is given up."""
_HEADERS = {"content-type": "application/vnd.elasticsearch+json; compatible-with=8"}
_BULK_HEADERS = {"content-type": "application/vnd.elasticsearch+x-ndjson; compatible-with=8"}

# Proxies before an Elasticsearch answer with others: no key, no server behind them, too much.
_NOT_OURS = {200, 400, 404, 405, 406, 415, 501}

Body = Mapping[str, Any]


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
            OperatorError, TransientError: one of those in `failures`, as it answers.
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
        results = [next(iter(item.values())) for item in found["items"]]
        for result in results:
            if is_block(result.get("error")):
                raise explained(self.place, result["status"], result["error"])
        return results

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
            raise explained(self.place, found.get("status", 500), found["error"])
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
            raise unreachable(self.place, "has too much to do") from error

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
            raise self._refusal(error) from error
        except elasticsearch.SerializationError as error:
            raise elsewhere(self.place) from error
        except elasticsearch.ConnectionTimeout as error:
            raise unreachable(self.place, "did not answer in time") from error
        except elasticsearch.TransportError as error:
            raise unreachable(self.place, "cannot be reached") from error
        return answer.body

    def _refusal(self, error: elasticsearch.ApiError) -> Exception:
        """What a refusal means; whoever does not say so is no Elasticsearch."""
        status = error.status_code
        if status in _NOT_OURS and error.meta.headers.get("x-elastic-product") is None:
            return elsewhere(self.place)
        if status == 429 and not is_block(error.body):
            return _BusyError()
        return explained(self.place, status, error.body)


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


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
