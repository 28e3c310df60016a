"""The trainer of the search: what it learns, what it refuses, and how it ends."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from knowledge.hashing import sha256_of
from pipelines.learning import pair_files, publishing
from pipelines.learning.pairs import Pair
from pipelines.learning.trainers import (
    Job,
    JobRefusedError,
    NoCandidateError,
    Step,
    TrainingFailedError,
    load,
    process,
)
from pipelines.learning.trainers.retriever import FIGURES, MAP
from pipelines.learning.turning import Pairs, loss, mined, ndcg
from pipelines.query_map import QueryMap
from tests.pipelines.small_knowledge import chunk

SIZE, PAGES = 24, 80
ROOT = Path(__file__).parents[3]


def unit(rows: np.ndarray) -> np.ndarray:
    found: np.ndarray = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return found


def write_job(home: Path, *, skewed: float = 1.5, count: int = 4, **settings: object) -> Job:
    """Pages in both languages; questions lie beside their page, all off in the same direction."""
    random = np.random.default_rng(0)
    meanings = random.normal(size=(PAGES, SIZE))
    chunks = [chunk(f"{n} {x}", f"text {n} {x}", x) for x in ("en", "es") for n in range(PAGES)]
    passages = unit(np.vstack([meanings, meanings]) + 0.3 * random.normal(size=(2 * PAGES, SIZE)))
    skew = skewed * np.outer(random.normal(size=SIZE), random.normal(size=SIZE)) / np.sqrt(SIZE)
    pairs, questions = [], []
    for place, one in enumerate(chunks):
        other = chunks[(place + PAGES) % len(chunks)]
        for n in range(count):
            example = f"E-{place}" if n == 0 else ""
            asked = f"{place} {n}?"
            pairs.append(Pair(asked, one.language, (other.text_hash,), example=example))
            vector = meanings[place % PAGES] + 0.8 * random.normal(size=SIZE)
            questions.append(vector + vector @ skew)
    vectors = (unit(np.array(questions)), passages)
    rows, base = pair_files.write(pairs, chunks, vectors, embedder="owl", folder=home)
    usual = {"learning_rate": 0.01, "epochs": 12}
    job = Job("retriever", base, rows, home / "done", settings={**usual, **settings})
    return replace(job, rows_sha256=sha256_of(rows), base_sha256=sha256_of(base))


def train(job: Job, stop_after: int = 0) -> list[Step]:
    steps: list[Step] = []

    def report(step: Step) -> None:
        steps.append(step)
        if step.number == stop_after:
            raise KeyboardInterrupt

    load("retriever").train(job, report)
    return steps


def test_it_finds_more_of_what_it_has_not_seen(tmp_path: Path) -> None:
    job = write_job(tmp_path)
    steps = train(job)
    assert [one.number for one in steps] == list(range(1, len(steps) + 1))
    figures = json.loads((job.folder / FIGURES).read_text(encoding="utf-8"))
    assert [one["language"] for one in figures] == ["en", "es"]
    assert all(one["after"] > one["before"] for one in figures)
    assert [(one["pairs"], one["approved"]) for one in figures] == [(320, 80), (320, 80)]
    found = publishing.trained(job.folder)
    assert (found.method, found.job) == ("query map", job)
    assert found.files[MAP] == sha256_of(job.folder / MAP)
    assert found.losses[-1] < found.losses[0]
    assert set(found.versions) == {"numpy", "tertulia"}
    assert not job.partial.exists()
    by = QueryMap.load(job.folder / MAP, embedder="owl", dimensions=SIZE)
    assert set(by.turns) == {"en", "es"}
    with pytest.raises(JobRefusedError, match="never changed"):
        train(job)


def test_the_same_seed_comes_to_the_same_map_also_after_a_stop(tmp_path: Path) -> None:
    job = write_job(tmp_path)
    train(job)
    other = replace(job, folder=tmp_path / "other")
    with pytest.raises(KeyboardInterrupt):
        train(other, stop_after=5)
    assert not other.folder.exists()
    train(other)
    assert (other.folder / MAP).read_bytes() == (job.folder / MAP).read_bytes()
    third = replace(job, folder=tmp_path / "third", seed=1)
    train(third)
    assert (third.folder / MAP).read_bytes() != (job.folder / MAP).read_bytes()


def test_a_map_that_gains_nothing_is_no_candidate(tmp_path: Path) -> None:
    job = write_job(tmp_path, strength=0.0)
    with pytest.raises(
        NoCandidateError, match="no candidate, because no map finds more"
    ) as refused:
        train(job)
    assert "en: nDCG@10 0." in str(refused.value)
    assert not job.folder.exists()


def test_too_few_pairs_teach_nothing(tmp_path: Path) -> None:
    job = write_job(tmp_path, count=1)
    with pytest.raises(JobRefusedError, match=r"There are 160 pairs, 160 of them approved; 300"):
        train(job)
    assert load("retriever").dry_run(job).problems
    train(replace(job, settings={**job.settings, "fewest": 100}))


def test_numbers_that_leave_what_can_be_computed_end_it(tmp_path: Path) -> None:
    job = write_job(tmp_path, learning_rate=1e300)
    with np.errstate(all="ignore"), pytest.raises(TrainingFailedError, match="loss became"):
        train(job)
    assert not job.folder.exists()


@pytest.mark.parametrize("settings", [{"rank": 3}, {"epochs": "many"}, {"strength": -1}])
def test_settings_that_there_are_not_are_refused(
    tmp_path: Path, settings: dict[str, object]
) -> None:
    with pytest.raises(JobRefusedError):
        train(replace(write_job(tmp_path), settings=settings))


def test_a_dry_run_tells_what_would_happen(tmp_path: Path) -> None:
    job = write_job(tmp_path)
    looked = load("retriever").dry_run(job)
    assert [one.text for one in looked.shown] == ["0 0?", "0 1?", "0 2?"]
    assert sum(looked.lengths.values()) == 640
    assert looked.overfit[1] < looked.overfit[0]
    assert looked.problems == ()
    assert looked.forecast == load("retriever").cost(job)
    assert not job.partial.exists()


async def test_it_runs_in_a_process_of_its_own(
    tmp_path: Path,
) -> None:
    job = write_job(tmp_path)
    trained = await process.train(job)
    assert trained.files[MAP] == sha256_of(job.folder / MAP)
    with pytest.raises(NoCandidateError):
        await process.train(
            replace(job, folder=tmp_path / "none", settings={**job.settings, "strength": 0.0})
        )


def test_a_kill_leaves_nothing_that_could_serve(tmp_path: Path) -> None:
    job = write_job(tmp_path, epochs=100_000, learning_rate=1e-9)
    file = tmp_path / "job.json"
    file.write_text(job.to_json(), encoding="utf-8")
    command = [sys.executable, "-m", "pipelines.learning.trainers", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as running:
        assert running.stdout
        assert b'"step"' in running.stdout.readline()
        os.kill(running.pid, signal.SIGKILL)
    assert not job.folder.exists()
    train(replace(write_job(tmp_path), folder=job.folder))
    assert (job.folder / MAP).is_file()


def test_the_slope_is_that_of_the_loss() -> None:
    random = np.random.default_rng(3)
    questions, passages = (unit(random.normal(size=(n, 6))).astype(float) for n in (5, 12))
    pairs = Pairs(questions, passages, np.arange(12) % 2, ((0,), (2, 4), (1,), (3,), (6,)))
    rivals = mined(pairs, 3)
    matrix = np.eye(6) + 0.1 * random.normal(size=(6, 6))
    _, slope = loss(pairs, rivals, matrix, 0.1)
    for row, column in ((0, 0), (2, 5), (4, 1)):
        step = np.zeros((6, 6))
        step[row, column] = 1e-6
        up, down = (loss(pairs, rivals, matrix + sign * step, 0.1)[0] for sign in (1, -1))
        assert slope[row, column] == pytest.approx((up - down) / 2e-6, abs=1e-4)


def test_what_is_nearly_as_near_as_the_answer_is_no_rival() -> None:
    passages = unit(np.array([[1, 0.0], [0.99, 0.14], [0.8, 0.6], [0, 1], [1, 0.01]]))
    pairs = Pairs(
        np.array([[1.0, 0.0]]), passages.astype(float), np.array([0, 0, 0, 0, 1]), ((0,),)
    )
    assert mined(pairs)[0].tolist() == [2, 3]
    assert mined(pairs, 1)[0].tolist() == [2]
    assert ndcg(pairs).tolist() == [1.0]
