"""`tertulia chat`: a line a question from a pipe, a conversation at a terminal."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from select import select

import pytest

from bot.wording import say
from tests.bot.team import in_a_process, write
from tests.fakes.loopback import Reply
from tests.fakes.scripted_model import ScriptedModel, silence, writing

COFFEE = "Who orders the coffee?"
ANSWER = "Jorge Luna orders the coffee."
CHAT = [sys.executable, "-m", "bot", "chat"]
BOARD = '''
from pipelines.tools import tool


@tool(effect="write")
def pin_up(words: str) -> str:
    """Pins a note."""
    return "It hangs there."
'''


def test_a_pipe_is_answered_line_by_line(home: Path, model: ScriptedModel) -> None:
    model.answer = ANSWER
    lines = ["/why", "+", COFFEE, "", "/why", "/sources", "+ thanks", "-", "/help", "/nothing"]
    lines += ["/persona pirate", "/persona helpdesk", "/persona", "Who?"]
    outcome = in_a_process("chat", "--as", "terminal:ana", stdin="\n".join(lines))
    assert outcome.code == 0
    out = outcome.out
    assert out.startswith(f"{say('not-answered-yet', 'en')}\n" * 2)
    assert "Jorge Luna orders the coffee [1].\nSources:\n  [1] Café y cocina - file://" in out
    assert "persona helpdesk" in out
    assert "first word after" in out
    assert "“El café lo pide Jorge Luna cada jueves.”" in out
    assert out.count("Thank you, noted for T-") == 2
    assert say("chat-help", "en") in out
    assert say("unknown-command", "en", command="/nothing") in out
    assert say("unknown-command", "en", command="/persona") in out
    assert say("persona-now", "en", name="helpdesk") in out
    assert "There is no persona 'pirate'" in outcome.err
    assert COFFEE in model.last_prompt, "the last question follows the first one"


def test_the_words_around_an_answer_are_in_its_language(home: Path, model: ScriptedModel) -> None:
    model.answer = "NOT FOUND"
    outcome = in_a_process("chat", stdin="¿Cuál es la capital de la luna?\n/sources\n/quit\nno")
    assert outcome.code == 0
    assert outcome.out.startswith("No lo sé")
    assert say("no-sources", "es") in outcome.out
    assert len(model.prompts) <= 3


def test_a_question_that_fails_is_told_and_the_next_one_is_answered(
    home: Path, model: ScriptedModel
) -> None:
    model.answer = ANSWER
    outcome = in_a_process("chat", stdin=b"x" * 30_000 + f"\n{COFFEE}\n".encode() + b"\xff\n")
    assert outcome.code == 1
    assert say("error-too-long", "en", length="30,000", limit="20,000")[:20] in outcome.out
    assert "Jorge Luna orders the coffee [1]." in outcome.out
    assert "Shorten it" in outcome.err


@pytest.mark.parametrize(
    ("said", "outcome"),
    [("Yes.", "done"), ("¡sí!", "done"), ("No,", "declined"), ("Yes, why?", "unconfirmed")],
)
def test_a_plain_yes_or_no_counts_with_its_full_stop(
    home: Path,
    model: ScriptedModel,
    monkeypatch: pytest.MonkeyPatch,
    said: str,
    outcome: str,
) -> None:
    write(home / "more/tools", {"board.py": BOARD})
    write(home / "more/personas", {"pinner.md": "---\ntools: [pin_up]\n---\nYou.\n"})
    monkeypatch.setenv("EXTENSIONS_DIR", str(home / "more"))
    call = {"tool": "pin_up", "arguments": {"words": "A"}}
    model.reply_to["Pin A up"] = writing(json.dumps({"calls": [call]}))
    told = in_a_process("chat", "--persona", "pinner", stdin=f"Pin A up\n{said}").out
    ends = {one: say("act", "en", outcome=one) for one in ("done", "declined")}
    assert [one for one, text in ends.items() if text in told] == [
        one for one in ends if one == outcome
    ]


def test_a_pipe_learns_what_to_do_when_the_model_fails(home: Path, model: ScriptedModel) -> None:
    model.reply = Reply.of({"error": {"message": "no"}}, status=401)
    outcome = in_a_process("chat", stdin=COFFEE)
    assert outcome.code == 1
    assert say("error-operator", "en", kind="model_refused") in outcome.out
    assert "OPENAI_API_KEY" in outcome.err


def test_no_question_at_all_is_done(home: Path) -> None:
    assert in_a_process("chat").code == 0


def test_ctrl_c_ends_a_chat_that_waits_at_a_pipe(home: Path) -> None:
    with subprocess.Popen(CHAT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(b"/help\n")
        process.stdin.flush()
        assert process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130


class Seat:
    """Somebody at a terminal."""

    def __init__(self, process: "subprocess.Popen[bytes]", terminal: int) -> None:
        self.process = process
        self._terminal = terminal
        self.seen = ""

    def sees(self, text: str) -> None:
        """Wait until this is shown, after what was seen before."""
        ends_at = time.monotonic() + 60
        while text not in self.seen:
            assert time.monotonic() < ends_at, f"no {text!r} in {self.seen!r}"
            assert select([self._terminal], [], [], 60)[0], f"no {text!r} in {self.seen!r}"
            raw = os.read(self._terminal, 65536).decode(errors="replace")
            self.seen += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", raw)
        self.seen = self.seen.partition(text)[2]

    def types(self, text: str) -> None:
        """Press keys."""
        os.write(self._terminal, text.encode())

    def leaves_with(self) -> int:
        """The exit code, when all that is still shown has been read."""
        while select([self._terminal], [], [], 60)[0]:
            try:
                raw = os.read(self._terminal, 65536)
            except OSError:  # Linux: the other side has closed
                break
            if not raw:
                break
            self.seen += raw.decode(errors="replace")
        return self.process.wait(60)


@pytest.fixture
def seat(home: Path, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch) -> Iterator[Seat]:
    """A chat on a terminal of its own."""
    model.answer = ANSWER
    monkeypatch.setenv("TERM", "xterm")
    with terminal() as (ours, theirs):
        process = subprocess.Popen(
            CHAT, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        )
        os.close(theirs)
        here = Seat(process, ours)
        here.sees(say("chat-welcome", "en")[:30])
        here.sees("›")
        yield here
        process.kill()
        process.wait()


@contextmanager
def terminal() -> Iterator[tuple[int, int]]:
    ours, theirs = pty.openpty()
    try:
        yield ours, theirs
    finally:
        os.close(ours)


def test_a_person_sees_each_step_and_leaves_with_ctrl_d(seat: Seat) -> None:
    seat.types(f"{COFFEE}\r")
    seat.sees("Searching our knowledge")
    seat.sees("Jorge Luna orders the coffee [1].")
    seat.sees("Sources:")
    seat.sees("›")
    seat.types("\x04")
    assert seat.leaves_with() == 0
    assert say("goodbye", "en") in seat.seen


def test_ctrl_c_at_the_prompt_is_an_interruption(seat: Seat) -> None:
    seat.types("half a ques\x03")
    assert seat.leaves_with() == 130


def test_ctrl_c_ends_an_answer_that_does_not_come(seat: Seat, model: ScriptedModel) -> None:
    model.reply = silence()
    seat.types(f"{COFFEE}\r")
    seat.sees("never")
    os.kill(seat.process.pid, signal.SIGINT)
    assert seat.leaves_with() == 130
    assert "Traceback" not in seat.seen


def test_a_person_sees_why_something_failed_and_may_go_on(seat: Seat, model: ScriptedModel) -> None:
    model.reply = Reply(b"busy", status=503)
    seat.types(f"{COFFEE}\r")
    seat.sees("does not answer just now")
    seat.sees("busy or failing")
    seat.sees("›")
    seat.types("/quit\r")
    assert seat.leaves_with() == 0
