"""English and Spanish are told apart, also in two words; others where they are sure."""

import pytest

from knowledge.language import language_of, language_of_part, language_of_question

_ENGLISH = "Everybody has twenty-two days of holidays and may take them when the team agrees."
_SPANISH = (
    "Todas las personas tienen veintidós días de vacaciones y pueden tomarlos cuando quieran."
)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (_ENGLISH, "en"),
        (_SPANISH, "es"),
        (
            "Alle haben zweiundzwanzig Tage Urlaub im Jahr und nehmen ihn nach Absprache im Team.",
            "de",
        ),
        (
            "Tout le monde a vingt-deux jours de congé et peut les prendre quand l'équipe accepte.",
            "fr",
        ),
        ("The office is in Madrid", "en"),
        ("La oficina de Madrid", "es"),
        ("", ""),
        ("4711", ""),
        ("xkcd zzz 1 2 3", ""),
    ],
)
def test_the_language_of_a_text(text: str, language: str) -> None:
    assert language_of(text) == language


def test_numbers_and_names_have_no_language() -> None:
    assert language_of("qq ww zz xx " * 5) in {"", "en", "es"}


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("vacaciones?", "es"),
        ("how many days off?", "en"),
        ("wifi password", "en"),
        ("contraseña wifi", "es"),
        ("gastos de viaje", "es"),
        ("impresora", "es"),
        ("office hours", "en"),
        ("¿Y en Madrid?", "es"),
        ("and in Madrid?", "en"),
        ("teletrabajo", "es"),
        ("¿Cuántos días de vacaciones tengo?", "es"),
        ("How do I get a new laptop?", "en"),
        ("Combien de jours de vacances avons-nous par an?", "fr"),
        ("Wie viele Urlaubstage habe ich im Jahr?", "de"),
    ],
)
def test_the_language_of_a_question(question: str, language: str) -> None:
    assert language_of_question(question, "xx") == language


@pytest.mark.parametrize("question", ["", "????", "VPN", "T-7"])
def test_a_question_without_a_language_gets_the_default(question: str) -> None:
    assert language_of_question(question, "es") == "es"
    assert language_of_question(question) == ""


def test_a_passage_in_the_other_language_has_its_own() -> None:
    assert language_of_part(_SPANISH, "en") == "es"
    assert language_of_part(_ENGLISH, "es") == "en"
    assert language_of_part("| a | 1 |", "es") == "es"
    assert language_of_part(_ENGLISH, "fr") == "fr"
