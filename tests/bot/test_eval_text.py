"""A run as people read it."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.eval_text import reason, text
from bot.evaluating import Outcome
from pipelines.evaluation.results import Result
from pipelines.evaluation.runs import Run

ABOUT = {
    "questions": 12,
    "set": {"name": "questions.csv"},
    "settings": {"passages": 3, "store": "embedded", "retrieval_only": True},
}
RIGHT = Result(
    id="1", question="Who?", kind="", language="en", expected="answer", scores={"right": 1.0}
)
WRONG = replace(RIGHT, scores={"right": 0.0})


def run(*results: Result) -> Run:
    return Run("2026-11-21-1", Path("/runs/2026-11-21-1"), dict(ABOUT), list(results))


def numbered(one: Result, count: int) -> list[Result]:
    return [replace(one, id=str(n), question=f"Question {n}?") for n in range(count)]


def test_a_run_that_was_stopped_says_how_far_it_came() -> None:
    said = text(Outcome(run(RIGHT), None, is_interrupted=True))
    assert said.startswith("Run 2026-11-21-1: 1 of 12 questions of questions.csv\nThe search alone")
    assert "100 %   21 % to 100 %, 1 question\n" in said


def test_one_question_shows_no_spread_of_what_is_no_share() -> None:
    one = replace(RIGHT, scores={"ndcg_at_10": 0.631})
    assert "0.631   1 question\n" in text(Outcome(run(one), None, is_interrupted=False))


def test_of_many_questions_that_went_wrong_some_are_named() -> None:
    said = text(Outcome(run(*numbered(WRONG, 12)), None, is_interrupted=False))
    assert "What went wrong (12)" in said
    assert said.count("cites nothing") == 8
    assert "... and 4 more, in results.jsonl" in said


def test_runs_over_other_questions_are_not_compared() -> None:
    older = run(replace(RIGHT, id="2"))
    said = text(Outcome(run(RIGHT), older, is_interrupted=False))
    assert "no question in common" in said


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (replace(WRONG, error="deadline"), "failed (deadline)"),
        (replace(WRONG, expected="refusal"), "answered, and our knowledge has no answer"),
        (replace(WRONG, reason="no-knowledge"), "no answer given (no-knowledge)"),
        (replace(WRONG, missing=("25 days", "paid")), "does not say 25 days; paid"),
        (replace(WRONG, cited=("team:a.md",)), "cites team:a.md"),
    ],
)
def test_why_an_answer_is_not_right_is_said(result: Result, words: str) -> None:
    assert reason(result) == words


def test_figures_have_their_units() -> None:
    scores = {"ndcg_at_10": 0.5, "seconds": 2.25, "tokens_prompt": 80.0}
    said = text(Outcome(run(replace(RIGHT, scores=scores)), None, is_interrupted=False))
    assert "0.500   " in said
    assert "     2.2   1 question" in said
    assert "      80   1 question" in said
