"""What every platform must do with what changes something: ask, and do it once, for who asked."""

import asyncio
import json
import threading
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.reminding import tell
from bot.wording import say
from knowledge.confirmations import CONFIRMATIONS
from knowledge.conversations import now
from knowledge.database import transaction
from knowledge.reminders import REMINDERS, Reminders
from knowledge.tool_calls import TOOL_CALLS
from tests.contracts.needing import needs
from tests.contracts.scene import Question, Scene
from tests.fakes.scripted_model import writing

PIN = "Please pin up that the sauna is closed."
WORDS = "The sauna is closed. ``` <!channel> @everyone"
TOOL = '''"""The board in the hall."""

import time
from pathlib import Path

from pipelines.tools import Caller, tool

BOARD = Path({board!r})
BUSY = BOARD.with_name("busy")


@tool(effect="write")
def pin_up(words: str, caller: Caller) -> str:
    """Pins a note to the board in the hall."""
    while BUSY.exists():
        time.sleep(0.02)
    with BOARD.open("a") as board:
        board.write(f"{{caller.person}}: {{words}}\\n")
    return "It hangs there, ```for all."
'''
PERSONA = """---
languages: [en, es]
tools: [pin_up]
---
You are the helpdesk.
"""


def pinned(board: Path) -> list[str]:
    """What hangs on a board."""
    return board.read_text().splitlines() if board.exists() else []


class PlatformConfirming:
    """Inherited by the contract of platforms."""

    @pytest.fixture
    async def board(self, scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A board that a tool writes on, for the persona who answers."""
        board = tmp_path / "board.txt"
        for name, text in (
            ("tools/hall.py", TOOL.format(board=str(board))),
            ("personas/helpdesk.md", PERSONA),
        ):
            file = tmp_path / "extensions" / name
            file.parent.mkdir(parents=True)
            file.write_text(text)
        monkeypatch.setenv("EXTENSIONS_DIR", str(tmp_path / "extensions"))
        await scene.restarts()
        calls = {"calls": [{"tool": "pin_up", "arguments": {"words": WORDS}}]}
        scene.model.reply_to["Tools:"] = writing(json.dumps(calls))
        return board

    async def test_nothing_is_changed_before_it_is_confirmed_and_then_once(
        self, scene: Scene, board: Path
    ) -> None:
        question = await self._asked(scene)
        assert pinned(board) == []
        assert await scene.decides(question, "Ana", is_yes=True) == ""
        await scene.until(lambda: say("act", "en", outcome="done") in self._text(scene, question))
        (line,) = pinned(board)
        assert line.endswith(f": {WORDS}")
        assert "for all" in self._text(scene, question), "what the tool said is told, too"
        assert "pin_up" in await scene.why(question, "Ana")
        async with transaction(await scene.app.database()) as connection:
            rows = (await connection.execute(select(TOOL_CALLS).order_by("number"))).all()
        assert [row.status for row in rows] == ["unconfirmed", "done"]

    @pytest.mark.parametrize("effect", ["write", "destructive"])
    async def test_what_cannot_be_taken_back_is_asked_as_that(
        self, scene: Scene, board: Path, effect: str
    ) -> None:
        hall = board.with_name("extensions") / "tools/hall.py"
        hall.write_text(hall.read_text().replace('effect="write"', f'effect="{effect}"'))
        await scene.restarts()
        text = self._text(scene, await self._asked(scene))
        assert (say("act-final", "en") in text) is (effect == "destructive")
        assert pinned(board) == []

    async def test_who_says_no_is_told_that_nothing_was_done(
        self, scene: Scene, board: Path
    ) -> None:
        question = await self._asked(scene)
        assert await scene.decides(question, "Ana", is_yes=False) == ""
        told = say("act", "en", outcome="declined")
        await scene.until(lambda: told in self._text(scene, question))
        assert pinned(board) == []

    async def test_a_yes_that_comes_too_late_changes_nothing(
        self, scene: Scene, board: Path
    ) -> None:
        question = await self._asked(scene)
        async with transaction(await scene.app.database()) as connection:
            earlier = now().replace(year=now().year - 1)
            await connection.execute(update(CONFIRMATIONS).values(asked_at=earlier))
        await scene.decides(question, "Ana", is_yes=True)
        told = say("act", "en", outcome="late")
        await scene.until(lambda: told in self._text(scene, question))
        assert pinned(board) == []

    @needs("buttons")
    async def test_others_decide_nothing_and_a_restart_takes_nothing_away(
        self, scene: Scene, board: Path
    ) -> None:
        question = await self._asked(scene)
        assert await scene.decides(question, "Ben", is_yes=True) == say("act-not-yours", "es")
        assert pinned(board) == []
        await scene.restarts()
        assert await scene.decides(question, "Ana", is_yes=True, times=2) == ""
        await scene.until(lambda: say("act", "en", outcome="done") in self._text(scene, question))
        assert len(pinned(board)) == 1
        assert len(scene.replies(question)) == 1, "in the place of what was asked"

    @needs("edits")
    async def test_who_takes_the_question_back_has_nothing_done(
        self, scene: Scene, board: Path
    ) -> None:
        question = await self._asked(scene)
        await scene.deletes(question)
        confirmed = select(CONFIRMATIONS.c.state)
        for _ in range(1_500):
            async with transaction(await scene.app.database()) as connection:
                if await connection.scalar(confirmed) == "declined":
                    break
            await asyncio.sleep(0.02)
        await scene.decides(question, "Ana", is_yes=True)
        await scene.until(lambda: not pinned(board))
        assert say("act", "en", outcome="done") not in self._text(scene, question)

    @needs("stop")
    async def test_who_stops_what_is_being_done_hears_that_it_may_be_done(
        self, scene: Scene, board: Path
    ) -> None:
        busy = board.with_name("busy")
        busy.touch()
        question = await self._asked(scene)
        pressing = asyncio.create_task(scene.decides(question, "Ana", is_yes=True))
        await scene.until(lambda: scene.is_begun(question))
        async with asyncio.timeout(30):
            while not [one for one in threading.enumerate() if one.name == "tool-pin_up"]:  # noqa: ASYNC110 (a thread has no event)
                await asyncio.sleep(0.02)
        await scene.stops(question)
        told = say("stopped-midway", "en")
        await scene.until(lambda: told in self._text(scene, question))
        assert await pressing == ""
        busy.unlink()
        await scene.until(lambda: pinned(board))

    @needs("buttons")
    async def test_what_was_pressed_before_a_restart_is_done_once_and_told(
        self, scene: Scene, board: Path
    ) -> None:
        question = await self._asked(scene)
        inbox = await scene.app.inbox()
        await inbox.worker.close(5.0)  # it is about to end, and begins nothing any more
        pressing = asyncio.create_task(scene.decides(question, "Ana", is_yes=True))
        async with asyncio.timeout(30):
            while not await inbox.turns.open(list(inbox.worker.platforms)):  # noqa: ASYNC110 (it is in the database)
                await asyncio.sleep(0.05)
        await scene.restarts()
        assert await pressing == ""
        await scene.until(lambda: say("act", "en", outcome="done") in self._text(scene, question))
        assert len(pinned(board)) == 1
        assert len(scene.replies(question)) == 1

    @needs("channels")
    async def test_a_reminder_is_set_by_a_yes_and_told_where_it_was_asked_for(
        self, scene: Scene, board: Path
    ) -> None:
        persona = board.with_name("extensions") / "personas/helpdesk.md"
        persona.write_text(PERSONA.replace("pin_up", "remind"))
        call = {"tool": "remind", "arguments": {"when": "30", "what": "call Ben"}}
        scene.model.reply_to["Tools:"] = writing(json.dumps({"calls": [call]}))
        question = await scene.asks("Remind me in 30 minutes to call Ben.")
        await scene.reply(question)
        inbox, engine = await scene.app.inbox(), await scene.app.database()
        (platform,), reminders = inbox.worker.platforms.values(), Reminders(engine)
        async with transaction(engine) as connection:
            assert not (await connection.execute(select(REMINDERS))).all()
        assert await scene.decides(question, "Ana", is_yes=True) == ""
        await scene.until(lambda: say("act", "en", outcome="done") in self._text(scene, question))
        assert await reminders.due(platform.name) == []
        async with transaction(engine) as connection:
            await connection.execute(update(REMINDERS).values(due_at=now()))
        (kept,) = await reminders.due(platform.name)
        assert await tell(kept, inbox, reminders, platform)
        assert "You asked me to remind you: call Ben" in (await scene.reply(question, 1)).text

    async def _asked(self, scene: Scene) -> Question:
        """Somebody wants something done, and is asked back with all that it would do."""
        question = await scene.asks(PIN)
        reply = await scene.reply(question)
        assert say("act", "en", outcome="unconfirmed") in reply.text
        assert "pin_up" in reply.text
        assert "The sauna is closed." in reply.text
        return question

    def _text(self, scene: Scene, question: Question) -> str:
        return "\n".join(reply.text for reply in scene.replies(question))
