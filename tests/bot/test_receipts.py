"""Answers and receipts as JSON values and in words."""

import json
from dataclasses import replace

from bot.receipts import answer_value
from bot.receipts_text import sources_text, why_text
from knowledge.articles import Audience, Chunk
from knowledge.conversations import Answer, ChunkUse, Citation, Receipt


def answer(*citations: Citation, adapter: str | None = None) -> Answer:
    receipt = Receipt(
        persona="helpdesk",
        prompt_version="abc",
        model="openai:owl",
        adapter=adapter,
        chunks=(ChunkUse("a:b.md", 3, 0.12345, True), ChunkUse("a:c.md", 0, 0.1, False)),
        knowledge={
            "is_complete": False,
            "reworded": "How many days of leave?",
            "answerable": 0.57,
        },
        timings_s={"retrieve": 0.123, "total": 4.567},
        tokens={"prompt": 80, "answer": 9},
    )
    return Answer("T-AAAA", "Text.", "en", citations, receipt)


def chunk(**more: object) -> Chunk:
    values = {
        "id": "1",
        "article": "a:b.md",
        "position": 3,
        "title": "Leave",
        "text": "Thirty  days\nof leave.",
        "language": "en",
        "audience": Audience.of("everyone"),
    }
    return Chunk(**{**values, **more})  # type: ignore[arg-type]  # values of a test


def test_sources_name_title_headings_page_and_place() -> None:
    one = chunk(heading=("Leave", "Parents"), page=4, url="file:///leave.pdf")
    two = chunk(title="Pay")
    given = answer(Citation(1, one, one.text, 0.9), Citation(2, two, two.text, 0.8))
    assert sources_text(given).splitlines() == [
        "Sources:",
        "  [1] Leave > Parents, p. 4 - file:///leave.pdf",
        "  [2] Pay - a:b.md",
    ]
    assert "“Thirty days of leave.”" in sources_text(given, quotes=True)
    assert sources_text(answer()) == ""


def test_a_receipt_in_words_says_what_was_cited_and_how_long_it_took() -> None:
    assert why_text(answer(), "en").splitlines() == [
        "T-AAAA: persona helpdesk (abc), model openai:owl",
        "Time: search 0.1 s, in all 4.6 s",
        "Tokens: 80 read, 9 written",
        "Some pages are not ready yet: they were found by their words alone.",
        "Also searched for: How many days of leave?",
        "The search expected the answer in these passages with 57 %.",
        "Passages, with their score (* cited):",
        "* 0.123  a:b.md #3",
        "- 0.100  a:c.md #0",
    ]
    spanish = why_text(answer(adapter="ours-1"), "es")
    assert "modelo openai:owl + ours-1" in spanish
    assert "Tiempo: búsqueda 0.1 s, en total 4.6 s" in spanish
    empty = replace(answer(), receipt=Receipt("helpdesk", "abc", "openai:owl"))
    assert why_text(empty, "en").splitlines()[2:] == [
        "Tokens: ? read, ? written",
        "No passages were found.",
    ]


def test_what_a_question_was_taken_to_need_is_told() -> None:
    route = {"needs": "knowledge", "confidence": 0.93, "edition": "abc"}
    routed = replace(answer(), receipt=replace(answer().receipt, route=route))
    told = "the question was taken to need: pages (93 %)."
    assert any(told in line for line in why_text(routed, "en").splitlines())
    assert "necesita: páginas (93 %)." in why_text(routed, "es")
    unsure = replace(routed, receipt=replace(routed.receipt, route=route | {"needs": ""}))
    assert "taken to need" not in why_text(unsure, "en")
    assert answer_value(routed)["receipt"]["route"] == route


def test_values_are_json_with_rounded_numbers() -> None:
    one = chunk()
    value = json.loads(json.dumps(answer_value(answer(Citation(1, one, "Thirty", 0.987)))))
    assert value["citations"][0]["score"] == 0.99
    assert value["receipt"]["chunks"][0] == {
        "article": "a:b.md",
        "position": 3,
        "score": 0.1235,
        "used": True,
    }
    assert value["receipt"]["timings_s"] == {"retrieve": 0.12, "total": 4.57}
