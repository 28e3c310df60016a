"""`tertulia schedule`: the jobs, with their last and their next runs."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot import console
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.timetable import Row

HEADINGS = ("JOB", "RHYTHM", "LAST RUN", "OUTCOME", "NEXT RUN")


def command(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on stdout.")] = False,
) -> None:
    """Show what `tertulia serve` does and when: last runs, next runs, alarms.

    Example: tertulia schedule
    """
    rows = asyncio.run(_rows())
    if as_json:
        console.show_json({"jobs": [row.as_json() for row in rows]})
    elif rows:
        for line in _table([HEADINGS, *map(_cells, rows)]):
            console.show(line)
        for row in rows:
            if row.alarm:
                console.tell(f"{row.run.job}: {row.alarm}")
    else:
        console.tell(
            "There are no jobs yet. Add a source: tertulia source add NAME files --path DIR"
        )


async def _rows() -> "list[Row]":
    from bot.app import App
    from bot.timetable import timetable

    async with App(Settings()) as app:
        return await timetable(app)


def _cells(row: "Row") -> tuple[str, ...]:
    run = row.run
    outcome = row.outcome + (f" {run.failures} times" if run.failures > 1 else "")
    return run.job, run.rhythm, _when(run.started_at), outcome or "-", _when(run.due_at)


def _when(moment: datetime | None) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M %Z}" if moment else "-"


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    """The rows as lines, their cells below each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
