"""What came from a source is taken out of store and ledger, or closed to everybody."""

from collections.abc import Sequence

from knowledge.articles import Audience
from knowledge.ledger import Ledger
from knowledge.stores import ChunkStore
from pipelines.entries import article_id

_AT_ONCE = 500


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
