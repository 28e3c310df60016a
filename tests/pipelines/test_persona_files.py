"""Files of personas as people, editors and enemies leave them: each is told with file and line."""

import os
from pathlib import Path

import pytest

from pipelines import personas
from pipelines.personas import PersonaError
from pipelines.personas.files import MOST_EXTENDED
from pipelines.personas.texts import MOST_BYTES

GOOD = "---\ntemperature: 0.5\n---\nArr.\n"


def problems(folder: Path, content: str | bytes, name: str = "pirate") -> str:
    """What is told of such a file."""
    raw = content if isinstance(content, bytes) else content.encode()
    (folder / f"{name}.md").write_bytes(raw)
    with pytest.raises(PersonaError) as caught:
        personas.load(name, folder)
    assert caught.value.what_to_do
    return f"{caught.value} {caught.value.what_to_do}"


def headed(header: str) -> str:
    return f"---\n{header}\n---\nArr.\n"


@pytest.mark.parametrize(
    "content",
    [
        GOOD.encode("utf-8-sig"),
        GOOD.replace("\n", "\r\n").encode(),
        GOOD.replace("\n", "\r").encode(),
        f"\n\n{GOOD}".encode(),
        GOOD.replace("---\n", "--- \t\n").encode(),
        GOOD.removesuffix("\n").encode(),
        GOOD.replace("0.5", "0.5 # --- the usual").encode(),
    ],
)
def test_what_editors_do_to_a_file_changes_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "pirate.md").write_bytes(content)
    pirate = personas.load("pirate", tmp_path)
    assert (pirate.prompt, pirate.temperature) == ("Arr.", 0.5)


def test_lines_of_dashes_in_the_prompt_are_text(tmp_path: Path) -> None:
    (tmp_path / "pirate.md").write_text(f"{GOOD}\n---\n\nAhoy.\n")
    assert personas.load("pirate", tmp_path).prompt == "Arr.\n\n---\n\nAhoy."


def test_a_heading_in_a_block_of_code_is_code(tmp_path: Path) -> None:
    code = "```markdown\n## Style\n## Stile\n```\n~~~\n## Style\n~~~"
    written = f"{GOOD}\n{code}\n\n## Style\n\nShort.\n"
    (tmp_path / "pirate.md").write_text(written, encoding="utf-8")
    pirate = personas.load("pirate", tmp_path)
    assert pirate.sections.style == "Short."
    assert pirate.prompt == f"Arr.\n\n{code}"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "The header of persona 'pirate' is missing."),
        ("Arr.\n", "'pirate' is missing. Begin the file with ---"),
        ("---\nx", "'pirate' begins in line 1 and does not end."),
        ("\n---\ntools: []\nYou are.\n", "begins in line 2 and does not end."),
        (f"\nYou are a parrot.\n{GOOD}", "has text above its header, in line 2."),
        (f"# Pirate\n{headed('temperature: [')}", "text above its header, in line 1. The header"),
        ("---\n---\n", "has no role"),
        (headed("- a"), "line 2: these are no KEY: VALUE lines"),
        (headed("just words"), "line 2: these are no KEY: VALUE lines"),
        (headed("think: true\na: b: c"), "line 3: mapping values are not allowed here"),
        (headed("think: true\n\ttools: []"), "line 3: found character '\\t' that cannot start"),
        (headed("think: true\n? [a]\n: b"), "line 3: found unhashable key"),
        (headed("think: \a"), "line 2: a character that no text has"),
        (headed(f"think: true\ntemperature: {'9' * 6_000}"), "line 2: in it or below, Exceeds"),
        (headed(f"temperature: 0x{'f' * 6_000}"), "says temperature: ..., in line 2."),
        (headed(f"temperature: {'9' * 6_000}"), "cannot be read: line 2"),
        (headed(f"{'x' * 900}: 1"), f"has a line '{'x' * 80}', which means nothing"),
        (headed("5: 6"), "has a line '5', which means nothing"),
        (headed("think: true\n<<: {model: 5}"), "line 3: << takes lines"),
        (headed(f"tools: {'[' * 9_000}"), "line 2: it goes too deep"),
        (headed(f"tools: {'[' * 9_000}{']' * 9_000}"), "line 2: it goes too deep"),
        (headed(f"extends: {'k' * 9_000}"), "Right is extends: the name of another persona"),
        (headed("\n".join(f"x{n}: 1" for n in range(99))), "59 more mistakes follow."),
        (headed("temperature: .nan"), "temperature: nan"),
        (headed("temperature: .inf"), "temperature: inf"),
    ],
)
def test_what_is_no_header_is_told_with_its_line(tmp_path: Path, content: str, words: str) -> None:
    said = problems(tmp_path, content)
    assert words in said
    assert len(said) < 5_000


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("think: true\ntools: [a]\nthink: false", "says 'think' in line 4, and did so in line 2."),
        ("think: true\n\nreasoning: false", "says 'reasoning' in line 4, and did so in line 2."),
        ("answer_length: long\nmax_answer_tokens: 5", "'max_answer_tokens' in line 3, and did so"),
        ("think: true\n'think': true", "says 'think' in line 3, and did so in line 2."),
        ("voice:\n  es: tú\n  es: vos", "says 'es' in line 4, and did so in line 3."),
        ("examples:\n- question: a\n  answer: b\n  answer: c", "says 'answer' in line 5"),
    ],
)
def test_what_a_header_says_twice_is_told_with_both_lines(
    tmp_path: Path, header: str, words: str
) -> None:
    said = problems(tmp_path, headed(header))
    assert words in said
    assert "Take one of the two out" in said


def test_a_form_may_have_fields_of_any_name(tmp_path: Path) -> None:
    fields = "{reasoning: {type: string}, think: {type: string}}"
    header = f"schema: {{type: object, properties: {fields}}}"
    (tmp_path / "pirate.md").write_text(headed(header))
    assert personas.load("pirate", tmp_path).schema


def test_words_that_another_yaml_reads_as_something_else_are_texts(tmp_path: Path) -> None:
    said = "[yes, no, sí, on, off, y, 9:30, 1:30.5, 0777, 2026-05-04, 2026-99-99, 1_000]"
    fields = f"{{on: {{enum: {said}}}, no: {{}}, b: {{enum: [true, False, 5, -1.5, null]}}}}"
    (tmp_path / "pirate.md").write_text(headed(f"schema: {{type: object, properties: {fields}}}"))
    schema = personas.load("pirate", tmp_path).schema
    assert schema
    assert set(schema["properties"]) == {"on", "no", "b"}
    assert schema["properties"]["on"]["enum"] == said.strip("[]").split(", ")
    assert schema["properties"]["b"]["enum"] == [True, False, 5, -1.5, None]
    assert "Right is think: true or false" in problems(tmp_path, headed("think: yes"))


BOMB = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
)
"""Which would be 31 billion words."""


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (BOMB, "line 3: *a0 stands for another place; write out what is there"),
        ("tools: &t [a]\nsources: *t", "line 3: *t stands for another place"),
        ("voice: &v {es: *v}", "line 2: *v stands for another place"),
        ("think: !!python/object/apply:os.system ['true']", "line 2: tag:yaml.org,2002:python"),
        ("think: !!bool maybe", "line 2: tag:yaml.org,2002:bool says of what kind a value is"),
        ("think: true\ntools: !!set {a}", "line 3: tag:yaml.org,2002:set says"),
        ("!!set {tools}", "line 2: tag:yaml.org,2002:set says"),
        ("think: !env HOME", "line 2: !env says"),
        ("<<: {temperature: 2}", "line 2: << takes lines from another place"),
    ],
)
def test_what_else_yaml_can_do_is_refused(tmp_path: Path, header: str, words: str) -> None:
    assert words in problems(tmp_path, headed(header))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"---\n\xff", "cannot be read: line 2 is not UTF-8. Save it as UTF-8."),
        ("---\nthink: true\n---\nTú\n".encode("cp1252"), "line 4 is not UTF-8"),
        (GOOD.encode("utf-16"), "line 1 is not UTF-8"),
        (bytes(range(128)) * 9, "is missing"),
        (GOOD.encode() + b" " * MOST_BYTES, "it has more than 100,000 bytes"),
    ],
)
def test_a_file_that_is_no_text_of_a_page_is_told(
    tmp_path: Path, content: bytes, words: str
) -> None:
    assert words in problems(tmp_path, content)


def test_what_is_no_file_is_told_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "folder.md").mkdir()
    (tmp_path / "gone.md").symlink_to(tmp_path / "nowhere.md")
    for name in ("pipe", "folder", "gone"):
        with pytest.raises(PersonaError, match=f"'{name}' cannot be read: it is no file"):
            personas.load(name, tmp_path)


def test_a_schema_that_is_no_file_of_a_page_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "long.json").write_text(" " * (MOST_BYTES + 1))
    for name, words in (("pipe", "it is no file"), ("long", "it has more than 100,000 bytes")):
        assert words in problems(tmp_path, headed(f"schema: {name}.json"))


def test_files_that_editors_hide_are_no_personas(tmp_path: Path) -> None:
    (tmp_path / ".#pirate.md").symlink_to("ana@desk.1234")
    (tmp_path / "._pirate.md").write_bytes(b"\x00\x05\x16\x07")
    assert personas.names(tmp_path) == personas.names()


def test_the_mistakes_of_a_child_are_told_beside_a_parent_that_cannot_be_read(
    tmp_path: Path,
) -> None:
    (tmp_path / "parent.md").write_bytes(b"---\n\xff")
    said = problems(tmp_path, "---\nextends: parent\ntemperature: hot\n---\n## Stile\n\nShort.\n")
    assert "The file of persona 'parent' cannot be read: line 2 is not UTF-8." in said
    assert "temperature: hot" in said
    assert "'Stile'" in said
    assert "has no role" not in said  # it may be in what could not be read


def test_only_so_many_files_extend_one_another(tmp_path: Path) -> None:
    def chained(files: int) -> Path:
        for n in range(files - 1):
            (tmp_path / f"p{n}.md").write_text(f"---\nextends: p{n + 1}\n---\n")
        (tmp_path / f"p{files - 1}.md").write_text(headed("think: true"))
        return tmp_path

    assert personas.load("p0", chained(MOST_EXTENDED + 1)).think
    with pytest.raises(PersonaError, match="More than 8 personas extend one another: p0 -> p1"):
        personas.load("p0", chained(5_000))
