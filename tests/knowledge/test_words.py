"""Text becomes index terms."""

import threading

import pytest

from knowledge.words import content_words, fold, index_terms, stems, stop_words, terms, words


def test_accents_and_capitals_do_not_matter_but_ñ_does() -> None:
    assert fold("POLÍTICA Política") == "politica politica"
    assert fold("Ñandú N\u0303andu") == "ñandu ñandu"
    assert fold("ano") != fold("año")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("E-1432", ["e-1432", "e", "1432"]),
        ("v2.3", ["v2.3", "v2", "3"]),
        ("1,200 1.200", ["1,200", "1200", "1.200", "1200"]),
        ("max_tokens", ["max_tokens", "max", "tokens"]),
        ("C++ and C#", ["c++", "and", "c#"]),
        ("well-known and/or", ["well", "known", "and", "or"]),
        ("ana@example.org", ["ana", "example", "org"]),
        ("nurse's nurse’s", ["nurse", "nurse"]),
        ("¿Qué? ¡Sí!", ["que", "si"]),
        ("日本 مرحبا", ["日本", "مرحبا"]),
        ('a\x00b 🌴 \ud800 "c"', ["a", "b", "c"]),
        ("", []),
    ],
)
def test_words_are_found_in(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_what_is_too_long_for_a_word_is_cut() -> None:
    assert words("x" * 1000) == ["x" * 64]
    assert words("-".join(["abc"] * 99)) == ["abc"] * 99


def test_words_that_say_nothing_are_left_out_in_their_language_only() -> None:
    assert terms("How many days of leave do we have?", "en") == ["day", "leav"]
    assert terms("¿Cuántos días de vacaciones tenemos?", "es")[:2] == ["dias", "vacacion"]
    assert content_words("the día de", "fr") == ["the", "dia", "de"]
    assert stop_words("fr") == frozenset()
    assert stop_words("../en") == frozenset()


def test_endings_are_taken_off_where_we_know_the_language() -> None:
    assert terms("politics", "en") == terms("politic", "en")
    assert terms("políticas", "es") == terms("politica", "es")
    assert stems(["politiques"], "fr") == ["politiques"]


def test_codes_keep_their_endings() -> None:
    assert "v2s" in terms("v2s", "en")


def test_a_keyboard_without_ñ_finds_words_with_it() -> None:
    indexed = index_terms("España, año", "es")
    assert set(terms("espana", "es")) <= set(indexed)
    assert set(terms("España", "es")) <= set(indexed)
    assert index_terms("Spain", "en") == terms("Spain", "en")


def test_threads_stem_at_the_same_time_without_disturbing_each_other() -> None:
    spoken = [f"running{chr(97 + n % 26)}{chr(97 + n // 26)}s" for n in range(600)]
    expected = stems(spoken, "en")
    found: list[list[str]] = []
    stem_all = [
        threading.Thread(target=lambda: found.append(stems(spoken, "en"))) for _ in range(4)
    ]
    for thread in stem_all:
        thread.start()
    for thread in stem_all:
        thread.join()
    assert found == [expected] * 4
