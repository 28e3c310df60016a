"""The example handbook, the generated company, and the evaluation sets: all as they claim to be."""

import csv
import json
import re
from collections import Counter
from html import unescape
from pathlib import Path
from random import Random
from typing import Any

import pytest
from docx import Document
from pypdf import PdfReader

from knowledge.examples import generate as command
from knowledge.examples.company.questions import KINDS, Company, Question
from knowledge.examples.company.values import Values, name
from knowledge.examples.generate import generate
from knowledge.examples.make_documents import PDF, WORD, pdf, text_of, word
from knowledge.language import language_of

ROOT = Path(__file__).parents[2]
HANDBOOK = ROOT / "knowledge" / "examples" / "handbook"
EVALUATIONS = sorted((ROOT / "tests" / "benchmarks" / "handbooks").iterdir())


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def plain(path: Path) -> str:
    """What a reader sees, on one line and in small letters."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        text = unescape(re.sub(r"<[^>]+>", " ", text))
    return " ".join(text.split()).casefold()


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return generate(tmp_path_factory.mktemp("made") / "company", pages=603, seed=7)


@pytest.fixture(scope="module")
def written(company: Company) -> dict[str, str]:
    return {path: plain(company.folder / path) for path in contents(company.folder)}


def of_kind(company: Company, kind: str) -> list[Question]:
    return [question for question in company.questions if question.kind == kind]


# The generated company


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    for place, seed in (("a", 3), ("b", 3), ("c", 4)):
        generate(tmp_path / place / "company", pages=60, seed=seed)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert contents(tmp_path / "a").keys() != contents(tmp_path / "c").keys()


@pytest.mark.parametrize("pages", [4, 7, 28, 113])
def test_a_company_has_exactly_as_many_pages_as_wanted(tmp_path: Path, pages: int) -> None:
    company = generate(tmp_path / "company", pages=pages, seed=1)
    assert len(contents(company.folder)) == company.pages == pages
    assert len(company.questions) == pages // 4


def test_the_number_of_questions_stops_growing_with_the_company() -> None:
    for pages in (1_000, 100_000, 1_000_000):
        families = pages // 4
        kept = families / command._every(families)
        assert kept <= 7 * 1000


def test_every_planted_answer_stands_in_its_gold_page(
    company: Company, written: dict[str, str]
) -> None:
    for question in company.questions:
        for path in question.gold:
            found = [key.casefold() in written[path] for key in question.answer_keys]
            assert found, question
            assert all(found) if question.kind == "complete_list" else any(found), question


def test_what_is_not_to_be_found_stands_nowhere(company: Company, written: dict[str, str]) -> None:
    missing = of_kind(company, "not_found")
    everything = "\n".join(written.values())
    assert missing
    for question in missing:
        assert not question.gold
        assert not question.answer_keys
        assert question.absent
        assert not [text for text in question.absent if text.casefold() in everything], question


def test_questions_that_miss_a_detail_and_a_subject_both_occur(
    company: Company, written: dict[str, str]
) -> None:
    everything = "\n".join(written.values())
    missing = of_kind(company, "not_found")
    unknown = [question for question in missing if question.absent[0] in question.text]
    assert 0 < len(unknown) < len(missing)
    for question in set(missing) - set(unknown):
        asked = re.search(r"[A-Z]\w+ (?:[A-Z][a-z]+)(?=\W|$)", question.text[3:])
        assert asked, question
        assert asked[0].casefold() in everything


def test_every_kind_is_asked_in_every_pair_of_languages(company: Company) -> None:
    seen = {(str(q.kind), str(q.language), str(q.page_language)) for q in company.questions}
    for kind in KINDS:
        pages = ("en", "es") if kind != "not_found" else ("",)
        assert seen >= {(kind, asked, page) for asked in ("en", "es") for page in pages}


def test_pages_are_in_the_language_that_the_question_names(company: Company) -> None:
    asked = [question for question in company.questions if question.gold][::10]
    for question in asked:
        text = (company.folder / question.gold[0]).read_text(encoding="utf-8")
        assert language_of(re.sub(r"<[^>]+>", " ", text)) == question.page_language, question


def test_a_conflicting_question_is_answered_by_the_newer_page_only(
    company: Company, written: dict[str, str]
) -> None:
    for question in of_kind(company, "conflicting"):
        stem = question.gold[0].rpartition(".")[0]
        (older,) = [path for path in written if re.match(rf"{re.escape(stem)}-20\d\d\.", path)]
        assert not [key for key in question.answer_keys if key.casefold() in written[older]]


def test_a_long_document_is_several_times_longer_than_a_usual_page(
    company: Company, written: dict[str, str]
) -> None:
    for question in of_kind(company, "long_document"):
        assert len(written[question.gold[0]].split()) > 600


def test_siblings_say_the_same_of_others(company: Company, written: dict[str, str]) -> None:
    question = of_kind(company, "single_fact")[0]
    (gold,) = question.gold
    base = gold.rpartition("/")[2].partition("-")[0]
    siblings = [path for path in written if f"/{base}-" in path and path != gold]
    assert len(siblings) == 3
    for sibling in siblings:
        assert not [key for key in question.answer_keys if key.casefold() in written[sibling]]


def test_the_questions_stand_beside_the_folder_and_not_in_it(company: Company) -> None:
    lines = company.questions_file.read_text(encoding="utf-8").splitlines()
    read = [json.loads(line) for line in lines]
    assert company.questions_file.parent == company.folder.parent
    assert [found["id"] for found in read] == [question.id for question in company.questions]
    assert len({question.id for question in company.questions}) == len(read)


def test_an_answer_counts_when_it_holds_a_key_and_for_a_list_all(company: Company) -> None:
    fact, people = of_kind(company, "single_fact")[0], of_kind(company, "complete_list")[0]
    assert fact.is_answered_by(f"I think it is {fact.answer_keys[0].upper()}.")
    assert not fact.is_answered_by("I do not know.")
    assert people.is_answered_by(" and ".join(people.answer_keys))
    assert not people.is_answered_by(people.answer_keys[0])
    assert not of_kind(company, "not_found")[0].is_answered_by("")


def test_values_do_not_come_twice_and_names_neither() -> None:
    values, chance = Values(5), Random(5)
    for kind in ("code", "amount", "person"):
        drawn = [values.draw(kind, chance).texts["en"] for _ in range(20_000)]
        assert len(set(drawn)) == len(drawn), kind
    names = [name(number, seed=5) for number in (*range(20_000), *range(48_000, 68_000))]
    assert len(set(names)) == len(names)


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.md").write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError, match="Name a new or empty folder"):
        generate(tmp_path, pages=10, seed=1)
    assert list(contents(tmp_path)) == ["mine.md"]


def test_too_few_pages_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 4 pages, not 3"):
        generate(tmp_path / "company", pages=3, seed=1)


def test_the_command_says_what_it_wrote_and_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(tmp_path / "company"), "--pages", "30", "--seed", "2"]
    command.main(arguments)
    assert "Wrote 30 pages" in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    assert ended.value.code == 2
    assert "Name a new or empty folder" in capsys.readouterr().err


# The handbook


def test_the_handbook_has_40_to_60_files_in_both_languages() -> None:
    files = [path for path in HANDBOOK.rglob("*") if path.is_file()]
    assert 40 <= len(files) <= 60
    assert {path.suffix for path in files} == {".md", ".csv", ".html", ".pdf", ".docx"}
    by_language = Counter(path.parent.name for path in files)
    assert min(by_language["en"], by_language["es"]) >= 25


def test_every_page_of_the_handbook_is_in_the_language_of_its_folder() -> None:
    for path in HANDBOOK.rglob("*.md"):
        text = path.read_text(encoding="utf-8")
        assert language_of(text) == path.parent.name, path.name


def test_every_page_of_the_handbook_has_a_title_a_day_and_150_to_600_words() -> None:
    for path in HANDBOOK.rglob("*.md"):
        text = path.read_text(encoding="utf-8")
        assert re.match(r"---\ntitle: .+\nupdated: \d{4}-\d\d-\d\d\n---\n# ", text), path.name
        assert 150 <= len(text.split()) <= 600, path.name


def test_the_older_pages_say_that_they_no_longer_hold() -> None:
    stated = {
        "en/expenses-2023.md": "until 31 October 2025",
        "en/warranty-2021.md": "between **1 March 2021 and 31 December 2024**",
        "es/seguridad-2022.md": "el 15 de junio de 2025",
        "es/despachos-2024.md": "al 4 de enero de 2026",
    }
    for path, words in stated.items():
        text = (HANDBOOK / path).read_text(encoding="utf-8")
        assert words in text, path


def test_every_row_of_a_table_has_as_many_cells_as_its_head() -> None:
    for path in HANDBOOK.rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        assert rows
        assert {len(row) for row in rows} == {len(head)}, path.name


def test_the_pdf_opens_and_has_two_pages_of_text() -> None:
    pages = PdfReader(PDF).pages
    assert len(pages) >= 2
    assert "adhesivo verde" in " ".join(pages[0].extract_text().split())
    assert PDF.stat().st_size < 100_000


def test_the_word_file_is_what_its_text_says() -> None:
    text = text_of(WORD)
    document = Document(str(WORD))
    assert document.core_properties.title == text["title"]
    said = [paragraph.text for paragraph in document.paragraphs]
    assert [block["text"] for block in text["blocks"] if block["text"] not in said] == []
    assert document.tables[0].cell(3, 1).text == "3 months"


def test_making_the_word_file_twice_gives_the_same_bytes() -> None:
    assert word(text_of(WORD)) == word(text_of(WORD))


def test_making_the_pdf_twice_gives_the_same_bytes() -> None:
    pytest.importorskip("fpdf", reason="only who makes the documents anew needs fpdf2")
    assert pdf(text_of(PDF)) == pdf(text_of(PDF))


# The evaluation sets


def asked_of(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("folder", EVALUATIONS, ids=lambda folder: folder.name)
def test_an_evaluation_has_12_pages_and_27_questions_6_of_them_without_an_answer(
    folder: Path,
) -> None:
    questions = asked_of(folder)
    pages = {path.name for path in folder.iterdir()} - {"questions.jsonl"}
    assert len(pages) == 12
    assert len(questions) == len({q["id"] for q in questions}) == 27
    assert len([q for q in questions if not q["source"]]) == 6
    for question in questions:
        assert bool(question["source"]) == bool(question["answer_any"])
        assert question["kind"].startswith("unanswerable") == (not question["source"])
        assert set(question["source"]) <= pages
        assert language_of(question["question"]) in (question["language"], None, "")


@pytest.mark.parametrize("folder", EVALUATIONS, ids=lambda folder: folder.name)
def test_every_evaluated_answer_stands_in_the_file_named_as_its_source(folder: Path) -> None:
    for question in asked_of(folder):
        for source in question["source"]:
            text = plain(folder / source)
            assert any(key.casefold() in text for key in question["answer_any"]), question["id"]


@pytest.mark.parametrize("folder", EVALUATIONS, ids=lambda folder: folder.name)
def test_an_evaluation_crosses_languages_in_both_directions(folder: Path) -> None:
    crossing = [q for q in asked_of(folder) if q["kind"] == "cross_language"]
    assert {q["language"] for q in crossing} == {"en", "es"}
    for question in crossing:
        text = (folder / question["source"][0]).read_text(encoding="utf-8")
        assert language_of(re.sub(r"<[^>]+>", " ", text)) != question["language"], question["id"]


def test_the_evaluations_share_no_page_with_each_other_or_the_handbook() -> None:
    paragraphs: Counter[str] = Counter()
    for folder in (*EVALUATIONS, HANDBOOK):
        files = [path for path in folder.rglob("*") if path.suffix in (".md", ".html", ".csv")]
        texts = "\n\n".join(path.read_text(encoding="utf-8") for path in files)
        paragraphs.update({part for part in texts.split("\n\n") if len(part.split()) > 15})
    assert max(paragraphs.values()) == 1
