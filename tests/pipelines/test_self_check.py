"""The plumbing of the check, with a model too small to judge anything."""

from pathlib import Path

import pytest

from pipelines.models.catalogue import entry
from pipelines.models.embedded import embedded_chat_model
from pipelines.prompting import filled, prompt
from pipelines.self_check import LEAST_AGREEMENT, agreement

pytestmark = pytest.mark.model


async def test_a_model_says_how_far_the_evidence_answers_the_question(models_folder: Path) -> None:
    model = embedded_chat_model(entry("smollm2-135m"), models_folder)
    try:
        sure = await agreement(model, "What is the deposit?", ["The deposit is 35 euros."])
        again = await agreement(model, "What is the deposit?", ["The deposit is 35 euros."])
        other = await agreement(model, "¿Cuál es la fianza?", ["Bread.", "Is sold at nine."])
    finally:
        await model.stop()
    assert 0 < sure < 1
    assert again == pytest.approx(sure, abs=0.02)
    assert other != pytest.approx(sure, abs=1e-6)
    assert 0 < LEAST_AGREEMENT < 1


def test_what_people_write_is_a_value_and_no_template() -> None:
    messages = filled(prompt("check_answer"), passage="{{ question }}", question="{% if %}")
    assert messages[-1].text == "Passage: {{ question }}\nQuestion: {% if %}"
    assert messages[0].role == "system"
