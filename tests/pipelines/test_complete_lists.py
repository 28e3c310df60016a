import json
from pathlib import Path

import pytest

from knowledge.examples.company.questions import Language
from knowledge.examples.company.wording import name_lists, subjects
from pipelines.complete_lists import asks_for_all

HANDBOOKS = Path(__file__).parents[1] / "benchmarks" / "handbooks"
LANGUAGES: tuple[Language, ...] = ("en", "es")


@pytest.mark.parametrize(
    "question",
    [
        "Which rooms are there?",
        "which kinds of leave do we have?",
        "What are the opening hours and the prices?",
        "What kinds of bread do we bake?",
        "List our suppliers.",
        "Please name everybody with a key",
        "Who are the members of the board?",
        "Can I have a complete list of the tools?",
        "Give me all the phone numbers",
        "¿Cuáles son los turnos?",
        "¿Qué salas hay en la segunda planta?",
        "¿Qué herramientas puedo llevarme a casa?",
        "¿Quiénes tienen llave?",
        "dime todos los proveedores",
        "Enumera los pasos.",
        "Necesito los nombres de los socios, todos",
        "¿Me das la lista de precios?",
    ],
)
def test_who_wants_everything_of_a_kind_is_understood(question: str) -> None:
    assert asks_for_all(question)


@pytest.mark.parametrize(
    "question",
    [
        "What does beginners' climbing cost?",
        "Is the office open all the time?",
        "Who is the caretaker?",
        "What is the deposit?",
        "Who keeps the list?",
        "Which radio channel does the hut use?",
        "¿Abre todos los días?",
        "Con todas las horas extra, ¿cuánto cobro?",
        "How many of all the rooms are free?",
        "¿Qué fianza hay que dejar?",
        "¿Cuál es el horario?",
        "¿Quién tiene la llave?",
        "¿Está lista la comida?",
    ],
)
def test_one_thing_is_no_list(question: str) -> None:
    assert not asks_for_all(question)


def test_the_lists_of_an_invented_company_are_asked_for_and_its_facts_are_none() -> None:
    for language in LANGUAGES:
        lists = [text for found in name_lists() for text in found.asks[language]]
        assert all(map(asks_for_all, lists)), [text for text in lists if not asks_for_all(text)]
        facts = [
            text.format(name="Lumora North")
            for subject in subjects()
            for fact in subject.facts
            for text in (*fact.asks[language], *fact.rephrased[language])
        ]
        assert not [text for text in facts if asks_for_all(text)]


def test_questions_on_the_tuning_handbooks_are_no_lists() -> None:
    for book in ("hostel", "bakery"):
        lines = (HANDBOOKS / book / "questions.jsonl").read_text("utf-8").splitlines()
        asked = [json.loads(line)["question"] for line in lines]
        assert not [text for text in asked if asks_for_all(text)]
