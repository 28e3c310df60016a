"""Answers that were made in all voices at once are said in another one to the letter, or left."""

import random

import pytest

from pipelines.personas.voice import Voice
from pipelines.respeaking import respoken
from pipelines.verb_forms import rows_of, what_is_asked
from pipelines.voice_words import listed, verbs
from pipelines.voices import SINGULAR

VERBS = [verb for verb in verbs(listed()) if verb.infinitive not in ("entrar", "parar", "sentar")]
"""Without "entre" and "para", prepositions before a noun, and "sienta", said of what suits one."""
OWN = {"tú": "tu", "vos": "tu", "usted": "su"}
OBJECTS = ("la llave", "el formulario", "unas copias", "OWN clave", "OWN informe", "a Marta")
LEADS = (
    {"tú": "", "vos": "", "usted": ""},
    {"tú": "Si quieres entrar", "vos": "Si querés entrar", "usted": "Si quiere entrar"},
    {"tú": "Cuando llegues", "vos": "Cuando llegues", "usted": "Cuando llegue"},
    {"tú": "Tienes que pasar:", "vos": "Tenés que pasar:", "usted": "Tiene que pasar:"},
    {"tú": "Puedes pasar y luego", "vos": "Podés pasar y luego", "usted": "Puede pasar y luego"},
    dict.fromkeys(OWN, "Al salir"),
    dict.fromkeys(OWN, "Para abrir la caja"),
)


def order(chance: random.Random, to: str) -> str:
    verb = chance.choice(VERBS)
    if chance.random() < 0.4:
        rows = [row.forms for row in rows_of(verb) if set(row.forms) >= SINGULAR]
        return chance.choice(rows[4:])[to]
    return f"{what_is_asked(verb)[to]} {chance.choice(OBJECTS).replace('OWN', OWN[to])}"


def answer(chance: random.Random, to: str) -> str:
    lead = chance.choice(LEADS)[to]
    if lead:
        lead += chance.choice([" ", ", "] if lead[-1].isalpha() else [" "])
    link = chance.choice([" y ", ", luego ", " y después ", "; "])
    said = lead + link.join(order(chance, to) for _ in range(chance.randint(1, 3)))
    return f"{said[0].upper()}{said[1:]}{chance.choice(['.', ' en recepción.', ' a las 8:00.'])}"


@pytest.mark.parametrize("source", sorted(SINGULAR))
@pytest.mark.parametrize("wanted", sorted(SINGULAR))
def test_all_of_an_answer_is_said_otherwise_or_none_of_it(source: str, wanted: str) -> None:
    changed = 0
    for seed in range(150):
        text, other = (answer(random.Random(seed), to) for to in (source, wanted))
        said = respoken(text, Voice(es=wanted), "es")
        assert said in (text, other), text
        changed += said != text
    assert changed >= 10 or source == wanted
