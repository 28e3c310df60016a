"""Sets that bring their own knowledge: public data, and an invented company."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from knowledge.sources import Entry, NotesInMemory
from pipelines.evaluation.cases import Said
from pipelines.evaluation.ready_made import Company, PublicSet, SetError

CORPUS = [
    {"_id": "xq-en-1", "title": "Super_Bowl", "text": "The Panthers gave up 308 points."},
    {"_id": "xq-es-1", "text": "Los Panthers cedieron 308 puntos en toda la temporada."},
]
QUERY = {
    "_id": "q1",
    "lang": "es",
    "text": "¿Cuántos puntos?",
    "answers": ["308", "308 puntos"],
    "gold": "xq-es-1",
    "gold_other_lang": "xq-en-1",
}


def write(folder: Path, **files: Sequence[Mapping[str, Any]]) -> Path:
    """A folder with these files of JSON lines."""
    folder.mkdir(exist_ok=True)
    for name, rows in files.items():
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(lines, "utf-8")
    return folder


def test_a_question_of_a_public_set_has_its_page_in_both_languages(tmp_path: Path) -> None:
    public = PublicSet(write(tmp_path / "xquad", corpus=CORPUS, queries=[QUERY, QUERY]))
    (case,) = public.cases().cases
    assert public.cases().name == "xquad"
    assert case.facts == (("308", "308 puntos"),)
    assert case.sources == ("set:xq-es-1", "set:xq-en-1")
    assert (case.language, case.kind) == ("es", "es")


async def test_the_texts_of_a_public_set_are_a_source(tmp_path: Path) -> None:
    source = PublicSet(write(tmp_path, corpus=CORPUS, queries=[QUERY])).source()
    entries = [entry async for entry in source.entries("", NotesInMemory())]
    assert [entry.path for entry in entries] == [path async for path in source.existing()]
    first, second = [(await source.read(entry)).article for entry in entries]
    assert (first.id, first.title, first.language) == ("set:xq-en-1", "Super Bowl", "en")
    assert second.language == "es"
    content = await source.read(Entry("xq-en-1", ""))
    assert content.content_hash == await source.content_hash(entries[0]) == entries[0].stamp
    await source.close()


def test_dialogues_keep_their_turns_and_say_when_nothing_answers(tmp_path: Path) -> None:
    turns = [
        {"speaker": "user", "text": "Who won?"},
        {"speaker": "agent", "text": "The Broncos."},
        {"speaker": "user", "text": "And when?"},
    ]
    tasks: list[dict[str, Any]] = [
        {"input": turns, "gold": ["xq-en-1"], "answerability": "ANSWERABLE"},
        {"input": turns[:1], "gold": [], "answerability": "UNANSWERABLE"},
        {"input": turns[:2], "gold": [], "answerability": "UNDERSPECIFIED"},
    ]
    told, missing, vague = PublicSet(write(tmp_path, corpus=CORPUS, tasks=tasks)).cases().cases
    assert told.before == (Said("Who won?"), Said("The Broncos.", is_ours=True))
    assert (told.question, told.sources) == ("And when?", ("set:xq-en-1",))
    assert (missing.is_refused, missing.kind) == (True, "unanswerable")
    assert vague.expected == "anything"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"corpus": CORPUS}, "queries.jsonl or tasks.jsonl is missing"),
        ({}, "corpus.jsonl and queries.jsonl or tasks.jsonl is missing"),
        ({"corpus": CORPUS, "queries": [{"text": "Who?"}]}, "queries.jsonl, line 1, is not of the"),
        ({"corpus": CORPUS, "queries": [[1]]}, "line 1, is not of the right form"),
        ({"corpus": CORPUS, "queries": []}, "holds no question"),
    ],
)
def test_a_folder_that_is_no_set_is_told_what_it_lacks(
    tmp_path: Path, files: dict[str, Any], message: str
) -> None:
    with pytest.raises(SetError, match=message):
        PublicSet(write(tmp_path / "set", **files)).cases()


def test_lines_that_are_no_json_and_files_that_are_no_text_are_named(tmp_path: Path) -> None:
    folder = write(tmp_path, corpus=CORPUS, queries=[QUERY])
    (folder / "queries.jsonl").write_text("{\n", "utf-8")
    with pytest.raises(SetError, match="line 1"):
        PublicSet(folder).cases()
    (folder / "queries.jsonl").write_bytes(b"\xff\xff\n")
    with pytest.raises(SetError, match="cannot be read"):
        PublicSet(folder).cases()


def test_an_invented_company_is_written_once_and_has_every_kind_of_question(tmp_path: Path) -> None:
    company = Company(tmp_path / "company", 28)
    cases = company.cases()
    assert cases.name == "invented company of 28 pages"
    kinds = {case.kind: case for case in cases.cases}
    assert len(kinds) == 7
    assert kinds["not found"].expected == "refusal"
    assert len(kinds["complete list"].facts) >= 4
    assert len(kinds["single fact"].facts) == 1
    assert company.cases() == cases
    (tmp_path / "company" / "questions.jsonl").unlink()  # as if it had been killed meanwhile
    assert Company(tmp_path / "company", 28).cases() == cases
    assert company.source().name == "set"
