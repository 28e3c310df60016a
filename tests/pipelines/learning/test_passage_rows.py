"""Which questions and passages a reranker may learn from, and what is said of them."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from knowledge.articles import Audience, Chunk
from knowledge.learning_examples import Example
from pipelines.learning.pairs import Pair
from pipelines.learning.passage_rows import labelled, made
from pipelines.learning.redaction import Redactor
from tests.pipelines.learning.rows import row
from tests.pipelines.small_knowledge import chunk, open_index, pages

KNOWN = ("Cooperativa", "Guest", "Wifi", "Kitchen", "Leave", "Bicicletas")
ANA = Audience.of("terminal:ana")
ASKED = "How many days of paid leave do we have?"


def example(*passages: Chunk, name: str = "E-1", question: str = ASKED, **more: object) -> Example:
    rests_on = [{"chunk": c.id, "article": c.article, "version": c.text_hash} for c in passages]
    found = row(name, question, "It stands there.", state="approved")
    found = replace(found, provenance={"passages": rests_on, "language": "en"}, split="")
    return replace(found, **more)  # type: ignore[arg-type]  # a test names real fields


def page(title: str) -> Chunk:
    return next(one for one in pages() if one.title == title)


def unit(*angles: float) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    turns = np.radians(np.array(angles))
    return np.stack([np.cos(turns), np.sin(turns)], axis=1).astype(np.float32)


def test_the_nearest_other_passages_are_no_answers_unless_they_are_nearly_the_same() -> None:
    gold, copy, near, far = (chunk(t, f"About {t}.", "en") for t in ("a", "copy", "near", "far"))
    other = chunk("es", "Sobre ello.", "es")
    pairs = [Pair("?", "en", (gold.text_hash,), "", "E-1")]
    vectors = (unit(0), unit(10, 12, 40, 60, 5))
    chunks = [gold, copy, near, far, other]
    found = labelled(pairs, chunks, vectors, rivals=1)
    assert [(one.passage, one.label) for one in found] == [
        (near.searchable_text, False),
        (gold.searchable_text, True),
    ]
    assert {one.example for one in found} == {"E-1"}
    both = labelled(pairs, chunks, vectors)
    assert {one.passage for one in both if not one.label} == {
        near.searchable_text,
        far.searchable_text,
    }


def test_what_answered_somebody_is_no_wrong_answer_for_who_asks_the_same() -> None:
    first, second = chunk("a", "One.", "en"), chunk("b", "Two.", "en")
    pairs = [Pair("Who?", "en", (first.text_hash,)), Pair("who?", "en", (second.text_hash,))]
    for order in (pairs, pairs[::-1]):
        found = labelled(order, [first, second], (unit(0, 0), unit(0, 45)))
        assert [one.label for one in found] == [True, True]


async def test_rows_come_from_what_everybody_may_read_and_name_nobody(tmp_path: Path) -> None:
    secret = chunk("Board", "The board has 40 days of paid leave a year.", "en", audience=ANA)
    late = chunk("Late", "Nobody has a vector of this.", "en")
    known = [
        example(page("Leave")),
        example(secret, name="E-2", question="How many days has the board?"),
        example(page("Kitchen"), name="E-3", question="When is it cleaned?", split="eval"),
        example(page("Wifi"), name="E-4", question="Who is [PERSON_1]?"),
        example(page("Bicicletas"), name="E-5", question="How much is the deposit?"),
    ]
    async with open_index(tmp_path) as index:
        await index.add([*pages(), secret])
        await index.embed_all()
        await index.add([late])
        redactor = Redactor(KNOWN)
        found = await made(known, index.store, index.embedder, redactor, tmp_path / "rows")
        nothing = await made([], index.store, index.embedder, redactor, tmp_path / "none")
    text = found.file.read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    assert (found.answering, len(rows)) == (2, found.answering + found.others)
    assert found.others > 0
    assert found.examples == ("E-1", "E-5")
    assert found.left_out["placeholders"] > 0
    assert {one["question"] for one in rows if one["label"]} == {
        ASKED,
        "How much is the deposit?",
    }
    assert "board" not in text
    assert "vector" not in text
    assert "Irene" not in text
    assert "[PERSON_1]" in text
    assert (nothing.answering, nothing.others, nothing.file.read_text(encoding="utf-8")) == (
        0,
        0,
        "",
    )


@pytest.mark.parametrize("changes", [{"opinion": "down"}, {"given": "Something else."}])
async def test_an_answer_that_was_wrong_says_nothing_of_its_passages(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    async with open_index(tmp_path) as index:
        await index.add(pages())
        await index.embed_all()
        wrong = example(page("Leave"), **changes)
        found = await made([wrong], index.store, index.embedder, Redactor(KNOWN), tmp_path / "r")
    assert found.answering == 0
