"""Personas and prompts are Markdown files that all load."""

from hashlib import sha256
from json import dumps
from pathlib import Path

import pytest

from pipelines import personas
from pipelines.answering import NO_SOURCE, within
from pipelines.manners import reminder, rules_of
from pipelines.personas import ANYTHING, Offered, PersonaError
from pipelines.personas.body import MOST_CHARACTERS
from pipelines.personas.voice import Voice
from pipelines.prompting import filled, prompt
from pipelines.steps import Prompt


@pytest.mark.parametrize("name", personas.names())
def test_every_persona_loads(name: str) -> None:
    persona = personas.load(name)
    assert persona.prompt
    assert len(persona.version) == 12


def test_an_unknown_persona_is_answered_with_the_ones_there_are() -> None:
    with pytest.raises(PersonaError) as caught:
        personas.load("helpdesc")
    assert "helpdesk" in caught.value.what_to_do


def written(folder: Path, header: str, name: str = "pirate", body: str = "Arr.") -> Path:
    folder.joinpath(f"{name}.md").write_text(f"---\n{header}\n---\n{body}\n", encoding="utf-8")
    return folder


def problems(folder: Path, name: str = "pirate", offered: Offered = ANYTHING) -> str:
    with pytest.raises(PersonaError) as caught:
        personas.load(name, folder, offered=offered)
    return f"{caught.value} {caught.value.what_to_do}"


def test_a_team_has_personas_of_its_own_and_may_replace_ours(tmp_path: Path) -> None:
    team = written(tmp_path, "model: ollama:qwen2.5:7b\nthink: true\nlanguages: [es]")
    pirate = personas.load("pirate", team)
    assert (pirate.model, pirate.think, pirate.languages) == ("ollama:qwen2.5:7b", True, ("es",))
    assert personas.load("helpdesk", team).think is None
    assert personas.load("helpdesk", written(team, "", "helpdesk")).prompt == "Arr."
    assert personas.names(team) == sorted([*personas.names(), "pirate"])
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
        ("reasoning: maybe", "true or false"),
        ("temperature: hot", "from 0 to 2"),
        ("temperature: true", "from 0 to 2"),
        ("max_answer_tokens: -1", "a whole number"),
        ("max_answer_tokens: 9999999999", "from 1 to 100000"),
        ("answer_length: endless", "short, medium or long"),
        ("languages: 5", "[en, es]"),
        ("languages: [fr]", "Right is languages: [en, es], or one of the two"),
        ("languages: [es, ca]", "says languages: ['es', 'ca'], in line 2"),
        ("languages: []", "[en, es]"),
        ("languages: es", "[en, es]"),
        ("tools:", "[] for none"),
        ("sources:", "[] for none, or all"),
        ("sources: All", "[] for none, or all"),
        ("sources: handbook", "[handbook]"),
        ("extends: ../../etc/passwd", "the name of another persona"),
        ("modle: x", "Did you mean 'model'? It may name: languages"),
        ("voice: vos", "it has no lines"),
        ("voice: {es: che}", "es is one of tú, vos, usted"),
        ("voice: {town: x}", "'town' is none of tone, es"),
        ("voice: {es: vos, plural: vosotros}", "says ustedes to several"),
        ("examples: none", "it is no list"),
        ("examples: [{question: Who}]", "number 1 is no {question: ..., answer: ...}"),
        ("examples: [{question: Who, answer: 5}]", "something that is no text"),
        ("examples: [" + "{question: a, answer: b}, " * 13 + "]", "13 examples; at most 12"),
        (f"examples: [{{question: a, answer: {'b' * 2_400}}}]", "at most 2400"),
    ],
)
def test_a_wrong_header_is_told_with_what_is_right(tmp_path: Path, header: str, words: str) -> None:
    said = problems(written(tmp_path, header))
    assert "pirate" in said
    assert words in said


def test_everything_that_is_wrong_is_named_at_once(tmp_path: Path) -> None:
    written(tmp_path, "temperature: hot\nmodle: x", "parent", "## Stile\n\nShort.\n\n## Citing\n")
    written(tmp_path, "extends: parent\nthink: 3")
    said = problems(tmp_path)
    for words in ("'parent' says temperature: hot", "'modle'", "'pirate' says think: 3"):
        assert words in said
    for words in ("section 'Stile'", "Did you mean 'Style'?", "'citing' of persona 'parent' is"):
        assert words in said


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (
            "think: true\nvoice: {tone: loud, town: x, es: che, en: irish, plural: vosotros}",
            (
                *("tone is one of formal, close", "'town' is none of tone, es", ", in line 3."),
                *("es is one of tú, vos, usted", "en is one of british, american"),
            ),
        ),
        (
            "voice: {es: vos, plural: vosotros, tone: loud}",
            ("whoever says vos says ustedes to several", "tone is one of formal, close"),
        ),
        (
            "examples: [{question: Who}, 5, {question: a, answer: ' '}, "
            f"{{question: a, answer: {'b' * 2_400}}}, {'{question: a, answer: b}, ' * 9}]",
            (
                *("13 examples; at most 12", "characters; at most 2400", ", in line 2."),
                *("number 1 is no {question", "number 2 is no", "number 3 has something that is"),
            ),
        ),
        (
            f"examples: [{'5, ' * 60}]",
            ("60 examples; at most 12", "number 39 is no", "; and 21 more mistakes)"),
        ),
    ],
)
def test_all_mistakes_of_one_line_are_told(
    tmp_path: Path, header: str, words: tuple[str, ...]
) -> None:
    said = problems(written(tmp_path, header))
    assert not [one for one in words if one not in said], said


def test_a_persona_inherits_lines_and_sections_one_by_one(tmp_path: Path) -> None:
    body = "Grand.\n\n## Style\n\nLong.\n\n## Citing\n\nWith care."
    written(tmp_path, "temperature: 0.5\nthink: true\nsources: [a]", "grand", body)
    written(tmp_path, "extends: grand\nthink: false", "parent", "## Estilo\n\nCorto.")
    child = personas.load("pirate", written(tmp_path, "extends: parent\nsources: [b]"))
    assert (child.temperature, child.think, child.sources) == (0.5, False, ("b",))
    assert child.prompt == "Arr."
    assert (child.sections.style, child.sections.citing) == ("Corto.", "With care.")
    assert personas.load("parent", tmp_path).prompt == "Grand."


def test_an_edit_of_what_is_extended_makes_another_version(tmp_path: Path) -> None:
    written(tmp_path, "", "parent")
    written(tmp_path, "extends: parent")
    before = personas.load("pirate", tmp_path).version
    assert personas.load("pirate", tmp_path).version == before
    written(tmp_path, "", "parent", "Ahoy.")
    assert personas.load("pirate", tmp_path).version != before


def test_a_team_may_extend_ours_under_its_name(tmp_path: Path) -> None:
    written(tmp_path, "extends: helpdesk\nvoice: {es: usted}", "helpdesk", "")
    ours, theirs = personas.load("helpdesk"), personas.load("helpdesk", tmp_path)
    assert (theirs.prompt, theirs.voice.es) == (ours.prompt, "usted")


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"pirate": "parrot"}, "'parrot', which there is not: pirate -> parrot"),
        ({"pirate": "hepldesk"}, "Did you mean 'helpdesk'?"),
        ({"pirate": "pirate"}, "without end: pirate -> pirate"),
        ({"pirate": "a", "a": "b", "b": "a"}, "without end: pirate -> a -> b -> a"),
        ({"pirate": "5"}, "the name of another persona"),
    ],
)
def test_endless_and_unknown_parents_are_told_with_the_chain(
    tmp_path: Path, files: dict[str, str], words: str
) -> None:
    for name, parent in files.items():
        written(tmp_path, f"extends: {parent}", name)
    assert words in problems(tmp_path)


def test_headings_in_both_languages_are_sections_and_others_are_text(tmp_path: Path) -> None:
    body = "You help.\n\n## Our shop\n\nA shop.\n\n## How to reason\n\nTwice.\n\n"
    body += "## Qué hacer sin evidencia\n\nPide el número."
    persona = personas.load("pirate", written(tmp_path, "", body=body))
    assert persona.prompt == "You help.\n\n## Our shop\n\nA shop."
    assert persona.sections.reasoning == "Twice."
    assert persona.sections.without_evidence == "Pide el número."


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("## Style\n\nShort.", "has no role"),
        ("## Role\n\nA.\n\n## Rol\n\nB.", "section 'role' twice"),
        ("x" * (MOST_CHARACTERS + 1), "Shorten it to 12,000"),
    ],
)
def test_a_wrong_body_is_told(tmp_path: Path, body: str, words: str) -> None:
    assert words in problems(written(tmp_path, "", body=body))


def test_names_of_the_issue_are_other_names_of_the_same(tmp_path: Path) -> None:
    pirate = personas.load("pirate", written(tmp_path, "answer_length: long\nreasoning: true"))
    assert (pirate.max_answer_tokens, pirate.answer_length, pirate.think) == (500, "long", True)


def test_sources_that_there_are_not_are_told(tmp_path: Path) -> None:
    written(tmp_path, "sources: [handbok, wiki]")
    said = problems(tmp_path, offered=Offered(sources=lambda: ["handbook", "wiki"]))
    assert "'pirate' names sources that there are not: handbok." in said
    assert "'handbook' for 'handbok'" in said
    for offered in (Offered(sources=lambda: ["handbok", "wiki"]), Offered(sources=lambda: None)):
        assert personas.load("pirate", tmp_path, offered=offered).sources == ("handbok", "wiki")


def test_nobody_is_asked_for_sources_where_none_are_named(tmp_path: Path) -> None:
    def read() -> list[str]:
        raise AssertionError

    for header in ("", "sources: []", "sources: all"):
        assert personas.load("pirate", written(tmp_path, header), offered=Offered(sources=read))


OFFERED = Offered(["calculate"], {"door": "[tools.door]"}, lambda: ["handbook"])


def test_what_is_named_and_what_is_written_is_told_in_one_error(tmp_path: Path) -> None:
    written(tmp_path, "tools: [door, calculat]\ntemperature: hot", "parent", "## Stile\n\nShort.")
    written(tmp_path, "extends: parent\nsources: [handbok]\nsources: [wiki]\nmodle: x")
    said = problems(tmp_path, offered=OFFERED)
    for words in (
        "'pirate' has a line 'modle', which means nothing, in line 5.",
        "'pirate' says 'sources' in line 4, and did so in line 3.",
        "'pirate' names sources that there are not: wiki.",
        "'parent' says temperature: hot, in line 3.",
        "'parent' has a section 'Stile'",
        "'parent' names tools that are not set up: door.",
        "'parent' names tools that there are not: calculat.",
        "Add [tools.door] to tertulia.toml",
        "Did you mean 'calculate' for 'calculat'?",
        "There are: handbook.",
    ):
        assert words in said, words


def test_what_a_child_takes_back_is_not_looked_for(tmp_path: Path) -> None:
    written(tmp_path, "tools: [door]\nsources: [lost]", "parent")
    written(tmp_path, "extends: parent\ntools: []\nsources: all")
    child = personas.load("pirate", tmp_path, offered=OFFERED)
    assert (child.tools, child.sources) == ((), None)
    assert "door" in problems(tmp_path, "parent", OFFERED)


def test_a_child_may_take_back_what_its_parent_says(tmp_path: Path) -> None:
    schema = "{type: object, properties: {a: {type: string}}}"
    examples = "[{question: a, answer: b}]"
    header = f"tools: [calculate]\nsources: [handbook]\nschema: {schema}\nexamples: {examples}\n"
    written(tmp_path, f"{header}voice: {{es: vos}}\nlanguages: [es]", "parent")
    nothing = "extends: parent\ntools: []\nsources: []\nschema: null\nexamples: []\n"
    child = personas.load("pirate", written(tmp_path, f"{nothing}voice:\nlanguages: [en, es]"))
    assert (child.tools, child.sources, child.schema, child.examples) == ((), (), None, ())
    assert (child.voice, child.languages) == (Voice(), ("en", "es"))
    parent = personas.load("parent", tmp_path)
    assert all((parent.tools, parent.sources, parent.schema, parent.examples, parent.voice))


def test_who_says_nothing_of_sources_reads_all_and_an_empty_list_reads_none(
    tmp_path: Path,
) -> None:
    said = {"": None, "sources: all": None, "sources: []": (), "sources: [all]": ("all",)}
    for header, read in said.items():
        assert personas.load("pirate", written(tmp_path, header)).sources == read, header


@pytest.mark.parametrize(
    ("channel", "persona", "read"),
    [
        ((), None, ()),
        (("a",), None, ("a",)),
        (("a",), (), NO_SOURCE),
        ((), (), NO_SOURCE),
        ((), ("a",), ("a",)),
        (("a", "b"), ("b", "c"), ("b",)),
        (("a",), ("b",), NO_SOURCE),
    ],
)
def test_only_what_channel_and_persona_both_name_is_read(
    channel: tuple[str, ...], persona: tuple[str, ...] | None, read: tuple[str, ...]
) -> None:
    assert within(channel, persona) == read


class Asked:
    """What a prompt is made from, as far as it reads it."""

    def __init__(self, language: str = "English") -> None:
        self.passages = [{"number": 1, "text": "T\nx"}]
        self.earlier, self.question, self.language = "They: a", "Q?", language


def said_to_model(persona: personas.Persona, language: str = "English") -> list[tuple[str, str]]:
    evidence: list[object] = [Asked(language)]
    messages = Prompt("grounded_answer", persona).run(evidence)["messages"]  # type: ignore[arg-type]  # only what it reads
    return [(message.role.value, message.text or "") for message in messages]


def test_a_persona_that_overrides_nothing_is_asked_as_it_always_was() -> None:
    written = dumps([list(one) for one in said_to_model(personas.load("helpdesk"))])
    # Of the prompt with which everything in docs/benchmarks.md was measured.
    known = "09559da7c7310576ffd0c1b228a78eb550ce1822828a98e6cd4ddbb94cb340ec"
    assert sha256(written.encode()).hexdigest() == known


def test_sections_take_the_place_of_the_usual_rules(tmp_path: Path) -> None:
    body = "Me.\n\n## Style\n\nSTYLE\n\n## Citing\n\nCITING\n\n## Reasoning\n\nREASON\n\n"
    rules = said_to_model(
        personas.load("pirate", written(tmp_path, "", body=f"{body}## Without evidence\n\nNONE"))
    )[0][1]
    for mine, usual in (
        ("STYLE", "one or two full sentences"),
        ("CITING", "Use only what the passages say"),
        ("REASON", "the newer one counts"),
    ):
        assert mine in rules
        assert usual not in rules
    assert rules.index("NONE") < rules.index('"NOT FOUND"')  # what we rely on stays


@pytest.mark.parametrize(
    ("length", "words"), [("short", "in one full sentence"), ("long", "two to six full sentences")]
)
def test_the_length_of_an_answer_is_asked_for_in_words(length: str, words: str) -> None:
    persona = personas.Persona("x", "Hi.", "1", answer_length=length)
    assert words in said_to_model(persona)[0][1]


def test_examples_are_turns_before_the_question(tmp_path: Path) -> None:
    header = (
        'examples:\n  - {question: "¿Dónde está?", answer: "Está aquí.", passage: "A <|im_end|>"}\n'
        '  - {question: "Who is it?", answer: NOT FOUND}'
    )
    turns = said_to_model(personas.load("pirate", written(tmp_path, header)))[-5:]
    assert [role for role, _ in turns] == ["user", "assistant", "user", "assistant", "user"]
    assert turns[0][1].startswith("[1] Example\nA < |im_end| >\n\nQuestion: ¿Dónde está?")
    assert turns[0][1].endswith("Answer in Spanish.")
    assert turns[1][1] == '{"answer": "Está aquí.", "sources": [1]}'
    assert turns[3][1] == '{"answer": "NOT FOUND", "sources": []}'
    assert "Question: Q?" in turns[4][1]


def test_a_voice_is_asked_for_at_the_beginning_and_at_the_end() -> None:
    persona = personas.Persona(
        "x", "Hi.", "1", voice=Voice("formal", "usted", "ustedes", "british")
    )
    messages = said_to_model(persona, "Spanish")
    for words in ("polite and formal", 'say "usted"', 'say "ustedes"', "British spelling"):
        assert words in messages[0][1]
    assert messages[-1][1].endswith("usted puede, su).")
    assert said_to_model(persona)[-1][1].endswith("in British spelling.")


@pytest.mark.parametrize("tone", ["", "formal", "close"])
@pytest.mark.parametrize("es", ["", "tú", "vos", "usted"])
@pytest.mark.parametrize("en", ["", "british", "american"])
def test_every_voice_has_words(tone: str, es: str, en: str) -> None:
    voice = Voice(tone, es, "", en)
    assert bool(rules_of(voice)) is bool(voice)
    assert bool(reminder(voice, "Spanish")) is bool(es)
    assert bool(reminder(voice, "English")) is bool(en)
    assert not reminder(voice, "the language of the question")


def test_who_says_vos_says_ustedes(tmp_path: Path) -> None:
    voice = personas.load("pirate", written(tmp_path, "voice: {es: VOS, tone: Close}")).voice
    assert voice == Voice(tone="close", es="vos", plural="ustedes")


def test_the_prompt_begins_with_the_rules_and_ends_with_the_question() -> None:
    messages = prompt("grounded_answer")
    assert messages[0].role.value == "system"
    assert messages[-1].role.value == "user"


def test_what_people_write_is_never_read_as_a_template() -> None:
    hostile = "{{ 7 * 7 }} {% for x in y %} templatize_part ${{ secrets.X }}"
    persona = personas.Persona(name="x", prompt=hostile, version="1")
    rendered = filled(prompt("grounded_answer")[:1], persona=persona, manners="")
    assert hostile in (rendered[0].text or "")
