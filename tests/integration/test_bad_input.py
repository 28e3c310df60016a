"""What people get wrong, as they meet it: a clear message, what to do, and nothing lost."""

import resource
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.bot.team import PAGES, Outcome, Tertulia, in_a_process
from tests.fakes.scripted_model import ScriptedModel
from tests.knowledge.documents import archive, locked_pdf, word_file

WEEKS = "How many weeks of parental leave are there?"


def refused(outcome: Outcome, *said: str, code: int = 1) -> None:
    """It says what is wrong and what to do, and nothing about our code."""
    text = outcome.out + outcome.err
    assert outcome.code == code, text
    assert "Traceback" not in text
    assert "unexpected" not in text
    for part in said:
        assert part in text


def still_answers(model: ScriptedModel, tertulia: Tertulia) -> None:
    """The index and the model work as before."""
    model.answer = "Parents take 19 weeks of parental leave."
    assert "19 weeks of parental leave [1]." in tertulia("ask", WEEKS).out


def test_questions_that_are_none(home: Path, model: ScriptedModel, tertulia: Tertulia) -> None:
    refused(tertulia("ask", ""), "empty", "Ask something")
    refused(in_a_process("ask", "leave? " * 15_000), "20,000", "Shorten it")
    still_answers(model, tertulia)


def test_files_that_cannot_be_read_are_named_and_the_others_go_on(
    empty_home: Path, pages: Path, model: ScriptedModel, tertulia: Tertulia
) -> None:
    outside = empty_home / "secret.md"
    outside.write_text("# Secret\n\nThe code of the safe is 4711.\n")
    (pages / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(2000))
    (pages / "noise.txt").write_bytes(bytes(range(256)) * 40)
    (pages / "locked.pdf").write_bytes(locked_pdf("Nobody reads this", opened_by="sesame"))
    bomb = {"word/document.xml": b" " * (400 << 20), "[Content_Types].xml": b"<Types/>"}
    (pages / "bomb.docx").write_bytes(archive(bomb))
    (pages / "cut.docx").write_bytes(word_file()[:900])
    (pages / "link.md").symlink_to(outside)
    (pages / "nowhere.md").symlink_to(pages / "not-there.md")
    tertulia("source", "add", "team", "files", "--path", str(pages))
    outcome = in_a_process("refresh", "--json")
    refused(outcome)
    (report,) = outcome.value["sources"]
    reasons = {f["article"].removeprefix("team:"): f["reason"] for f in report["failed"]}
    assert set(reasons) == {
        "photo.png",
        "noise.txt",
        "locked.pdf",
        "bomb.docx",
        "cut.docx",
        "link.md",
        "nowhere.md",
    }
    assert "password" in reasons["locked.pdf"]
    assert "outside" in reasons["link.md"]
    assert report["indexed"] == len(PAGES)
    assert report["found"] == report["indexed"] + report["unchanged"] + len(report["failed"])
    found = tertulia("search", "code of the safe", "--json").value["chunks"]
    assert not any("4711" in chunk["text"] for chunk in found)
    still_answers(model, tertulia)


def test_a_folder_that_is_gone_takes_nothing_with_it(
    empty_home: Path, pages: Path, model: ScriptedModel, tertulia: Tertulia
) -> None:
    tertulia("source", "add", "team", "files", "--path", str(pages))
    assert tertulia("refresh").code == 0
    pages.rename(pages.with_name("moved"))
    refused(in_a_process("refresh"), str(pages), "stays", "tertulia source remove team")
    still_answers(model, tertulia)


@pytest.mark.parametrize("command", [["ask", WEEKS], ["refresh"], ["doctor"], ["chat"]])
def test_a_home_that_is_a_file(
    empty_home: Path, monkeypatch: pytest.MonkeyPatch, tertulia: Tertulia, command: list[str]
) -> None:
    (empty_home / "file").write_text("x")
    monkeypatch.setenv("TERTULIA_HOME", str(empty_home / "file"))
    # Doctor was used rightly: it tells what is broken.
    code = 1 if command == ["doctor"] else 2
    refused(tertulia(*command), str(empty_home / "file"), code=code)
    assert (empty_home / "file").read_text() == "x"


def with_no_room() -> None:
    """No file of this process grows beyond 16 kB, as if the disk were full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (16_000, 16_000))


def with_little_room() -> None:
    """No file of this process grows beyond 150 kB."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))


def test_a_full_disk_loses_nothing(
    home: Path,
    pages: Path,
    monkeypatch: pytest.MonkeyPatch,
    model: ScriptedModel,
    tertulia: Tertulia,
) -> None:
    (pages / "long.md").write_text("# Machines\n\n" + "It stands in hall 7 and needs oil. " * 9_000)
    tertulia("source", "add", "more", "files", "--path", str(pages))
    with monkeypatch.context() as unmeasured:  # what measures coverage needs room, too
        unmeasured.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
        refused(in_a_process("refresh", "more", preexec_fn=with_little_room), "room")
        refused(in_a_process("ask", WEEKS, preexec_fn=with_no_room), "room")
    still_answers(model, tertulia)
    assert tertulia("refresh", "--json").code == 0
    assert tertulia("search", "hall oil", "--json").value["chunks"][0]["article"] == "more:long.md"
    still_answers(model, tertulia)


def test_a_store_of_another_version_is_left_alone(
    home: Path, model: ScriptedModel, tertulia: Tertulia
) -> None:
    path = home / "index/store.sqlite"
    with sqlite3.connect(path) as store:
        store.execute("PRAGMA user_version = 99")
    store.close()
    refused(in_a_process("ask", WEEKS), "format 99", "tertulia refresh --full")
    refused(tertulia("refresh"), "format 99")
    with sqlite3.connect(path) as store:
        store.execute("PRAGMA user_version = 1")
    store.close()
    still_answers(model, tertulia)


def test_a_database_of_another_version_is_left_alone(
    home: Path, model: ScriptedModel, tertulia: Tertulia
) -> None:
    with sqlite3.connect(home / "tertulia.db") as database:
        database.execute("UPDATE tertulia_schema SET version = 99")
    database.close()
    refused(tertulia("ask", WEEKS), "version 99", "move the file away")
    with sqlite3.connect(home / "tertulia.db") as database:
        database.execute("UPDATE tertulia_schema SET version = 1")
    database.close()
    still_answers(model, tertulia)


def test_a_model_that_is_not_there(
    home: Path, monkeypatch: pytest.MonkeyPatch, model: ScriptedModel, tertulia: Tertulia
) -> None:
    with monkeypatch.context() as setting:
        setting.setenv("CHAT_MODEL", "embedded:smollm2-135m")
        refused(in_a_process("ask", WEEKS), "tertulia models fetch smollm2-135m")
    still_answers(model, tertulia)


@pytest.mark.parametrize("command", [["refresh"], ["source", "list"], ["source", "remove", "team"]])
def test_a_structure_file_that_is_broken_is_left_alone(
    home: Path, tertulia: Tertulia, command: list[str]
) -> None:
    file = home / "tertulia.toml"
    broken = file.read_text() + "\n[sources.team"
    file.write_text(broken)
    refused(tertulia(*command), str(file), "Correct that line", code=2)
    assert file.read_text() == broken


def test_wrong_settings_are_all_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORE", "elastik")
    monkeypatch.setenv("ANSWER_DEADLINE_S", "soon")
    (home / ".env").write_text("CHAT_MODLE=x\n")
    refused(in_a_process("ask", WEEKS), "STORE", "ANSWER_DEADLINE_S", "CHAT_MODLE", code=2)


def test_a_home_copied_elsewhere_answers_there(
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    model: ScriptedModel,
    tertulia: Tertulia,
) -> None:
    shutil.move(home, tmp_path / "elsewhere")
    monkeypatch.setenv("TERTULIA_HOME", str(tmp_path / "elsewhere"))
    monkeypatch.chdir(tmp_path)
    still_answers(model, tertulia)
