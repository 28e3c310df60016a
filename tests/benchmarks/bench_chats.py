"""Fifty people who ask at once on Slack and on Discord: what each of them waits for.

A fresh process of `tertulia serve` each time, so that the first question is among the fifty; it
has said `ready` and has had two seconds to itself: Discord lets a bot make fifty calls a second,
and those with which it registers its commands count. The fakes of Slack and Discord keep the
limits of both, run in processes of their own and take the times; the language model is one that
replies at once, since what is measured is the way of a message. Everybody asks in the same
channel. *Acknowledged*: the platform knows that we have it, which we tell once it is written to
the database (on Discord only commands are acknowledged). *First sign*: on Slack the status below
the message, on Discord the thread, or that we are thinking. *Outcome*: an answer, or the reason
why there is none.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic, sleep

from tests.benchmarks.report import judged, spread, table
from tests.fakes.scripted_model import serving as model_serving
from tests.storms.beside import CrowdBeside, crowd
from tests.storms.crowd import ANSWER, Asked
from tests.storms.homes import Team, fresh, indexed, serving, until_ready

AT_ONCE, REPEATS = 50, 5
ACKNOWLEDGED_S, SHOWN_S, ENDED_S = 0.3, 1.0, 125.0
GIVEN_UP_S, SETTLED_S = 180.0, 2.0


@dataclass(frozen=True, slots=True)
class Case:
    """A platform, and how people ask on it."""

    name: str
    platform: str
    more: Mapping[str, object]


CASES = (
    Case("Slack, mentions", "slack", {}),
    Case("Discord, mentions", "discord", {"ways": ["mention"]}),
    Case("Discord, /ask", "discord", {"ways": ["ask"]}),
)


def measure(repeats: int = REPEATS, only: str = "") -> str:
    """The section of docs/benchmarks.md."""
    about = (__doc__ or "").split("\n\n", 1)[1].strip()
    chosen = [case for case in CASES if only in case.name]
    with model_serving() as model, indexed(model.url) as team:
        model.answer = ANSWER
        found: dict[str, list[list[Asked]]] = {case.name: [] for case in chosen}
        for _ in range(repeats):
            for case in chosen:
                found[case.name].append(_once(case, team))
    head = ["50 at once; seconds", "acknowledged p50", "p99", "first sign p95", "longest outcome"]
    rows = [_row(case.name, found[case.name]) for case in chosen]
    goals = ["goal", "", f"<= {ACKNOWLEDGED_S}", f"<= {SHOWN_S}", f"<= {ENDED_S:.0f}"]
    heading = "## Fifty messages at once"
    more = ["answered", "no outcome", "answered twice"]
    return f"{heading}\n\n{about}\n\n{table([*head, *more], [*rows, [*goals, '', '0', '0']])}"


def _once(case: Case, team: Team) -> list[Asked]:
    people = crowd(case.platform, **case.more)
    # A home each time: every fake begins to count events at one, and would repeat known names.
    with fresh(team) as own, people as asking, serving(own, asking.environment):
        asking.ready()
        until_ready(own)
        sleep(SETTLED_S)
        asking.ask(AT_ONCE)
        _until_all_ended(asking)
        return asking.asked()


def _until_all_ended(people: CrowdBeside) -> None:
    end = monotonic() + GIVEN_UP_S
    while people.left() and monotonic() < end:
        sleep(0.5)


def _row(name: str, repeats: Sequence[Sequence[Asked]]) -> list[object]:
    every = [one for asked in repeats for one in asked]
    acknowledged = [_after(asked, "acknowledged") for asked in repeats]
    shown = [_after(asked, "shown") for asked in repeats]
    ended = [_after(asked, "ended") for asked in repeats]
    return [
        name,
        _spread(acknowledged, 0.5),
        _spread(acknowledged, 0.99, ACKNOWLEDGED_S),
        _spread(shown, 0.95, SHOWN_S),
        _spread(ended, 1.0, ENDED_S),
        sum(one.is_answered for one in every),
        sum(not one.replies for one in every),
        sum(one.replies > 1 for one in every),
    ]


def _after(asked: Sequence[Asked], what: str) -> list[float]:
    """Seconds from each message to something, in order; what never came took for ever."""
    missing = float("inf") if what != "acknowledged" else None
    times = [(one.said, getattr(one, what)) for one in asked]
    after = [missing if at is None else at - said for said, at in times]
    return sorted(one for one in after if one is not None)


def _spread(repeats: Sequence[Sequence[float]], share: float, goal: float | None = None) -> str:
    """The same quantile of each repeat: median, smallest and largest."""
    values = [one[round(share * (len(one) - 1))] for one in repeats if one]
    if not values:
        return "-"
    mark = judged(sorted(values)[len(values) // 2], at_most=goal) if goal else ""
    return spread(values, 3) + (" **short**" if "short" in mark else "")


if __name__ == "__main__":
    few, *named = sys.argv[1:] or ["5"]
    sys.stdout.write(measure(int(few), *named))
