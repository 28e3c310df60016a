"""Sentences end where a reader says they end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.sentences import sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("¿Cuántos días? ¡Veintidós! Punto.", ["¿Cuántos días?", "¡Veintidós!", "Punto."]),
        ("Vale. ¿Y tú? ¡Bien!", ["Vale.", "¿Y tú?", "¡Bien!"]),
        ("El Sr. García vive en la Av. Libertad n.º 5.", None),
        ("Useful things, e.g. Slack, i.e. a chat, vs. Discord.", None),
        ("It costs 3.50 euros in v2.0 at tertulia.example.org today.", None),
        ("Written by J. R. Smith and M. Pérez.", None),
        ("Opens at 9 a.m. on Mondays.", None),
        ("We close at 5 p.m. Then we go.", ["We close at 5 p.m.", "Then we go."]),
        ("Bring pens, paper, etc. It helps.", ["Bring pens, paper, etc.", "It helps."]),
        ('He said "Yes." Then he left.', ['He said "Yes."', "Then he left."]),
        ("Wait... Now. And so on… Done.", ["Wait...", "Now.", "And so on…", "Done."]),
        ("Is it on? yes it is.", None),
        ("lines of a\nparagraph run on.", None),
        ("One\n\nTwo", ["One", "Two"]),
        ("List:\n- first. Then\n- second", ["List:", "- first.", "Then", "- second"]),
        ("1. Open it. Close it.\n2. Go.", ["1. Open it.", "Close it.", "2. Go."]),
        ("| a. B | c |\n| d | e |", ["| a. B | c |", "| d | e |"]),
        ("# Title\nText.", ["# Title", "Text."]),
        ("**Bold.** Next.", ["**Bold.**", "Next."]),
        ("", []),
        (" \n \n", []),
    ],
)
def test_a_text_is_cut_into_its_sentences(text: str, expected: list[str] | None) -> None:
    assert sentences(text) == ([text] if expected is None else expected)


@given(st.text(alphabet=st.sampled_from('aB1.?! \n|-#…"¿é'), max_size=80))
def test_no_sign_is_lost_between_sentences(text: str) -> None:
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())
    assert all(sentence in text for sentence in sentences(text))
