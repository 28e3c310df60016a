"""`tertulia source add NAME database` and `tertulia refresh`, as people do it."""

from pathlib import Path

import pytest

from tests.bot.team import Tertulia, in_a_process
from tests.knowledge.database_world import TeamDatabase
from tests.postgres import PASSWORD, PostgresServer

FAQ = [
    *("--option", "query=SELECT id, question, answer, changed FROM faq"),
    *("--option", "title={question}"),
    *("--option", "text={answer}"),
    *("--option", "changed=changed"),
]


def filled(url: str) -> TeamDatabase:
    """The team's database with one answer."""
    team = TeamDatabase(url)
    team.put(1, "The printer on the second floor is called Gutenberg.")
    return team


def found(tertulia: Tertulia, query: str) -> list[str]:
    return [chunk["text"] for chunk in tertulia("search", query, "--json").value["chunks"]]


def test_a_database_is_added_refreshed_and_searched(
    empty_home: Path, postgres_url: str, tertulia: Tertulia, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = filled(postgres_url)
    monkeypatch.setenv("FAQ_PASSWORD", PASSWORD)
    url = postgres_url.replace(PASSWORD, "${FAQ_PASSWORD}")
    assert in_a_process("source", "add", "faq", "database", "--url", url, *FAQ).code == 0
    outcome = in_a_process("refresh", "--json")
    assert outcome.code == 0, outcome.err
    assert outcome.value["sources"][0]["indexed"] == 1
    assert "Gutenberg" in found(tertulia, "printer on the second floor")[0]
    team.put(1, "The printer on the second floor is called Manutius.", changed="2024-05-03")
    (report,) = tertulia("refresh", "--json").value["sources"]
    assert (report["indexed"], report["deleted"]) == (1, 0)
    assert "Manutius" in found(tertulia, "printer on the second floor")[0]
    said = "".join(tertulia("source", "list", *how).out for how in ((), ("--json",)))
    assert "canary" not in said + (empty_home / "tertulia.toml").read_text()
    assert tertulia("doctor").out.count("faq: can be read") == 1


def test_a_password_with_any_signs_is_taken_from_the_environment(
    empty_home: Path,
    postgres: PostgresServer,
    postgres_url: str,
    tertulia: Tertulia,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    filled(postgres_url)
    secret = "canary" + "@/:%40 ñ#?"
    postgres.execute(
        "DROP ROLE IF EXISTS clerk", f"CREATE ROLE clerk SUPERUSER LOGIN PASSWORD '{secret}'"
    )
    url = postgres_url.replace(f"tertulia:{PASSWORD}", "clerk:${FAQ_PASSWORD}")
    command = ["source", "add", "faq", "database", "--url", url, *FAQ]
    assert "FAQ_PASSWORD from the environment" in tertulia(*command).err
    monkeypatch.setenv("FAQ_PASSWORD", secret)
    assert tertulia(*command).code == 0
    assert tertulia("refresh").code == 0
    monkeypatch.setenv("FAQ_PASSWORD", f"{secret}-wrong")
    outcome = tertulia("refresh", "--json")
    assert outcome.error["kind"] == "source_unavailable"
    assert "does not accept the user or the password" in outcome.error["message"]
    assert "canary" not in outcome.out + outcome.err
    literal = tertulia("source", "add", "faq2", "database", "--url", postgres_url, *FAQ)
    assert "has a password in it" in literal.err
    assert "canary" not in literal.err
    postgres.execute("DROP ROLE clerk")


def test_a_file_is_found_from_any_folder(
    empty_home: Path, tmp_path: Path, tertulia: Tertulia, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(f"sqlite:///{empty_home / 'team.db'}")
    for name, place in (("one", "sqlite:///team.db"), ("two", f"sqlite:///{empty_home}/team.db")):
        assert tertulia("source", "add", name, "database", "--url", place, *FAQ).code == 0
    monkeypatch.chdir(tmp_path)
    assert tertulia("refresh").code == 0
    assert len(found(tertulia, "Gutenberg")) == 2


def test_several_kinds_are_written_into_the_file(empty_home: Path, tertulia: Tertulia) -> None:
    filled(f"sqlite:///{empty_home / 'team.db'}")
    structure = empty_home / "tertulia.toml"
    text = f"""
[sources.team]
kind = "database"
url = "sqlite:///{empty_home}/team.db"
audience = ["everyone"]

[sources.team.kinds.question]
query = "SELECT id, question, answer FROM faq"
title = "{{question}}"
text = '''
# {{question}}

{{answer}}
'''

[sources.team.kinds.count]
query = "SELECT 'all' AS id, count(*) AS n FROM faq"
text = "There are {{n}} questions."
"""
    structure.write_text(text)
    assert tertulia("refresh", "--json").value["sources"][0]["indexed"] == 2
    chunks = tertulia("search", "questions", "--json").value["chunks"]
    assert {chunk["article"] for chunk in chunks} == {"team:question/1", "team:count/all"}
    structure.write_text(text.replace("{question}", "{qestion}"))
    outcome = tertulia("refresh", "--json")
    assert "Source 'team'" in outcome.error["message"]
    assert "Did you mean 'question'?" in outcome.error["what_to_do"]
    structure.write_text(text.replace('\ntext = "There', '\ntxt = "There'))
    error = tertulia("refresh", "--json").error
    assert "The kind 'count' has no option 'txt'" in error["message"]
    assert "Did you mean 'text'?" in error["what_to_do"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "it needs --url"),
        (["--url", "sqlite:////x.db"], "It needs the option 'query'"),
        (["--url", "somewhere://x/y", *FAQ], "no kind of database that is known here"),
        (["--url", "sqlite:////x.db", *FAQ, "--option", "timeout_s=soon"], "timeout_s"),
        (["--url", "sqlite:////x.db", *FAQ, "--option", "tittle=x"], "Did you mean 'title'?"),
        (
            ["--url", "sqlite:////x.db", *FAQ[2:], "--option", "query=DROP TABLE faq"],
            "one single SELECT",
        ),
        (["--url", "sqlite:////x.db", *FAQ, "--option", "text={answer"], "stands alone"),
    ],
)
def test_a_source_that_cannot_be_is_refused_when_it_is_added(
    empty_home: Path, tertulia: Tertulia, arguments: list[str], said: str
) -> None:
    outcome = tertulia("source", "add", "faq", "database", *arguments)
    assert outcome.code == 2
    assert said in outcome.err
    assert tertulia("source", "list", "--json").value == {"sources": []}


def test_the_options_explain_themselves(empty_home: Path, tertulia: Tertulia) -> None:
    shown = tertulia("source", "add", "faq", "database", "--help").out
    for option in ("--url", "query=", "text=", "key=", "changed=", "readers=", "timeout_s="):
        assert option in shown
    assert "Example: tertulia source add NAME database --url" in shown
