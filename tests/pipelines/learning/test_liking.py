"""What people like is learnt from votes and pairs: by the papers' numbers, and never from a few."""

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from knowledge.hashing import sha256_of
from pipelines.learning.trainers import Job, JobRefusedError, load
from pipelines.learning.tuning.base import has_bf16, tokenizer_of
from pipelines.learning.tuning.base import load as load_base
from pipelines.learning.tuning.liking import Liking, pair_losses, vote_losses, weights_of
from pipelines.learning.tuning.loop import Tuning
from pipelines.learning.tuning.lora import Lora
from pipelines.learning.tuning.rendering import Rendered
from pipelines.learning.tuning.settings import Settings
from tests.pipelines.learning import tiny_torch

torch = pytest.importorskip("torch")
pytestmark = [
    pytest.mark.filterwarnings(f"ignore::{kind}")
    for kind in ("FutureWarning", "UserWarning", "DeprecationWarning")
]
BETA = 0.1


def vote(question: str, answer: str, n: int) -> dict[str, object]:
    is_good = n % 3 > 0
    told = answer if is_good else f"Perhaps {answer}, who knows"
    return {"prompt": question, "completion": told, "label": is_good}


def pair(question: str, answer: str, n: int) -> dict[str, object]:
    return {"prompt": question, "chosen": answer, "rejected": f"It may be {n}."}


def job_of(home: Path, as_row: tiny_torch.AsRow, *, count: int = 24, **settings: object) -> Job:
    tiny_torch.write_rows(home / "rows.jsonl", count, as_row)
    return tiny_torch.job(home, "preference", **{"is_test": True, **settings})


def write_manifest(job: Job, voters: int) -> None:
    said = {"files": {job.rows.name: sha256_of(job.rows)}, "voters": voters}
    job.rows.with_name("manifest.json").write_text(json.dumps(said), encoding="utf-8")


def tuning_of(job: Job) -> tuple[Tuning, list[Rendered]]:
    """A model whose addition says something already, and the rows of its job."""
    settings = replace(Settings.of(job), rank=8)
    aim = Liking()
    model, _ = Lora().prepared(job, settings)
    tokenizer = tokenizer_of(job)
    tuning = Tuning(model, settings, aim, 0, tokenizer.eos_token_id, "cpu")
    torch.manual_seed(1)
    with torch.no_grad():
        for weight in tuning.weights.values():
            weight.add_(0.05 * torch.randn_like(weight))
    rows = aim.rendered(tokenizer, aim.read(job, settings), settings)
    return tuning, aim.arranged(rows)


def log_probability(model: Any, row: Rendered) -> float:
    """Token by token, nothing filled up, no other row beside it."""
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([row.ids])).logits[0].float()
    begin = len(row.ids) - row.learnt
    return sum(
        float(torch.log_softmax(logits[place - 1], 0)[row.ids[place]])
        for place in range(begin, len(row.ids))
    )


def gains(tuning: Tuning, base: Any, rows: Sequence[Rendered | None]) -> list[float]:
    return [log_probability(tuning.model, row) - log_probability(base, row) for row in rows if row]


def sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def test_votes_and_pairs_lose_what_the_papers_say() -> None:
    votes = vote_losses(torch.tensor([1.0, -2.0]), torch.tensor([1.0, -1.5]), 0.5, BETA)
    assert votes.tolist() == pytest.approx([0.4875026, 1.5 * 0.4378235])
    pairs = pair_losses(torch.tensor([2.0, 0.0]), torch.tensor([-1.0, 0.0]), BETA)
    assert pairs.tolist() == pytest.approx([0.5543552, math.log(2)])


@pytest.mark.parametrize(
    ("good", "bad", "weights"),
    [
        (100, 50, (1.0, 1.5)),
        (50, 100, (2.0, 1.0)),
        (110, 100, (1.0, 1.0)),
        (0, 9, (1.0, 1.0)),
    ],
)
def test_good_votes_count_as_much_as_bad_ones_or_a_third_more(
    good: int, bad: int, weights: tuple[float, float]
) -> None:
    assert weights_of(good, bad) == pytest.approx(weights)


def test_the_loss_of_votes_is_what_is_found_row_by_row(tiny_home: Path) -> None:
    job = job_of(tiny_home, vote, at_once=3)
    tuning, rows = tuning_of(job)
    base = load_base(job, half=has_bf16())
    usual = max(0.0, sum(gains(tuning, base, [row.beside for row in rows])) / len(rows))
    by_hand = [
        abs(row.opinion) * sigmoid(-BETA * math.copysign(1, row.opinion) * (gain - usual))
        for row, gain in zip(rows, gains(tuning, base, rows), strict=True)
    ]
    assert tuning.loss(rows) == pytest.approx(sum(by_hand) / len(rows), abs=1e-4)
    good = sum(row.opinion for row in rows if row.opinion > 0)
    assert good / -sum(row.opinion for row in rows if row.opinion < 0) == pytest.approx(4 / 3)


def test_the_loss_of_pairs_is_what_is_found_row_by_row(tiny_home: Path) -> None:
    job = job_of(tiny_home, pair, at_once=3)
    tuning, rows = tuning_of(job)
    base = load_base(job, half=has_bf16())
    better, worse = gains(tuning, base, rows), gains(tuning, base, [row.beside for row in rows])
    by_hand = [
        -math.log(sigmoid(BETA * (one - other))) for one, other in zip(better, worse, strict=True)
    ]
    assert tuning.loss(rows) == pytest.approx(sum(by_hand) / len(rows), abs=1e-4)


def test_an_answer_to_another_question_stands_beside_every_vote(tiny_home: Path) -> None:
    _, rows = tuning_of(job_of(tiny_home, vote))
    for n, row in enumerate(rows):
        other = rows[(n + 12) % 24]
        assert row.beside is not None
        assert row.beside.asked == row.asked
        assert row.beside.ids[len(row.asked) :] == other.ids[len(other.asked) :]


@pytest.mark.parametrize(("as_row", "first"), [(vote, 0.5), (pair, math.log(2))])
def test_before_anything_is_learnt_nothing_is_liked_better(
    as_row: tiny_torch.AsRow, first: float, tiny_home: Path
) -> None:
    job = job_of(tiny_home, as_row, held_out=0.0, batch=24, most_steps=1)
    trained = load("preference").train(job, lambda _: None)
    even = 8 / 24 * (2 / (4 / 3)) + 16 / 24  # what a vote counts on the average
    weight = even if as_row is vote else 1.0
    assert trained.losses == pytest.approx([weight * first], abs=1e-4)


def test_what_is_liked_gains_on_what_is_not_and_the_old_model_stays_what_it_was(
    tiny_home: Path,
) -> None:
    job = job_of(tiny_home, vote)
    tuning, rows = tuning_of(job)
    before = tuning.loss(rows)
    optimiser = tuning.optimiser(1e-2)
    for _ in range(20):
        tuning.learn(optimiser, rows)
    assert tuning.loss(rows) < before
    base = load_base(job, half=has_bf16())
    with tuning.reference():
        assert log_probability(tuning.model, rows[0]) == pytest.approx(
            log_probability(base, rows[0]), abs=1e-3
        )


def test_the_usual_rate_is_small(tiny_home: Path) -> None:
    job = job_of(tiny_home, vote, learning_rate=5e-6, most_steps=9)
    usual = replace(job, settings={k: v for k, v in job.settings.items() if k != "learning_rate"})
    other = replace(usual, folder=tiny_home / "usual")
    told = [load("preference").train(one, lambda _: None) for one in (job, other)]
    assert told[0].losses == told[1].losses


def test_few_votes_and_votes_of_a_few_are_refused(tiny_home: Path) -> None:
    trainer = load("preference")
    job = job_of(tiny_home, vote, count=199, is_test=False)
    write_manifest(job, voters=10)
    with pytest.raises(JobRefusedError, match="There are 199 rows"):
        trainer.cost(job)
    job = job_of(tiny_home, vote, count=200, is_test=False)
    with pytest.raises(JobRefusedError, match="those of 0 people"):
        trainer.cost(job)  # the manifest is that of other rows
    write_manifest(job, voters=9)
    with pytest.raises(JobRefusedError, match="those of 9 people; 10 are the least"):
        trainer.cost(job)
    write_manifest(job, voters=10)
    assert trainer.cost(job).cpu_s > 0
    job.rows.with_name("manifest.json").unlink()
    with pytest.raises(JobRefusedError, match="those of 0 people"):
        trainer.cost(job)


@pytest.mark.parametrize(
    ("as_row", "settings", "words"),
    [
        (lambda q, a, _: {"prompt": q, "completion": a, "label": True}, {}, "was good: nothing"),
        (lambda q, a, _: {"prompt": q, "completion": a, "label": False}, {}, "was bad: nothing"),
        (vote, {"batch": 1}, "one alone says nothing"),
        (tiny_torch.messages, {}, "neither votes nor pairs"),
        (lambda q, a, _: {"prompt": q, "completion": a, "label": 1}, {}, "line 1 .* neither true"),
        (lambda q, _a, _n: {"prompt": q, "rejected": "?"}, {}, "line 1 has no 'chosen'"),
        (lambda q, _a, _n: {"prompt": q, "chosen": "\ud800", "rejected": "?"}, {}, "half a char"),
    ],
)
def test_votes_that_tell_nothing_are_refused(
    as_row: tiny_torch.AsRow, settings: dict[str, object], words: str, tiny_home: Path
) -> None:
    (tiny_home / "rows.jsonl").write_text(
        "".join(json.dumps(as_row(f"¿{n}?", f"{n}", n)) + "\n" for n in range(24)),
        encoding="utf-8",
    )
    job = tiny_torch.job(tiny_home, "preference", is_test=True, **settings)
    with pytest.raises(JobRefusedError, match=words):
        load("preference").cost(job)


def test_other_votes_than_those_that_were_approved_are_refused(tiny_home: Path) -> None:
    job = replace(job_of(tiny_home, vote), rows_sha256="0" * 64)
    with pytest.raises(JobRefusedError, match="hash differs"):
        load("preference").cost(job)
