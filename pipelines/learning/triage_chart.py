"""Draws a triage as a PNG: a bar for each kind of fault, those in colour that a way fixes."""

import asyncio
from pathlib import Path

from PIL import Image, ImageDraw

from pipelines.learning.triage import WAYS, Kind, Summary
from pipelines.learning.triage_sheet import Sheet
from pipelines.pen import FAINT, OLDER, OURS, SCALE, Pen

LABELS: dict[Kind, str] = {
    "prompt": "another prompt",
    "budget": "longer passages in the prompt",
    "tool": "a tool that was not called",
    "retrieval": "the passage was found too late",
    "distractors": "other passages led astray",
    "tuning": "a manner that has to be learnt",
    "preference": "right, and disliked",
    "knowledge": "no passage says it",
    "rights": "the asker may not read it",
    "weak": "too much for this model",
    "fixed": "right by now",
}
"""The kinds in the order in which they are drawn, in words."""
_WIDTH, _ROW, _LEFT, _RIGHT, _TOP = 900, 34, 290, 70, 96
_MARGIN, _THICK = 28, 16


async def draw(sheet: Sheet) -> Path:
    """Draw what a triage came to; where the chart is."""
    await asyncio.to_thread(_draw, sheet)
    return sheet.chart


def _draw(sheet: Sheet) -> None:
    summary = sheet.summary
    rows = [kind for kind in LABELS if summary.kinds.get(kind)]
    height = _TOP + _ROW * len(rows) + 56
    image = Image.new("RGB", (_WIDTH * SCALE, height * SCALE), "white")
    pen = Pen(ImageDraw.Draw(image))
    pen.text((_MARGIN, 30), f"{sheet.about['set']}: {len(sheet.rows)} questions looked into", 20)
    pen.text((_MARGIN, 58), f"{sheet.about['model']} as {sheet.about['persona']}", 13, colour=FAINT)
    for n, kind in enumerate(rows):
        _bar(pen, kind, summary, _TOP + _ROW * n + _ROW // 2)
    note = "In blue: what one of the four ways puts right (prompt, retrieval, tools, tuning)"
    pen.text((_MARGIN, height - 24), note, 12, colour=FAINT)
    image.resize((_WIDTH, height), Image.Resampling.LANCZOS).save(sheet.chart, optimize=True)


def _bar(pen: Pen, kind: Kind, summary: Summary, y: float) -> None:
    count, most = summary.kinds[kind], max(summary.kinds.values())
    end = _LEFT + (_WIDTH - _LEFT - _RIGHT) * count / most
    colour = OURS if kind in WAYS else OLDER
    pen.text((_LEFT - 18, y), LABELS[kind], 14, anchor="rm")
    for line in range(-_THICK // 2, _THICK // 2 + 1):
        pen.line((_LEFT, y + line), (end, y + line), colour)
    pen.text((end + 12, y), str(count), 14)
