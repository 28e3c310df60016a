"""docs/personas.md: what it shows is run as a reader would run it."""

import re
from pathlib import Path

from pipelines import personas
from pipelines.personas.body import HEADINGS
from pipelines.personas.header import HEADER, OTHER_NAMES
from pipelines.personas.voice import CHOICES
from tests.bot.team import write

PAGE = (Path(__file__).parents[2] / "docs/personas.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_the_personas_of_the_page_load_and_say_what_the_page_says(tmp_path: Path) -> None:
    porter, ticket = blocks("markdown")
    team = write(tmp_path / "personas", {"porter.md": porter, "ticket.md": ticket})
    one = personas.load("porter", team)
    assert (one.sources, one.answer_length, one.voice.es) == (("handbook",), "short", "vos")
    assert one.prompt.startswith("You are the porter")
    assert one.sections.style.startswith("- Answer in one full sentence")
    assert [example.language for example in one.examples] == ["es", "en"]
    schema = personas.load("ticket", team).schema
    assert schema
    assert schema["required"] == ["title", "urgency"]


def test_the_code_of_the_page_runs() -> None:
    (code,) = blocks("python")
    exec(compile(code, "docs/personas.md", "exec"), {})  # noqa: S102 (our own page)


def test_every_line_and_section_and_persona_is_explained() -> None:
    explained = set(re.findall(r"`(?:## )?([\w -]+)`", PAGE))
    assert {*HEADER, *OTHER_NAMES, *personas.names(), *CHOICES} <= explained
    headings = {found.casefold() for found in re.findall(r"`## ([^`]+)`", PAGE)}
    assert all(names[0].replace("_", " ") in headings for names in HEADINGS.values())
