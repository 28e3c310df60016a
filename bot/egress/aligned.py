"""Tables for chats that have none: columns of equal width, for a font of equal width."""

from collections.abc import Sequence

from wcwidth import center, ljust, rjust, wcswidth

_PLACED = {"right": rjust, "center": center}


def aligned(rows: Sequence[Sequence[str]], sides: Sequence[str]) -> str:
    """The rows with a line below the first one, which heads them."""
    widths = [max(_width(cell) for cell in column) for column in zip(*rows, strict=True)]
    rule = "-+-".join("-" * width for width in widths)
    head, *others = [_row(row, widths, sides) for row in rows]
    return "\n".join([head, rule, *others])


def _row(cells: Sequence[str], widths: Sequence[int], sides: Sequence[str]) -> str:
    placed = [
        _PLACED.get(side, ljust)(cell, width)
        for cell, width, side in zip(cells, widths, sides, strict=True)
    ]
    return " | ".join(placed).rstrip()


def _width(cell: str) -> int:
    return max(wcswidth(cell), 1)
