"""From a folder to a cited answer with a model on a real Ollama server."""

from pathlib import Path

import pytest

from tests.bot.team import Tertulia

pytestmark = pytest.mark.model


def test_ollama_answers_as_the_embedded_model_does(
    home: Path, ollama_host: str, tertulia: Tertulia, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT_MODEL", "ollama:smollm2-135m")
    monkeypatch.setenv("OLLAMA_HOST", ollama_host)
    monkeypatch.setenv("ANSWER_DEADLINE_S", "280")
    monkeypatch.setenv("EXTENSIONS_DIR", str(home))
    (home / "personas").mkdir()
    (home / "personas/helpdesk.md").write_text("---\nmax_answer_tokens: 30\n---\nYou help.\n")
    outcome = tertulia("ask", "How many weeks of parental leave are there?", "--json")
    assert outcome.code == 0, outcome.err
    value = outcome.value
    assert value["receipt"]["model"] == "ollama:smollm2-135m"
    assert value["receipt"]["tokens"]["prompt"] > 100
    assert set(value["receipt"]["timings_s"]) >= {"retrieve", "first_token", "total"}
    assert value["abstained"] is not bool(value["citations"])
    for citation in value["citations"]:
        assert f"[{citation['n']}]" in value["answer"]


def test_both_servers_together_answer_as_the_embedded_default_does(
    on_server: str,
    pages: Path,
    ollama_host: str,
    tertulia: Tertulia,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CHAT_MODEL", "ollama:qwen2.5-coder-0.5b")
    monkeypatch.setenv("OLLAMA_HOST", ollama_host)
    monkeypatch.setenv("ANSWER_DEADLINE_S", "280")
    assert tertulia("source", "add", "team", "files", "--path", str(pages)).code == 0
    assert tertulia("refresh", "--wait").code == 0
    for question in (
        "How many weeks of parental leave are there?",
        "¿Cuántas semanas de permiso parental hay?",
    ):
        value = tertulia("ask", question, "--json").value
        assert "19" in value["answer"]
        assert {citation["article"] for citation in value["citations"]} == {"team:leave.md"}
        assert value["receipt"]["model"] == "ollama:qwen2.5-coder-0.5b"
    value = tertulia("ask", "Who invented the telescope?", "--json").value
    assert value["abstained"]
    assert not value["citations"]


def test_a_model_that_ollama_does_not_have_is_named_with_what_to_do(
    home: Path, ollama_host: str, tertulia: Tertulia, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT_MODEL", "ollama:qwen2.5-coder-0.5")
    monkeypatch.setenv("OLLAMA_HOST", ollama_host.removeprefix("http://"))
    outcome = tertulia("doctor", "--json")
    assert outcome.code == 1
    (check,) = [c for c in outcome.value["checks"] if c["name"] == "model"]
    assert check["state"] == "broken"
    assert "ollama pull qwen2.5-coder-0.5" in check["what_to_do"]
