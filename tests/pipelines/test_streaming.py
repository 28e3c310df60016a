"""The answer is read out of JSON that is still being written."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.streaming import AnswerField, reply_fields


@given(st.text(), st.booleans(), st.integers(1, 7))
def test_the_pieces_joined_are_the_answer(answer: str, ascii_only: bool, size: int) -> None:
    answer = answer.encode("utf-16", "ignore").decode("utf-16")
    raw = json.dumps({"answer": answer, "sources": [1]}, ensure_ascii=ascii_only)
    field = AnswerField()
    pieces = [field.feed(raw[i : i + size]) for i in range(0, len(raw), size)]
    assert "".join(pieces) == answer
    assert field.is_complete


def test_what_follows_the_answer_is_not_shown() -> None:
    field = AnswerField()
    assert field.feed('{"answer": "Yes", "sources": [1], "note": "x"}') == "Yes"
    assert field.feed('"more"') == ""


def test_a_reply_that_was_cut_short_gives_its_whole_sentences() -> None:
    assert reply_fields('{"answer": "Thirty days of le') == ("", [])
    cut = '{"answer": "You have 30 days. Dogs are allowed'
    assert reply_fields(cut) == ("You have 30 days.", [])
    assert reply_fields('{"answer": "You have 30 days.", "sour') == ("You have 30 days.", [])


@pytest.mark.parametrize("text", ["", "no JSON", "[1]", '{"answer": 3}', '{"other": "x"}', "null"])
def test_a_reply_without_an_answer_is_empty(text: str) -> None:
    assert reply_fields(text) == ("", [])


def test_sources_that_are_no_numbers_are_ignored() -> None:
    assert reply_fields('{"answer": "x", "sources": ["a", 2, null]}') == ("x", [2])
    assert reply_fields('{"answer": "x", "sources": "2"}') == ("x", [])


def test_half_a_surrogate_pair_is_left_out() -> None:
    field = AnswerField()
    assert field.feed('{"answer": "a\\ud83dxx\\u00e1b"}').startswith("a")
