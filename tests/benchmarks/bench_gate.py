"""The gate: bad candidates that it must refuse, and good ones that it must not.

Each candidate is asked everything that `tertulia learn run` asks, by the same code, and judged on
that. First scripted models and prompts, as what decides is how they behave: an invented office of
sixty colleagues has asked {rows} questions, one row in twenty is poisoned, and others hold a number
that stands on no page. What serves answers 60 % of their questions rightly, and with the best
prompt 75 %; who is said to know more, 90 %. By chance an answer becomes another one as often for
the better as for the worse. Then adapters of `smollm2-135m`, asked one question of a kind, as the
questions do not decide there.

A bad candidate counts as *caught* where a rule refuses it that is meant for what is wrong with it,
and not only another one, such as too few questions. {count} questions for each of what must be
kept.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import process_time

from tests.benchmarks.gate_canaries import Planted, planted
from tests.benchmarks.gate_candidates import BAD, GOOD, Sent
from tests.benchmarks.gate_chance import DRAWS, chances
from tests.benchmarks.gate_office import rows
from tests.benchmarks.gate_runs import Judged, judged_by_script
from tests.benchmarks.gate_tuned import judged_for_real
from tests.benchmarks.report import table

COUNT = 100
LEAST_PASSED = 4
_CHANCE = (
    f"The share of candidates that keep what they must keep; drawn ({DRAWS} times), and not asked "
    "of anybody. Answers change by chance for the better as often as for the worse; in the second "
    "table one in a hundred does, besides what is lost."
)
SHOWN = 4
"""Rules that a line of the table names."""


def measure(
    count: int = COUNT, home: Path | None = None, sent: Sequence[Sent] = (*BAD, *GOOD)
) -> str:
    """The section of docs/benchmarks.md.

    Args:
        count: questions for each of what must be kept.
        home: a folder that is kept, for development.
        sent: the scripted candidates.
    """
    about = (__doc__ or "").split("\n\n", 1)[1].strip().format(rows=len(rows()), count=count)
    begun = process_time()
    with tempfile.TemporaryDirectory() as folder:
        scripted = judged_by_script(home or Path(folder) / "scripted", count, sent)
        spent = process_time() - begun
        real = judged_for_real(Path(folder) / "real")
        found = planted(Path(folder) / "canaries")
    bad = [*(one for one in scripted if one.rules), *real]
    good = [one for one in scripted if not one.rules]
    parts = [f"## The gate\n\n{about}", _summary(bad, good), "### Bad ones\n", _table(bad)]
    parts += ["### Good ones\n", _table(good), _of_canaries(found)]
    parts += [f"### Chance\n\n{_CHANCE}", chances()]
    return "\n\n".join([*parts, f"The scripted ones took {spent:.0f} CPU seconds."])


def _summary(bad: Sequence[Judged], good: Sequence[Judged]) -> str:
    refused, caught = sum(not one.passes for one in bad), sum(one.is_caught for one in bad)
    passed = sum(one.passes for one in good)
    head = ["", "of", "refused", "caught", "passed", "goal"]
    goal = f"{min(LEAST_PASSED, len(good))} passed"
    lines = [
        [
            "bad",
            len(bad),
            refused,
            caught,
            len(bad) - refused,
            _met(refused == len(bad), "all refused"),
        ],
        ["good", len(good), len(good) - passed, "", passed, _met(passed >= LEAST_PASSED, goal)],
    ]
    return table(head, lines)


def _met(is_met: bool, goal: str) -> str:
    return goal if is_met else f"{goal} **short**"


def _table(found: Sequence[Judged]) -> str:
    head = ["candidate", "", "caught", "rules that do not hold"]
    lines = [
        [one.about, "passed" if one.passes else "refused", one.caught, "; ".join(one.told(SHOWN))]
        for one in found
    ]
    return table(head, lines)


def _of_canaries(one: Planted) -> str:
    return (
        f"### Canaries\n\n{one.count} pieces of personal data stood in questions, answers and "
        f"corrections. Of the {one.written} rows that were written {one.in_set} hold one. A model "
        f"that was tuned on these rows until it knew them by heart said {one.said} of them in "
        f"{one.probes} probes; one that was tuned likewise on sentences from which nothing was "
        f"taken out said {one.control} in {one.control_probes}: so much the probes find."
    )


def main() -> None:
    """Measure some of it, for development."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--only", default="", help="names of scripted candidates, with commas")
    chosen = parser.parse_args()
    names = chosen.only.split(",")
    sent = [one for one in (*BAD, *GOOD) if not chosen.only or one.mind.name in names]
    sys.stdout.write(measure(chosen.count, chosen.home, sent))


if __name__ == "__main__":
    main()
