"""What somebody has not decided in the terminal is shown again by the next `tertulia chat`."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.settings import Settings
from bot.wording import say
from knowledge.confirmations import CONFIRMATIONS, VALID_FOR, Confirmations
from knowledge.conversations import now
from knowledge.database import transaction
from tests.bot.team import Outcome, in_a_process, write
from tests.databases import opened
from tests.fakes.scripted_model import ScriptedModel, writing

BOARD = '''
from pathlib import Path

from pipelines.tools import Caller, tool

BOARD = Path({board!r})


@tool(effect="destructive", completed=lambda words, caller: {{"board": "in the hall"}})
def pin_up(words: str, caller: Caller) -> str:
    """Pins a note."""
    with BOARD.open("a") as board:
        board.write(f"{{caller.person}}: {{words}}\\n")
    return "It hangs there."
'''
PIN = "Please pin up that the sauna is closed."
SHOWN = 'pin_up\n  words: "The sauna is closed."\n  board: "in the hall"'
AGAIN = say("act-again", "en")
COFFEE = "Who orders the coffee?"
DONE = say("act", "en", outcome="done")


@pytest.fixture
def board(home: Path, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A board, and a persona that pins notes on it once that is confirmed."""
    board = home / "board.txt"
    personas = {"pinner.md": "---\ntools: [pin_up]\n---\nYou.\n"}
    write(home / "more/tools", {"hall.py": BOARD.format(board=str(board))})
    write(home / "more/personas", personas | {"other.md": personas["pinner.md"]})
    monkeypatch.setenv("EXTENSIONS_DIR", str(home / "more"))
    calls = [{"tool": "pin_up", "arguments": {"words": "The sauna is closed."}}]
    model.reply_to[PIN] = writing(json.dumps({"calls": calls}))
    return board


def chat(*lines: str, who: str = "terminal:ana", persona: str = "pinner") -> Outcome:
    """`tertulia chat`, started and ended."""
    return in_a_process("chat", "--persona", persona, "--as", who, stdin="\n".join(lines))


def killed_once_it_asks() -> str:
    """What was printed by a chat that was killed where it waits for a yes."""
    command = [sys.executable, "-m", "bot", "chat", "--persona", "pinner", "--as", "terminal:ana"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(f"{PIN}\n".encode())
        process.stdin.flush()
        printed = ""
        while say("act-prompt", "en") not in printed:
            line = process.stdout.readline().decode()
            assert line, printed
            printed += line
        process.kill()
    return printed


def pinned(board: Path) -> list[str]:
    return board.read_text().splitlines() if board.exists() else []


def test_it_is_shown_again_with_its_exact_effect_and_done_once(
    board: Path, model: ScriptedModel
) -> None:
    printed = killed_once_it_asks()
    assert AGAIN not in printed
    asked = printed.partition(say("act-prompt", "en"))[0].strip()
    assert SHOWN in asked
    assert say("act-final", "en") in asked

    told = chat("Yes.").out
    assert told.startswith(f"{AGAIN}\n\n{asked}\n{say('act-prompt', 'en')}\n")
    assert told.count(DONE) == 1
    assert pinned(board) == ["terminal:ana: The sauna is closed."]

    prompts = len(model.prompts)
    told = chat("yes").out
    assert AGAIN not in told
    assert DONE not in told
    assert len(model.prompts) > prompts, "by now it is a question like any other"
    assert len(pinned(board)) == 1


def test_nobody_else_is_shown_it_and_no_other_persona_asks_for_it(board: Path) -> None:
    assert SHOWN in chat(PIN).out
    assert AGAIN not in chat("yes", who="terminal:ben").out
    assert AGAIN not in chat("yes", persona="other").out
    assert pinned(board) == []
    assert say("act", "en", outcome="declined") in chat("/help", "no").out
    assert AGAIN not in chat("yes").out
    assert pinned(board) == []


def test_a_tool_that_was_changed_meanwhile_is_not_called(board: Path) -> None:
    chat(PIN)
    file = board.with_name("more") / "tools/hall.py"
    file.write_text(file.read_text().replace("in the hall", "in the street"))
    told = chat("yes").out
    assert SHOWN in told
    assert say("act", "en", outcome="refused") in told
    assert pinned(board) == []


def test_who_goes_on_with_something_else_is_not_asked_again(
    board: Path, model: ScriptedModel
) -> None:
    model.reply_to = {COFFEE: writing('{"calls": []}'), **model.reply_to}
    assert chat(PIN, COFFEE).out.count(SHOWN) == 1
    assert AGAIN not in chat("yes").out
    assert pinned(board) == []


def test_what_a_single_question_wanted_is_not_offered(board: Path) -> None:
    assert SHOWN in in_a_process("ask", PIN, "--persona", "pinner", "--as", "terminal:ana").out
    assert AGAIN not in chat("yes").out
    assert pinned(board) == []


async def test_after_ten_minutes_it_is_not_shown_any_more(board: Path) -> None:
    chat(PIN)
    async with opened(Settings().database) as engine:
        assert await Confirmations(engine).undecided("terminal:ana")
        assert not await Confirmations(engine).undecided("terminal:ben")
        async with transaction(engine) as connection:
            then = now() - VALID_FOR - timedelta(seconds=1)
            await connection.execute(update(CONFIRMATIONS).values(asked_at=then))
    assert AGAIN not in chat("yes").out
    assert pinned(board) == []
