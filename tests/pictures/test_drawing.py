"""Pictures are drawn from whatever people and models have written."""

from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from tests.pictures.drawing import DISCORD, SLACK, drawn
from tests.pictures.marked import blocks_of
from tests.pictures.pages import (
    Buttons,
    Choice,
    Entry,
    Line,
    Page,
    Place,
    Said,
    Steps,
    Table,
    Text,
    Window,
)
from tests.pictures.sheet import Look, Run, wide, wrapped

MARKDOWN = "# Head\n\n**Bold** `a<b`\n\n1. one\n2. two\n\n> quote\n\n```\ncode & <more>\n```"


def words_of(picture: Element) -> str:
    return " ".join("".join(one.itertext()) for one in picture)


@pytest.mark.parametrize("look", [SLACK, DISCORD])
def test_every_kind_of_piece_is_drawn_and_nothing_in_it_is_markup(look: Look) -> None:
    pieces = (
        *(Text(MARKDOWN), Text("<script>alert(1)</script> & @Ana"), Line()),
        *(Table((("Name", "Days"), ("Ana", "7"))), Buttons(("Why?",) * 20)),
        Steps((("Searching", True), ("Reading", False))),
    )
    said = Said("Ana Ruiz", "9:30", pieces, is_app=True, depth=1, only_for="Ben")
    form = Window("Form", (Choice("What?", ("a", "b"), "b"), Entry("More", "x")), ("No", "Yes"))
    picture = fromstring(drawn(Page("p", "A page", (Place("# general", (said,)), form)), look))
    seen = words_of(picture)
    for words in (
        "Bold",
        "a<b",
        "code & <more>",
        "<script>alert(1)</script>",
        "Only visible to Ben",
    ):
        assert words in seen
    assert not [one for one in picture.iter() if one.tag.endswith("script")]


def test_lines_are_no_wider_than_they_may_be() -> None:
    text = "Some words, and one that is endless: " + "x" * 300
    lines = list(wrapped([Run(text), Run("bold", "bold")], 200, 15))
    assert "".join(run.words for line in lines for run in line) == f"{text}bold"
    for line in lines:
        assert sum(wide(run.words.rstrip(), run.style, 15) for run in line) <= 205


def test_items_have_their_numbers_and_names_stand_out() -> None:
    one, two, name = blocks_of("3. three\n4. four\n\n@Ana knows")
    assert (one.sign, two.sign) == ("3.", "4.")
    assert name.runs == (Run("@Ana", "name"), Run(" knows"))
