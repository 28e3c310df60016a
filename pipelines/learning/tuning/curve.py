"""Draws how the loss fell, as a PNG."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from pipelines.pen import FAINT, OLDER, OURS, RULE, SCALE, Pen

_WIDTH, _HEIGHT = 720, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 28, 64, 44


def draw(path: Path, losses: Sequence[float], held_out: Sequence[float]) -> None:
    """Draw a training.

    Args:
        path: where the picture will be.
        losses: of its steps; at least one.
        held_out: of the rows kept apart, at the end of each pass over the others.
    """
    image = Image.new("RGB", (_WIDTH * SCALE, _HEIGHT * SCALE), "white")
    pen = Pen(ImageDraw.Draw(image))
    top = max([*losses, *held_out]) or 1.0
    _frame(pen, top, len(losses), bool(held_out))
    apart = [((n + 1) / len(held_out), loss / top) for n, loss in enumerate(held_out)]
    learnt = [((n + 1) / len(losses), loss / top) for n, loss in enumerate(losses)]
    for shares, colour in ((learnt, OURS), (apart, OLDER)):
        points = [_place(*share) for share in shares]
        if len(points) > 1:
            pen.path(points, colour)
        for point in points if colour == OLDER or len(points) == 1 else ():
            pen.dot(point, 4, colour)
    image.resize((_WIDTH, _HEIGHT), Image.Resampling.LANCZOS).save(path, optimize=True)


def _frame(pen: Pen, top: float, steps: int, has_held_out: bool) -> None:
    pen.text((_LEFT, 24), f"Loss over {steps} steps", 18)
    pen.dot((_LEFT + 5, 46), 4, OURS)
    pen.text((_LEFT + 16, 46), "rows that are learnt", 12, colour=FAINT)
    if has_held_out:
        pen.dot((_LEFT + 165, 46), 4, OLDER)
        pen.text((_LEFT + 176, 46), "rows kept apart", 12, colour=FAINT)
    for share in (0.0, 0.5, 1.0):
        _, y = _place(0, share)
        pen.line((_LEFT, y), (_WIDTH - _RIGHT, y), RULE)
        pen.text((_LEFT - 8, y), f"{share * top:.2f}", 12, colour=FAINT, anchor="rm")
    for share in (0.0, 1.0):
        x, y = _place(share, 0)
        pen.text((x, y + 18), f"{share * steps:.0f}", 12, colour=FAINT, anchor="mm")


def _place(share_of_steps: float, share_of_loss: float) -> tuple[float, float]:
    return (
        _LEFT + share_of_steps * (_WIDTH - _LEFT - _RIGHT),
        _HEIGHT - _BOTTOM - share_of_loss * (_HEIGHT - _TOP - _BOTTOM),
    )
