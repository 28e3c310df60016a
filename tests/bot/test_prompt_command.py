"""`tertulia prompt try`: two versions of a persona, the same questions; the better one is kept."""

import asyncio
import json
from pathlib import Path

import pytest

from bot.evaluating import Wish
from bot.settings import Settings
from bot.trying import TrialError, tried
from pipelines import personas
from tests.bot.team import Tertulia
from tests.fakes.loopback import Reply
from tests.fakes.scripted_model import ScriptedModel, saying, silence

ASKED = (
    "How many weeks of parental leave are there?",
    "How many weeks of parental leave do parents take?",
    "How long is parental leave?",
    "How many weeks is parental leave?",
    "What is the number of weeks of parental leave?",
    "How long do parents take parental leave?",
    "Parents take how many weeks of parental leave?",
)
RIGHT = "Parents take 19 weeks of parental leave."
NEW = "---\nextends: helpdesk\nvoice: {en: british}\n---\n"
TOLD = "in British spelling"
"""What only the new version puts into the question."""


@pytest.fixture
def team(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a team with questions of its own."""
    own = home / "own" / "personas"
    own.mkdir(parents=True)
    lines = [f"{one};19 weeks;leave.md" for one in ASKED]
    (own / "questions.csv").write_text("\n".join(["question;answer;source", *lines]), "utf-8")
    monkeypatch.setenv("EXTENSIONS_DIR", str(own.parent))
    return own


@pytest.fixture
def new(home: Path) -> Path:
    """The new version."""
    file = home / "helpdesk.md"
    file.write_text(NEW, encoding="utf-8")
    return file


def candidates(home: Path) -> list[Path]:
    return sorted((home / "candidates").rglob("candidate.json"))


def test_a_better_version_is_kept_and_goes_live_for_nobody(
    team: Path, new: Path, home: Path, model: ScriptedModel, tertulia: Tertulia
) -> None:
    assert team
    model.reply_to[TOLD] = saying(RIGHT)
    outcome = tertulia("prompt", "try", str(new), "--json")
    value = outcome.value
    (kept,) = candidates(home)
    assert value["kept"] == str(kept.parent)
    about = json.loads(kept.read_text(encoding="utf-8"))
    assert (about["kind"], about["persona"]) == ("prompt", "helpdesk")
    assert about["against"]["verdict"] == "better"
    assert about["in_place_of"] == value["before"]["settings"]["prompt_version"]
    assert about["version"] == value["after"]["settings"]["prompt_version"]
    assert about["version"] != about["in_place_of"]
    assert (kept.parent / "helpdesk.md").read_text(encoding="utf-8") == NEW
    answered = tertulia("ask", ASKED[0], "--json").value
    assert answered["receipt"]["prompt_version"] == about["in_place_of"]


def test_a_version_that_is_not_better_is_not_kept(
    team: Path, new: Path, home: Path, model: ScriptedModel, tertulia: Tertulia
) -> None:
    model.reply = saying(RIGHT)
    own = team / "questions"
    own.mkdir()
    (team / "questions.csv").rename(own / "helpdesk.csv")
    outcome = tertulia("prompt", "try", str(new), "--sample", "2")
    assert outcome.code == 0
    assert "not better, as far as these questions tell" in " ".join(outcome.out.split())
    assert not candidates(home)


def test_a_candidate_that_cannot_be_written_is_told(
    team: Path, new: Path, home: Path, model: ScriptedModel, tertulia: Tertulia
) -> None:
    model.reply_to[TOLD] = saying(RIGHT)
    version = personas.load("helpdesk", team, file=new).version
    (home / f"candidates/prompts/helpdesk-{version}/candidate.json").mkdir(parents=True)
    outcome = tertulia("prompt", "try", str(new))
    assert outcome.code == 1
    assert "could not be written" in outcome.err


async def test_a_file_that_is_edited_meanwhile_is_not_kept(
    team: Path, new: Path, home: Path, model: ScriptedModel
) -> None:
    model.reply_to[TOLD] = saying(RIGHT)
    lines: list[str] = []

    def progress(line: str) -> None:
        lines.append(line)
        if len(lines) == 2 * len(ASKED):
            new.write_text(f"{NEW}More.\n", encoding="utf-8")

    wish = Wish(team / "questions.csv", 0, "terminal:ana", "helpdesk")
    with pytest.raises(TrialError, match="edited while it was tried"):
        await tried(Settings(), new, wish, progress=progress)
    assert not candidates(home)


async def test_who_stops_it_keeps_what_was_measured_and_no_candidate(
    team: Path, new: Path, home: Path, model: ScriptedModel
) -> None:
    model.reply_to[ASKED[1]] = silence()
    asked: list[str] = []
    first = asyncio.Event()

    def progress(line: str) -> None:
        asked.append(line)
        if line.startswith("1 of"):
            first.set()

    wish = Wish(team / "questions.csv", 0, "terminal:ana", "helpdesk")
    async with asyncio.timeout(60):
        trying = asyncio.create_task(tried(Settings(), new, wish, progress=progress))
        await first.wait()
        trying.cancel()
        trial = await trying
    assert trial.is_interrupted
    assert trial.as_json()["after"] is None
    assert not candidates(home)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("---\nextends: nobody\n---\n", "which there is not: pirate -> nobody"),
        ("---\ntemperature: hot\n---\nArr.\n", "temperature: hot"),
        (None, "is no file of a persona"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_before_anything_is_asked(
    home: Path, tertulia: Tertulia, model: ScriptedModel, text: str | None, words: str
) -> None:
    file = home / "pirate.md"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    table = home / "q.csv"
    table.write_text(f"question\n{ASKED[0]}\n", encoding="utf-8")
    options = ("--questions", str(table), "--against", "helpdesk")
    outcome = tertulia("prompt", "try", str(file), *options)
    assert outcome.code == 2
    assert words in " ".join(outcome.err.split())
    assert not model.prompts


def test_questions_that_are_nowhere_are_asked_for(
    new: Path, home: Path, tertulia: Tertulia, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = tertulia("prompt", "try", str(new))
    assert outcome.code == 2
    assert "no EXTENSIONS_DIR" in outcome.err
    (home / "own").mkdir()
    monkeypatch.setenv("EXTENSIONS_DIR", str(home / "own"))
    outcome = tertulia("prompt", "try", str(new))
    assert "--questions questions.csv" in " ".join(outcome.err.split())


def test_a_model_that_fails_leaves_nothing_behind(
    team: Path, new: Path, home: Path, model: ScriptedModel, tertulia: Tertulia
) -> None:
    assert team
    model.reply_to[TOLD] = Reply(status=500)
    outcome = tertulia("prompt", "try", str(new), "--sample", "2")
    assert outcome.code in (0, 1)
    assert not candidates(home)
