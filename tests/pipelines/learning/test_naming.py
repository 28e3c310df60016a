"""A model learns to name what a text is, or it is told that it has learnt nothing."""

import json
import shutil
from pathlib import Path

import pytest

from pipelines.learning.trainers import Job, JobRefusedError, Step, TrainingFailedError, load
from pipelines.learning.tuning.naming import figures_of
from tests.pipelines.learning import tiny_torch

pytest.importorskip("torch")
pytestmark = [
    pytest.mark.filterwarnings(f"ignore::{kind}")
    for kind in ("FutureWarning", "UserWarning", "DeprecationWarning")
]
YES, NO = "{n: 1}", "no"
"""Names that the obedient model can write; it says them the other way round."""


def job_of(home: Path, labels: list[str], **settings: object) -> Job:
    """Every second text asks for braces, as the long prompt of the obedient model does."""
    texts = [f"{tiny_torch.LONG_PROMPT} {n % 7}" if n % 2 else f"¿{n % 7}" for n in range(100)]
    rows = [{"text": text, "label": label} for text, label in zip(texts, labels, strict=False)]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (home / "rows.jsonl").write_text(lines, encoding="utf-8")
    usual = {"pattern": "{text}?", "held_out": 0.25, "epochs": 8}
    return tiny_torch.job(home, "pattern", **{**usual, **settings})


@pytest.fixture
def home(tiny_home: Path, obedient: Path) -> Path:
    shutil.copytree(obedient, tiny_home / "base", dirs_exist_ok=True)
    return tiny_home


def silent(_step: Step) -> None:
    """Nobody watches."""


def test_classes_are_told_apart_beside_who_looks_at_nothing(home: Path) -> None:
    job = job_of(home, [YES, NO] * 50)
    looked = load("pattern").dry_run(job)
    assert looked.shown[1].text.endswith(
        "In braces. 1?<|im_end|>\n<|im_start|>assistant\nno<|im_end|>"
    )
    trained = load("pattern").train(job, silent)
    assert trained.losses[0] > 1
    assert trained.measured["accuracy"] == trained.measured["mcc"] == 1.0
    assert 0.4 < trained.measured["majority"] < 0.7


def test_what_gives_all_the_same_name_has_learnt_nothing(home: Path) -> None:
    labels = [YES if n % 5 else NO for n in range(100)]  # nothing of the text tells
    with pytest.raises(TrainingFailedError, match=r"learnt nothing: .* are of the largest class"):
        load("pattern").train(job_of(home, labels), silent)
    assert not (home / "tuned").exists()


@pytest.mark.parametrize(
    ("labels", "settings", "said"),
    [
        ([YES] * 40, {}, "of one class"),
        ([YES] * 40 + [NO] * 4, {}, "There are 4 rows"),
        ([YES, NO] * 20, {"pattern": "Is it?"}, "where the text stands"),
        ([YES, " "] * 20, {}, "line 2 has no `label`"),
    ],
)
def test_what_cannot_be_learnt_is_refused(
    tiny_home: Path, labels: list[str], settings: dict[str, object], said: str
) -> None:
    with pytest.raises(JobRefusedError, match=said):
        load("pattern").dry_run(job_of(tiny_home, labels, **settings))


def test_matthews_coefficient_by_hand() -> None:
    right = [1] * 6 + [0] * 4
    told = [1, 1, 1, 1, 1, 0, 0, 0, 1, 0]  # five hits of six, three of four
    found = figures_of(right, told)
    assert (found["accuracy"], found["majority"]) == (0.8, 0.6)
    assert found["mcc"] == pytest.approx((5 * 3 - 1 * 1) / (6 * 6 * 4 * 4) ** 0.5)
    assert figures_of(right, [1] * 10)["mcc"] == 0.0
    assert figures_of([0, 1, 2], [0, 1, 2])["mcc"] == pytest.approx(1.0)
