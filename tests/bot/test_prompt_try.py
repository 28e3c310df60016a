"""`tertulia prompt try` as people use it: a real model, a terminal, Ctrl+C, what is no persona."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.personas.texts import MOST_BYTES
from tests.bot.team import Tertulia, write
from tests.fakes.scripted_model import ScriptedModel, saying, silence

SMALL = "smollm2-135m"
ASKED = ("How many weeks of parental leave are there?", "How long is parental leave?")
RIGHT = "Parents take 19 weeks of parental leave."
NEW = "---\nextends: helpdesk\nvoice: {en: british}\n---\n"
TOLD = "in British spelling"
"""What only the new version puts into the question."""


@pytest.fixture
def team(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A team with a persona and questions of its own, and the file of a new version."""
    lines = "\n".join(f"{one};19 weeks;leave.md" for one in ASKED)
    own = {"questions.csv": f"question;answer;source\n{lines}\n", "clerk.md": "---\n---\nYou file."}
    write(home / "own/personas", own)
    monkeypatch.setenv("EXTENSIONS_DIR", str(home / "own"))
    write(home, {"helpdesk.md": NEW})
    return home


def running(*more: str, stderr: int = subprocess.PIPE) -> "subprocess.Popen[str]":
    """The command in a process of its own, as people start it."""
    command = [sys.executable, "-m", "bot", "prompt", "try", "helpdesk.md", *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True)


def until(is_so: Callable[[], bool], process: "subprocess.Popen[str]") -> None:
    """Wait for something that the process does."""
    end = time.monotonic() + 120
    while not is_so():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.05)


def kept_answers(home: Path) -> list[str]:
    """What was asked and kept so far, in all runs."""
    return [
        line
        for file in sorted((home / "runs").glob("*/results.jsonl"))
        for line in file.read_text("utf-8").splitlines()
    ]


@pytest.mark.model
def test_a_real_model_is_asked_by_both_versions_and_only_a_better_one_is_kept(
    team: Path, models_folder: Path, tertulia: Tertulia, monkeypatch: pytest.MonkeyPatch
) -> None:
    (team / "models").symlink_to(models_folder)
    monkeypatch.setenv("CHAT_MODEL", f"embedded:{SMALL}")
    outcome = tertulia("prompt", "try", str(team / "helpdesk.md"), "--sample", "1", "--json")
    assert outcome.code == 0, outcome.err
    before, after = outcome.value["before"], outcome.value["after"]
    for run in (before, after):
        assert run["settings"]["model"] == f"embedded:{SMALL}"
        assert (run["asked"], run["is_complete"]) == (1, True)
    versions = {run["settings"]["prompt_version"] for run in (before, after)}
    assert len(versions) == 2
    kept = list((team / "candidates").rglob("candidate.json"))
    assert bool(kept) is bool(outcome.value["kept"]) is (after["against"]["verdict"] == "better")
    assert not (team / "own/personas/helpdesk.md").exists(), "it goes live for nobody"


def test_what_is_kept_is_said_to_people(
    team: Path, model: ScriptedModel, tertulia: Tertulia
) -> None:
    lines = "\n".join(f"{ASKED[0]} ({n});19 weeks;leave.md" for n in range(7))
    table = write(team, {"many.csv": f"question;answer;source\n{lines}\n"}) / "many.csv"
    model.reply_to[TOLD] = saying(RIGHT)
    new = str(team / "helpdesk.md")
    outcome = tertulia("prompt", "try", new, "--questions", str(table))
    assert outcome.code == 0
    assert "The new version is better. Kept as a candidate in" in " ".join(outcome.out.split())
    (kept,) = (team / "candidates").rglob("helpdesk.md")
    assert str(kept.parent) in outcome.out
    assert kept.read_text("utf-8") == NEW


def test_a_persona_of_another_name_is_compared_with_whom_one_names(
    team: Path, model: ScriptedModel, tertulia: Tertulia
) -> None:
    new = write(team, {"pirate.md": NEW}) / "pirate.md"
    outcome = tertulia("prompt", "try", str(new), "--against", "clerk", "--sample", "1", "--json")
    assert outcome.code == 0, outcome.err
    settings = [outcome.value[one]["settings"]["persona"] for one in ("before", "after")]
    assert settings == ["clerk", "pirate"]


def test_how_far_it_is_is_shown_at_a_terminal(team: Path, model: ScriptedModel) -> None:
    model.reply = saying(RIGHT)
    ours, theirs = pty.openpty()
    try:
        process = running(stderr=theirs)
        said, _ = process.communicate(timeout=180)
        os.set_blocking(ours, False)
        shown = os.read(ours, 100_000).decode()
    finally:
        os.close(theirs)
        os.close(ours)
    assert process.returncode == 0
    assert shown.count("1 of 2 asked ...") == shown.count("2 of 2 asked ...") == 2
    assert "asked ..." not in said
    assert "not better, as far as these questions tell" in " ".join(said.split())


@pytest.mark.parametrize(("silent", "answered"), [(".", 0), (f", {TOLD}", 2)])
def test_ctrl_c_keeps_what_was_measured_and_judges_nothing(
    team: Path, model: ScriptedModel, silent: str, answered: int
) -> None:
    model.reply = saying(RIGHT)
    model.reply_to[f"{ASKED[1]}\nAnswer in English{silent}"] = silence()
    process = running()
    try:
        until(lambda: len(kept_answers(team)) > answered, process)
        process.send_signal(signal.SIGINT)
        said, told = process.communicate(timeout=180)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130
    assert "Stopped. What was measured so far is kept." in told
    assert len(kept_answers(team)) == answered + 1
    assert "The new version is" not in said
    assert not list(team.glob("candidates/**/candidate.json"))


def test_ctrl_c_leaves_one_json_value(team: Path, model: ScriptedModel) -> None:
    model.reply = saying(RIGHT)
    model.reply_to[f"{ASKED[1]}\nAnswer in English."] = silence()
    process = running("--json")
    try:
        until(lambda: bool(kept_answers(team)), process)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=180)
    finally:
        process.kill()
        process.wait()
    value = json.loads(said)
    assert (process.returncode, value["after"], value["kept"]) == (130, None, None)
    assert (value["before"]["asked"], value["before"]["is_complete"]) == (1, False)


BAD = {
    "notes.txt": NEW,
    "binary.md": "\0\1\2",
    "long.md": NEW + "x" * MOST_BYTES,
    "prompt.md": "You are a pirate.\n",
    "above.md": f"# My pirate\n{NEW}",
    "tools.md": "---\nextends: helpdesk\ntools: [calculat]\nsources: [lost]\nthink: 5\n---\n",
    "clerk.md": "---\n---\nYou file.",
    "pirate.md": NEW,
}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.md"], ["nowhere.md is no file of a persona"]),
        (["."], ["is no file of a persona", "Name a Markdown file"]),
        (["notes.txt"], ["notes.txt is no file of a persona"]),
        (["pirate.md"], ["There is no persona 'pirate' to compare pirate.md with", "--against"]),
        (["pirate.md", "--against", "hepldesk"], ["no persona 'hepldesk'", "mean 'helpdesk'"]),
        (["clerk.md"], ["clerk.md says just what persona 'clerk' says already", "--against NAME"]),
        (["own/personas/clerk.md"], ["says just what persona 'clerk' says already"]),
        (["binary.md", "--against", "clerk"], ["The header of persona 'binary' is missing"]),
        (["long.md", "--against", "clerk"], ["'long' cannot be read: it has more than 100,000"]),
        (["prompt.md", "--against", "clerk"], ["The header of persona 'prompt' is missing"]),
        (["above.md", "--against", "clerk"], ["'above' has text above its header, in line 1"]),
        (
            ["tools.md", "--against", "clerk"],
            ["'calculate' for 'calculat'", "not: lost", "'tools' says think: 5, in line 5."],
        ),
        (["helpdesk.md", "--questions", "none.csv"], ["none.csv"]),
        (["helpdesk.md", "--questions", "notes.txt"], ["notes.txt"]),
        (["helpdesk.md", "--sample", "-1"], ["--sample"]),
    ],
)
def test_what_cannot_be_tried_is_told_before_a_model_is_asked(
    team: Path, model: ScriptedModel, tertulia: Tertulia, arguments: list[str], words: list[str]
) -> None:
    write(team, BAD)
    outcome = tertulia("prompt", "try", *arguments)
    assert outcome.code == 2
    told = " ".join(outcome.err.split())
    for one in words:
        assert one in told
    assert (outcome.out, model.prompts) == ("", [])
    assert not kept_answers(team)


def test_what_cannot_be_tried_is_one_json_value(team: Path, tertulia: Tertulia) -> None:
    write(team, BAD)
    outcome = tertulia("prompt", "try", "tools.md", "--against", "clerk", "--json")
    assert (outcome.code, outcome.error["kind"]) == (2, "persona")
    assert "calculat" in outcome.error["message"]
