"""Nothing invisible, nothing repeated, no broken words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.cleaning import clean, clean_pages


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("soft\u00adhyphen", "softhyphen"),
        ("\u202eright\u202c to \u2066left\u2069", "right to left"),
        ("a\U000e0049\U000e0067\U000e006eb", "ab"),
        ("nul\x00 bell\x07 escape\x1b[31m", "nul bell escape[31m"),
        ("half\ud800pair", "halfpair"),
        ("man\u0303ana", "mañana"),
        ("oﬃce ﬁle", "office file"),
        ("no\u00a0break\u2009thin", "no break thin"),
        ("a\r\nb\rc\u2028d\u0085e", "a\nb\nc\nd\ne"),
        ("x  \n\n\n\n\ny\t\n", "x\n\ny"),
        ("page one  \fpage two", "page one\fpage two"),
        ("jo\u200dined", "joined"),
    ],
)
def test_signs_that_nobody_sees_are_gone_and_the_rest_stays(raw: str, expected: str) -> None:
    assert clean(raw) == expected


def test_joiners_stay_where_they_are_letters() -> None:
    assert clean("می\u200cخواهم") == "می\u200cخواهم"
    assert clean("👩\u200d💻") == "👩\u200d💻"


@given(st.text())
def test_cleaning_twice_is_cleaning_once_and_the_result_can_be_stored(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert "\x00" not in cleaned.encode().decode()


def test_words_cut_at_line_ends_are_mended_and_compounds_keep_their_hyphen() -> None:
    text = clean_pages(
        ["The coope-\nrative is self-\nhosted. We like self-hosted things, since 2019-\n2020."]
    )
    assert "cooperative" in text
    assert text.count("self-hosted") == 2
    assert "2019-2020" in text


def test_headers_footers_and_page_numbers_are_removed_from_the_edges_only() -> None:
    pages = [
        f"Handbook {year}\nText {word} here.\nCooperative Tertulia\nPage {number} of 4"
        for number, (year, word) in enumerate(
            [("2024", "one"), ("2024", "two"), ("2024", "three"), ("2024", "four")], 1
        )
    ]
    text = clean_pages(pages)
    assert text == "Text one here.\fText two here.\fText three here.\fText four here."


def test_what_repeats_in_the_middle_of_pages_is_content() -> None:
    pages = [
        "\n".join([*(f"{word} above {n}." for n in "abc"), "Repeated line."])
        + "\n"
        + "\n".join(f"{word} below {n}." for n in "abc")
        for word in ("one", "two", "three")
    ]
    assert clean_pages(pages).count("Repeated line.") == 3


def test_lines_of_a_paragraph_run_on_and_short_lines_and_items_end_one() -> None:
    text = clean_pages(
        [
            "Holidays\nEverybody has twenty-two days of holidays a year and may take\n"
            "them when the team agrees, but never more than three weeks\nat once.\n"
            "- the first item\n- the second item\nAsk Lola in the office about it when you are new."
        ]
    )
    assert text == (
        "Holidays\n\nEverybody has twenty-two days of holidays a year and may take them when the "
        "team agrees, but never more than three weeks at once.\n- the first item\n"
        "- the second item\n\nAsk Lola in the office about it when you are new."
    )


def test_a_sentence_that_runs_over_a_page_stays_whole_on_the_first() -> None:
    pages = clean_pages(["The door code is changed", "every month by Lola. Ask her."]).split("\f")
    assert pages == ["The door code is changed every month by Lola.", "Ask her."]


def test_a_page_without_words_keeps_its_number() -> None:
    assert clean_pages(["One.", "", "Three."]) == "One.\f\fThree."
    assert clean_pages([]) == ""
