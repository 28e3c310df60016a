"""Checks of instructions: each lets through what does it, and nothing else."""

import pytest

from tests.benchmarks.instructions import CHECKS, follows

CASES = [
    (
        "change_case:capital_word_frequency",
        "A BIG day",
        {"capital_relation": "at least", "capital_frequency": 2},
        "a big day",
    ),
    ("change_case:english_capital", "ALL OF IT.", {}, "Not all."),
    ("change_case:english_lowercase", "all of it.", {}, "Not all."),
    ("combination:repeat_prompt", "Say it. Here.", {"prompt_to_repeat": "say it."}, "Here."),
    ("combination:two_responses", "one\n******\ntwo", {}, "one"),
    ("detectable_content:number_placeholders", "[a] [b]", {"num_placeholders": 2}, "[a]"),
    ("detectable_content:postscript", "Bye.\nP.S. More", {"postscript_marker": "P.S."}, "Bye."),
    ("detectable_format:constrained_response", "My answer is no.", {}, "No."),
    ("detectable_format:json_format", '```json\n{"a": 1}\n```', {}, "{a}"),
    (
        "detectable_format:multiple_sections",
        "Day 1 a Day 2 b",
        {"section_spliter": "Day", "num_sections": 2},
        "Day 1",
    ),
    ("detectable_format:number_bullet_lists", "* a\n* b", {"num_bullets": 2}, "* a"),
    ("detectable_format:number_highlighted_sections", "*a* b *c*", {"num_highlights": 2}, "*a*"),
    ("detectable_format:title", "<<On bees>>\nBuzz.", {}, "On bees"),
    ("keywords:existence", "A bee hums", {"keywords": ["bee", "hum"]}, "A bee"),
    ("keywords:forbidden_words", "beehive", {"forbidden_words": ["bee"]}, "a bee"),
    (
        "keywords:frequency",
        "bee bee",
        {"keyword": "bee", "relation": "at least", "frequency": 2},
        "bee",
    ),
    (
        "keywords:letter_frequency",
        "bee",
        {"letter": "e", "let_relation": "less than", "let_frequency": 3},
        "eee",
    ),
    (
        "length_constraints:nth_paragraph_first_word",
        "One\n\nElm grows.",
        {"nth_paragraph": 2, "num_paragraphs": 2, "first_word": "elm"},
        "One\n\nTwo",
    ),
    ("length_constraints:number_paragraphs", "a\n***\nb", {"num_paragraphs": 2}, "a"),
    (
        "length_constraints:number_sentences",
        "One. Two.",
        {"relation": "less than", "num_sentences": 3},
        "One. Two. Three!",
    ),
    (
        "length_constraints:number_words",
        "one two",
        {"relation": "at least", "num_words": 2},
        "one",
    ),
    ("punctuation:no_comma", "a b", {}, "a, b"),
    ("startend:end_checker", "So it is.", {"end_phrase": "it is."}, "So it was."),
    ("startend:quotation", '"Quite."', {}, "Quite."),
]


@pytest.mark.parametrize(("name", "right", "values", "wrong"), CASES)
def test_a_check_tells_right_from_wrong(
    name: str, right: str, values: dict[str, object], wrong: str
) -> None:
    assert CHECKS[name](right, values)
    assert not CHECKS[name](wrong, values)


def test_every_check_has_a_case() -> None:
    assert {name for name, *_ in CASES} == set(CHECKS)


def test_all_that_is_asked_for_must_be_done() -> None:
    asked = ["punctuation:no_comma", "change_case:english_lowercase"]

    assert follows("quite so.", asked, [{}, {}])
    assert not follows("quite, so.", asked, [{}, {}])
    assert not follows(" ", ["punctuation:no_comma"], [{}])
