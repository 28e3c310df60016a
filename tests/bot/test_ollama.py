"""Ollama as people set it up: its settings, what the doctor says, and personas that name it."""

import json
from pathlib import Path

import pytest

from bot.app import App
from bot.settings import Settings, WrongSettingsError
from knowledge.articles import Audience
from knowledge.conversations import Conversation, Message
from tests.bot.team import Tertulia
from tests.fakes.loopback import LoopbackServer, Reply, in_a_thread
from tests.fakes.scripted_model import ScriptedModel
from tests.fakes.scripted_ollama import OWL, SOUND, end, line, lines, serving

COFFEE = "Who orders the coffee?"
ANSWER = "Jorge Luna orders the coffee."


@pytest.mark.parametrize(
    ("said", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:11434"),
        ("gpu.local:8000", "http://gpu.local:8000"),
        ("http://gpu.local", "http://gpu.local:80"),
        ("https://ana:pw@gpu.local/ollama/", "https://ana:pw@gpu.local:443/ollama"),
        ("0.0.0.0", "http://127.0.0.1:11434"),  # noqa: S104 (a value that people write)
        ("HTTP://0.0.0.0:5", "http://127.0.0.1:5"),
        ("[::1]:11434", "http://[::1]:11434"),
        ("[::]", "http://[::1]:11434"),
        ("", "http://127.0.0.1:11434"),
    ],
)
def test_the_host_is_written_in_all_ways_that_ollama_knows(
    empty_home: Path, monkeypatch: pytest.MonkeyPatch, said: str, url: str
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", said)
    assert Settings().models.ollama_host == url


@pytest.mark.parametrize(
    ("key", "said", "right"),
    [
        ("OLLAMA_HOST", "ftp://gpu", "http://127.0.0.1:11434"),
        ("OLLAMA_HOST", "gpu:port", "HOST:PORT"),
        ("OLLAMA_HOST", "http://", "HOST:PORT"),
        ("OLLAMA_HOST", "my gpu", "HOST:PORT"),
        ("OLLAMA_HOST", "[::1", "HOST:PORT"),
        ("OLLAMA_KEEP_ALIVE", "for ever", "-1 for ever"),
        ("CHAT_MODEL", "ollama:", "missing after 'ollama:'"),
        ("EMBEDDING_MODEL", "ollama:a b", "ollama list"),
        ("CHAT_MODEL", "olama:x", "Did you mean 'ollama'"),
    ],
)
def test_wrong_settings_are_named_with_what_is_right(
    empty_home: Path, monkeypatch: pytest.MonkeyPatch, key: str, said: str, right: str
) -> None:
    monkeypatch.setenv(key, said)
    with pytest.raises(WrongSettingsError) as caught:
        Settings()
    (problem,) = str(caught.value).splitlines()
    assert problem.startswith(f"{key}: ")
    assert right in problem


@pytest.mark.parametrize("said", ["30m", "1h30m", "0", "-1", "-1m", "3600"])
def test_every_duration_that_ollama_knows_is_right(
    empty_home: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setenv("OLLAMA_KEEP_ALIVE", said)
    assert Settings().models.ollama_keep_alive == said


def persona(folder: Path, model: str, *, name: str = "helpdesk") -> None:
    """A persona of the team that names its model."""
    file = folder / "personas" / f"{name}.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"---\nmodel: {model}\nthink: false\n---\nYou are Tertulia.\n")


def saying(answer: str) -> Reply:
    return lines(line(json.dumps({"answer": answer, "sources": [1]})), end())


async def test_a_persona_changes_its_model_while_it_runs(
    home: Path, tmp_path: Path, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = tmp_path / "team"
    persona(team, "openai:owl")
    monkeypatch.setenv("EXTENSIONS_DIR", str(team))
    model.answer = ANSWER
    asked = Conversation("C", (Message("1", "terminal:ana", COFFEE),), Audience.of("everyone"))
    agrees = Reply.of({**end(), "message": {"content": "yes"}})
    replies = serving(Reply.of(end()), saying(ANSWER), agrees)
    async with LoopbackServer(replies) as server:
        monkeypatch.setenv("OLLAMA_HOST", server.url)
        async with App(Settings()) as app:
            assistant = await app.cast.assistant("helpdesk")
            said = await assistant.answer(asked)
            assert said.receipt.model == "openai:owl"
            persona(team, "ollama:owl")
            assert await app.cast.assistant("helpdesk") is assistant
            changed = await assistant.answer(asked)
    assert changed.receipt.model == "ollama:owl"
    assert changed.text == said.text
    assert changed.citations[0].quote == said.citations[0].quote


def test_the_doctor_tries_every_model_that_a_persona_names(
    home: Path,
    tmp_path: Path,
    model: ScriptedModel,
    tertulia: Tertulia,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    persona(tmp_path / "team", "ollama:owl", name="pirate")
    monkeypatch.setenv("EXTENSIONS_DIR", str(tmp_path / "team"))
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")
    outcome = tertulia("doctor", "--json")
    assert outcome.code == 1
    found = [check for check in outcome.value["checks"] if check["name"] == "model"]
    assert [check["state"] for check in found] == ["ok", "broken"]
    assert "ollama serve" in found[1]["what_to_do"]


def test_a_wrong_model_in_a_header_is_told(
    home: Path, tmp_path: Path, tertulia: Tertulia, monkeypatch: pytest.MonkeyPatch
) -> None:
    persona(tmp_path / "team", "olama:owl")
    monkeypatch.setenv("EXTENSIONS_DIR", str(tmp_path / "team"))
    error = tertulia("ask", COFFEE, "--json").error
    assert error["kind"] == "persona"
    assert "Did you mean 'ollama'" in error["message"]
    assert "helpdesk.md" in error["what_to_do"]


def test_fetching_says_that_ollama_does_it(
    empty_home: Path, tertulia: Tertulia, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT_MODEL", "ollama:qwen2.5:7b")
    outcome = tertulia("models", "fetch")
    assert outcome.code == 0
    assert "ollama pull qwen2.5:7b" in outcome.err
    assert tertulia("models", "fetch", "--json").value["model"] == "ollama:qwen2.5:7b"


def test_the_doctor_notes_a_model_without_a_template(
    home: Path, tertulia: Tertulia, monkeypatch: pytest.MonkeyPatch
) -> None:
    with in_a_thread(serving(SOUND, show={**OWL, "template": "{{ .Prompt }}"})) as url:
        monkeypatch.setenv("OLLAMA_HOST", url)
        monkeypatch.setenv("CHAT_MODEL", "ollama:owl")
        outcome = tertulia("doctor", "--json")
    assert outcome.code == 0
    states = {c["name"]: c for c in outcome.value["checks"]}
    assert states["model"]["state"] == "ok"
    assert states["template"]["state"] == "note"
    assert "docs/models.md" in states["template"]["what_to_do"]


async def test_an_embedder_of_ollama_is_used_and_let_go(
    empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embeds = serving(
        show={**OWL, "capabilities": ["embedding"]}, embed=Reply.of({"embeddings": [[3.0, 4.0]]})
    )
    async with LoopbackServer(embeds) as server:
        monkeypatch.setenv("OLLAMA_HOST", server.url)
        monkeypatch.setenv("EMBEDDING_MODEL", "ollama:owl")
        async with App(Settings()) as app:
            embedder = await app.embedder()
            assert (embedder.name, embedder.dimensions) == ("ollama:owl", 2)
            assert (await embedder.embed_questions(["hello"])).tolist() == [
                pytest.approx([0.6, 0.8])
            ]
