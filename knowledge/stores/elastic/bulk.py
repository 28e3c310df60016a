"""Writes many documents: in batches by their size, every refusal accounted for."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from knowledge.errors import OperatorError
from knowledge.stores.elastic.client import Elastic
from knowledge.stores.elastic.documents import lines

BATCH_BYTES = 1_000_000
"""Of one request; larger bodies would keep the event loop from everything else for too long."""
_TRIES = 6
_NAMED = 3

Operation = tuple[Mapping[str, Any], Mapping[str, Any] | None]
"""An action, and the document that goes with it, if any."""


class StoreWriteError(OperatorError):
    """Some documents were not taken; the message names the first of them."""


def put(index: str, key: str, document: Mapping[str, Any]) -> Operation:
    """Write a whole document, in the place of an older one."""
    return {"index": {"_index": index, "_id": key}}, document


def put_again(hit: Mapping[str, Any], document: Mapping[str, Any]) -> Operation:
    """Write a document that was found anew, unless somebody has changed or removed it meanwhile.

    Args:
        hit: of a search with `seq_no_primary_term`, on a moment of one index.
        document: all of it.
    """
    place = {"if_seq_no": hit["_seq_no"], "if_primary_term": hit["_primary_term"]}
    return {"index": {"_index": hit["_index"], "_id": hit["_id"], **place}}, document


def drop(index: str, key: str) -> Operation:
    """Remove a document; one that is gone already is no error."""
    return {"delete": {"_index": index, "_id": key}}, None


async def write(elastic: Elastic, operations: Iterable[Operation]) -> None:
    """Carry out all operations; readers see nothing of them before the next refresh.

    Raises:
        StoreWriteError: the server did not take some of them; the others are written.
    """
    refused: list[str] = []
    for batch in _batches(operations):
        refused += await _written(elastic, batch)
    if refused:
        raise StoreWriteError(
            f"Elasticsearch at {elastic.place} did not take {len(refused)} documents: "
            f"{'; '.join(refused[:_NAMED])}.",
            what_to_do="Mend what it says and refresh again: what is missing is written then.",
        )


async def _written(elastic: Elastic, batch: list[bytes]) -> list[str]:
    """Write a batch, those again that came too fast; what was refused for good, with the reason."""
    refused: list[str] = []
    for attempt in range(_TRIES):
        results = await elastic.bulk(b"".join(batch))
        outcomes = list(zip(batch, results, strict=True))
        is_last = attempt == _TRIES - 1
        refused += [_told(r) for _, r in outcomes if _is_refused(r, also_busy=is_last)]
        batch = [line for line, result in outcomes if result["status"] == 429]
        if not batch or is_last:
            break
        await asyncio.sleep(0.25 * 2**attempt)
    return refused


def _batches(operations: Iterable[Operation]) -> Iterator[list[bytes]]:
    """The operations as they are sent, never much more than `BATCH_BYTES` together."""
    batch: list[bytes] = []
    size = 0
    for action, document in operations:
        line = b"".join(lines([action] if document is None else [action, document]))
        if batch and size + len(line) > BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += len(line)
    if batch:
        yield batch


def _is_refused(result: Mapping[str, Any], *, also_busy: bool) -> bool:
    status = result["status"]
    if status == 429:
        return also_busy
    # 404: removed already. 409: changed by somebody else since we read it, and that counts.
    return status not in (404, 409) and ("error" in result or status >= 400)


def _told(result: Mapping[str, Any]) -> str:
    error = result.get("error", {})
    return f"{result.get('_id')}: {error.get('type')}: {str(error.get('reason'))[:200]}"
