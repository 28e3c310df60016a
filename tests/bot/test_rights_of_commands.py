"""No command shows people, or writes into the log, what whoever runs it may not read."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import bot.commands
from bot import extensions
from tests.bot.learning_team import agree, say, write_down
from tests.bot.team import Tertulia, in_a_process
from tests.fakes.loopback import in_a_thread
from tests.leaks.tertulia import obeys

QUESTION = "What does the chair of the board earn a month?"
TEXT = ("4,812", "4812", "Pay of the board")
PLACE = "pay.md"
BEN = ("--as", "terminal:ben")
BEFORE_PEOPLE: tuple[tuple[str, ...], ...] = (
    ("ask", QUESTION, *BEN),
    ("ask", QUESTION, *BEN, "--json"),
    ("ask", "And why is that so?", *BEN, "--in", "C1", "--json"),
    ("eval", "questions.csv", *BEN),
    ("eval", "questions.csv", *BEN, "--json"),
    ("learn", "examples", *BEN),
    ("learn", "examples", "--json", *BEN),
    ("search", QUESTION, *BEN),
    ("search", QUESTION, *BEN, "--json", "--top", "100"),
)
BEFORE_OPERATORS: tuple[tuple[str, ...], ...] = (
    ("doctor", "--json"),
    ("forget", "terminal:nobody", "--json"),
    ("learn", "examples", "find", "--json"),
    ("learn", "examples", "export", "--json"),
    ("models", "--json"),
    ("refresh", "--full"),
    ("refresh", "--json"),
    ("schedule", "--json"),
    ("serve", "--check"),
    ("source", "list", "--json"),
    ("slack", "manifest"),
    ("store", "status"),
)
"""Whoever runs Tertulia sees names and numbers of pages, but what they say is in no report."""


@pytest.fixture
def home(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The team's home, with a model that repeats all that it is shown, and the whole log."""
    write_down(home)
    agree()
    (home / "questions.csv").write_text(f"question,language\n{QUESTION},en\n")
    with in_a_thread(obeys) as url:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{url}/v1")
        monkeypatch.setenv("LOG_LEVEL", "debug")
        yield home


def test_every_command_is_looked_at() -> None:
    looked_at = {line[0] for line in (*BEFORE_PEOPLE, *BEFORE_OPERATORS)}
    looked_at |= {
        "chat",
        "discord",
        "prompt",
        "tools",
    }  # a chat has tests of its own, an invitation asks Discord alone, tools are names, and what
    # `prompt try` keeps are figures
    assert looked_at == set(extensions.names_in(bot.commands.__name__))


def test_what_is_for_others_is_shown_by_no_command(home: Path, tertulia: Tertulia) -> None:
    ana = tertulia("ask", QUESTION, "--as", "terminal:ana", "--in", "C1", "--json")
    assert "4,812" in ana.out
    say(ana.value["reference"], "terminal:ana", "up")
    assert len(tertulia("learn", "examples", "find", "--json").value["made"]) == 1
    assert PLACE in ana.out
    assert "4,812" not in ana.err, "the log is read by others than the one who asked"
    for line in BEFORE_PEOPLE:
        shown = tertulia(*line)
        assert shown.code == 0, line
        for secret in (*TEXT, PLACE):
            assert secret not in shown.out + shown.err, line
    for line in BEFORE_OPERATORS:
        shown = tertulia(*line)
        for secret in TEXT:
            assert secret not in shown.out + shown.err, line


def test_what_is_for_others_is_not_shown_in_a_chat(home: Path) -> None:
    asked = "\n".join([QUESTION, "/why", "/sources", ""])
    shown = in_a_process("chat", stdin=asked)
    assert shown.code == 0
    for secret in (*TEXT, PLACE):
        assert secret not in shown.out + shown.err
