"""Draws a run as a PNG: a dot and its 95 % interval for every share, an older run beside it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

from pipelines.evaluation.figures import Figure, by_kind, figures
from pipelines.evaluation.results import Result
from pipelines.evaluation.runs import Run
from pipelines.pen import FAINT, OLDER, OURS, RULE, SCALE, Pen

_WIDTH, _ROW, _LEFT, _RIGHT, _TOP = 900, 34, 260, 150, 108
_MARGIN = 28


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of the chart: a heading where it has no figure."""

    label: str
    figure: Figure | None = None
    older: Figure | None = None


async def draw(run: Run, older: Run | None = None) -> Path:
    """Draw a run, and the one that it is compared with; where the chart is."""
    await asyncio.to_thread(_draw, run, older)
    return run.chart


def _draw(run: Run, older: Run | None) -> None:
    before = _shared(run, older)
    rows = _rows(run, before)
    height = _TOP + _ROW * len(rows) + 78
    image = Image.new("RGB", (_WIDTH * SCALE, height * SCALE), "white")
    pen = Pen(ImageDraw.Draw(image))
    _head(pen, run, older.name if older and before else "")
    for n, row in enumerate(rows):
        _row(pen, row, _TOP + _ROW * n + _ROW // 2)
    _axis(pen, rows, height)
    image.resize((_WIDTH, height), Image.Resampling.LANCZOS).save(run.chart, optimize=True)


def _shared(run: Run, older: Run | None) -> list[Result]:
    """What the older run has of the same questions."""
    asked = {result.id for result in run.results}
    return [result for result in older.results if result.id in asked] if older else []


def _rows(run: Run, older: Sequence[Result]) -> list[_Row]:
    before = {one.name: one for one in figures(older)}
    shares = [one for one in figures(run.results) if one.metric.is_share]
    rows = [_Row(one.metric.label, one, before.get(one.name)) for one in shares]
    kinds, kinds_before = by_kind(run.results), by_kind(older)
    if len(kinds) > 1:
        measured = next(iter(kinds.values())).metric.label
        rows.append(_Row(f"By kind of question: {measured}"))
        rows += [_Row(kind, one, kinds_before.get(kind)) for kind, one in kinds.items()]
    return rows


def _head(pen: Pen, run: Run, older: str) -> None:
    count, about = len(run.results), run.about
    model = about["settings"].get("model") or "search alone"
    pen.text((_MARGIN, 32), f"{about['set']['name']}: {count} questions", 20)
    pen.text((_MARGIN, 60), f"{run.name}, {model}", 13, colour=FAINT)
    pen.dot((_MARGIN + 5, 86), 5, OURS)
    pen.text((_MARGIN + 18, 86), "this run, with its 95 % interval", 12, colour=FAINT)
    if older:
        pen.dot((_LEFT + 45, 86), 4, OLDER)
        pen.text((_LEFT + 57, 86), f"run {older}", 12, colour=FAINT)


def _row(pen: Pen, row: _Row, y: float) -> None:
    if row.figure is None:
        pen.text((_MARGIN, y), row.label, 13, colour=FAINT)
        return
    pen.text((_LEFT - 18, y), _short(row.label), 14, anchor="rm")
    pen.line((_x(0), y), (_x(1), y), RULE)
    if row.older:
        pen.line((_x(row.older.low), y + 6), (_x(row.older.high), y + 6), OLDER)
        pen.dot((_x(row.older.value), y + 6), 4, OLDER)
    pen.line((_x(row.figure.low), y), (_x(row.figure.high), y), OURS)
    pen.dot((_x(row.figure.value), y), 6, OURS)
    value = f"{100 * row.figure.value:.0f} %"
    pen.text((_WIDTH - _RIGHT + 22, y), value, 14)
    pen.text((_WIDTH - _MARGIN, y), f"of {row.figure.count}", 12, colour=FAINT, anchor="rm")


def _axis(pen: Pen, rows: Sequence[_Row], height: int) -> None:
    below = _TOP + _ROW * len(rows) + 12
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        pen.text((_x(share), below), f"{100 * share:.0f} %", 11, colour=FAINT, anchor="mm")
    if any(row.figure and row.figure.metric.better == "lower" for row in rows):
        note = "Lower is better for: " + ", ".join(
            row.label for row in rows if row.figure and row.figure.metric.better == "lower"
        )
        pen.text((_MARGIN, height - 26), note, 12, colour=FAINT)


def _x(share: float) -> float:
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _short(label: str) -> str:
    return label if len(label) <= 30 else f"{label[:27]}..."
