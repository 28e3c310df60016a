"""The options of a source: explained, checked, and without a password in them."""

import json
from pathlib import Path
from typing import Literal

import pytest

from bot.settings import environment_of_programs
from bot.source_entry import (
    SourceEntry,
    StructureError,
    _named,
    explained,
    kinds,
    options_of,
)
from bot.structure import DEFAULT_SCHEDULE, Structure
from knowledge.errors import OperatorError
from knowledge.sources import git
from tests.bot.team import Tertulia
from tests.fakes.shelves import shelves

TOKEN = "s3cret-t0ken"  # noqa: S105 (it opens nothing)


def entry(kind: str = "git", **options: object) -> SourceEntry:
    return SourceEntry("team", kind, options)


@pytest.mark.parametrize("kind", kinds())
def test_every_option_of_every_kind_is_explained_with_an_example(kind: str) -> None:
    text = explained(kind)
    assert text.startswith(f"{kind}: ")
    assert f"Example: tertulia source add NAME {kind} " in text
    for line in text.splitlines()[2:-2]:
        option, _, rest = line.strip().partition(" ")
        assert option.startswith("--"), line
        assert rest.strip()[0] != "(", f"{line}: nothing says what it means"
        assert "Annotated" not in line
        assert "|" not in line


def test_an_option_says_how_it_is_given_its_type_and_its_default() -> None:
    text = explained("files")
    assert (
        "--path                   the folder or file to read, or several (str or list of str"
        in text
    )
    assert (
        "--option max_file_mb=... larger files are named and not read (float; default 50)" in text
    )


@pytest.mark.parametrize("command", [["git", "--help"], ["team", "git", "--help"]])
def test_help_behind_a_kind_explains_it(
    empty_home: Path, tertulia: Tertulia, command: list[str]
) -> None:
    outcome = tertulia("source", "add", *command)
    assert outcome.code == 0
    assert "--option ref=..." in outcome.out
    assert "environment=" not in outcome.out
    assert "Usage" in tertulia("source", "add", "--help").out


def test_a_choice_is_explained_as_one() -> None:
    assert _named(Literal["fast", "slow"] | None) == "'fast' or 'slow'"


def test_our_own_arguments_are_no_options() -> None:
    assert set(options_of(git)) == {
        *("url", "path", "ref", "include", "exclude", "max_file_mb", "depth", "link", "timeout_s"),
    }


@pytest.mark.parametrize(
    "url",
    [
        "https://ana:pa55@git.example.org/x",
        "postgresql://ana:pa55@localhost/x",
        "https://:pa55@git.example.org/x",
        "https://ghp_0123456789abcdefghij0123@github.com/team/docs",
    ],
)
def test_a_password_in_an_address_is_refused_and_not_repeated(tmp_path: Path, url: str) -> None:
    for options in ({"url": url}, {"url": "https://host/x", "exclude": [url]}):
        with pytest.raises(StructureError, match="has a password in it") as caught:
            entry(**options).build(tmp_path)
        assert "${MY_PASSWORD}@" in caught.value.what_to_do
        for secret in ("pa55", "ghp_"):
            assert secret not in f"{caught.value} {caught.value.what_to_do}"


@pytest.mark.parametrize(
    ("url", "right"),
    [
        (
            "postgresql://host/db?user=x&password=pa55",
            "postgresql://host/db?user=x&password=${MY_PASSWORD}",
        ),
        ("https://host/x?private_token=pa55#a", "https://host/x?private_token=${MY_PASSWORD}#a"),
        (
            "https://host/x?Api_Key=pa55&token=pa55&a=b",
            "https://host/x?Api_Key=${MY_PASSWORD}&token=${MY_PASSWORD}&a=b",
        ),
        ("https://host/x?secret=${A}pa55", "https://host/x?secret=${MY_PASSWORD}"),
        (
            "https://ana:pa55@host/x?pwd=pa55",
            "https://USER:${MY_PASSWORD}@host/x?pwd=${MY_PASSWORD}",
        ),
    ],
)
def test_a_password_behind_a_question_mark_is_refused_and_not_repeated(
    empty_home: Path, tertulia: Tertulia, url: str, right: str
) -> None:
    outcome = tertulia("source", "add", "team", "git", "--url", url, "--json")
    assert outcome.code == 2
    assert outcome.error["message"] == "Source 'team': option 'url' has a password in it."
    assert outcome.error["what_to_do"].endswith(f"here: {right}")
    assert "pa55" not in outcome.out
    assert not (empty_home / "tertulia.toml").exists()


def test_a_password_behind_a_question_mark_comes_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEAM_TOKEN", "a&b/c")
    url = "postgresql://host/db?user=x&password=${TEAM_TOKEN}&sslmode=require"
    inserted = entry()._with_secrets("url", url)
    assert inserted == "postgresql://host/db?user=x&password=a%26b%2Fc&sslmode=require"
    options = {"query": "SELECT id FROM faq WHERE a = '?token=x'", "text": "{id}"}
    options["link"] = "https://host/page?token={id}"
    assert SourceEntry("team", "database", {"url": url, **options}).build(tmp_path)
    assert entry(url="https://host/x?tokens=all&page=2").build(tmp_path)


@pytest.mark.parametrize(
    "url", ["https://host/a@b:c@d", "ssh://git@host/x", "https://${TEAM_TOKEN}@host/x"]
)
def test_an_address_without_a_password_is_taken(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEAM_TOKEN", TOKEN)
    assert entry(url=url, depth=5).build(tmp_path).name == "team"


def test_a_secret_comes_from_the_environment_or_from_env_files(
    empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = entry("files", path="/${TEAM_TOKEN}", include=["${TEAM_TOKEN}", "*.md"])
    with pytest.raises(StructureError, match="wants TEAM_TOKEN from the environment") as caught:
        wanted.build(empty_home)
    assert "Set TEAM_TOKEN in the environment or in .env." in caught.value.what_to_do
    (empty_home / ".env").write_text(f"TEAM_TOKEN={TOKEN}\n")
    assert wanted.build(empty_home)
    (empty_home / ".env").write_text("TEAM_TOKEN=\n")
    monkeypatch.setenv("TEAM_TOKEN", TOKEN)
    assert wanted.build(empty_home)


def test_a_token_is_written_nowhere_by_its_name(
    empty_home: Path, tertulia: Tertulia, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEAM_TOKEN", TOKEN)
    url = "https://${TEAM_TOKEN}@127.0.0.1:9/team/docs.git"
    assert tertulia("source", "add", "team", "git", "--url", url).code == 0
    for command in (("source", "list"), ("refresh",), ("refresh", "--json")):
        outcome = tertulia(*command)
        assert TOKEN not in outcome.out + outcome.err
    assert TOKEN not in (empty_home / "tertulia.toml").read_text()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "--url or --path"),
        ({"url": "ext::sh"}, "no address of a repository"),
        ({"url": "https://h/x", "depth": "many"}, "option depth: Input should be a valid integer"),
        ({"url": "https://h/x", "reff": "main"}, "no option 'reff'"),
        ({"url": "https://h/x", "exclude": "!"}, "Option 'exclude'"),
    ],
)
def test_a_wrong_option_says_what_is_wrong(
    tmp_path: Path, options: dict[str, object], said: str
) -> None:
    with pytest.raises(OperatorError) as caught:
        SourceEntry("team", "git", options).build(tmp_path)
    assert said in str(caught.value)
    assert caught.value.what_to_do


@pytest.mark.parametrize(
    ("kind", "option", "value", "said"),
    [
        ("files", "max_file_mb", "nan", "a finite number"),
        ("files", "max_file_mb", "inf", "a finite number"),
        ("files", "max_file_mb", "1e300", "less than or equal to 1000000"),
        ("files", "max_file_mb", "-1", "greater than 0"),
        ("files", "path", "~nobody-here/pages", "Right: a whole path such as /srv/pages"),
        ("files", "path", "/srv\0/pages", "Write path without it: /srv/pages"),
        ("git", "max_file_mb", "-1", "greater than 0"),
        ("git", "timeout_s", "inf", "a finite number"),
        ("git", "path", "~nobody-here/pages", "Right: a whole path such as /srv/pages"),
        ("website", "max_page_mb", "inf", "a finite number"),
        ("website", "max_page_mb", "0", "greater than 0"),
        ("website", "timeout_s", "nan", "a finite number"),
        ("database", "timeout_s", "inf", "Right: timeout_s = 60"),
        ("database", "url", "sqlite:///~nobody-here/x.db", "Right: postgresql://USER"),
        ("database", "url", "sqlite:////x\0.db", "Write url without it"),
    ],
)
def test_a_value_that_cannot_be_ends_nothing_and_is_named(
    tmp_path: Path, kind: str, option: str, value: str, said: str
) -> None:
    """Whoever serves goes on with the other sources: only an error of ours may come out."""
    needed = {
        "files": {"path": "/srv/pages"},
        "git": {} if option == "path" else {"path": "/srv/pages"},
        "website": {"url": "https://wiki.example.org/"},
        "database": {"url": "sqlite:////x.db", "query": "SELECT id FROM faq", "text": "{id}"},
    }[kind]
    audience = '\naudience = ["everyone"]\n'
    written = json.dumps(value) if kind == "database" or option in {"path", "url"} else value
    lines = {key: json.dumps(one) for key, one in needed.items()} | {option: written}
    table = "\n".join(f"{key} = {one}" for key, one in lines.items())
    file = tmp_path / "tertulia.toml"
    file.write_text(f'[sources.team]\nkind = "{kind}"\n{table}{audience}', encoding="utf-8")
    structure = Structure(file)
    assert structure.rhythms()["team"].text == DEFAULT_SCHEDULE
    with pytest.raises(OperatorError) as caught:
        structure.built(structure.source("team"))
    assert "Source 'team'" in str(caught.value)
    assert option in f"{caught.value}" or "address of a database" in f"{caught.value}"
    assert said in f"{caught.value} {caught.value.what_to_do}"


def test_a_size_that_is_no_number_is_refused_on_the_command_line(
    empty_home: Path, tertulia: Tertulia
) -> None:
    outcome = tertulia("source", "add", "x", "files", "--path", ".", "--option", "max_file_mb=nan")
    assert outcome.code == 2
    assert "Source 'x' (files): option max_file_mb: Input should be" in outcome.err
    assert not (empty_home / "tertulia.toml").exists()


def test_whatever_a_source_says_of_its_options_is_an_error_of_ours(tmp_path: Path) -> None:
    with shelves(), pytest.raises(StructureError) as caught:
        SourceEntry("team", "shelf", {"path": "/srv", "seconds": -1}).build(tmp_path)
    assert str(caught.value) == "Source 'team' (shelf): no time goes back"
    assert "tertulia source add shelf --help" in caught.value.what_to_do


def test_an_address_of_ssh_and_several_folders_are_taken_from_the_command(
    empty_home: Path, tertulia: Tertulia
) -> None:
    tertulia("source", "add", "code", "git", "--url", "git@github.com:team/docs.git")
    tertulia("source", "add", "both", "files", "--path", "a", "--path", "b")
    code, both = tertulia("source", "list", "--json").value["sources"]
    assert code["options"] == {"url": "git@github.com:team/docs.git"}
    assert both["options"] == {"path": [str(empty_home / "a"), str(empty_home / "b")]}
    assert "already" in tertulia("source", "add", "both", "files", "--path", "a", "--path", "b").err


def test_a_source_gets_a_folder_of_its_own_and_no_settings_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", TOKEN)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.org")
    known = environment_of_programs()
    assert known["HTTPS_PROXY"] == "http://proxy.example.org"
    assert {"PATH", "HOME"} <= set(known)
    assert TOKEN not in known.values()
    Structure(tmp_path / "tertulia.toml").built(entry(url="https://host/x"))
    assert not (tmp_path / "sources").exists()
