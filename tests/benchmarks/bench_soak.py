"""Ten minutes of five messages a second on Slack and Discord at once: memory, and what is lost.

One process of `tertulia serve` for both platforms; the fakes keep the limits of both and run in
processes of their own, the language model replies at once. Fifty people on each platform ask one
after the other, without waiting for answers, in ten channels. Resident memory is noted every two
seconds; *growth* is the slope of a straight line through what follows the first two minutes (a
third of a shorter run).
"""

import sys
from collections.abc import Sequence
from time import monotonic, sleep

import numpy as np
import psutil

from tests.benchmarks.report import table
from tests.fakes.scripted_model import serving as model_serving
from tests.storms.beside import CrowdBeside, crowd
from tests.storms.crowd import ANSWER, Asked
from tests.storms.homes import indexed, serving, until_ready

MINUTES, PER_S, CHANNELS = 10.0, 5.0, 10
SAMPLED_S, WARM_S, GIVEN_UP_S = 2.0, 120.0, 240.0
MOST_GROWTH = 2.0
"""Percent of the memory in an hour."""
Sample = tuple[float, float]


def measure(minutes: float = MINUTES) -> str:
    """The section of docs/benchmarks.md."""
    about = (__doc__ or "").split("\n\n", 1)[1].strip()
    with model_serving() as model, indexed(model.url) as team:
        model.answer = ANSWER
        slack = crowd("slack", channels=CHANNELS)
        discord = crowd("discord", channels=CHANNELS, ways=["mention", "ask"])
        with slack as one, discord as other:
            both = {**one.environment, **other.environment, "PLATFORMS": "slack,discord"}
            with serving(team, both) as process:
                until_ready(team)
                samples = _soaked(process.pid, (one, other), minutes)
                asked = [one.asked(), other.asked()]
    rows = [*_memory(samples, minutes), *_messages(asked)]
    return f"## Soak\n\n{about}\n\n{table(['', '', 'goal'], rows)}"


def _soaked(process: int, crowds: Sequence[CrowdBeside], minutes: float) -> list[Sample]:
    """Seconds and megabytes, as long as people ask."""
    for people in crowds:
        people.ready()
    for people in crowds:
        people.ask_steadily(PER_S / len(crowds), int(60 * minutes * PER_S / len(crowds)))
    watched, begun = psutil.Process(process), monotonic()
    samples: list[Sample] = []
    while (passed := monotonic() - begun) < 60 * minutes:
        samples.append((passed, watched.memory_info().rss / 1e6))
        sleep(SAMPLED_S)
    end = monotonic() + GIVEN_UP_S
    while any(people.left() for people in crowds) and monotonic() < end:
        sleep(SAMPLED_S)
    return samples


def _memory(samples: Sequence[Sample], minutes: float) -> list[list[object]]:
    rows: list[list[object]] = []
    for minute in (0.0, 1.0, minutes / 2, minutes):
        near = min(samples, key=lambda sample: abs(sample[0] - 60 * minute))
        rows.append([f"resident memory at minute {minute:g}, MB", f"{near[1]:.0f}", ""])
    warm = [one for one in samples if one[0] >= min(WARM_S, 20 * minutes)]
    slope, level = np.polyfit(np.array(warm)[:, 0], np.array(warm)[:, 1], 1)
    percent = 100 * 3600 * slope / level
    mark = "" if percent <= MOST_GROWTH else " **short**"
    rows.append(["growth, MB a minute", f"{60 * slope:.2f}", ""])
    rows.append(["growth, percent an hour", f"{percent:.1f}", f"<= {MOST_GROWTH:g}{mark}"])
    return rows


def _messages(asked: Sequence[Sequence[Asked]]) -> list[list[object]]:
    every = [one for those in asked for one in those]
    owed = [one for one in every if one.is_owed]
    lost = sum(not one.replies for one in owed)
    longest = max((one.ended - one.said for one in owed if one.ended is not None), default=0.0)
    return [
        ["messages", len(every), ""],
        ["answered", sum(one.is_answered for one in every), ""],
        ["told why not", sum(bool(one.replies) and not one.is_answered for one in every), ""],
        ["lost", lost, "0" + (" **short**" if lost else "")],
        ["answered twice", sum(one.replies > 1 for one in every), "0"],
        ["not acknowledged", len(every) - len(owed), "0"],
        ["longest wait for an outcome, s", f"{longest:.1f}", "<= 125"],
    ]


if __name__ == "__main__":
    sys.stdout.write(measure(float(sys.argv[1]) if sys.argv[1:] else MINUTES))
