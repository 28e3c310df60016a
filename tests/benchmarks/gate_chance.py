"""How often the gate keeps what lost nothing, where answers change by chance: drawn, not asked."""

from collections.abc import Sequence

import numpy as np

from pipelines.learning.gate import KEPT, Evidence, Harm, Slice, judged
from tests.benchmarks.report import table

NOISES, COUNTS, DRAWS = (0.005, 0.01, 0.02, 0.04), (100, 200, 400), 60
RIGHT = 0.85
SEED = 7


def chances(noises: Sequence[float] = NOISES, counts: Sequence[int] = COUNTS) -> str:
    """A table: a line for each share of answers that change, a column for each number asked."""
    head = ["answers that change", *(f"{count} questions each" for count in counts)]
    rows = [
        [f"{100 * noise:.1f} %", *(f"{100 * _kept(noise, count):.0f} %" for count in counts)]
        for noise in noises
    ]
    return table(head, rows)


def _kept(noise: float, count: int, draws: int = DRAWS) -> float:
    """The share of candidates without any loss that lose nothing by the gate's rules either."""
    random = np.random.default_rng(SEED)
    return float(np.mean([_is_kept(random, noise, count) for _ in range(draws)]))


def _is_kept(random: np.random.Generator, noise: float, count: int) -> bool:
    kept = tuple(_slice(name, random, noise, count) for name in KEPT)
    failed = judged(Evidence(kept[0], None, kept, Harm(1))).failed
    return not any(one.name.endswith("-kept") for one in failed)


def _slice(name: str, random: np.random.Generator, noise: float, count: int) -> Slice:
    """As many answers become right as become wrong, on average."""
    before = random.random(count) < RIGHT
    changes = random.random(count) < np.where(before, noise / 2 / RIGHT, noise / 2 / (1 - RIGHT))
    after = before != changes
    clusters = tuple(map(str, range(count)))
    return Slice(name, clusters, tuple(before.astype(float)), tuple(after.astype(float)))
