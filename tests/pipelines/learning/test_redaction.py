"""No personal data is left in a text, or there is no text."""

import re
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.learning.redaction import PLACEHOLDER, RedactionError, Redactor
from tests.pipelines.learning.canaries import CANARIES

REDACTOR = Redactor(["Candela", "Puerto Candela"])
ORDINARY = (
    "How many weeks of parental leave are there?",
    "Parents take 19 weeks of parental leave. It is paid in full [1].",
    "¿Cuánto dura el permiso de maternidad?",
    "La dieta por comida es de 22 euros. Los billetes se reservan en segunda clase.",
    "Billetes en segunda clase; la máquina de café se limpia los viernes a las 16:00.",
    "Will the Ladder cost 25 euros? Price: 40 euros. Drill: 3 days.",
    "On Monday 2026-11-23 the office opens at 9:30, version 3.11.7 of Python is needed.",
    "Pide la llave en Slack y apúntalo en Excel. Puedo cambiarlo el lunes.",
    "The shop in Puerto Candela sells 1,250 books a year.",
)
people = st.sampled_from(
    [
        "Marta Ruiz",
        "Jorge Luna",
        "Xoán Carballo",
        "Priya Raghunathan",
        "Emma Wilkinson",
        "Iker Etxebarria",
    ]
)
numbers = st.sampled_from(
    ["612 345 678", "12345678Z", "X1234567L", "ES91 2100 0418 4502 0005 1332", "a.b@c.example"]
)
plain = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=60)


@pytest.mark.parametrize(("canary", "said"), CANARIES, ids=[one for one, _ in CANARIES])
def test_no_canary_is_left(canary: str, said: str) -> None:
    (text,) = REDACTOR.redacted([said]).texts
    assert canary.casefold() not in text.casefold()
    assert PLACEHOLDER.search(text)
    digits = re.sub(r"\D", "", canary)
    assert len(digits) < 4 or digits not in re.sub(r"\D", "", PLACEHOLDER.sub("", text))


@pytest.mark.parametrize("said", ORDINARY)
def test_what_names_nobody_stays_as_it_is(said: str) -> None:
    assert REDACTOR.redacted([said]).texts == (said,)


def test_a_name_has_the_same_number_in_all_texts_of_a_row() -> None:
    said = [
        "¿Quién es Marta Ruiz?",
        "Marta lleva las nóminas, y Jorge Luna el café.",
        "Luna, no Ruiz.",
    ]
    assert REDACTOR.redacted(said).texts == (
        "¿Quién es [PERSON_1]?",
        "[PERSON_1] lleva las nóminas, y [PERSON_2] el café.",
        "[PERSON_2], no [PERSON_1].",
    )


def test_placeholders_are_counted_by_type() -> None:
    found = REDACTOR.redacted(["Marta Ruiz, 612 34 56 78, a@b.example; Jorge Luna, c@d.example"])
    assert found.found == {"PERSON": 2, "PHONE": 1, "EMAIL": 2}


@given(people, numbers, plain, plain)
@settings(max_examples=150, deadline=None)
def test_whatever_stands_around_it_nothing_is_left(
    person: str, number: str, before: str, after: str
) -> None:
    said = f"{before} {person}, {number} {after}"
    try:
        (text,) = REDACTOR.redacted([said]).texts
    except RedactionError:
        return  # no text is given out
    assert person not in text
    assert number not in text


@given(plain)
@settings(max_examples=100, deadline=None)
def test_a_text_without_personal_data_is_left_so(said: str) -> None:
    try:
        once = REDACTOR.redacted([said]).texts
    except RedactionError:
        return
    assert REDACTOR.redacted(once).texts == once


def test_without_what_finds_personal_data_nothing_is_given_out() -> None:
    code = (
        "import sys; sys.modules['spellchecker'] = None\n"
        "from pipelines.learning.redaction import ExamplesExtraMissingError, Redactor\n"
        "try: Redactor()\n"
        "except ExamplesExtraMissingError as error:\n"
        "    sys.exit('[examples]' not in error.what_to_do)\n"
        "sys.exit('it was made')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
