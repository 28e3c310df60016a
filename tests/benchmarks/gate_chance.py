"""How often the gate keeps what lost nothing, and what lost much: drawn, not asked."""

from collections.abc import Sequence

import numpy as np

from bot.measuring import COUNT, FURTHER
from pipelines.learning.evidence import Evidence, Harm, Slice
from pipelines.learning.gate import FEWEST_TARGET, KEPT, judged
from tests.benchmarks.report import table

NOISES, DRAWS = (0.005, 0.01, 0.02, 0.04), 200
LOST = (0.0, 0.03, 0.06, 0.1)
"""Of each slice, truly."""
RIGHT = 0.85
SEED = 7
NOISE = 0.01
"""Of those that have lost something."""


def chances(noises: Sequence[float] = NOISES, losses: Sequence[float] = LOST) -> str:
    """Two tables: all six slices of who lost nothing, and one slice of who lost something."""
    head = [f"{COUNT} of each", f"and {FURTHER * COUNT} more where that leaves it open"]
    of_all = [[f"{100 * noise:.1f} %", *_shares(noise, 0.0, KEPT)] for noise in noises]
    of_one = [[f"{100 * lost:.0f} points", *_shares(NOISE, lost, KEPT[:1])] for lost in losses]
    return "\n\n".join(
        (
            table(["answers that change; nothing is lost", *head], of_all),
            table(["truly lost in one of six", *head], of_one),
        )
    )


def _shares(noise: float, lost: float, names: Sequence[str]) -> list[str]:
    """What keeps these slices at the first look, and with the second one, of all that is drawn."""
    random = np.random.default_rng(SEED)
    drawn = [_looks(random, noise, lost, names) for _ in range(DRAWS)]
    return [f"{100 * share:.0f} %" for share in np.mean(drawn, axis=0)]


def _looks(
    random: np.random.Generator, noise: float, lost: float, names: Sequence[str]
) -> tuple[bool, bool]:
    def asked(count: int) -> tuple[Slice, ...]:
        return tuple(_slice(name, random, noise, lost, count) for name in names)

    people = tuple(map(str, range(FEWEST_TARGET)))
    gained = Slice("", people, (0.0,) * len(people), (1.0,) * len(people))
    evidence = Evidence(gained, None, asked(COUNT), Harm(1))
    first = judged(evidence, needed=names)
    more = [one for one in asked(FURTHER * COUNT) if one.name in first.open]
    return first.passes, judged(evidence.further(more), needed=names).passes


def _slice(name: str, random: np.random.Generator, noise: float, lost: float, count: int) -> Slice:
    """As many answers become right as become wrong by chance, and some more are lost."""
    before = random.random(count) < RIGHT
    changes = random.random(count) < np.where(before, noise / 2 / RIGHT, noise / 2 / (1 - RIGHT))
    after = (before != changes) & ~(before & (random.random(count) < lost / RIGHT))
    clusters = tuple(map(str, range(count)))
    return Slice(name, clusters, tuple(before.astype(float)), tuple(after.astype(float)))
