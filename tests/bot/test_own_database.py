"""Tertulia on a PostgreSQL of its own: the same commands, nothing in a file, no password shown."""

from pathlib import Path

import pytest

from tests.bot.team import PAGES, Tertulia, in_a_process
from tests.fakes.scripted_model import ScriptedModel
from tests.postgres import PASSWORD, PostgresServer

WEEKS = "How many weeks of parental leave are there?"


@pytest.fixture
def on_postgres(empty_home: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    return empty_home


def finding(tertulia: Tertulia) -> dict[str, str]:
    """What the doctor says about the database."""
    checks = tertulia("doctor", "--json").value["checks"]
    (found,) = [check for check in checks if check["name"] == "database"]
    assert "canary" not in str(found)
    return {key: str(value) for key, value in found.items()}


def test_what_was_refreshed_and_answered_is_known_to_the_next_process(
    on_postgres: Path, pages: Path, model: ScriptedModel, tertulia: Tertulia
) -> None:
    assert tertulia("source", "add", "team", "files", "--path", str(pages)).code == 0
    (report,) = in_a_process("refresh", "--json").value["sources"]
    assert report["indexed"] == len(PAGES)
    (report,) = tertulia("refresh", "--json").value["sources"]
    assert (report["indexed"], report["unchanged"]) == (0, len(PAGES))
    model.answer = "Parents take 19 weeks of parental leave."
    for _ in range(2):
        assert "[1]" in tertulia("ask", WEEKS, "--in", "c1", "--json").value["answer"]
    assert tertulia("source", "remove", "team", "--json").value["articles"] == len(PAGES)
    assert not list(on_postgres.glob("tertulia.db*"))


def test_the_doctor_says_where_it_is_and_of_which_version(
    on_postgres: Path, postgres: PostgresServer, postgres_url: str, tertulia: Tertulia
) -> None:
    found = finding(tertulia)
    place = postgres_url.replace(f":{PASSWORD}", "")
    assert found["state"] == "ok"
    assert found["message"].startswith(f"{place} can be read and written (PostgreSQL 1")
    name = postgres_url.rpartition("/")[2]
    postgres.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    found = finding(tertulia)
    assert found["state"] == "broken"
    assert "can only be read" in found["message"]


def test_a_wrong_password_is_said_and_never_shown(
    on_postgres: Path, postgres_url: str, tertulia: Tertulia, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres_url.replace(PASSWORD, "canary-wrong"))
    found = finding(tertulia)
    assert found["state"] == "broken"
    assert "does not let us in" in found["message"]
    assert "DATABASE_URL" in found["what_to_do"]
    monkeypatch.setenv("LOG_LEVEL", "debug")
    outcome = in_a_process("--debug", "ask", WEEKS)
    assert outcome.code == 1
    assert "does not let us in" in outcome.err
    assert "canary-" not in outcome.err + outcome.out


def test_a_file_that_is_not_there_yet_will_be_made(empty_home: Path, tertulia: Tertulia) -> None:
    found = finding(tertulia)
    assert found["message"] == f"{empty_home / 'tertulia.db'} will be made by the first refresh"
