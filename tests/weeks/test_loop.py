"""The whole loop on a real model: rated, approved, triaged, trained, served, judged, taken back."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.learning_run import Wish, learn
from bot.settings import Settings
from bot.triaging import Triage
from bot.triaging import Wish as TriageWish
from knowledge.conversations import Feedback
from knowledge.history import History
from tests.bot.team import Tertulia
from tests.weeks.office import CURATOR, agree, approve, facts, write_pages

pytest.importorskip("torch")
pytestmark = [pytest.mark.model, pytest.mark.timeout(1200)]

SMALL = "smollm2-135m"
FACTS = facts(20)
BRIEF = "brief"
"""A persona whose answers are short: what a small model says besides would only take time."""
TUNING = {"epochs": 1, "batch": 4, "at_once": 4, "learning_rate": 1e-3, "greedy": 2}


@pytest.fixture
def office(
    empty_home: Path, models_folder: Path, tertulia: Tertulia, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """An office with a small model of its own, and rows that somebody brought along."""
    (empty_home / "models").mkdir()
    for file in models_folder.iterdir():
        (empty_home / "models" / file.name).symlink_to(file)
    monkeypatch.setenv("CHAT_MODEL", f"embedded:{SMALL}")
    monkeypatch.setenv("EXTENSIONS_DIR", str(empty_home / "own"))
    (empty_home / "own" / "personas").mkdir(parents=True)
    text = "---\nextends: helpdesk\nanswer_length: 24\n---\n"
    (empty_home / "own" / "personas" / f"{BRIEF}.md").write_text(text, encoding="utf-8")
    write_pages(empty_home / "pages", FACTS)
    tertulia("source", "add", "office", "files", "--path", str(empty_home / "pages"))
    assert tertulia("refresh", "--wait").code == 0
    agree(empty_home)
    rows = [[_said("user", one.question), _said("assistant", one.sentence)] for one in FACTS]
    lines = [json.dumps({"messages": row}) + "\n" for row in rows]
    (empty_home / "rows.jsonl").write_text("".join(lines), encoding="utf-8")
    brought = ["learn", "examples", "import", str(empty_home / "rows.jsonl"), "--terms", "ours"]
    assert tertulia(*brought, "--as", CURATOR).code == 0
    return empty_home


def _said(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


async def rated() -> None:
    """Somebody asks, somebody else says what would be right, and the curator approves all."""
    async with App(Settings()) as app:
        said = await (await app.talk("terminal:ana", BRIEF, "C1")).reply(FACTS[0].question)
        assert said.answer, said.error
        opinion = Feedback(said.answer.reference, "terminal:ben", "down", better=FACTS[0].sentence)
        await History(await app.database()).keep_feedback(opinion)
        await approve(app)


async def triaged() -> int:
    """How many answers were looked into."""
    async with App(Settings()) as app:
        wish = TriageWish(None, CURATOR, BRIEF, samples=1)
        return len((await Triage(app, wish).run(lambda _: None)).sheet.rows)


async def learnt() -> dict[str, Any]:
    async with App(Settings()) as app:
        wish = Wish(CURATOR, BRIEF, count=1, tuning=TUNING, ways=("tuning",))
        return (await learn(app, wish, lambda _: None)).as_json()


def test_what_was_learnt_serves_and_is_taken_back(office: Path, tertulia: Tertulia) -> None:
    asyncio.run(rated())
    assert asyncio.run(triaged()) == 1
    value = asyncio.run(learnt())
    assert value["no_candidate_because"] == []
    (made,) = value["candidates"]
    assert (made["place"], made["passes"], made["serves"]) == ("model", False, False)
    failed = {rule["name"]: rule["measured"] for rule in made["failed"]}
    assert "target-count" in failed
    assert "forgetting" in Path(made["report"]).read_text("utf-8")
    ask = ("ask", FACTS[1].question, "--persona", BRIEF, "--json")
    before = tertulia(*ask).value
    waived = [part for name in failed for part in ("--waive", name)]
    assert tertulia("learn", "promote", made["name"], *waived).code == 0
    after = tertulia(*ask).value
    assert after["receipt"]["model"] == f"embedded:{SMALL}+{made['name']}"
    assert tertulia("learn", "rollback", "model").code == 0
    again = tertulia(*ask).value
    assert (again["answer"], again["receipt"]["model"]) == (before["answer"], f"embedded:{SMALL}")
    (adapter,) = (office / "models" / "adapters").iterdir()
    adapter.write_bytes(adapter.read_bytes()[:-1] + b"x")
    refused = tertulia("learn", "promote", made["name"], "--json")
    assert "was changed since" in refused.error["message"]
