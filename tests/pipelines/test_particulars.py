"""Numbers, dates, codes and names are the same thing in both languages."""

import pytest

from pipelines.particulars import currencies, exact_parts, is_negated, names


@pytest.mark.parametrize(
    ("english", "spanish"),
    [
        ("1,200 euros", "1.200 euros"),
        ("12.5 %", "12,50 %"),
        ("twelve days", "12 días"),
        ("on 3 March 2024", "el 3 de marzo de 2024"),
        ("from Monday to Friday", "de lunes a viernes"),
        ("9:00 to 17:30", "de 9.00 a 17:30"),
        ("code E-1432", "el código e-1432"),
        ("25 kg", "25kg"),
        ("10 000 units", "10.000 unidades"),
        ("a two-thirds majority", "dos tercios"),
        ("thirty-five euros", "treinta y cinco euros"),
        ("by 8 in the evening", "antes de las ocho de la tarde"),
        ("20 per cent", "el 20%"),
        ("2024-03-01", "1 de marzo de 2024"),
        ("from 9:00 to 17:00", "9:00-17:00"),
        ("12,500.50 euros", "12.500,50 euros"),
        ("1,234,567.25", "1.234.567,25"),
        ("12,500.50", "12500.5"),
        ("1,250.50kg", "1.250,5 kg"),
        ("at 15:30:00", "a las 15:30"),
        ("at 15:00:00.000", "a las 15:00"),
        ("2026-11-24T15:30:00", "el 24 de noviembre de 2026 a las 15:30"),
        ("2026-11-24T15:30", "24 November 2026, 15:30"),
        ("2026-11-24 15:30:00", "2026-11-24T15:30:00.000000"),
        ("2026-11-24T15:30:00Z", "2026-11-24T15:30:00+00:00"),
        ("2026-11-24T15:30:00+0100", "2026-11-24T15:30:00+01:00"),
    ],
)
def test_what_must_be_exact_is_the_same_in_both_languages(english: str, spanish: str) -> None:
    assert exact_parts(english) == exact_parts(spanish)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("30 days", "31 days"),
        ("E-1432", "E-1433"),
        ("1.5 hours", "15 hours"),
        ("May 3", "June 3"),
        ("at 10:15", "at 15:10"),
        ("2024-03-01", "2024-01-03"),
        ("-18 °C", "18 °C"),
        ("20 %", "20 €"),
        ("12,500.50", "12,500.05"),
        ("12,500.50", "125,000.50"),
        ("12.500,50", "12.500"),
        ("15:30:00", "15:30:20"),
        ("15:30:00", "15:00:30"),
        ("2026-11-24T15:30:00", "2026-11-24T15:31:00"),
        ("2026-11-24T15:30:00", "2026-12-24T15:30:00"),
        ("2026-11-24T15:30:00Z", "2026-11-24T15:30:00+01:00"),
        ("help@coop.org", "office@coop.org"),
        ("www.coop.org/leave", "www.coop.org/pay"),
    ],
)
def test_what_differs_by_a_hair_differs(one: str, other: str) -> None:
    assert exact_parts(one) != exact_parts(other)


def test_an_hour_after_noon_may_be_told_either_way() -> None:
    assert exact_parts("at 17:30") < exact_parts("at 5:30 pm")
    assert exact_parts("at 5:30") < exact_parts("at 5:30 pm")
    assert exact_parts("tea in the afternoon") == frozenset()


def test_what_happens_in_a_second_happens_in_its_minute() -> None:
    assert exact_parts("at 15:30") < exact_parts("at 15:30:20")
    assert exact_parts("24 November 2026") < exact_parts("2026-11-24T15:30:00Z")


def test_a_currency_is_told_by_its_sign_or_its_word() -> None:
    assert currencies("£118") == currencies("118 libras") == currencies("week gbp: 118") != set()
    assert currencies("$118") != currencies("118 €")
    assert currencies("118") == frozenset()


def test_verbs_that_look_like_months_are_no_dates() -> None:
    assert exact_parts("You may leave once we march") == frozenset()


def test_names_are_words_with_a_capital_inside_a_sentence() -> None:
    assert names("Ask Ana Ruiz in Bristol. The office opens on Monday.") == {
        "ana",
        "ruiz",
        "bristol",
    }
    assert names("¿Quién es Íñigo Peña?") == {"inigo", "pena"}


@pytest.mark.parametrize("text", ["You cannot do that", "Nunca sin factura", "No, it isn't"])
def test_denials_are_recognised(text: str) -> None:
    assert is_negated(text)


@pytest.mark.parametrize("text", ["You can do that", "Con factura", "Noted"])
def test_other_sentences_deny_nothing(text: str) -> None:
    assert not is_negated(text)
