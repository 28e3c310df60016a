"""Personas and prompts are Markdown files that all load."""

from pathlib import Path

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


def written(folder: Path, header: str, name: str = "pirate") -> Path:
    folder.joinpath(f"{name}.md").write_text(f"---\n{header}\n---\nArr.\n", encoding="utf-8")
    return folder


def test_a_team_has_personas_of_its_own_and_may_replace_ours(tmp_path: Path) -> None:
    team = written(tmp_path, "model: ollama:qwen2.5:7b\nthink: true\nlanguages: [es]")
    pirate = personas.load("pirate", team)
    assert (pirate.model, pirate.think, pirate.languages) == ("ollama:qwen2.5:7b", True, ("es",))
    assert personas.load("helpdesk", team).think is None
    assert personas.load("helpdesk", written(team, "", "helpdesk")).prompt == "Arr."
    assert personas.names(team) == ["helpdesk", "pirate"]
    assert personas.names(tmp_path / "none") == personas.names()


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("model: olama:qwen2.5", "Did you mean 'ollama'"),
        ("model: qwen2.5", "KIND:NAME"),
        ("model: 5", "KIND:NAME"),
        ("model: 'ollama:'", "missing after"),
        ("model: 'ollama:two words'", "ollama list"),
        ("think: maybe", "true or false"),
        ("temperature: hot", "from 0 to 2"),
        ("temperature: true", "from 0 to 2"),
        ("max_answer_tokens: -1", "a whole number"),
        ("max_answer_tokens: 9999999999", "from 1 to 100000"),
        ("languages: 5", "[en, es]"),
        ("modle: x", "It may name: languages"),
    ],
)
def test_a_wrong_header_is_told_with_what_is_right(tmp_path: Path, header: str, words: str) -> None:
    with pytest.raises(PersonaError) as caught:
        personas.load("pirate", written(tmp_path, header))
    assert "pirate" in str(caught.value)
    assert words in f"{caught.value} {caught.value.what_to_do}"


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "pirate.md").write_bytes(b"---\n\xff")
    with pytest.raises(PersonaError, match="cannot be read"):
        personas.load("pirate", tmp_path)


def test_the_prompt_begins_with_the_rules_and_ends_with_the_question() -> None:
    messages = prompt("grounded_answer")
    assert messages[0].role.value == "system"
    assert messages[-1].role.value == "user"


def test_what_people_write_is_never_read_as_a_template() -> None:
    hostile = "{{ 7 * 7 }} {% for x in y %} templatize_part ${{ secrets.X }}"
    persona = personas.Persona(name="x", prompt=hostile, version="1")
    rendered = filled(prompt("grounded_answer")[:1], persona=persona)
    assert hostile in (rendered[0].text or "")
