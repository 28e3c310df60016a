"""What came from a source is taken out of store and ledger, or closed to everybody."""

from collections.abc import Sequence

from knowledge.articles import Audience
from knowledge.ledger import Ledger, Record
from knowledge.sources import SourceUnavailableError
from knowledge.stores import ChunkStore
from pipelines.entries import article_id

_AT_ONCE = 500
_MANY = 10
_BELIEVED = 0.8
"""The share of its articles that a source of many must still have, to be believed."""


async def forget(name: str, *, store: ChunkStore, ledger: Ledger) -> int:
    """Take all that came from a source out of store and ledger; the number of articles."""
    paths = await known(name, store=store, ledger=ledger)
    deleted = await delete(name, paths, store=store, ledger=ledger)
    await ledger.move_cursor(name, "", "")
    await ledger.notes(name).clear()
    return deleted


async def close(name: str, *, store: ChunkStore, ledger: Ledger) -> None:
    """Let nobody read what came from a source, until a refresh has looked at all of it again."""
    await store.relabel(name, Audience())
    await ledger.doubt(name)


async def known(name: str, *, store: ChunkStore, ledger: Ledger) -> list[str]:
    """The paths of a source that store or ledger know: after a kill it may be one of the two."""
    recorded = [path async for path in ledger.paths(name)]
    return sorted((await held(name, store)).union(recorded))


async def held(name: str, store: ChunkStore) -> set[str]:
    """The paths of a source that have chunks in the store."""
    return {article.removeprefix(f"{name}:") for article in await store.articles(name)}


async def delete(name: str, paths: Sequence[str], *, store: ChunkStore, ledger: Ledger) -> int:
    """Remove articles from the store and then from the ledger; the number of them."""
    for start in range(0, len(paths), _AT_ONCE):
        some = paths[start : start + _AT_ONCE]
        await store.replace([article_id(name, path) for path in some], [])
        await ledger.forget(name, some)
    return len(paths)


async def withdraw(
    name: str, records: Sequence[Record], *, store: ChunkStore, ledger: Ledger
) -> None:
    """Take out what was known of articles that are there and are not shown to us any more.

    The records are what the ledger shall say of them, once nobody can find them.
    """
    for start in range(0, len(records), _AT_ONCE):
        some = records[start : start + _AT_ONCE]
        await store.replace([article_id(name, record.path) for record in some], [])
        await ledger.record(name, some)


def refuse_shrinking(name: str, lost: int, known: int, withdrawn: Sequence[Record]) -> None:
    """Many articles lost at once are mostly a drive that is not mounted, or a token that expired.

    Raises:
        SourceUnavailableError: so many are; says what is wrong with one of those that are there.
    """
    if known >= _MANY and known - lost < _BELIEVED * known:
        one = withdrawn[0] if withdrawn else None
        why = f" {len(withdrawn)} cannot be read, such as {one.path}: {one.failure}" if one else ""
        raise SourceUnavailableError(
            f"Source '{name}' has only {known - lost} of its {known} articles left. All of them "
            f"stay for now.{why}",
            what_to_do="Check that all of it can be reached. If so many were meant to go: "
            f"`tertulia refresh {name} --force`.",
        )
