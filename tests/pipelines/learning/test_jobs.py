"""What a job may name: rows, a base, settings; everything else is refused before anything runs."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.learning.trainers import Job, JobRefusedError, load
from tests.pipelines.learning import tiny_torch


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("no JSON", "line 1 has no list"),
        ('{"messages": 3}', "line 1 has no list"),
        ('{"messages": [{"role": "pope", "content": "x"}]}', "role 'pope'"),
        ('{"messages": [{"role": "user", "content": " "}]}', "without text"),
        ('{"messages": [{"role": "user", "content": "x"}]}', "does not end with a question"),
        ('{"messages": [{"role": "user", "content": "\\ud800"}]}', "half a character"),
    ],
)
def test_a_bad_row_is_named_by_its_line(line: str, words: str, tiny_home: Path) -> None:
    job = tiny_torch.job(tiny_home, "sft_lora")
    good = job.rows.read_text(encoding="utf-8")
    job.rows.write_text(f"{line}\n{good}", encoding="utf-8")
    with pytest.raises(JobRefusedError, match=words):
        load(job.trainer).cost(job)


def test_signs_that_break_lines_elsewhere_are_part_of_a_row(tiny_home: Path) -> None:
    job = tiny_torch.job(tiny_home, "sft_lora")
    written = job.rows.read_text(encoding="utf-8")
    rows = written.replace('"content": "', '"content": "\u2028')
    assert rows != written
    job.rows.write_text(rows, encoding="utf-8")
    assert load(job.trainer).cost(job).cpu_s > 0


def test_too_few_rows_are_refused(tiny_home: Path) -> None:
    tiny_torch.write_rows(tiny_home / "rows.jsonl", count=7)
    with pytest.raises(JobRefusedError, match="There are 7 rows"):
        load("sft_lora").cost(tiny_torch.job(tiny_home, "sft_lora"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rows_sha256": "0" * 64}, "not those that were approved"),
        ({"rows": Path("/nowhere/rows.jsonl")}, "cannot be read"),
        ({"base": Path("/nowhere/base.gguf")}, "There is no base"),
        ({"served": Path("/nowhere/served.gguf")}, "no GGUF file"),
        ({"served": None}, "does not say what is served"),
        ({"settings": {"learning_rat": 1}}, "no setting 'learning_rat'"),
        ({"settings": {"batch": 0}}, "cannot be 0"),
        ({"settings": {"rank_stabilised": 1}}, "cannot be 1"),
        ({"settings": {"epochs": 1.5}}, "cannot be 1.5"),
        ({"settings": {"longest": 3}}, "more than 3 tokens"),
        ({"trainer": "sft_lara"}, "no trainer 'sft_lara'"),
    ],
)
def test_a_job_that_cannot_be_done_says_why(
    changes: dict[str, object], words: str, tiny_home: Path
) -> None:
    job = replace(tiny_torch.job(tiny_home, "sft_lora"), **changes)  # type: ignore[arg-type]  # by name
    with pytest.raises(JobRefusedError, match=words):
        load(job.trainer).cost(job)


def test_a_base_that_is_another_file_is_refused(tiny_home: Path) -> None:
    job = tiny_torch.job(tiny_home, "sft_lora")
    other = replace(job, base=tiny_home / "served.gguf", served=None, base_sha256="0" * 64)
    with pytest.raises(JobRefusedError, match="hash differs"):
        load(other.trainer).cost(other)


def test_what_is_served_must_be_the_same_model(tiny_home: Path) -> None:
    config = tiny_home / "base" / "config.json"
    said = json.loads(config.read_text(encoding="utf-8"))
    config.write_text(json.dumps({**said, "num_hidden_layers": 3}), encoding="utf-8")
    with pytest.raises(JobRefusedError, match="another model than"):
        load("full").cost(tiny_torch.job(tiny_home, "full"))


def test_a_folder_without_a_model_is_refused(tiny_home: Path) -> None:
    (tiny_home / "base" / "model.safetensors").unlink()
    with pytest.raises(JobRefusedError, match="holds no model"):
        load("full").cost(tiny_torch.job(tiny_home, "full"))


def test_a_job_is_read_as_it_was_written(tiny_home: Path) -> None:
    job = tiny_torch.job(tiny_home, "sft_lora")
    assert Job.from_json(job.to_json()) == job
