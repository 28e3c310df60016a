"""`tertulia ask`: one answer in the promised shape, or a stated reason."""

import shutil
from pathlib import Path

import pytest

from tests.bot.team import Tertulia
from tests.fakes.loopback import Reply
from tests.fakes.scripted_model import ScriptedModel

KEYS = {"reference", "answer", "language", "abstained", "reason", "citations", "receipt"}
RECEIPT_KEYS = {
    "persona",
    "prompt_version",
    "model",
    "adapter",
    "chunks",
    "tools",
    "knowledge",
    "timings_s",
    "tokens",
}
WEEKS = "How many weeks of parental leave are there?"


def test_the_shape_is_the_promised_one(
    home: Path, model: ScriptedModel, tertulia: Tertulia
) -> None:
    model.answer = "Parents take 19 weeks of parental leave."
    outcome = tertulia("ask", WEEKS, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    value = outcome.value
    assert set(value) == KEYS
    assert value["reference"].startswith("T-")
    assert value["answer"] == "Parents take 19 weeks of parental leave [1]."
    assert (value["language"], value["abstained"], value["reason"]) == ("en", False, None)
    (citation,) = value["citations"]
    assert set(citation) == {"n", "article", "title", "url", "quote", "score"}
    assert citation["n"] == 1
    assert citation["article"] == "team:leave.md"
    assert citation["title"] == "Leave"
    assert "19 weeks" in citation["quote"]
    assert 0 < citation["score"] <= 1


def test_the_receipt_says_how_it_came_about(
    home: Path, model: ScriptedModel, tertulia: Tertulia
) -> None:
    model.answer = "Parents take 19 weeks of parental leave."
    receipt = tertulia("ask", WEEKS, "--json").value["receipt"]
    assert set(receipt) == RECEIPT_KEYS
    assert receipt["persona"] == "helpdesk"
    assert receipt["model"] == "openai:owl"
    assert receipt["adapter"] is None
    assert receipt["tools"] == []
    assert set(receipt["timings_s"]) >= {"retrieve", "first_token", "total"}
    timings = receipt["timings_s"]
    assert timings["retrieve"] <= timings["first_token"] <= timings["total"]
    assert receipt["tokens"] == {"prompt": 80, "answer": 9}
    for use in receipt["chunks"]:
        assert set(use) == {"article", "position", "score", "used"}
    assert {use["article"] for use in receipt["chunks"] if use["used"]} == {"team:leave.md"}


def test_people_see_the_answer_and_its_numbered_sources(
    home: Path, model: ScriptedModel, tertulia: Tertulia
) -> None:
    model.answer = "El café lo pide Jorge Luna cada jueves."
    outcome = tertulia("ask", "¿Quién pide el café?")
    assert outcome.code == 0
    lines = outcome.out.splitlines()
    assert lines[:2] == ["El café lo pide Jorge Luna cada jueves [1].", "Fuentes:"]
    assert lines[2].startswith("  [1] Café y cocina - file://")
    assert len(lines) == 3


def test_what_no_page_says_is_not_said(
    home: Path, model: ScriptedModel, tertulia: Tertulia
) -> None:
    model.answer = "Parents take 52 weeks of parental leave."
    value = tertulia("ask", WEEKS, "--json").value
    assert value["abstained"]
    assert value["citations"] == []
    assert "52" not in value["answer"]
    assert "“Leave”" in value["answer"]


def test_not_knowing_is_done(home: Path, model: ScriptedModel, tertulia: Tertulia) -> None:
    outcome = tertulia("ask", "¿Cuál es la capital de la luna?", "--json")
    assert outcome.code == 0
    value = outcome.value
    assert value["abstained"]
    assert value["reason"] in {"i-do-not-know", "i-found-no-support"}
    assert value["answer"].startswith("No lo sé")
    assert "“" in value["answer"]
    shown = tertulia("ask", "¿Cuál es la capital de la luna?")
    assert shown.code == 0
    assert len(shown.out.splitlines()) == 1


def test_without_knowledge_it_is_said_how_to_add_some(empty_home: Path, tertulia: Tertulia) -> None:
    value = tertulia("ask", WEEKS, "--json").value
    assert (value["abstained"], value["reason"]) == (True, "no-knowledge")
    assert "tertulia source add" in value["answer"]


def test_a_conversation_goes_on(home: Path, model: ScriptedModel, tertulia: Tertulia) -> None:
    model.answer = "Parents take 19 weeks of parental leave."
    assert tertulia("ask", WEEKS, "--in", "C1").code == 0
    model.answer = "It is paid in full."
    value = tertulia("ask", "And is it paid?", "--in", "C1", "--json").value
    assert value["answer"] == "It is paid in full [1]."
    assert WEEKS in model.last_prompt
    tertulia("ask", "And is it paid?", "--in", "C2")
    assert WEEKS not in model.last_prompt


def test_only_those_who_may_read_a_page_get_answers_from_it(
    home: Path, model: ScriptedModel, tertulia: Tertulia
) -> None:
    question = "What does the chair of the board earn?"
    model.answer = "The chair of the board earns 4,812 euros a month."
    value = tertulia("ask", question, "--as", "terminal:ana", "--json").value
    assert value["answer"] == "The chair of the board earns 4,812 euros a month [1]."
    value = tertulia("ask", question, "--as", "terminal:ben", "--json").value
    assert value["abstained"]
    assert "board:pay.md" not in {use["article"] for use in value["receipt"]["chunks"]}


def test_what_was_said_to_one_is_not_remembered_when_another_joins(
    home: Path, model: ScriptedModel, tertulia: Tertulia
) -> None:
    model.answer = "The chair of the board earns 4,812 euros a month."
    question = "What does the chair of the board earn?"
    tertulia("ask", question, "--as", "terminal:ana", "--in", "C3")
    model.prompts.clear()
    value = tertulia("ask", WEEKS, "--as", "terminal:ben", "--in", "C3", "--json").value
    assert "4,812" not in model.last_prompt
    assert "board:pay.md" not in {use["article"] for use in value["receipt"]["chunks"]}
    value = tertulia("ask", question, "--as", "terminal:ana", "--in", "C3", "--json").value
    assert value["abstained"], "Ben reads along"


@pytest.mark.parametrize("question", ["", "  \n ", "x" * 100_000])
def test_what_cannot_be_a_question_is_refused(
    home: Path, model: ScriptedModel, tertulia: Tertulia, question: str
) -> None:
    outcome = tertulia("ask", question, "--json")
    assert outcome.code == 1
    assert outcome.error["kind"] in {"empty_question", "question_too_long"}
    assert model.prompts == []


def test_letters_that_are_none_do_no_harm(
    home: Path, model: ScriptedModel, tertulia: Tertulia
) -> None:
    model.answer = "Parents take 19 weeks of parental leave."
    assert tertulia("ask", f"\udcff {WEEKS}", "--json").value["citations"]


def test_an_unknown_persona_is_answered_with_those_there_are(
    home: Path, tertulia: Tertulia
) -> None:
    outcome = tertulia("ask", WEEKS, "--persona", "pirate", "--json")
    assert outcome.code == 2
    assert outcome.error["kind"] == "persona"
    assert "helpdesk" in outcome.error["what_to_do"]


def test_a_model_that_fails_is_named(home: Path, model: ScriptedModel, tertulia: Tertulia) -> None:
    model.reply = Reply(b"busy", status=503)
    outcome = tertulia("ask", WEEKS, "--json")
    assert outcome.code == 1
    assert outcome.error["kind"] == "model_unavailable"
    assert "127.0.0.1" in outcome.error["message"]


def test_a_server_that_is_not_there_is_named(
    home: Path, tertulia: Tertulia, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    outcome = tertulia("ask", WEEKS)
    assert outcome.code == 1
    assert "could not be reached" in outcome.err


def test_after_a_damaged_index_is_moved_away_a_refresh_makes_it_anew(
    home: Path, indexed: Path, model: ScriptedModel, tertulia: Tertulia
) -> None:
    model.answer = "Parents take 19 weeks of parental leave."
    (home / "index/store.sqlite").write_bytes(b"no database" * 999)
    outcome = tertulia("ask", WEEKS, "--json")
    assert outcome.code == 1
    assert "tertulia refresh" in outcome.error["what_to_do"]
    shutil.rmtree(home / "index")
    assert tertulia("refresh").code == 0
    assert tertulia("ask", WEEKS, "--json").value["citations"]
