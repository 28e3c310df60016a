"""Charts of what docs/benchmarks.md says, drawn from its tables, so that both always agree.

Needs matplotlib from the dependency group `bench`; without it the page has its tables alone.
"""

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.report import CHARTS, SHIPPED

# One colour stands out, the rest is what it is compared with; readable in grey and colour-blind.
OURS, OTHER, LIGHT, GOAL = "#1f5fa8", "#8a94a3", "#c9cfd8", "#c2410c"
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a section, with the heading above it."""

    heading: str
    head: list[str]
    rows: list[list[str]]

    def row(self, beginning: str) -> list[str]:
        """The first row whose name begins like this.

        Raises:
            StopIteration: there is none.
        """
        return next(row for row in self.rows if row[0].startswith(beginning))


def drawn(name: str, text: str) -> str:
    """Draw the chart of a section, if it has one; the Markdown that shows it, or nothing."""
    drawing = DRAWINGS.get(name)
    if drawing is None:
        return ""
    try:
        import matplotlib as mpl
    except ImportError:
        sys.stderr.write(f"{name}: no chart, matplotlib is not installed (group `bench`)\n")
        return ""
    mpl.use("Agg")
    from matplotlib import pyplot

    pyplot.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
    figure, title = drawing.draw(pyplot, tables(text)), drawing.says
    CHARTS.mkdir(parents=True, exist_ok=True)
    figure.savefig(CHARTS / f"{name}.png", dpi=150, bbox_inches="tight", facecolor="white")
    pyplot.close(figure)
    return f"\n![{title}](charts/{name}.png)\n"


def tables(text: str) -> list[Table]:
    """All tables of a Markdown text."""
    found: list[Table] = []
    heading = ""
    lines: list[list[str]] = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            lines.append([cell.strip() for cell in line.strip("|").split("|")])
            continue
        if lines:
            found.append(Table(heading, lines[0], lines[2:]))
            lines = []
        if line.startswith("#"):
            heading = line.lstrip("# ")
    return found


def number(cell: str) -> float:
    """The first number of a cell: the median, where a spread follows; 0 where there is none."""
    match = _NUMBER.search(cell)
    return float(match[0].replace(",", "")) if match else 0.0


def _retrieval(pyplot: Any, found: Sequence[Table]) -> Any:  # noqa: ANN401 (matplotlib is untyped here)
    """Legs and hybrid in every cell, with the goal across each group of bars."""
    chosen = [table for table in found if table.head[0].startswith("nDCG@10")]
    figure, places = pyplot.subplots(
        1, len(chosen), figsize=(4.6 * len(chosen), 3), sharey=True, squeeze=False
    )
    for place, table in zip(places[0], chosen, strict=True):
        cells = table.head[1:]
        for n, (name, colour) in enumerate((("words", LIGHT), ("vectors", OTHER), (SHIPPED, OURS))):
            heights = [number(cell) for cell in table.row(name)[1:]]
            left = [x + 0.27 * (n - 1) for x in range(len(cells))]
            bars = place.bar(left, heights, 0.25, color=colour, label=name)
            if name == SHIPPED:
                place.bar_label(bars, fmt="%.3f", fontsize=7, padding=5)
        for x, cell in enumerate(table.row("goal")[1:]):
            label = "goal" if x == 0 else None
            place.hlines(number(cell), x - 0.42, x + 0.42, color=GOAL, linewidth=1.4, label=label)
        place.set_xticks(range(len(cells)), cells)
        place.set_title(table.heading, loc="left", fontweight="bold")
        place.set_ylim(0, 1.08)
    places[0][0].set_ylabel("nDCG@10")
    _legend_below(figure, places[0][0], columns=4)
    return figure


def _refresh(pyplot: Any, found: Sequence[Table]) -> Any:  # noqa: ANN401 (matplotlib is untyped here)
    """What a second refresh costs of the first one, and what others take when nothing changed."""
    own, others = found[0], found[1]
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9.2, 2.2))
    figure.subplots_adjust(wspace=0.85)
    names = ["nothing changed", "1 % changed", "10 % changed"]
    shares = [100 * number(own.row(name)[1]) for name in names]
    bars = left.barh(names, shares, color=OURS, height=0.6)
    labels = [f"{share:.1f} %" for share in shares]
    left.bar_label(bars, [f"{labels[0]} (goal: at most 1 %)", *labels[1:]], padding=3, fontsize=8)
    left.vlines(1, 0.32, 0.48, color=GOAL, linewidth=1.4)
    left.set_title("A refresh by the first ingest, CPU", loc="left", fontweight="bold")
    rows = [row for row in others.rows if row[2]]
    labels = [row[0].partition(" (")[0].replace("`", "") for row in rows]
    colours = [OURS if label.startswith("ours") else OTHER for label in labels]
    bars = right.barh(labels, [number(row[2]) for row in rows], color=colours, height=0.6)
    right.bar_label(bars, fmt="%.0f ms", padding=3, fontsize=8)
    right.set_title("Finding that nothing changed, CPU", loc="left", fontweight="bold")
    for place in (left, right):
        place.invert_yaxis()
        place.margins(x=0.18)
        place.set_xlim(left=0)
        place.set_xticks([])
        place.spines["bottom"].set_visible(False)
    return figure


def _citations(pyplot: Any, found: Sequence[Table]) -> Any:  # noqa: ANN401 (matplotlib is untyped here)
    """The shares of quotes and of citations that hold, each with its goal."""
    rows = [row for row in found[0].rows if row[4]]
    figure, places = pyplot.subplots(1, 2, figsize=(9.2, 0.4 * len(rows) + 0.7), sharey=True)
    for place, column, title in zip(
        places, (4, 6), ("The quote stands there", "The chunk holds what is said"), strict=True
    ):
        shares = [100 * number(row[column]) for row in rows]
        place.barh([row[0] for row in rows], shares, color=OURS, height=0.6)
        for y, share in enumerate(shares):
            place.text(103, y, f"{share:.1f} %", fontsize=8, va="center")
        goal = 100 * number(rows[0][column + 1])
        place.axvline(goal, color=GOAL, linewidth=1.4)
        place.set_title(title, loc="left", fontweight="bold")
        place.text(
            goal, len(rows) - 0.35, f"goal {goal:.0f} % ", color=GOAL, fontsize=7.5, ha="right"
        )
        place.set_xlim(0, 115)
        place.set_xticks([])
        place.spines["bottom"].set_visible(False)
    places[0].invert_yaxis()
    return figure


def _legend_below(figure: Any, place: Any, *, columns: int) -> None:  # noqa: ANN401 (as above)
    marks, names = place.get_legend_handles_labels()
    figure.legend(
        marks,
        names,
        loc="lower center",
        ncol=columns,
        frameon=False,
        bbox_to_anchor=(0.5, -0.1),
    )


@dataclass(frozen=True, slots=True)
class Drawing:
    """How the chart of a section is drawn, and what it says to those who do not see it."""

    draw: Callable[[Any, Sequence[Table]], Any]
    says: str


DRAWINGS = {
    "retrieval": Drawing(
        _retrieval, "nDCG@10 of words, vectors and both as they ship, beside the goals"
    ),
    "refresh": Drawing(_refresh, "What a refresh costs when little or nothing has changed"),
    "citations": Drawing(_citations, "Citations whose quote stands there and which hold"),
}
