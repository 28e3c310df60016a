"""`tertulia source` and `tertulia refresh`: what is added is read, and only what changed again."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.bot.team import PAGES, Tertulia

KEYS = {"name", "found", "indexed", "unchanged", "deleted", "failed", "seconds"}


@pytest.fixture
def added(empty_home: Path, pages: Path, tertulia: Tertulia) -> Path:
    outcome = tertulia("source", "add", "team", "files", "--path", str(pages))
    assert outcome.code == 0
    assert "tertulia refresh team" in outcome.err
    return pages


def test_a_source_is_listed_for_people_and_for_programs(added: Path, tertulia: Tertulia) -> None:
    assert tertulia("source", "list").out == f"team  (files)  path={added}  for: everyone\n"
    assert tertulia("source", "list", "--json").value == {
        "sources": [
            {
                "name": "team",
                "kind": "files",
                "options": {"path": str(added)},
                "audience": ["everyone"],
            }
        ]
    }


def test_without_sources_it_is_said_how_to_add_one(empty_home: Path, tertulia: Tertulia) -> None:
    for command in ("list", "refresh"):
        outcome = tertulia("refresh") if command == "refresh" else tertulia("source", "list")
        assert outcome.code == 0
        assert "tertulia source add NAME files" in outcome.err
    assert tertulia("source", "list", "--json").value == {"sources": []}
    assert tertulia("refresh", "--json").value == {"sources": []}


def test_options_and_audiences_are_taken_in_every_way_they_are_written(
    empty_home: Path, pages: Path, tertulia: Tertulia
) -> None:
    command = ["source", "add", "team", "files", "--option", f"path={pages}"]
    command += ["--option", "max_file_mb=3", "--audience", "terminal:ana, terminal:ben"]
    assert "Added" in tertulia(*command, "--audience", "slack:U1").err
    (source,) = tertulia("source", "list", "--json").value["sources"]
    assert source["audience"] == ["slack:U1", "terminal:ana", "terminal:ben"]
    assert source["options"] == {"path": str(pages), "max_file_mb": "3"}
    assert tertulia("refresh", "--json").code == 0
    assert "already" in tertulia(*command, "--audience", "slack:U1").err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["files"], "Source 'team' (files): it needs --path: the folder or file to read."),
        (["files", "--path", ".", "--option", "max_file_mb=x"], "option max_file_mb: Input should"),
        (["files", "--option", "path"], "KEY=VALUE"),
        (["files", "--url", "http://127.0.0.1/"], "no option 'url'"),
        (["flies"], "no 'flies'"),
        (["website", "--url", "wiki.example.org"], "Write --url https://wiki.example.org"),
        (["files", "--path", ".", "--audience", "ana"], "Did you mean 'terminal:ana'?"),
        (["website", "--path", "../wiki"], "'../wiki' is no address, and a website source needs"),
        (["git", "--url", "git.example.org/team"], "Write --url https://git.example.org/team"),
        (["database", "--url", "localhost/team"], "Write it as here: database --url 'postgresql:"),
    ],
)
def test_a_source_that_cannot_be_is_refused(
    empty_home: Path, tertulia: Tertulia, arguments: list[str], said: str
) -> None:
    outcome = tertulia("source", "add", "team", *arguments)
    assert outcome.code == 2
    assert said in outcome.err
    assert "source remove" not in outcome.err
    assert tertulia("source", "list", "--json").value == {"sources": []}


def test_a_refresh_reads_all_once_and_then_only_what_changed(
    added: Path, tertulia: Tertulia
) -> None:
    first = tertulia("refresh", "--json")
    (report,) = first.value["sources"]
    assert set(report) == KEYS
    assert first.code == 0
    assert (report["found"], report["indexed"], report["failed"]) == (len(PAGES), len(PAGES), [])
    (added / "wifi.txt").unlink()
    (added / "tools.csv").write_text("Item,Deposit\nSaw,12 euros\n")
    (report,) = tertulia("refresh", "team", "--json").value["sources"]
    counts = [report[key] for key in ("found", "indexed", "unchanged", "deleted")]
    assert counts == [len(PAGES) - 1, 1, len(PAGES) - 2, 1]
    (report,) = tertulia("refresh", "--full", "--json").value["sources"]
    assert report["indexed"] == len(PAGES) - 1
    texts = [c["text"] for c in tertulia("search", "saw deposit", "--json").value["chunks"]]
    assert "Saw" in texts[0]
    assert not any("Tejo" in text for text in texts)


def test_a_broken_file_is_named_and_the_others_go_on(added: Path, tertulia: Tertulia) -> None:
    (added / "scan.pdf").write_bytes(b"%PDF-1.7\nnothing that is a PDF")
    outcome = tertulia("refresh", "--json")
    assert outcome.code == 1
    (report,) = outcome.value["sources"]
    assert [failure["article"] for failure in report["failed"]] == ["team:scan.pdf"]
    assert report["failed"][0]["reason"]
    assert report["found"] == report["indexed"] + report["unchanged"] + len(report["failed"])
    again = tertulia("refresh")
    assert again.code == 1
    assert f"{len(PAGES)} unchanged" in again.err
    assert "team:scan.pdf" in again.err


def test_one_source_that_is_gone_does_not_hold_up_the_others(
    added: Path, tertulia: Tertulia, tmp_path: Path
) -> None:
    tertulia("source", "add", "gone", "files", "--path", str(tmp_path / "nowhere"))
    outcome = tertulia("refresh", "--json")
    assert outcome.code == 1
    assert [report["name"] for report in outcome.value["sources"]] == ["team"]
    assert outcome.error["kind"] == "source_unavailable"
    assert "tertulia source remove gone" in outcome.err


def test_an_unknown_source_is_answered_with_the_nearest(added: Path, tertulia: Tertulia) -> None:
    for command in (["refresh", "tema"], ["source", "remove", "tema"]):
        outcome = tertulia(*command)
        assert outcome.code == 2
        assert "Did you mean 'team'?" in outcome.err


def test_what_came_from_a_removed_source_is_not_found_any_more(
    added: Path, tertulia: Tertulia
) -> None:
    assert tertulia("refresh").code == 0
    assert tertulia("search", "parental leave", "--json").value["chunks"]
    outcome = tertulia("source", "remove", "team")
    assert outcome.code == 0
    assert f"{len(PAGES)} articles" in outcome.err
    assert tertulia("search", "parental leave", "--json").value["chunks"] == []
    assert tertulia("source", "list", "--json").value == {"sources": []}


def is_found(tertulia: Tertulia) -> bool:
    return bool(tertulia("search", "parental leave", "--json").value["chunks"])


def test_a_source_can_be_removed_while_its_embedder_is_out_of_reach(
    added: Path, tertulia: Tertulia, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tertulia("refresh").code == 0
    with monkeypatch.context() as without:
        without.setenv("EMBEDDING_MODEL", "openai:gone")
        without.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
        outcome = tertulia("source", "remove", "team", "--json")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.value == {"removed": "team", "articles": len(PAGES)}
    assert not is_found(tertulia)


def test_a_source_that_could_not_be_forgotten_can_be_removed_again(
    added: Path, empty_home: Path, tertulia: Tertulia
) -> None:
    assert tertulia("refresh").code == 0
    index, aside = empty_home / "index/store.sqlite", empty_home / "aside"
    shutil.copy(index, aside)
    index.write_bytes(b"no database" * 999)
    assert tertulia("source", "remove", "team", "--json").error["kind"] == "store_corrupt"
    assert [s["name"] for s in tertulia("source", "list", "--json").value["sources"]] == ["team"]
    shutil.copy(aside, index)
    assert tertulia("source", "remove", "team").code == 0
    assert not is_found(tertulia)


@pytest.mark.parametrize("recorded", [True, False], ids=["ledger", "store"])
def test_a_source_that_only_the_index_knows_can_be_removed(
    added: Path, empty_home: Path, tertulia: Tertulia, recorded: bool
) -> None:
    assert tertulia("refresh").code == 0
    (empty_home / "tertulia.toml").unlink()
    if not recorded:
        with closing(sqlite3.connect(empty_home / "tertulia.db")) as ledger, ledger:
            ledger.execute("DELETE FROM ledger")
    assert not is_found(tertulia)
    outcome = tertulia("source", "remove", "team")
    assert outcome.code == 0
    assert f"{len(PAGES)} articles" in outcome.err
    assert not is_found(tertulia)
    assert "There is no source 'team'" in tertulia("source", "remove", "team").err


def test_a_source_that_was_taken_out_by_hand_is_named(
    added: Path, empty_home: Path, tertulia: Tertulia, pages: Path
) -> None:
    tertulia("source", "add", "own", "files", "--path", str(pages))
    assert "no longer" not in tertulia("refresh").err
    structure = empty_home / "tertulia.toml"
    structure.write_text(structure.read_text().partition("[sources.own]")[0])
    said = f"Source own is no longer in tertulia.toml, but {len(PAGES)} of its articles are still"
    outcome = tertulia("refresh")
    assert (outcome.code, said in outcome.err) == (0, True)
    assert "tertulia source remove own" in outcome.err
    outcome = tertulia("refresh", "--json")
    assert said in outcome.err
    assert [report["name"] for report in outcome.value["sources"]] == ["team"]
    assert "no longer" not in tertulia("refresh", "team").err
    outcome = tertulia("doctor")
    assert said in outcome.out
    assert "tertulia source remove own" in outcome.out
    structure.write_text("[sources")
    assert "no longer" not in tertulia("doctor").out
    structure.unlink()
    for name in ("own", "team"):
        assert f"source remove {name}" in tertulia("refresh").err
        assert tertulia("source", "remove", name).code == 0
    assert "no longer" not in tertulia("refresh").err


def test_another_source_whose_name_begins_alike_stays(
    added: Path, pages: Path, tertulia: Tertulia
) -> None:
    tertulia("source", "add", "team-2", "files", "--path", str(pages))
    assert tertulia("refresh").code == 0
    assert tertulia("source", "remove", "team", "--json").value["articles"] == len(PAGES)
    assert is_found(tertulia)


def test_a_source_that_takes_the_place_of_another_keeps_its_readers(
    added: Path, tertulia: Tertulia, tmp_path: Path
) -> None:
    command = ["source", "add", "team", "files", "--path", str(tmp_path / "second")]
    refused = tertulia(*command)
    assert refused.code == 2
    assert "--replace" in refused.err
    assert "tertulia " not in refused.err
    assert tertulia("refresh").code == 0
    assert tertulia("search", "leave", "--as", "terminal:eve", "--json").value["chunks"]
    assert "Added" in tertulia(*command, "--replace", "--audience", "terminal:ana").err
    lost = tertulia("search", "leave", "--as", "terminal:eve")
    assert lost.out == ""
    assert "Nothing was found" in lost.err
    assert tertulia(*command, "--replace").err == ""
    outcome = tertulia(*command[:-1], str(added), "--replace", "--json")
    value = {"name": "team", "kind": "files", "options": {"path": str(added)}}
    value["audience"] = ["terminal:ana"]
    assert outcome.value == {"added": True, "source": value}
    assert tertulia("source", "list", "--json").value == {"sources": [value]}


def test_a_source_is_added_with_a_rhythm_which_stays_until_another_is_said(
    empty_home: Path, pages: Path, tertulia: Tertulia
) -> None:
    add = ["source", "add", "team", "files", "--path", str(pages)]
    refused = tertulia(*add, "--schedule", "evry 15 minutes")
    assert refused.code == 2
    assert 'Did you mean "every 15 minutes"?' in refused.err
    assert tertulia(*add, "--schedule", "every 15 minutes").code == 0
    assert "is there already" in tertulia(*add).err
    tertulia(*add, "--replace", "--audience", "terminal:ana")
    (source,) = tertulia("source", "list", "--json").value["sources"]
    assert source["schedule"] == "every 15 minutes"
    assert tertulia("source", "list").out.endswith("for: terminal:ana  every 15 minutes\n")
    assert tertulia(*add, "--replace", "--schedule", "never").code == 0
    assert 'schedule = "never"' in (empty_home / "tertulia.toml").read_text()
    for said in (["--schedule=every hour"], ["--option", "schedule=every hour"]):
        assert tertulia(*add, "--replace", "--schedule", "never").code == 0
        assert tertulia(*add, "--replace", *said).code == 0
        assert 'schedule = "every hour"' in (empty_home / "tertulia.toml").read_text()
    assert "--schedule" in tertulia("source", "add", "--help").out
