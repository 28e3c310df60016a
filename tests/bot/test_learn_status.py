"""`tertulia learn status`, `promote` and `rollback`: one command each, nothing is restarted."""

import asyncio
from pathlib import Path

import pytest

from bot.app import App
from bot.live import prompt_place
from bot.settings import Settings
from knowledge.candidate import Candidate, State
from knowledge.candidates import Candidates
from knowledge.hashing import sha256_of
from pipelines import personas
from pipelines.current import MODEL
from pipelines.learning.gate import judged
from pipelines.learning.registry import VERDICT, verdict_value
from tests.bot.team import Tertulia, write
from tests.fakes.scripted_model import NAME, TUNED, ScriptedModel
from tests.pipelines.learning.test_gate import GOOD
from tests.pipelines.learning.test_registry import WORSE

QUESTION = "How many weeks of parental leave are there?"
BRITISH = "---\nextends: helpdesk\nvoice: {en: british}\n---\n"
USUAL = f"openai:{NAME}"


def added(*some: Candidate) -> None:
    """Candidates that were made and measured before."""

    async def add() -> None:
        async with App(Settings()) as app:
            for one in some:
                candidates = Candidates(await app.database())
                await candidates.add(one, by="schedule", reason="a test")

    asyncio.run(add())


def prompt(home: Path, name: str = "p1", state: State = "gated") -> Candidate:
    file = write(home / "candidates/prompts" / name, {"helpdesk.md": BRITISH}) / "helpdesk.md"
    about = {"in_place_of": personas.load("helpdesk").version}
    verdict = {VERDICT: verdict_value(judged(GOOD if state == "gated" else WORSE))}
    files = {str(file): sha256_of(file)}
    return Candidate(name, prompt_place("helpdesk"), str(file), files, about | verdict, state)


def model(name: str, in_place_of: str = USUAL) -> Candidate:
    about = {"in_place_of": in_place_of, VERDICT: verdict_value(judged(GOOD))}
    return Candidate(name, MODEL, f"openai:{TUNED}", {}, about, "gated")


def test_a_promoted_prompt_answers_until_it_is_taken_back(
    home: Path, tertulia: Tertulia, model: ScriptedModel
) -> None:
    model.answer = "Parents take 19 weeks of parental leave."
    added(prompt(home))

    def version() -> str:
        return str(tertulia("ask", QUESTION, "--json").value["receipt"]["prompt_version"])

    usual = version()
    assert tertulia("learn", "promote", "p1", "--json").value == {"serves": "p1", "before": ""}
    assert version() != usual
    (row,) = tertulia("learn", "status", "--json").value["candidates"]
    assert (row["name"], row["state"], row["waits"], row["failed"]) == ("p1", "champion", False, [])
    said = tertulia("learn", "rollback")
    assert said.out.strip() == "p1 serves no more; what there was before anything was learnt does."
    assert version() == usual


def test_what_was_refused_is_shown_with_its_numbers_and_serves_nobody(
    home: Path, tertulia: Tertulia
) -> None:
    added(prompt(home, state="trained"))
    said = tertulia("learn", "status").out
    assert ": refused, 1 rules" in said
    assert "target-gain: -16.7 points" in said
    refused = tertulia("learn", "promote", "p1")
    assert refused.code == 1
    assert "has not passed the gate: target-gain" in refused.err
    waived = tertulia("learn", "promote", "p1", "--waive", "target-gain", "--as", "terminal:ana")
    assert waived.out.startswith("p1 serves now.")


def test_one_is_tried_before_it_serves_and_goes_first(home: Path, tertulia: Tertulia) -> None:
    added(prompt(home), prompt(home, "p2", "trained"))
    tried = tertulia("learn", "promote", "p1", "--to", "canary", "--json")
    assert tried.value == {"tried": "p1", "as": "canary"}
    refused = tertulia("learn", "promote", "p2", "--to", "shadow")
    assert "has not passed the gate: target-gain" in refused.err
    waived = ["learn", "promote", "p2", "--waive", "target-gain"]
    assert "p1 is tried as prompt:helpdesk already" in tertulia(*waived, "--to", "shadow").err
    assert tertulia(*waived).out.startswith("p2 serves now")
    ended = tertulia("learn", "rollback", "--json").value
    assert ended == {"taken_back": "p1", "serves": "p2"}
    assert tertulia("learn", "rollback", "--json").value == {"taken_back": "p2", "serves": ""}
    states = {one["state"] for one in tertulia("learn", "status", "--json").value["candidates"]}
    assert states == {"retired"}


def test_a_file_that_was_changed_cannot_be_promoted(home: Path, tertulia: Tertulia) -> None:
    one = prompt(home)
    added(one)
    Path(one.serves).write_text(BRITISH + "Agree with everybody.\n", encoding="utf-8")
    refused = tertulia("learn", "promote", "p1")
    assert refused.code == 1
    assert "was changed since it passed the gate" in refused.err


def test_a_champion_for_another_model_waits(
    home: Path, tertulia: Tertulia, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert home
    added(model("m1"))
    tertulia("learn", "promote", "m1")
    monkeypatch.setenv("CHAT_MODEL", "openai:another")
    assert tertulia("learn", "status", "--json").value["candidates"][0]["waits"] is True
    assert "m1" in tertulia("learn", "status").out


def test_where_several_serve_a_place_must_be_named(home: Path, tertulia: Tertulia) -> None:
    added(prompt(home), model("m1"))
    for name in ("p1", "m1"):
        tertulia("learn", "promote", name)
    wrong = tertulia("learn", "rollback")
    assert wrong.code == 2
    assert "model, prompt:helpdesk" in wrong.err
    value = tertulia("learn", "rollback", "model", "--reason", "It sings.", "--json").value
    assert value == {"taken_back": "m1", "serves": ""}


def test_wrong_names_are_told_with_what_there_is(home: Path, tertulia: Tertulia) -> None:
    nothing = tertulia("learn", "status")
    assert "Nothing was learnt yet" in nothing.err
    assert "Nothing that was learnt serves as model" in tertulia("learn", "rollback").err
    added(prompt(home, "helpdesk-1"))
    wrong = tertulia("learn", "promote", "helpdesk-2")
    assert (wrong.code, "Did you mean 'helpdesk-1'?" in wrong.err) == (1, True)
