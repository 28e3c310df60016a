"""A process that serves is killed anywhere on the way of a message: what is lost, what comes twice.

`kill -9` of `tertulia serve` at the nth call of a function, in twelve places from the arrival of
a message to the note that its answer was posted, twenty seeds each. A seed chooses the platform,
how many ask at once, which of them is hit, and whether somebody asks while nobody serves. Then
the process is started again. *Owed* is an outcome for everything that was acknowledged, that Slack
delivers again, or that stands in a channel of Discord; a command of Discord that was not
acknowledged is not delivered again, and the person sees that it failed. Processes are forks of one
that has imported everything, and begin at the entry point that ships.
"""

import asyncio
import sys
from collections.abc import Sequence

from tests.benchmarks.report import table
from tests.fakes.scripted_model import serving as model_serving
from tests.storms.crowd import ANSWER
from tests.storms.homes import Team, indexed
from tests.storms.kills import PLACES, Outcome, Place, Trial, outcome

SEEDS = 20
AT_ONCE = 2
MOST_TWICE = 0.01


def measure(seeds: int = SEEDS) -> str:
    """The section of docs/benchmarks.md."""
    about = (__doc__ or "").split("\n\n", 1)[1].strip()
    with model_serving() as model, indexed(model.url) as team:
        model.answer = ANSWER
        found = asyncio.run(_all(team, seeds))
    rows = [_row(place.name, [o for o in found if o.trial.place is place]) for place in PLACES]
    rows.append(_row("all", found))
    twice = sum(one.doubled for one in found) / max(1, _owed(found))
    goal = ["goal", 12 * SEEDS, "", "", "0", "<= 1 %" + (" **short**" if _is_short(found) else "")]
    head = ["killed", "times", "on Slack", "messages owed an outcome", "lost", "answered twice"]
    said = f"Answered twice: {100 * twice:.1f} % of the messages."
    return f"## Kills\n\n{about}\n\n{table(head, [*rows, goal])}\n{said}\n"


def _row(name: str, found: Sequence[Outcome]) -> list[object]:
    on_slack = sum(one.platform == "slack" for one in found)
    lost, doubled = sum(one.lost for one in found), sum(one.doubled for one in found)
    return [name, len(found), on_slack, _owed(found), lost, doubled]


def _owed(found: Sequence[Outcome]) -> int:
    return sum(one.is_owed for outcome in found for one in outcome.asked)


def _is_short(found: Sequence[Outcome]) -> bool:
    """Whether anything was lost, too much came twice, or twice elsewhere than in posting."""
    elsewhere = [one for one in found if one.doubled and "post" not in one.trial.place.name]
    twice = sum(one.doubled for one in found)
    return bool(sum(one.lost for one in found) or elsewhere or twice > MOST_TWICE * _owed(found))


async def _all(team: Team, seeds: int) -> list[Outcome]:
    room = asyncio.Semaphore(AT_ONCE)

    async def one(place: Place, seed: int) -> Outcome:
        async with room:
            found = await outcome(Trial(place, seed), team)
        if found.lost or found.doubled:
            sys.stderr.write(f"{place.name}, seed {seed}: {found}\n")
        return found

    return list(await asyncio.gather(*(one(p, n) for n in range(seeds) for p in PLACES)))


if __name__ == "__main__":
    sys.stdout.write(measure(int(sys.argv[1]) if sys.argv[1:] else SEEDS))
