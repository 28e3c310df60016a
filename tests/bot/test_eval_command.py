"""`tertulia eval`: the same answers as everybody gets, measured, kept and compared."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

import pytest
from PIL import Image

from bot.evaluating import Wish, evaluate
from bot.settings import Settings
from tests.bot.team import Tertulia
from tests.fakes.loopback import Reply
from tests.fakes.scripted_model import NOT_FOUND, ScriptedModel, saying, silence

WEEKS = "How many weeks of parental leave are there?"
PAY = "What does the chair of the board earn?"
QUESTIONS = f"""question;answer;source;as;kind
{WEEKS};19 weeks // 19 semanas;leave.md;;fact
Who orders the coffee?;Jorge Luna;cocina.md;;fact
{PAY};;;everyone;not found
"""
KEYS = {
    *("run", "started_at", "set", "questions", "settings", "asked", "is_complete", "figures"),
    *("by_kind", "folder", "chart", "results"),
}


@pytest.fixture
def questions(home: Path, model: ScriptedModel) -> str:
    model.reply_to[PAY] = saying(NOT_FOUND)
    path = home / "questions.csv"
    path.write_text(QUESTIONS, "utf-8")
    return str(path)


def test_a_run_has_the_documented_shape(
    questions: str, home: Path, model: ScriptedModel, tertulia: Tertulia
) -> None:
    model.answer = "Parents take 19 weeks of parental leave."
    outcome = tertulia("eval", questions, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    value = outcome.value
    assert set(value) == KEYS
    figures = {figure["name"]: figure for figure in value["figures"]}
    assert {name: figures[name]["value"] for name in ("right", "facts", "sources", "refusals")} == {
        "right": pytest.approx(2 / 3, abs=1e-4),
        "facts": 0.5,
        "sources": 0.5,
        "refusals": 1.0,
    }
    assert figures["tokens_prompt"]["unit"] == "tokens"
    assert set(figures["right"]) == {
        *("name", "label", "value", "low", "high", "count", "unit", "better"),
    }
    assert (value["asked"], value["questions"], value["is_complete"]) == (3, 3, True)
    assert value["settings"]["model"] == "openai:owl"
    assert set(value["by_kind"]) == {"fact", "not found"}
    assert [row["cited"] for row in value["results"]] == [["team:leave.md"], [], []]
    with Image.open(value["chart"]) as image:
        assert image.format == "PNG"
    assert Path(value["folder"]).parent == home / "runs"


def test_people_read_figures_and_what_went_wrong(
    questions: str, model: ScriptedModel, tertulia: Tertulia
) -> None:
    model.answer = "Parents take 19 weeks of parental leave."
    out = tertulia("eval", questions).out
    assert "-1: 3 questions of questions.csv" in out
    assert "right answers and refusals           67 %   21 % to 94 %, 3 questions" in out
    assert "What went wrong (1)\n  Who orders the coffee?: no answer given (i-found" in out


def test_two_runs_are_compared_question_by_question(
    questions: str, model: ScriptedModel, tertulia: Tertulia
) -> None:
    model.answer = "Parents take 19 weeks of parental leave."
    first = tertulia("eval", questions, "--json").value["run"]
    model.answer = "Jorge Luna orders the coffee."
    value = tertulia("eval", questions, "--against", first, "--json").value
    assert value["against"]["run"] == first
    assert value["against"]["better"] == ["Who orders the coffee?"]
    assert value["against"]["worse"] == [WEEKS]
    assert value["against"]["verdict"] == "no difference"
    out = tertulia("eval", questions, "--against", "last").out
    assert "over the 3 questions of both: no difference" in out
    model.answer = "Parents take 19 weeks of parental leave."
    out = tertulia("eval", questions, "--against", "last").out
    assert "Right now, and wrong before (1)" in out
    assert "Wrong now, and right before (1)\n  Who orders the coffee?" in out


def test_the_column_as_decides_what_may_be_read(
    home: Path, model: ScriptedModel, tertulia: Tertulia
) -> None:
    path = home / "private.csv"
    both = "terminal:ana | terminal:ben"
    rows = [f"{PAY},4812,{who}" for who in ("terminal:ana", "everyone", both)]
    path.write_text("\n".join(["question,answer,as", *rows]), "utf-8")
    model.answer = "The chair of the board earns 4,812 euros a month."
    results = tertulia("eval", str(path), "--json").value["results"]
    assert [row["scores"]["right"] for row in results] == [1.0, 0.0, 0.0]
    assert "board:pay.md" not in json.dumps(results[1:])


def test_the_search_alone_asks_no_model(
    questions: str, model: ScriptedModel, tertulia: Tertulia
) -> None:
    value = tertulia("eval", questions, "--retrieval-only", "--sample", "2", "--json").value
    assert model.prompts == []
    assert {figure["name"] for figure in value["figures"]} == {
        *("hit_at_1", "ndcg_at_10", "seconds_median", "seconds_p95"),
    }
    assert value["questions"] == 2
    out = tertulia("eval", questions, "--retrieval-only").out
    assert "The search alone, 7 passages in the embedded store" in out


def test_questions_of_a_set_are_not_kept_as_questions_of_people(
    questions: str, home: Path, model: ScriptedModel, tertulia: Tertulia
) -> None:
    before = sorted((home / "tertulia.db").read_bytes().count(w) for w in (b"parental", b"T-"))
    tertulia("eval", questions)
    after = sorted((home / "tertulia.db").read_bytes().count(w) for w in (b"parental", b"T-"))
    assert before == after


def test_a_question_that_fails_is_counted_and_the_next_one_is_asked(
    questions: str, model: ScriptedModel, tertulia: Tertulia
) -> None:
    model.reply_to[WEEKS] = Reply(b"busy", status=503)
    model.answer = "Jorge Luna orders the coffee."
    value = tertulia("eval", questions, "--json").value
    assert [row["error"] for row in value["results"]] == ["model_unavailable", "", ""]
    out = tertulia("eval", questions).out
    assert f"{WEEKS}: failed (model_unavailable)" in out


def test_an_answer_that_takes_too_long_is_counted_as_a_failure(
    questions: str, home: Path, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch,
    tertulia: Tertulia,
) -> None:  # fmt: skip
    monkeypatch.setenv("ANSWER_DEADLINE_S", "5")
    model.reply_to[WEEKS] = silence()
    value = tertulia("eval", questions, "--sample", "1", "--json").value
    assert [row["error"] for row in value["results"]] == ["deadline"]


def test_a_public_set_brings_its_own_knowledge(
    home: Path, model: ScriptedModel, tertulia: Tertulia
) -> None:
    folder = home / "small_set"
    folder.mkdir()
    row = {"_id": "p1", "text": "The lighthouse of Averley was built in 1911."}
    asked = {"text": "When was the lighthouse of Averley built?", "gold": "p1", "answers": ["1911"]}
    (folder / "corpus.jsonl").write_text(json.dumps(row), "utf-8")
    (folder / "queries.jsonl").write_text(json.dumps(asked), "utf-8")
    model.answer = "It was built in 1911."
    (result,) = tertulia("eval", str(folder), "--json").value["results"]
    assert (result["scores"]["right"], result["cited"]) == (1.0, ["set:p1"])
    found = tertulia("search", "lighthouse of Averley", "--json").value["chunks"]
    assert "set:p1" not in {chunk["article"] for chunk in found}, "the team's index has nothing"


def test_the_template_can_be_used_at_once(
    home: Path, model: ScriptedModel, tertulia: Tertulia
) -> None:
    path = home / "mine.csv"
    path.write_text(tertulia("eval", "template").out, "utf-8")
    assert tertulia("eval", str(path), "--retrieval-only").code == 0
    assert tertulia("eval", "template", "--json").value["columns"][0] == "question"


@pytest.mark.parametrize(
    ("arguments", "code", "kind", "message"),
    [
        ([], 2, "wrong_usage", "Missing argument 'SET'"),
        (["company:3"], 2, "wrong_usage", "28 to 100000 pages. Right: company:112"),
        (["company:many"], 2, "wrong_usage", "company:112"),
        (["nowhere.csv"], 2, "question_file", "nowhere.csv cannot be read"),
        (["empty.csv"], 2, "question_file", "is empty"),
        (["."], 2, "set", "is no set of questions"),
        (["q.csv", "--against", "2020-01-01-1"], 2, "run_missing", "There is no run yet"),
        (["company:28", "--against", "last"], 2, "run_missing", "There is no run yet"),
        (["q.csv", "--persona", "pirate"], 2, "persona", "pirate"),
    ],
)
def test_what_cannot_be_measured_is_told(
    home: Path, tertulia: Tertulia, arguments: list[str], code: int, kind: str, message: str
) -> None:
    (home / "empty.csv").write_text("", "utf-8")
    (home / "q.csv").write_text(QUESTIONS, "utf-8")
    outcome = tertulia("eval", *arguments, "--json")
    assert outcome.code == code
    assert outcome.error["kind"] == kind
    assert message in outcome.error["message"]
    assert not list((home / "runs").glob("*/run.json"))


def test_without_any_knowledge_nothing_is_measured(
    home: Path, questions: str, monkeypatch: pytest.MonkeyPatch, tertulia: Tertulia
) -> None:
    monkeypatch.setenv("TERTULIA_HOME", str(home / "empty"))
    outcome = tertulia("eval", questions, "--json")
    assert outcome.error["kind"] == "nothing_known"
    assert "tertulia source add" in outcome.error["what_to_do"]


def test_a_server_that_is_not_there_is_told_before_a_run_begins(
    questions: str, home: Path, monkeypatch: pytest.MonkeyPatch, tertulia: Tertulia
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    outcome = tertulia("eval", questions, "--json")
    assert outcome.error["kind"] == "model_unavailable"
    assert not list((home / "runs").glob("*/run.json"))


def test_who_interrupts_keeps_what_was_measured(
    questions: str, home: Path, model: ScriptedModel
) -> None:
    model.answer = "Parents take 19 weeks of parental leave."
    model.reply_to["Who orders the coffee?"] = silence()
    command = [sys.executable, "-m", "bot", "eval", questions, "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        wait_for_a_result(home, process)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=180)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130
    value = json.loads(out)
    assert (value["asked"], value["questions"], value["is_complete"]) == (1, 3, False)
    kept = json.loads((Path(value["folder"]) / "run.json").read_text("utf-8"))
    assert kept["asked"] == 1


def wait_for_a_result(home: Path, process: "subprocess.Popen[str]") -> None:
    """Until the first line is kept."""

    def is_there() -> bool:
        assert process.poll() is None
        return any(path.stat().st_size for path in home.glob("runs/*/results.jsonl"))

    wait_until(is_there)


def wait_until(is_so: Callable[[], bool]) -> None:
    end = monotonic() + 180
    while not is_so():
        assert monotonic() < end
        sleep(0.05)


async def test_a_run_that_measured_nothing_leaves_nothing(
    questions: str, home: Path, model: ScriptedModel
) -> None:
    """Cancelled from outside before the first answer: also without Ctrl+C."""
    model.reply_to[WEEKS] = silence()
    wish = Wish(Path(questions), 0, "terminal:ana", "helpdesk")
    task = asyncio.create_task(evaluate(Settings(), wish, progress=lambda _: None))
    await asyncio.to_thread(wait_until, lambda: WEEKS in str(model.prompts))
    task.cancel()
    outcome = await task
    assert outcome.is_interrupted
    assert outcome.run.results == []
    assert not outcome.run.folder.exists()
    assert outcome.as_json()["chart"] is None
    assert list((home / "runs").iterdir()) == []
