"""Personas and prompts are Markdown files that all load."""

import pytest

from pipelines import personas
from pipelines.personas import PersonaError, parted
from pipelines.prompting import filled, prompt


@pytest.mark.parametrize("name", personas.names())
def test_every_persona_loads(name: str) -> None:
    persona = personas.load(name)
    assert persona.prompt
    assert len(persona.version) == 12


def test_an_unknown_persona_is_answered_with_the_ones_there_are() -> None:
    with pytest.raises(PersonaError) as caught:
        personas.load("helpdesc")
    assert "helpdesk" in caught.value.what_to_do


@pytest.mark.parametrize(
    "text",
    ["---\nlanguages: [en]\n---\n", "---\n- a\n---\nHello", "---\n: [\n---\nHello", "---\nx"],
)
def test_a_persona_without_a_right_header_and_a_prompt_is_refused(text: str) -> None:
    with pytest.raises(PersonaError):
        parted("broken", text)


def test_the_prompt_begins_with_the_rules_and_ends_with_the_question() -> None:
    messages = prompt("grounded_answer")
    assert messages[0].role.value == "system"
    assert messages[-1].role.value == "user"


def test_what_people_write_is_never_read_as_a_template() -> None:
    hostile = "{{ 7 * 7 }} {% for x in y %} templatize_part ${{ secrets.X }}"
    persona = personas.Persona(name="x", prompt=hostile, version="1")
    rendered = filled(prompt("grounded_answer")[:1], persona=persona)
    assert hostile in (rendered[0].text or "")
