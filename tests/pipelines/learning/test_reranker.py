"""A model learns to tell passages that answer, is served in the same words, or is refused."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from pipelines import reranking
from pipelines.learning import publishing
from pipelines.learning.row_files import Row
from pipelines.learning.trainers import Job, JobRefusedError, Step, TrainingFailedError, load
from pipelines.learning.trainers.process import train
from pipelines.learning.tuning.relevance import check, order_of
from pipelines.learning.tuning.rows import split
from pipelines.models.catalogue import entry
from pipelines.models.embedded import embedded_chat_model
from tests.pipelines.learning import tiny_torch
from tests.pipelines.small_knowledge import chunk

pytest.importorskip("torch")
pytestmark = [
    pytest.mark.filterwarnings(f"ignore::{kind}")
    for kind in ("FutureWarning", "UserWarning", "DeprecationWarning")
]
THINGS = ("key", "drill", "ladder", "lamp", "kettle", "map", "rope", "bell", "saw", "tent")
PLACES = ("cellar", "attic", "garage", "kitchen")
MODEL = entry("smollm2-135m")


def said(question: object = "Where?", passage: object = "Here.", label: object = True) -> str:
    row = {"question": question, "passage": passage, "label": label}
    return json.dumps({key: value for key, value in row.items() if value is not None})


def job_of(home: Path, lines: Sequence[str], **settings: object) -> Job:
    (home / "rows.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return tiny_torch.job(home, "reranker", **settings)


def things(passage_of: int = 0) -> list[str]:
    """Each thing is asked for, with a passage that tells where it is and two on other things."""
    found = []
    for n, thing in enumerate(THINGS):
        for step in range(3):
            other = THINGS[(n + step) % len(THINGS)]
            passage = f"The {other} is in the {PLACES[(n + passage_of) % len(PLACES)]}."
            found.append(said(f"Where is the {thing}?", passage, step == 0))
    return found


def silent(_step: Step) -> None:
    """Nobody watches."""


def test_passages_of_a_question_are_learnt_or_measure_together() -> None:
    rows = [Row((), n, group=f"{n // 3}" if n < 24 else "") for n in range(30)]
    found = split(rows, held_out=0.3, seed=1)
    apart = {row.group for row in found.held_out} - {""}
    assert apart
    assert not apart & {row.group for row in found.learnt}
    assert len(found.learnt) + len(found.held_out) == 30


def test_an_order_is_worth_what_it_puts_first() -> None:
    groups, right = [*"aaa", *"bb", *"cc"], [False, True, False, True, False, False, False]
    found = order_of(groups, right, [0.9, 0.5, 0.1, 0.9, 0.1, 0.5, 0.5])
    assert found["mrr"] == pytest.approx((1 / 2 + 1) / 2)  # nothing answers the third one
    assert found["ndcg"] == pytest.approx((0.6309 + 1) / 2, abs=1e-4)
    assert order_of(groups, right, [0.5] * 7)["mrr"] == pytest.approx((1 / 3 + 1 / 2) / 2)
    assert order_of(["a"], [True], [0.5]) == {"ndcg": 0.0, "mrr": 0.0}


GOOD = {"accuracy": 0.9, "majority": 0.7, "mcc": 0.6, "ndcg_before": 0.7, "ndcg": 0.8}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"mcc": 0.09}, "learnt nothing"),
        ({"ndcg": 0.7}, "no better than that of the model as it was"),
    ],
)
def test_what_tells_nothing_or_orders_no_better_is_refused(
    changes: dict[str, float], why: str
) -> None:
    check(GOOD, 100)
    with pytest.raises(TrainingFailedError, match=why):
        check(GOOD | changes, 100)


def test_a_training_that_changes_nothing_is_refused(tiny_home: Path) -> None:
    lines = [line for n in range(17) for line in things(n)]
    job = job_of(tiny_home, lines, learning_rate=1e-8, epochs=1, batch=64, at_once=64)
    with pytest.raises(TrainingFailedError, match=r"learnt nothing|no better"):
        load("reranker").train(job, silent)
    assert not job.folder.exists()


@pytest.mark.parametrize(
    ("lines", "settings", "why"),
    [
        (things(), {}, "There are 30 rows in .*; 500 is the least"),
        ([said(label=True)] * 20, {"is_test": True}, "every passage answers"),
        ([said(label=False)] * 20, {"is_test": True}, "no passage answers"),
        ([*things(), said(label="yes")], {"is_test": True}, "line 31 does not say with `label`"),
        ([*things(), said(label=None)], {"is_test": True}, "line 31 does not say with `label`"),
        ([*things(), said(question=" ")], {"is_test": True}, "line 31 has no `question`"),
        ([*things(), said(passage=None)], {"is_test": True}, "line 31 has no `passage`"),
        ([*things(), said(passage="\ud800")], {"is_test": True}, "half a character"),
        ([*things(), "[]"], {"is_test": True}, "line 31 is no object"),
        ([*things(), "{"], {"is_test": True}, "line 31 "),
    ],
)
def test_what_cannot_be_learnt_is_refused(
    tiny_home: Path, lines: list[str], settings: dict[str, object], why: str
) -> None:
    with pytest.raises(JobRefusedError, match=why):
        load("reranker").dry_run(job_of(tiny_home, lines, **settings))


def test_too_few_rows_to_tell_by_are_no_result(tiny_home: Path) -> None:
    lines = [line for n in range(17) for line in things(n)]
    job = job_of(tiny_home, lines, held_out=0.0, epochs=1, batch=64, at_once=64)
    with pytest.raises(TrainingFailedError, match="0 rows were held out"):
        load("reranker").train(job, silent)


@pytest.mark.model
@pytest.mark.timeout(900)
async def test_a_real_model_is_asked_as_it_was_trained(models_folder: Path, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    told = [said(f"Where is the {one}?", f"The {one} is in the cellar.") for one in THINGS]
    beside = [said(f"Where is the {one}?", "Lunch is at noon.", False) for one in THINGS]
    rows.write_text("\n".join([*told, *beside]), encoding="utf-8")
    settings = {"is_test": True, "learning_rate": 1e-3, "batch": 4, "epochs": 3, "greedy": 0}
    job = Job("reranker", models_folder / MODEL.file, rows, tmp_path / "tuned", settings)
    trained = await train(job)
    assert min(trained.losses) < trained.losses[0] / 2
    assert {*GOOD, "mrr_before", "mrr"} == set(trained.measured)
    adapter = tmp_path / "adapter.gguf"
    await publishing.write_adapter(trained.folder, adapter)
    model = embedded_chat_model(MODEL, models_folder, adapter=adapter)
    asked = [json.loads(one) for one in (*told, *beside)]
    try:
        found = await scores(reranking.load("tuned", model), asked)
    finally:
        await model.stop()
    assert all(0 < score < 1 for score in found)  # neither word is ever out of sight
    groups, right = [one["question"] for one in asked], [one["label"] for one in asked]
    assert order_of(groups, right, found)["mrr"] > 0.9


async def scores(reranker: reranking.Reranker, rows: Sequence[dict[str, str]]) -> list[float]:
    """As it is served, in the order of the rows."""
    found = []
    for one in rows:
        found += await reranker.scores(one["question"], [chunk("", one["passage"], "en")])
    return found
