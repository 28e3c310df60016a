"""`tertulia search`: the ranked chunks alone, without an answer."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from bot import console
from bot.principals import asker
from bot.settings import Settings
from knowledge.articles import Chunk
from knowledge.errors import UsageError


class QueryFileError(UsageError):
    """The file of queries cannot be read."""


def command(
    query: Annotated[str | None, typer.Argument(help="What to look for.")] = None,
    *,
    file: Annotated[
        Path | None, typer.Option(help="A query a line; one JSON line a query comes out.")
    ] = None,
    as_user: Annotated[
        str | None, typer.Option("--as", help="Who searches, such as terminal:ana. [default: you]")
    ] = None,
    top: Annotated[int, typer.Option(min=1, max=100, help="How many chunks.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on stdout.")] = False,
) -> None:
    """Show what the knowledge holds on a subject, best first.

    Example: tertulia search "parental leave" --top 5
    """
    if (query is None) == (file is None):
        raise typer.BadParameter("Give either a query or --file.")
    if query is not None and not query.strip():
        raise typer.BadParameter("The query is empty. Say what you look for.")
    queries = [query] if query is not None else _lines(file)
    asyncio.run(_search(queries, asker(as_user), top, as_json=as_json))


def _lines(file: Path | None) -> Iterable[str]:
    assert file is not None  # noqa: S101 (checked by the caller)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise QueryFileError(
            f"{file} cannot be read: {error}", what_to_do="Name a text file in UTF-8."
        ) from error
    return [line.strip() for line in text.splitlines()]


async def _search(queries: Iterable[str], author: str, top: int, *, as_json: bool) -> None:
    from bot import receipts
    from bot.app import App
    from bot.places import readers

    async with App(Settings()) as app:
        retriever = await app.retriever()
        for query in queries:
            found = await retriever.search(query, reader=readers(author), top=top)
            if as_json:
                console.show_json(receipts.found_value(query, found))
            else:
                _show(found)
                if not found:
                    console.tell(f"Nothing was found for “{query}” among what {author} may open.")


def _show(found: Iterable[tuple[Chunk, float]]) -> None:
    for n, (chunk, score) in enumerate(found, 1):
        console.show(f"{n}. {chunk.title}  ({chunk.article}, {score:.3f})")
        console.show(f"   {' '.join(chunk.text.split())[:300]}\n")
