"""Long texts become several messages, and nothing is lost."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wcwidth import iter_graphemes

from bot.egress import Egress
from bot.splitting import split
from tests.bot.hostile_markdown import hostile


def shown(text: str, limit: int) -> list[str]:
    parts = split(text, limit)
    assert "".join(part.original for part in parts) == text
    assert all(len(part.shown) <= limit for part in parts)
    return [part.shown for part in parts]


def test_a_short_text_is_one_message_and_none_is_none() -> None:
    assert shown("Hello", 100) == ["Hello"]
    assert shown("", 100) == []


def test_paragraphs_go_before_lines_before_sentences_before_words() -> None:
    assert shown("a" * 60 + "\n\n" + "b" * 60, 100) == ["a" * 60, "b" * 60]
    assert shown("a" * 60 + "\n" + "b" * 60, 100) == ["a" * 60, "b" * 60]
    sentences = "One more time. " * 12
    assert all(part.endswith("time.") for part in shown(sentences, 100))
    assert all(part.endswith("word") for part in shown("word " * 50, 100))


def test_a_tiny_first_paragraph_does_not_make_a_message() -> None:
    assert shown("Hi.\n\n" + "word " * 60, 100)[0].startswith("Hi.\n\nword")


def test_no_sign_is_cut_in_two() -> None:
    family = "👩‍👩‍👧"
    for part in shown(family * 60, 101):
        assert set(iter_graphemes(part)) == {family}


def test_fences_are_closed_and_opened_again_with_their_language() -> None:
    code = "\n".join(f"line_{i} = {i}" for i in range(40))
    parts = shown(f"Before\n\n```python\n{code}\n```\nAfter", 200)
    assert parts[0].startswith("Before\n\n```python\nline_0")
    assert all(part.count("```") == 2 for part in parts)
    assert all(part.startswith("```python\n") for part in parts[1:])
    assert parts[-1].endswith("```\nAfter")


def test_a_fence_in_a_quote_is_closed_in_it() -> None:
    quote = "\n".join(["> ```", *(f"> line {i}" for i in range(30)), "> ```"])
    assert all(p.startswith("> ```\n") and p.endswith("\n> ```") for p in shown(quote, 120))


def test_tables_are_cut_between_rows_and_their_head_is_repeated() -> None:
    rows = "\n".join(f"| name {i} | {i} |" for i in range(40))
    table = f"| Name | Days |\n| --- | --- |\n{rows}\n"
    for part in shown(table, 150):
        head, rule, *others = part.split("\n")
        assert (head, rule) == ("| Name | Days |", "| --- | --- |")
        assert others
        assert all(row.startswith("| name") and row.endswith("|") for row in others)


def test_an_aligned_table_keeps_its_head_too() -> None:
    rows = "\n".join(f"| name {i} | {i} |" for i in range(60))
    parts = Egress("discord").parts(f"| Name | Days |\n|---|---|\n{rows}", limit=200)
    assert len(parts) > 2
    assert all(p.shown.startswith("```\nName    | Days\n--------+-----\nname") for p in parts)


def test_links_code_and_escapes_stay_whole() -> None:
    for whole in ("[some words](<https://a.test/x>)", "`some code`", "<https://a.test>", "\\*"):
        text = "x " * 30 + whole * 3 + " y" * 60
        assert sum(part.count(whole) for part in shown(text, 100)) == 3


def test_what_is_longer_than_a_message_is_cut_all_the_same() -> None:
    assert len(shown("`" + "x" * 500 + "`", 100)) >= 5
    assert len(shown("| a |\n| --- |\n| " + "x" * 500 + " |\n", 100)) >= 5
    assert len(shown("```\n" + "x" * 500 + "\n```", 100)) >= 5
    assert len(shown("```" + "y" * 80 + "\n" + "x\n" * 100 + "```", 100)) >= 3
    assert len(shown("e" + "\u0301" * 500, 100)) >= 5


def test_spaces_at_the_end_make_no_message_of_their_own() -> None:
    assert shown("a" * 99 + "\n" * 50, 100) == ["a" * 99]


@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(100, 300))
def test_nothing_is_lost_whatever_the_text(random: Random, limit: int) -> None:
    shown(hostile(random) + "\n\n" + hostile(random), limit)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=600), st.integers(100, 200))
def test_nothing_is_lost_of_any_text(text: str, limit: int) -> None:
    shown(text, limit)


@pytest.mark.parametrize(("platform", "most"), [("slack", 11_500), ("discord", 1_900)])
def test_each_chat_has_a_limit_of_its_own(platform: str, most: int) -> None:
    parts = Egress(platform).parts("word " * 5_000)
    assert len(parts) > 1
    assert all(len(part.shown) <= most for part in parts)
