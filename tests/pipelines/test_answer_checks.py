"""Answers that cannot be answers are seen by their form."""

import pytest

from pipelines.answer_checks import adds_something, has_the_form, strange_names


@pytest.mark.parametrize(
    ("answer", "question", "language"),
    [
        ("Ubaldo tiene el teléfono.", "¿Qué teléfono tiene Ubaldo?", "es"),
        ("The warden signs the holidays.", "Who signs the holidays of a warden?", "en"),
    ],
)
def test_the_question_as_a_statement_adds_nothing(
    answer: str, question: str, language: str
) -> None:
    assert not adds_something(answer, question, language)


def test_a_number_or_a_word_of_its_own_is_something() -> None:
    assert adds_something("14", "How many people may be in the attic?", "en")
    assert adds_something("Dogs sleep in the boot room.", "Where do dogs sleep?", "en")


@pytest.mark.parametrize(
    ("question", "answer", "fits"),
    [
        ("How much does a bunk cost?", "It is in the hall.", False),
        ("How much does a bunk cost?", "£21 a night.", True),
        ("¿Cuántos días tengo?", "Tienes veinticinco días.", True),
        ("¿Cada cuánto se lavan?", "Cada trimestre.", True),
        ("¿Cuánto cuesta?", "Es gratis.", True),
        ("What is Ana's phone?", "Ana works in the shop.", False),
        ("¿Cuál es el correo de Ana?", "ana@example.org", True),
        ("Who has the key?", "Irene.", True),
        ("What time does the kitchen open?", "At noon.", True),
        ("How long may I keep the key?", "Until you leave the house.", True),
        ("Who updates the phone list?", "Marta updates it.", True),
    ],
)
def test_an_amount_or_a_contact_must_look_like_one(question: str, answer: str, fits: bool) -> None:
    assert has_the_form(answer, question) == fits


def test_a_verdict_is_something() -> None:
    question = "Are dogs allowed in the cabins?"
    assert adds_something("No, dogs are not allowed in the cabins.", question, "en")
    assert adds_something("Dogs are not allowed in the cabins.", question, "en")
    assert adds_something("Sí, se admiten perros.", "¿Se admiten perros?", "es")


@pytest.mark.parametrize(
    "question",
    [
        "What do I do if I'm ill?",
        "Hi Tertulia, who is ill?",
        "Who is ill? Thanks, Laura",
        "WHO IS?",
    ],
)
def test_what_everybody_writes_is_no_name(question: str) -> None:
    assert strange_names(question, ["files:ill.md Tell us."]) == frozenset()


def test_a_name_that_nothing_knows_is_strange() -> None:
    known = ["files:es/oficina.md La oficina de Lisboa abre a las 9."]
    assert strange_names("When does the Lisbon office open?", known) == frozenset()
    assert strange_names("When does the Madrid office open?", known) == {"madrid"}
    assert strange_names("Is Ana in the office?", known) == {"ana"}
