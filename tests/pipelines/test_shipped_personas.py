"""The personas that ship: each has golden questions that the example handbook answers."""

import re
from pathlib import Path

import pytest

from knowledge.language import language_of_question
from pipelines import personas
from pipelines.evaluation.cases import Case
from pipelines.evaluation.judging import is_source, says
from pipelines.evaluation.table import read_table
from pipelines.personas import Offered
from pipelines.small_talk import small_talk_in
from pipelines.tool_files import all_tools

ROOT = Path(__file__).parents[2]
HANDBOOK = ROOT / "knowledge/examples/handbook"
SHIPPED = ("analyst", "editor", "helpdesk", "host", "teacher")


def golden(name: str) -> list[Case]:
    path = ROOT / "pipelines/personas/questions" / f"{name}.csv"
    return list(read_table(path, is_reader=lambda who: who == "everyone").cases)


def test_these_personas_ship() -> None:
    assert personas.names() == sorted(SHIPPED)
    files = (ROOT / "pipelines/personas/questions").iterdir()
    assert {file.stem for file in files} == set(SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
def test_each_speaks_both_languages_and_has_tools_that_there_are(name: str) -> None:
    persona = personas.load(name, offered=Offered(all_tools()))
    assert (persona.languages, persona.only_language) == (("en", "es"), "")


@pytest.mark.parametrize("name", SHIPPED)
def test_each_has_eight_golden_questions_in_both_languages(name: str) -> None:
    cases = golden(name)
    assert len(cases) >= 8
    for language in ("en", "es"):
        asked = [case for case in cases if case.language == language]
        assert len(asked) >= 4
        for case in asked:
            assert language_of_question(case.question, language) == language, case.question
    assert all(case.expected != "anything" for case in cases)


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_expected_stands_in_the_handbook(name: str) -> None:
    pages = {
        f"example:{path.relative_to(HANDBOOK).as_posix()}": path.read_text(encoding="utf-8")
        for path in sorted(HANDBOOK.rglob("*.md"))
    }
    for case in golden(name):
        wanted = [a for a in pages if any(is_source(s, a) for s in case.sources)]
        assert bool(wanted) is bool(case.sources), case.question
        text = re.sub(r"[*`|]+", " ", " ".join(pages[article] for article in wanted))
        for fact in case.facts:
            assert says(text, fact) or small_talk_in(case.question), (case.question, fact)


def test_greetings_among_the_questions_of_the_host_are_small_talk() -> None:
    greetings = [case for case in golden("host") if case.kind == "small talk"]
    assert len(greetings) >= 4
    assert [small_talk_in(case.question) for case in greetings] == [c.language for c in greetings]
