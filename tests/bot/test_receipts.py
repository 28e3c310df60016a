"""Answers and receipts as JSON values and in words."""

import json

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
        knowledge={"chunks": 2},
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
    text = why_text(answer())
    assert "T-AAAA  persona helpdesk (abc)  model openai:owl" in text
    assert "retrieve 0.12 s  total 4.57 s" in text
    assert "  * 0.123  a:b.md #3" in text
    assert "    0.100  a:c.md #0" in text
    assert "openai:owl + ours-1" in why_text(answer(adapter="ours-1"))


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
