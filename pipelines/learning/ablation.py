"""What each of the four ways adds: the same questions, answered with one more of them each time.

prompt      the persona alone, without any page and without tools
retrieval   and the pages that its search finds
tools       and its tools, those that only look
tuned       and whatever was learnt and serves now: a prompt, a model, a way to search
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from PIL import Image, ImageDraw

from pipelines.answering import Assistant
from pipelines.evaluation.intervals import interval
from pipelines.learning.counterfactuals import Parts
from pipelines.pen import FAINT, OLDER, OURS, SCALE, Pen

Rung = Literal["prompt", "retrieval", "tools", "tuned"]
RUNGS: tuple[Rung, ...] = get_args(Rung)
LABELS: dict[Rung, str] = {
    "prompt": "prompt only",
    "retrieval": "+ retrieval",
    "tools": "+ tools",
    "tuned": "+ what was learnt",
}
_WIDTH, _ROW, _LEFT, _RIGHT, _TOP = 900, 44, 190, 190, 96
_MARGIN, _THICK = 28, 20


@dataclass(frozen=True, slots=True)
class Step:
    """How many questions were answered rightly with one more way.

    Attributes:
        right: 1 or 0 for each question.
        seconds: of each answer.
    """

    rung: Rung
    right: tuple[float, ...]
    seconds: tuple[float, ...] = ()

    @property
    def share(self) -> float:
        """Of right answers."""
        return sum(self.right) / len(self.right)

    def as_json(self) -> dict[str, Any]:
        """As `tertulia learn ablation --json` prints it."""
        low, high = interval(self.right)
        return {
            "with": self.rung,
            "right": round(self.share, 4),
            "interval": [round(low, 4), round(high, 4)],
            "seconds": round(sum(self.seconds) / max(1, len(self.seconds)), 3),
        }


def assistant(rung: Rung, parts: Parts) -> Assistant:
    """Who answers with these ways; `parts` are those of the persona's file, or of what serves."""
    return answering(parts, pages=rung != "prompt", tools=rung in ("tools", "tuned"))


def answering(parts: Parts, *, pages: bool, tools: bool) -> Assistant:
    """Who answers with the pages that are found, with tools that only look, or without either."""
    search = parts.retriever if pages else parts.retriever.preferring((), only=())
    return Assistant(
        retriever=search,
        model=parts.model,
        persona=parts.persona,
        coverage=search.coverage,
        tools=parts.tool_use(search) if tools else None,
    )


async def draw(steps: Sequence[Step], title: str, path: Path) -> None:
    """Draw the steps as a PNG: a bar each, with its 95 % interval."""
    await asyncio.to_thread(_draw, steps, title, path)


def _draw(steps: Sequence[Step], title: str, path: Path) -> None:
    height = _TOP + _ROW * len(steps) + 56
    image = Image.new("RGB", (_WIDTH * SCALE, height * SCALE), "white")
    pen = Pen(ImageDraw.Draw(image))
    pen.text((_MARGIN, 30), f"What each way adds: {title}", 20)
    count = len(steps[0].right) if steps else 0
    pen.text((_MARGIN, 58), f"right answers of {count} questions", 13, colour=FAINT)
    for n, step in enumerate(steps):
        _bar(pen, step, _TOP + _ROW * n + _ROW // 2)
    note = "The thin line is where the share lies with 95 % probability for other such questions"
    pen.text((_MARGIN, height - 24), note, 12, colour=FAINT)
    image.resize((_WIDTH, height), Image.Resampling.LANCZOS).save(path, optimize=True)


def _bar(pen: Pen, step: Step, y: float) -> None:
    def at(share: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * share

    low, high = interval(step.right)
    colour = OURS if step.rung == "tuned" else OLDER
    pen.text((_LEFT - 18, y), LABELS[step.rung], 14, anchor="rm")
    for line in range(-_THICK // 2, _THICK // 2 + 1):
        pen.line((_LEFT, y + line), (at(step.share), y + line), colour)
    pen.line((at(low), y), (at(high), y), FAINT)
    said = f"{100 * step.share:.0f} % ({100 * low:.0f} to {100 * high:.0f})"
    pen.text((at(1.0) + 12, y), said, 14)
