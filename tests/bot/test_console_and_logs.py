"""Values on stdout, messages on stderr, and a log that people at a terminal do not see."""

import json
import os
from pathlib import Path

import pytest
import structlog

from bot import console, logs
from bot.concerns import LogSettings
from knowledge.errors import OperatorError
from tests.bot.team import ROOT, in_a_process, write

log = structlog.get_logger(__name__)


def test_answers_go_to_stdout_and_messages_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    console.show("[bold]as it is[/bold] \x1b[31m")
    console.tell("[red]a message[/red]")
    console.tell_error(OperatorError("It is [wrong].", what_to_do="Put it right."))
    seen = capsys.readouterr()
    assert seen.out == "[bold]as it is[/bold] \n"
    assert seen.err == "[red]a message[/red]\nIt is [wrong].\nPut it right.\n"


def test_what_looks_like_an_emoji_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    console.show("10:x:20 :warning:")
    console.tell(":x: is a code")
    console.tell_error(OperatorError(":x: is wrong.", what_to_do="Write :heart:."))
    seen = capsys.readouterr()
    assert seen.out == "10:x:20 :warning:\n"
    assert seen.err == ":x: is a code\n:x: is wrong.\nWrite :heart:.\n"


def test_long_lines_are_not_broken(capsys: pytest.CaptureFixture[str]) -> None:
    console.show("word " * 100)
    assert capsys.readouterr().out.count("\n") == 1


def test_torch_is_left_alone_by_who_answers(home: Path) -> None:
    write(home / "torch", {"__init__.py": 'raise AssertionError("torch was imported")\n'})
    environment = {**os.environ, "PYTHONPATH": f"{home}{os.pathsep}{ROOT}"}  # noqa: TID251
    asked = in_a_process("ask", "How long is parental leave?", env=environment)
    assert asked.code == 0, asked.err


def test_json_is_one_line_with_its_letters(capsys: pytest.CaptureFixture[str]) -> None:
    console.show_json({"text": "mañana\nsí"})
    out = capsys.readouterr().out
    assert out == '{"text": "mañana\\nsí"}\n'


def test_a_terminal_is_quiet_unless_a_level_was_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(LogSettings(), interactive=True)
    log.error("failed")
    assert capsys.readouterr().err == ""
    logs.configure(LogSettings(log_level="info"), interactive=True)
    log.debug("looked")
    log.info("answered", seconds=2.4)
    assert "answered" in (seen := capsys.readouterr().err)
    assert "looked" not in seen


def test_a_server_logs_json_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(LogSettings(log_format="json"), interactive=False)
    log.info("answered", chunks=6)
    value = json.loads(capsys.readouterr().err)
    assert (value["event"], value["chunks"], value["level"]) == ("answered", 6, "info")
    assert value["timestamp"].endswith("Z")
