"""From a folder to a cited answer, by the shipped command and a real local model."""

from pathlib import Path

import pytest

from tests.bot.team import Tertulia, in_a_process

pytestmark = pytest.mark.model


@pytest.fixture
def with_model(empty_home: Path, models_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (empty_home / "models").symlink_to(models_folder)
    monkeypatch.setenv("CHAT_MODEL", "embedded:smollm2-135m")
    return empty_home


def test_a_question_is_answered_or_honestly_not(
    with_model: Path, pages: Path, tertulia: Tertulia
) -> None:
    assert in_a_process("source", "add", "team", "files", "--path", str(pages)).code == 0
    assert in_a_process("refresh").code == 0
    outcome = in_a_process("ask", "How many weeks of parental leave are there?", "--json")
    assert outcome.code == 0, outcome.err
    value = outcome.value
    assert value["receipt"]["model"] == "embedded:smollm2-135m"
    assert value["receipt"]["tokens"]["prompt"] > 100
    assert set(value["receipt"]["timings_s"]) >= {"retrieve", "first_token", "total"}
    assert value["abstained"] is not bool(value["citations"])
    for citation in value["citations"]:
        assert f"[{citation['n']}]" in value["answer"]
