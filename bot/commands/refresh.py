"""`tertulia refresh`: bring the index up to date with the sources."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot import console
from bot.settings import Settings
from bot.source_entry import SourceEntry
from bot.structure import Structure
from knowledge.errors import TertuliaError

if TYPE_CHECKING:
    from bot.app import App
    from pipelines.refresh_report import RefreshReport

FOREGROUND_S = 20.0
"""A small knowledge gets all its vectors before the command ends; a large one later, when idle."""


@dataclass(frozen=True, slots=True)
class How:
    """What was asked of a refresh on the command line."""

    is_all: bool
    full: bool
    force: bool
    wait: bool
    as_json: bool


def command(
    names: Annotated[list[str] | None, typer.Argument(help="Only these sources.")] = None,
    *,
    full: Annotated[bool, typer.Option("--full", help="Read everything anew.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Believe a source that has lost many of its articles.")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Stay until every passage has its vector.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on stdout.")] = False,
) -> None:
    """Read what has changed in the sources; it can be asked about as soon as this is done.

    Example: tertulia refresh handbook
    """
    structure = Structure(Settings().home.structure)
    entries = [structure.source(name) for name in names] if names else structure.sources()
    how = How(is_all=not names, full=full, force=force, wait=wait, as_json=as_json)
    value, is_whole = asyncio.run(_refresh(entries, how))
    if as_json:
        console.show_json(value)
    raise typer.Exit(0 if is_whole else 1)


async def _refresh(entries: Sequence[SourceEntry], how: How) -> tuple[dict[str, Any], bool]:
    from bot.app import App
    from bot.refreshing import refresh_by_hand
    from pipelines.indexing import Wish

    reports: list[RefreshReport] = []
    errors: list[TertuliaError] = []
    async with App(Settings()) as app:
        if not entries and not how.as_json:
            console.tell("There are no sources. Add one: tertulia source add NAME files --path DIR")
        for entry in entries:
            try:
                progress = _shown(entry.name, how.as_json)
                wish = Wish(full=how.full, force=how.force, progress=progress)
                report = await refresh_by_hand(app, entry, wish)
            except TertuliaError as error:
                errors.append(error)
                console.tell_error(error)
                continue
            reports.append(report)
            if not how.as_json:
                tell_report(report)
        await _complete(app, how)
        if how.is_all:
            await _tell_left_over(app)
    value: dict[str, Any] = {"sources": [report.as_json() for report in reports]}
    if errors:
        value |= console.error_value(errors[0])
    return value, not errors and all(report.is_whole for report in reports)


async def _tell_left_over(app: "App") -> None:
    """Name sources that are no longer in the file, and still in the index."""
    from knowledge.ledger import Ledger

    with suppress(TertuliaError):  # a database that fails is told where a source is read
        articles = await Ledger(await app.database()).articles()
        for message, what_to_do in app.structure.left_over(articles):
            console.tell(f"{message} {what_to_do}")


def _shown(name: str, as_json: bool) -> Any:  # noqa: ANN401 (a callback that differs by terminal)
    """Counts while it runs, where somebody looks."""
    if as_json or not console.err.is_terminal:
        return lambda _: None
    return lambda report: console.err.print(f"{name}: {report.found} read ...", end="\r")


def tell_report(report: "RefreshReport") -> None:
    """What a refresh did, and every entry that could not be read, for a person."""
    console.tell(f"{report.name}: {report}")
    for failure in report.failed:
        console.tell(f"  {failure.article}: {failure.reason}")


async def _complete(app: "App", how: How) -> None:
    """Give vectors to what has none yet, for a while or to the end."""
    state, swap = await app.index.complete(None if how.wait else FOREGROUND_S, force=how.force)
    left = state.chunks - state.embedded
    if swap and not how.as_json:
        console.tell(
            f"The new index {swap.index} is in use now. To go back: tertulia store rollback"
            if swap.is_done
            else f"The new index {swap.index} is not in use yet: {swap.why_not}"
        )
    elif left and not how.as_json:
        console.tell(
            f"Everything can be searched now. {left} of {state.chunks} passages still get their "
            "vectors: while tertulia runs and nobody asks, or with: tertulia refresh --wait"
        )
