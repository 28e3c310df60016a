"""A team's own table of questions, as spreadsheets write it and as people get it wrong."""

from pathlib import Path

import pytest

from bot.principals import is_person
from pipelines.evaluation.cases import Case, CaseSet, Said
from pipelines.evaluation.columns import COLUMNS, TEMPLATE
from pipelines.evaluation.table import MOST_BYTES, QuestionFileError, read_table


def read(folder: Path, content: str | bytes) -> CaseSet:
    path = folder / "questions.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path, is_reader=is_person)


def wrong(folder: Path, content: str | bytes) -> str:
    with pytest.raises(QuestionFileError) as caught:
        read(folder, content)
    assert caught.value.what_to_do
    return str(caught.value)


def test_the_template_is_a_table_that_can_be_read(tmp_path: Path) -> None:
    found = read(tmp_path, TEMPLATE)
    assert found.name == "questions.csv"
    first, _, networks, private, refused, follow_up = found.cases
    assert first.facts == (("25 days", "25 días"),)
    assert first.sources == ("handbook:people/leave.md",)
    assert (first.language, first.kind, first.readers) == ("en", "fact", ())
    assert networks.facts == (("Tejo-5G",), ("Tejo-Guest",))
    assert private.readers == ("terminal:ana",)
    assert (refused.is_refused, refused.readers, refused.facts) == (True, ("everyone",), ())
    assert follow_up.before == (Said("How long is parental leave?"),)
    assert TEMPLATE.splitlines()[0] == ",".join(COLUMNS)


SAME = (
    "question,answer,source\nWho?,Marta Ruiz,leave.md\n",
    "Pregunta;Respuesta;Fuente\r\nWho?;Marta Ruiz;leave.md\r\n",
    "Source\tQuestion\tFacts\nleave.md\tWho?\tMarta Ruiz\n",
    "\ufeffQUESTION,  Expected answer ,Página\nWho?,Marta Ruiz,leave.md\n\n,,\n",
    "﻿nr;pregunta;respuesta esperada;artículo\n1;Who?;Marta Ruiz;leave.md\n",
)


@pytest.mark.parametrize("content", SAME)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_separators_marks_and_headers_of_both_languages_are_understood(
    tmp_path: Path, content: str, encoding: str
) -> None:
    (case,) = read(tmp_path, content.encode(encoding)).cases
    assert case == Case(question="Who?", facts=(("Marta Ruiz",),), sources=("leave.md",))


def test_what_excel_calls_ansi_keeps_its_accents(tmp_path: Path) -> None:
    (case,) = read(tmp_path, "pregunta;idioma\n¿Qué día?;Español\n".encode("cp1252")).cases
    assert (case.question, case.language) == ("¿Qué día?", "es")


def test_a_cell_may_have_several_lines_and_separators(tmp_path: Path) -> None:
    (case,) = read(tmp_path, 'question,answer\n"Who, then?\nAnd when?","a, b"\n').cases
    assert case.question == "Who, then?\nAnd when?"
    assert case.facts == (("a, b",),)


def test_the_same_question_is_asked_once_for_each_circle_of_readers(tmp_path: Path) -> None:
    found = read(tmp_path, "question,as\nWho?,\nWho?,\nWho?,terminal:ana | everyone\nWho?,todos\n")
    assert [case.readers for case in found.cases] == [
        (),
        ("terminal:ana", "everyone"),
        ("everyone",),
    ]


@pytest.mark.parametrize("kind", ["none", "Not found", "not_found", "sin respuesta", "NINGUNA"])
def test_a_kind_says_that_there_is_no_answer(tmp_path: Path, kind: str) -> None:
    (case,) = read(tmp_path, f"question,kind\nWho?,{kind}\n").cases
    assert (case.is_refused, case.expected) == (True, "refusal")


def test_without_answer_and_source_only_manners_are_expected(tmp_path: Path) -> None:
    (case,) = read(tmp_path, "question\nWho?\n").cases
    assert case.expected == "anything"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("\n\n ,, \n", "no column 'question'"),
        ('question,answer\n"Who?,a\nWhere?,b\nWhen?,"c"\n', "cannot be read"),
        ("question,sorce\nWho?,leave.md\n", "column 'sorce'"),
    ],
)
def test_a_table_that_would_be_read_as_less_than_it_is_is_refused(
    tmp_path: Path, content: str, message: str
) -> None:
    assert message in wrong(tmp_path, content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("  \n\n", "is empty"),
        ("question,answer\n", "There is no question in"),
        ("text,answer\nWho?,Marta\n", "has no column 'question'. Its first line names: text"),
        ("question,language\nWho?,klingon\n", "line 2: the language is 'klingon'. Right: en or"),
        ("question,as\nWho?,ana\n", "line 2: 'ana' is nobody. Right: everyone, or a person"),
        ("question,answer\n,Marta\n", "line 2: the question is missing"),
        ("question,answer,kind\nWho?,Marta,none\n", "'none' means that there is no answer"),
        (b"PK\x03\x04\x00\x00question", "is no table of text"),
        ('question\n"' + "x" * 200_000 + '"\n', "cannot be read"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    assert message in wrong(tmp_path, content)


def test_all_mistakes_are_named_at_once_and_many_are_counted(tmp_path: Path) -> None:
    two = wrong(tmp_path, "question,as\nWho?,ana\nWhen?,\nWhere?,ben\n")
    assert [line.partition(": ")[0].rpartition(" ")[2] for line in two.splitlines()] == ["2", "4"]
    many = wrong(tmp_path, "question,as\n" + "Who?,ana\n" * 30)
    assert len(many.splitlines()) == 11
    assert many.endswith("... and 20 more.")


def test_a_file_that_is_not_there_or_too_large_is_named(tmp_path: Path) -> None:
    with pytest.raises(QuestionFileError, match=r"nowhere\.csv cannot be read: No such file"):
        read_table(tmp_path / "nowhere.csv", is_reader=is_person)
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(QuestionFileError, match="has more than 50 MB"):
        read_table(large, is_reader=is_person)


def test_a_sample_is_spread_over_the_set_and_the_fingerprint_knows_its_content() -> None:
    cases = CaseSet("set", tuple(Case(question=str(n)) for n in range(10)))
    assert [case.question for case in cases.sample(3).cases] == ["0", "3", "6"]
    assert cases.sample(99) == cases
    assert cases.fingerprint != cases.sample(9).fingerprint
