"""What a long prompt brings is learnt; a teacher that brings nothing is refused, with numbers."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.learning.trainers import Job, JobRefusedError, Step, TrainingFailedError, load
from pipelines.learning.tuning.checkpoints import TAUGHT
from pipelines.learning.tuning.distilling import with_prompt
from pipelines.learning.tuning.graders import grader
from tests.pipelines.learning import tiny_torch

pytest.importorskip("torch")
pytestmark = [
    pytest.mark.filterwarnings(f"ignore::{kind}")
    for kind in ("FutureWarning", "UserWarning", "DeprecationWarning")
]
QUESTION = {"role": "user", "content": "¿7?"}


class StoppedError(Exception):
    """Somebody ended the process."""


def job_of(home: Path, *, count: int = 100, **settings: object) -> Job:
    tiny_torch.write_rows(home / "rows.jsonl", count)  # with answers, which are not read
    usual = {"held_out": 0.2, "answer_tokens": 12, "long_prompt": tiny_torch.LONG_PROMPT}
    usual |= {"grader": tiny_torch.GRADER, "epochs": 4}
    return tiny_torch.job(home, "distil", **{**usual, **settings})


@pytest.fixture
def home(tiny_home: Path, obedient: Path) -> Path:
    shutil.copytree(obedient, tiny_home / "base", dirs_exist_ok=True)
    return tiny_home


def silent(_step: Step) -> None:
    """Nobody watches."""


def stop(step: Step) -> None:
    if step.number == 3:
        raise StoppedError


@pytest.mark.parametrize("soft", [False, True])
def test_a_pupil_does_without_the_prompt_what_its_teacher_does_with_it(
    soft: bool, home: Path
) -> None:
    trained = load("distil").train(job_of(home, soft=soft), silent)
    assert trained.measured["teacher"] >= 0.9
    assert trained.measured["before"] <= 0.1
    assert trained.measured["recovered"] >= 0.8
    assert trained.losses[-1] < trained.losses[0] / 2
    said = json.loads((trained.folder / TAUGHT).read_text(encoding="utf-8"))
    assert len(said["learnt"]) == 80
    assert TAUGHT in trained.files


def test_a_teacher_that_is_no_better_is_refused_with_both_numbers(
    tiny_home: Path,
) -> None:
    job = job_of(tiny_home)  # its base heeds nothing
    with pytest.raises(JobRefusedError, match=r"0 % of 20 answers .* without it 0 %: .* 5 points"):
        load("distil").train(job, silent)
    with pytest.raises(JobRefusedError, match="5 points"):
        load("distil").dry_run(job)
    assert not job.folder.exists()


def test_a_teacher_that_writes_in_form_what_is_wrong_is_refused(home: Path) -> None:
    """Of the rows' own answers, `{n: 17}`, it writes one."""
    with pytest.raises(JobRefusedError, match=r"With the long prompt [05] % of 20 .* 5 points"):
        load("distil").train(job_of(home, grader="answer"), silent)
    right = tiny_torch.messages("¿0?", "{N: 1}.", 0)
    rows = [json.dumps(right | {"n": n}, ensure_ascii=False) + "\n" for n in range(100)]
    job = replace(job_of(home, count=1, grader="answer"), rows=home / "right.jsonl")
    job.rows.write_text("".join(rows), encoding="utf-8")
    assert load("distil").train(job, silent).measured["teacher"] == 1.0


def test_rows_without_answers_are_refused_where_the_grader_needs_them(home: Path) -> None:
    job = job_of(home, grader="answer")
    job.rows.write_text(json.dumps({"messages": [QUESTION]}) + "\n", encoding="utf-8")
    with pytest.raises(JobRefusedError):
        load("distil").cost(job)


def test_too_little_that_is_left_of_the_gain_ends_it(home: Path) -> None:
    job = job_of(home, learning_rate=1e-9, epochs=1)
    with pytest.raises(TrainingFailedError, match="0 % of what it brings is left") as failed:
        load("distil").train(job, silent)
    assert "epochs" in failed.value.what_to_do
    assert not job.folder.exists()
    assert load("distil").train(job_of(home), silent).measured["recovered"] >= 0.8


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"long_prompt": " "}, "what the teacher reads"),
        ({"long_prompt": 3}, "cannot be 3"),
        ({"grader": ""}, "no grader ''"),
        ({"grader": "json:"}, "names no fields"),
        ({"grader": "answer:x"}, "takes no argument"),
        ({"grader": "words:few"}, "cannot be used"),
        ({"grader": "matches:("}, "cannot be used"),
        ({"grader": "voice:ustedes"}, "one of tú, usted, vos"),
    ],
)
def test_a_job_without_teacher_or_grader_is_refused(
    settings: dict[str, object], words: str, tiny_home: Path
) -> None:
    with pytest.raises(JobRefusedError, match=words):
        load("distil").cost(job_of(tiny_home, count=100, **settings))


def test_few_questions_to_compare_on_are_refused(home: Path) -> None:
    with pytest.raises(JobRefusedError, match="on 10 questions only; 20 are the least"):
        load("distil").train(job_of(home, count=50), silent)


def test_a_teacher_that_seldom_comes_to_an_end_is_refused(home: Path) -> None:
    job = job_of(home, answer_tokens=4)
    with pytest.raises(JobRefusedError, match="5 points"):
        load("distil").train(job, silent)


def test_what_a_teacher_wrote_is_kept_while_a_training_is_stopped(home: Path) -> None:
    job = job_of(home)
    with pytest.raises(StoppedError):
        load("distil").train(job, stop)
    path = job.partial / TAUGHT
    written = path.read_text(encoding="utf-8")
    path.write_text(written.replace('"teacher": 1.0', '"teacher": 0.9'), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != written
    with pytest.raises(JobRefusedError, match="was changed"):
        load("distil").train(job, silent)
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(JobRefusedError, match="cannot be read"):
        load("distil").train(job, silent)
    path.write_text(written, encoding="utf-8")
    steps = list[Step]()
    load("distil").train(job, steps.append)
    assert steps[0].number > 2


def test_a_dry_run_shows_the_answers_of_the_teacher(home: Path) -> None:
    looked = load("distil").dry_run(job_of(home))
    assert {one.learnt for one in looked.shown} == {"{n: 1}<|im_end|>"}
    assert tiny_torch.LONG_PROMPT not in looked.shown[0].text


def test_the_long_prompt_stands_before_what_was_said_already() -> None:
    assert with_prompt((QUESTION,), "Long.") == ({"role": "system", "content": "Long."}, QUESTION)
    short = {"role": "system", "content": "Short."}
    both = with_prompt((short, QUESTION), "Long.")
    assert both == ({"role": "system", "content": "Long.\n\nShort."}, QUESTION)


def test_questions_are_named_by_their_line_where_they_are_none(tiny_home: Path) -> None:
    job = job_of(tiny_home)
    good = job.rows.read_text(encoding="utf-8")
    job.rows.write_text(good + '{"messages": []}\n', encoding="utf-8")
    with pytest.raises(JobRefusedError, match="line 101 does not end with a question"):
        load("distil").cost(job)


@pytest.mark.parametrize(
    ("named", "text", "is_wanted"),
    [
        ("json:answer, sources", '{"answer": "x", "sources": []}', True),
        ("json:answer,sources", '{"answer": "x"}', False),
        ("json:answer", "[]", False),
        ("json:answer", "no", False),
        ("voice:vos", "Mirá, vos tenés que ir.", True),
        ("voice:vos", "Mira, tienes que ir.", False),
        ("voice:vos", "It rains.", False),
        ("words:3", "one two three", True),
        ("words:3", "one two three four", False),
        ("words:3", " ", False),
        ("matches:^[0-9]+$", "42", True),
        ("matches:^[0-9]+$", "x", False),
    ],
)
def test_a_grader_judges_the_form_alone(named: str, text: str, is_wanted: bool) -> None:
    assert grader(named)(text, "whatever") is is_wanted


def test_a_grader_may_go_by_what_the_row_says() -> None:
    is_right = grader("answer")
    assert is_right(" yes.", "Yes")
    assert not is_right("No", "Yes")
    assert not is_right("", "Yes")
