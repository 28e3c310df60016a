"""`tertulia models` and `tertulia doctor`: what is here, what is missing, what is wrong."""

import json
from pathlib import Path

import pytest

from pipelines.models.catalogue import entry
from tests.bot.team import Tertulia, in_a_process
from tests.fakes.scripted_model import ScriptedModel

SMALL = "smollm2-135m"


@pytest.fixture
def with_small_model(home: Path, models_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that has the small model and uses it."""
    (home / "models").symlink_to(models_folder)
    monkeypatch.setenv("CHAT_MODEL", f"embedded:{SMALL}")
    return home


def states(tertulia: Tertulia) -> dict[str, str]:
    models = tertulia("models", "--json").value["models"]
    return {model["name"]: model["state"] for model in models}


def test_the_catalogue_says_what_is_here(with_small_model: Path, tertulia: Tertulia) -> None:
    found = states(tertulia)
    assert found[SMALL] == "present"
    assert found["qwen2.5-coder-1.5b"] in {"missing", "present"}
    (model,) = [m for m in tertulia("models", "--json").value["models"] if m["name"] == SMALL]
    assert set(model) == {
        "name",
        "state",
        "megabytes",
        "licence",
        "languages",
        "sha256",
        "summary",
    }
    assert model["sha256"] == entry(SMALL).sha256
    lines = tertulia("models").out.splitlines()
    assert len(lines) == len(found)
    assert any(line.startswith(SMALL) and "present" in line for line in lines)


def test_a_model_that_is_here_is_not_fetched(with_small_model: Path, tertulia: Tertulia) -> None:
    for name in ([SMALL], []):
        outcome = tertulia("models", "fetch", *name)
        assert outcome.code == 0
        assert f"{SMALL} is here already" in outcome.err


def test_a_model_that_another_program_has_is_used_where_it_is(
    empty_home: Path, models_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = empty_home / ".lmstudio/models"
    theirs.mkdir(parents=True)
    (theirs / "small.gguf").symlink_to(models_folder / entry(SMALL).file)
    monkeypatch.setenv("HOME", str(empty_home))
    monkeypatch.setenv("CHAT_MODEL", f"embedded:{SMALL}")
    outcome = in_a_process("models", "fetch")
    assert outcome.code == 0
    assert f"{SMALL} is at {theirs / 'small.gguf'}, and it is the right file." in outcome.err
    assert outcome.out == ""


def test_an_unknown_model_is_answered_with_the_nearest(
    empty_home: Path, tertulia: Tertulia
) -> None:
    outcome = tertulia("models", "fetch", "smolm2")
    assert outcome.code == 2
    assert SMALL in outcome.err


def test_fetching_tells_programs_where_the_model_is(
    with_small_model: Path, tertulia: Tertulia, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = tertulia("models", "fetch", "--json").value
    assert value["model"] == f"embedded:{SMALL}"
    assert Path(value["path"]).is_file()
    monkeypatch.setenv("CHAT_MODEL", "openai:owl")
    outcome = tertulia("models", "fetch", "--json")
    assert outcome.value == {"model": "openai:owl", "path": None}
    assert tertulia("models", "fetch", "smolm2", "--json").error["kind"]


def test_a_model_on_a_server_needs_no_fetching(empty_home: Path, tertulia: Tertulia) -> None:
    outcome = tertulia("models", "fetch")
    assert outcome.code == 0
    assert "nothing to fetch" in outcome.err


def test_a_damaged_model_is_named_and_never_loaded(
    home: Path, models_folder: Path, tertulia: Tertulia, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT_MODEL", f"embedded:{SMALL}")
    file = home / "models" / entry(SMALL).file
    file.parent.mkdir()
    content = bytearray((models_folder / entry(SMALL).file).read_bytes())
    file.write_bytes(content[:5000])
    assert states(tertulia)[SMALL] == "damaged"
    outcome = tertulia("ask", "How many weeks of parental leave?", "--json")
    assert outcome.code == 1
    assert outcome.error["kind"] == "model_damaged"
    assert f"tertulia models fetch {SMALL}" in outcome.error["what_to_do"]
    content[-1] ^= 1
    file.write_bytes(content)
    outcome = tertulia("ask", "How many weeks of parental leave?", "--json")
    assert outcome.error["kind"] == "model_damaged"
    assert "right length" in outcome.error["message"]


def checks(tertulia: Tertulia, *, code: int) -> dict[str, tuple[str, str]]:
    """State and advice by name of the check."""
    outcome = tertulia("doctor", "--json")
    assert outcome.code == code
    value = outcome.value
    assert value["ok"] is (code == 0)
    for check in value["checks"]:
        assert set(check) == {"name", "state", "message", "what_to_do"}
        assert check["state"] in {"ok", "note", "broken"}
        assert check["what_to_do"] or check["state"] == "ok"
    return {check["name"]: (check["state"], check["what_to_do"]) for check in value["checks"]}


def test_a_sound_home_is_found_sound(with_small_model: Path, tertulia: Tertulia) -> None:
    found = checks(tertulia, code=0)
    assert {name: state for name, (state, _) in found.items() if name != "disk"} == dict.fromkeys(
        ("settings", "sources", "database", "index", "model", "tools", "vectors"), "ok"
    )


def test_a_model_that_looks_again_is_tried_as_well(
    home: Path, model: ScriptedModel, tertulia: Tertulia, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RERANKER", "tuned:openai:owl-tuned")
    assert "openai:owl-tuned answers" in tertulia("doctor").out
    monkeypatch.setenv("RERANKER", "tuned:openai:gone")
    outcome = tertulia("doctor")
    assert outcome.code == 1
    assert "has no model gone" in outcome.out


def test_an_empty_home_is_told_what_comes_next(
    empty_home: Path, model: ScriptedModel, tertulia: Tertulia
) -> None:
    found = checks(tertulia, code=0)
    assert found["sources"][0] == found["index"][0] == "note"
    assert "tertulia source add" in found["sources"][1]
    assert "tertulia refresh" in found["index"][1]
    shown = tertulia("doctor")
    assert shown.code == 0
    assert "note    sources" in shown.out
    assert "tertulia source add" in shown.out


def test_every_broken_part_is_named_at_once(
    home: Path, tertulia: Tertulia, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT_MODEL", f"embedded:{SMALL}")
    structure = home / "tertulia.toml"
    text = structure.read_text()
    text += '\n[sources.gone]\nkind = "files"\npath = "/no/such/folder"\naudience = ["everyone"]\n'
    text += f'\n[sources.hidden]\nkind = "files"\npath = {json.dumps(str(home))}\naudience = []\n'
    structure.write_text(text)
    (home / "index/store.sqlite").write_bytes(b"no database" * 999)
    outcome = tertulia("doctor")
    assert outcome.code == 1
    lines = outcome.out.splitlines()
    assert any(line.startswith("broken  sources   gone: ") for line in lines)
    assert any(line.startswith("note    sources   hidden: nobody") for line in lines)
    assert any(line.startswith("broken  index ") for line in lines)
    assert any(line.startswith("broken  model ") for line in lines)
    assert f"tertulia models fetch {SMALL}" in outcome.out
    structure.write_text("[sources")
    assert checks(tertulia, code=1)["sources"][0] == "broken"


def test_every_persona_and_every_source_that_cannot_be_is_named(
    home: Path, tertulia: Tertulia, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = home / "more/personas"
    team.mkdir(parents=True)
    monkeypatch.setenv("EXTENSIONS_DIR", str(home / "more"))
    for name, header in (("ahab", "think: maybe"), ("pirate", "temperature: hot"), ("zoe", "")):
        (team / f"{name}.md").write_text(f"---\n{header}\n---\nArr.\n")
    with (home / "tertulia.toml").open("a") as file:
        for name in ("one", "two"):
            file.write(f'[sources.{name}]\nkind = "files"\naudience = ["everyone"]\n')
            file.write('path = "/srv"\nmax_file_mb = nan\n')
    found = tertulia("doctor", "--json").value["checks"]
    named = [check["message"] for check in found if check["name"] == "persona"]
    assert ["ahab" in named[0], "pirate" in named[1], len(named)] == [True, True, 2]
    assert [check["state"] for check in found if check["name"] == "model"] == ["ok"]
    broken = [check["message"] for check in found if check["state"] == "broken"]
    assert [name for name in ("one", "two") if any(f"'{name}'" in said for said in broken)] == [
        "one",
        "two",
    ]


def test_a_quick_look_loads_no_model_and_reads_no_source(
    home: Path, tertulia: Tertulia, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT_MODEL", f"embedded:{SMALL}")
    assert tertulia("doctor").code == 1, "the model is not there"
    outcome = tertulia("doctor", "--quick", "--json")
    assert outcome.code == 0
    names = {check["name"] for check in outcome.value["checks"]} - {"disk"}
    assert names == {"settings", "database", "index"}
    (home / "index/store.sqlite").write_bytes(b"no database" * 999)
    assert tertulia("doctor", "--quick").code == 1


def test_a_home_that_is_a_file_is_named(
    empty_home: Path, tertulia: Tertulia, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_home / "file").write_text("x")
    monkeypatch.setenv("TERTULIA_HOME", str(empty_home / "file"))
    found = checks(tertulia, code=1)
    assert found["settings"] == ("broken", "Set TERTULIA_HOME to a folder that you may write to.")


def test_a_destroyed_database_is_named_with_what_helps(home: Path, tertulia: Tertulia) -> None:
    database = home / "tertulia.db"
    database.write_bytes(b"no database" * 999)
    state, advice = checks(tertulia, code=1)["database"]
    assert state == "broken"
    refused = tertulia("refresh", "--json").error
    assert f"The database {database} is damaged" in refused["message"]
    assert advice == refused["what_to_do"]
    assert "tertulia refresh" in advice
    for part in home.glob("tertulia.db*"):
        part.rename(home / f"aside-{part.name}")
    assert tertulia("refresh").code == 0
    assert checks(tertulia, code=0)["database"][0] == "ok"


def test_a_database_of_which_a_part_is_lost_is_found_damaged(
    home: Path, tertulia: Tertulia
) -> None:
    content = bytearray((home / "tertulia.db").read_bytes())
    content[8192:] = b"\x55" * (len(content) - 8192)
    (home / "tertulia.db").write_bytes(content)
    assert checks(tertulia, code=1)["database"][0] == "broken"


def test_the_doctor_names_a_persona_that_a_channel_wants_and_nobody_has(
    with_small_model: Path, tertulia: Tertulia
) -> None:
    with (with_small_model / "tertulia.toml").open("a") as file:
        file.write('\n[channels."slack:C9"]\npersona = "helpdeks"\npersonas = ["teachr"]\n')
    outcome = tertulia("doctor")
    assert outcome.code == 1
    assert '[channels."slack:C9"] persona names "helpdeks"' in outcome.out
    assert "Did you mean 'helpdesk'?" in outcome.out
    assert '[channels."slack:C9"] personas names "teachr"' in outcome.out


def test_the_doctor_names_everything_that_is_wrong_with_all_personas(
    with_small_model: Path, tertulia: Tertulia, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = with_small_model / "own" / "personas"
    own.mkdir(parents=True)
    (own / "pirate.md").write_text("---\ntemperature: hot\nvoice: {es: che}\n---\nArr.\n")
    (own / "parrot.md").write_text("---\nextends: parrot\n---\n")
    (own / "clerk.md").write_text("---\nsources: [lost]\ntools: [xyzzyx]\n---\nYou file.\n")
    monkeypatch.setenv("EXTENSIONS_DIR", str(own.parent))
    outcome = tertulia("doctor")
    assert outcome.code == 1
    said = " ".join(outcome.out.split())
    assert "'pirate' says temperature: hot" in said
    assert "es is one of tú, vos, usted" in said
    assert "'parrot' extends itself without end: parrot -> parrot" in said
    assert "'clerk' names tools that there are not: xyzzyx. Persona 'clerk' names sources" in said
    assert "sources that there are not: lost" in said
