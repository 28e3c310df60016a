"""`tertulia search`: ranked chunks in the promised shape, for those who may read them."""

import json
from pathlib import Path

import pytest

from tests.bot.team import Tertulia

pytestmark = pytest.mark.usefixtures("home")
KEYS = {"article", "title", "text", "url", "language", "score"}


def articles(value: dict[str, list[dict[str, str]]]) -> list[str]:
    return [chunk["article"] for chunk in value["chunks"]]


def test_the_shape_is_the_promised_one(tertulia: Tertulia) -> None:
    outcome = tertulia("search", "parental leave", "--json", "--top", "3")
    assert outcome.code == 0
    assert outcome.err == ""
    value = outcome.value
    assert set(value) == {"query", "chunks"}
    assert value["query"] == "parental leave"
    assert len(value["chunks"]) == 3
    for chunk in value["chunks"]:
        assert set(chunk) == KEYS
        assert isinstance(chunk["score"], float)
    assert value["chunks"][0]["article"] == "team:leave.md"
    assert "19 weeks" in value["chunks"][0]["text"]
    assert value["chunks"][0]["language"] == "en"
    assert value["chunks"][0]["url"].startswith("file://")
    scores = [chunk["score"] for chunk in value["chunks"]]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("query", "article"),
    [
        ("who orders the coffee", "team:cocina.md"),
        ("permiso de paternidad y maternidad", "team:leave.md"),
        ("deposit for the ladder", "team:tools.csv"),
        ("dieta por comida", "team:viajes.html"),
        ("Tejo-Guest", "team:wifi.txt"),
    ],
)
def test_both_languages_find_the_page(tertulia: Tertulia, query: str, article: str) -> None:
    assert articles(tertulia("search", query, "--json").value)[0] == article


def test_a_file_gives_one_line_for_every_query_also_for_empty_ones(
    tertulia: Tertulia, tmp_path: Path
) -> None:
    file = tmp_path / "queries.txt"
    file.write_text("\ufeffparental leave\n\n  café  \n", encoding="utf-8")
    outcome = tertulia("search", "--file", str(file), "--json", "--top", "1")
    values = [json.loads(line) for line in outcome.out.splitlines()]
    assert [value["query"] for value in values] == ["parental leave", "", "café"]
    assert [len(value["chunks"]) for value in values] == [1, 0, 1]


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_file_that_is_no_text_is_named(
    tertulia: Tertulia, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "queries.txt"
    if content:
        file.write_bytes(content)
    outcome = tertulia("search", "--file", str(file), "--json")
    assert outcome.code == 2
    assert outcome.error["kind"] == "query_file"
    assert str(file) in outcome.error["message"]


def test_only_those_who_may_read_a_page_find_it(tertulia: Tertulia) -> None:
    query = ("search", "what does the chair of the board earn", "--json")
    assert "board:pay.md" in articles(tertulia(*query, "--as", "terminal:ana").value)
    for somebody in (["--as", "terminal:ben"], ["--as", "slack:ana"], []):
        assert "board:pay.md" not in articles(tertulia(*query, *somebody).value)


def test_people_see_titles_and_the_beginning_of_the_text(tertulia: Tertulia) -> None:
    outcome = tertulia("search", "coffee machine", "--top", "1")
    assert outcome.out.startswith("1. Café y cocina  (team:cocina.md, ")
    assert "Jorge Luna" in outcome.out


@pytest.mark.parametrize(
    "arguments", [[], ["a", "--file", "b"], [""], ["  "], ["a", "--top", "0"], ["a", "b"]]
)
def test_wrong_usage_is_told_apart_from_failure(tertulia: Tertulia, arguments: list[str]) -> None:
    outcome = tertulia("search", *arguments, "--json")
    assert outcome.code == 2
    assert outcome.error["kind"] == "wrong_usage"
    assert "tertulia search --help" in outcome.error["what_to_do"]


def test_a_query_of_any_length_is_searched(tertulia: Tertulia) -> None:
    assert tertulia("search", "parental leave " * 7_000, "--json").value["chunks"]
