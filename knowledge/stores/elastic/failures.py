"""What a server says when it refuses something, as an error that says what to do."""

from collections.abc import Mapping
from typing import Any

from knowledge.errors import OperatorError, TertuliaError, TransientError


class StoreUnreachableError(TransientError):
    """The server is down, does not answer in time, or is too busy."""


class StoreDegradedError(TransientError):
    """Parts of the index did not answer: half a result is none."""


class StoreRefusedError(OperatorError):
    """The server does not accept our key, our request or any writing at all."""


class StoreClosedError(OperatorError):
    """The index was closed: it is there, and nothing can be read or written."""


class NoElasticsearchError(OperatorError):
    """Something else answers at the address."""


class ConflictError(TransientError):
    """Somebody else changed the same thing first, or what should be made is there already."""


class MissingError(OperatorError):
    """There is no such index or document."""


def explained(place: str, status: int, said: Any) -> TertuliaError:  # noqa: ANN401 (JSON has no narrower type)
    """What a status and the body that came with it mean; the place is an address to be shown."""
    reason = _reason(said)
    if "index_closed_exception" in reason:
        return closed(place, _index_in(said))
    if status == 404:
        return MissingError(
            f"Elasticsearch at {place} has no such thing: {reason}.",
            what_to_do="Build the index anew: tertulia refresh",
        )
    if status == 409 or "resource_already_exists" in reason:
        return ConflictError(
            f"Somebody else changed the index at {place} at the same time.",
            what_to_do="Try again in a minute.",
        )
    if status >= 500:
        return unreachable(place, f"failed ({reason})")
    return _blocked(place, status, said) if is_block(said) else _refused(place, status, reason)


def closed(place: str, index: str) -> StoreClosedError:
    """The error for an index that was closed."""
    return StoreClosedError(
        f"The index {index} of Elasticsearch at {place} is closed.",
        what_to_do=f"Open it: POST {place.rstrip('/')}/{index}/_open",
    )


def unreachable(place: str, what: str) -> StoreUnreachableError:
    """The error for a server that does not answer as it should."""
    return StoreUnreachableError(
        f"Elasticsearch at {place} {what}.",
        what_to_do="Check that it runs and that ELASTICSEARCH_URL is right; then try again.",
    )


def elsewhere(place: str) -> NoElasticsearchError:
    """The error for an address at which something else answers."""
    return NoElasticsearchError(
        f"There is no Elasticsearch at {place}: something else answers there.",
        what_to_do="Set ELASTICSEARCH_URL to the address of an Elasticsearch, version 8.19 or "
        "newer; by default it listens on port 9200.",
    )


def is_block(said: Any) -> bool:  # noqa: ANN401 (as above)
    """Whether a refusal is about all writing, until somebody does something about it."""
    return "cluster_block_exception" in _reason(said)


def _blocked(place: str, status: int, said: Any) -> StoreRefusedError:  # noqa: ANN401 (as above)
    """An index that takes no writes: by itself, as its disk is full, or since somebody said so."""
    message = f"Elasticsearch at {place} takes no writes now: {_reason(said)}."
    settings = f"PUT {place.rstrip('/')}/{_index_in(said)}/_settings"
    if status == 429 or "allow delete" in message:
        return StoreRefusedError(
            message,
            what_to_do="Its disk is full, mostly: free some space there, and it takes writes "
            "again by itself; then refresh. If there is room, take the block off: "
            f'{settings} {{"index.blocks.read_only_allow_delete": null}}',
        )
    return StoreRefusedError(
        message,
        what_to_do="Somebody has made it read-only. To write again: "
        f'{settings} {{"index.blocks.write": null, "index.blocks.read_only": null}}',
    )


def _refused(place: str, status: int, reason: str) -> StoreRefusedError:
    if status in {401, 403}:
        return StoreRefusedError(
            f"Elasticsearch at {place} does not accept our key ({reason}).",
            what_to_do="Set ELASTICSEARCH_API_KEY to a key that may manage our indices.",
        )
    return StoreRefusedError(
        f"Elasticsearch at {place} refused a request (status {status}): {reason}.",
        what_to_do="Check that it is version 8.19 or newer; if so, tell us what it said.",
    )


def _cause(said: Any) -> Any:  # noqa: ANN401 (as above)
    """The first cause of an error, or the error itself where it has none."""
    error = said.get("error", said) if isinstance(said, Mapping) else said
    return (error.get("root_cause") or [error])[0] if isinstance(error, Mapping) else error


def _reason(said: Any) -> str:  # noqa: ANN401 (as above)
    """What the server says is wrong, in one line."""
    cause = _cause(said)
    if isinstance(cause, Mapping):
        cause = f"{cause.get('type', '')}: {cause.get('reason', '')}"
    return str(cause)[:300]


def _index_in(said: Any) -> str:  # noqa: ANN401 (as above)
    """The index that an error is about."""
    cause = _cause(said)
    named = cause.get("index") if isinstance(cause, Mapping) else None
    return str(named or "INDEX")
