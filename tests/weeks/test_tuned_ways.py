"""`learn run` learns to read and what people like from rows of their own.

What comes after the trainer is the same for all ways to tune: `test_loop.py`.
"""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.learning_run import Wish, learn
from bot.settings import Settings
from knowledge.learning_examples import LearningExamples
from pipelines.learning.sets import READING
from tests.bot.team import Tertulia
from tests.fakes.scripted_model import ScriptedModel
from tests.weeks.office import CURATOR, THINGS, Clerk, agree, approve, facts, week, write_pages

pytest.importorskip("torch")
pytestmark = [pytest.mark.model, pytest.mark.timeout(1200)]

SMALL = "smollm2-135m"
FACTS = [one for one in facts(12) if not one.is_noted]
ASKED = (
    ("How many {1} has the {0}?", "The {0} has {2} {1}."),
    ("Who repairs the {0}?", "Room {2} repairs the {0}."),
    ("What does the {0} cost?", "The {0} costs {2} euros."),
    ("Where is the {0} kept?", "The {0} is kept in house {2}."),
)


@pytest.fixture
def office(empty_home: Path, models_folder: Path, tertulia: Tertulia) -> Path:
    """An office with a small model of its own, whose pages are read."""
    (empty_home / "models").mkdir()
    for file in models_folder.iterdir():
        (empty_home / "models" / file.name).symlink_to(file)
    write_pages(empty_home / "pages", FACTS)
    tertulia("source", "add", "office", "files", "--path", str(empty_home / "pages"))
    assert tertulia("refresh", "--wait").code == 0
    agree(empty_home)
    return empty_home


def pairs() -> list[dict[str, Any]]:
    """Answers that people like, beside others that they do not."""
    rows = []
    for number, words in enumerate(THINGS):
        thing, part = words.split(" ")
        for asked, told in ASKED:
            better = told.format(thing, part, 11 + number)
            rows.append(
                {
                    "prompt": [{"role": "user", "content": asked.format(thing, part)}],
                    "chosen": [{"role": "assistant", "content": better}],
                    "rejected": [{"role": "assistant", "content": f"Well, well! {better} Bye!"}],
                }
            )
    return rows


async def learnt(way: str) -> dict[str, Any]:
    async with App(Settings()) as app:
        wish = Wish(CURATOR, count=1, ways=(way,))
        return (await learn(app, wish, lambda _: None)).as_json()


async def approved() -> None:
    async with App(Settings()) as app:
        await approve(app)


async def asked_and_liked() -> list[str]:
    """The rows that colleagues liked."""
    async with App(Settings()) as app:
        assert await week(app, FACTS) == 1.0
        await approve(app)
        rows = await LearningExamples(await app.database()).all("approved")
        return [one.id for one in rows]


def test_enough_pairs_are_learnt_from_and_those_of_too_few_people_are_refused(
    office: Path, tertulia: Tertulia, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT_MODEL", f"embedded:{SMALL}")
    lines = "".join(json.dumps(one) + "\n" for one in pairs())
    (office / "pairs.jsonl").write_text(lines, encoding="utf-8")
    brought = ["learn", "examples", "import", str(office / "pairs.jsonl"), "--terms", "ours"]
    done = tertulia(*brought, "--format", "preference", "--as", CURATOR)
    assert done.code == 0, done.err
    asyncio.run(approved())
    value = asyncio.run(learnt("liking"))
    (reason,) = value["no_candidate_because"]
    assert "are those of 0 people; 10 are the least" in reason, "one has brought them all along"
    assert "/sets/" in reason


def test_rows_to_read_hold_what_is_found_and_too_few_are_refused(
    office: Path, monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    model.thinks = Clerk(FACTS)
    names = asyncio.run(asked_and_liked())
    monkeypatch.setenv("CHAT_MODEL", f"embedded:{SMALL}")
    value = asyncio.run(learnt("reading"))
    (reason,) = value["no_candidate_because"]
    assert reason.startswith("No reading: There are")
    assert "8 is the least" in reason
    (file,) = (office / "learning" / "sets").glob(f"*/{READING}")
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert {one["example"] for one in rows} <= set(names)
    assert any(one["gold"] for one in rows)
    for one in rows:
        (fact,) = (f for f in FACTS if f.question in one["messages"][-2]["content"])
        assert (fact.sentence in one["messages"][-2]["content"]) == one["gold"]
