"""Sentences that nobody wrote are said in a voice wholly or left, and no fact changes."""

import random
from collections.abc import Callable

import pytest

from pipelines.personas.voice import Voice
from pipelines.respeaking import respoken
from pipelines.verb_forms import Verb, rows_of, what_is_asked
from pipelines.voice_words import listed, verbs
from pipelines.voices import SINGULAR, breaks

VERBS = verbs(listed())
ADDRESSES = sorted(SINGULAR)
OBJECTS = ("la llave", "el formulario", "las copias", "una foto", "los guantes")
PLACES = ("en recepción", "a las 8:00", "los viernes", "con Marta", "por la mañana")
Part = Callable[[random.Random, str], str]


def present(verb: Verb, to: str) -> str:
    return next(rows_of(verb)).forms[to]


def clitic(verb: Verb, to: str, chance: random.Random) -> str:
    rows = [row.forms for row in rows_of(verb) if set(row.forms) >= SINGULAR]
    return chance.choice(rows[4:])[to]


def statement(chance: random.Random, to: str) -> str:
    who = {"tú": ("", "Tú "), "vos": ("", "Vos "), "usted": ("Usted ", "Usted no ")}[to]
    return f"{chance.choice(who)}{present(chance.choice(VERBS), to)} {chance.choice(OBJECTS)}"


def permission(chance: random.Random, to: str) -> str:
    can = {"tú": "Puedes", "vos": "Podés", "usted": chance.choice(["Puede", "Usted puede"])}[to]
    verb = chance.choice(VERBS).infinitive.translate(str.maketrans("í", "i"))
    pronoun = {"tú": "te", "vos": "te", "usted": "se"}[to]
    stressed = verb[:-2] + {"a": "á", "e": "é", "i": "í"}[verb[-2]] + "r"
    ends = (
        verb,
        f"{verb}lo",
        f"{verb}{pronoun}",
        f"{stressed}{pronoun}{chance.choice(['lo', 'la'])}",
    )
    return f"{can} {chance.choice(ends)}"


def orders(chance: random.Random, to: str) -> str:
    def order() -> str:
        verb = chance.choice(VERBS)
        if chance.random() < 0.5:
            return clitic(verb, to, chance)
        return f"{what_is_asked(verb)[to]} {chance.choice(OBJECTS)}"

    parts = [order() for _ in range(chance.randint(1, 3))]
    return " y ".join([", ".join(parts[:-1]), parts[-1]] if parts[1:] else parts)


def condition(chance: random.Random, to: str) -> str:
    what, other = (present(chance.choice(VERBS), to) for _ in range(2))
    return f"Si {what} {chance.choice(OBJECTS)}, {other} {chance.choice(OBJECTS)}"


def fact(chance: random.Random, _: str) -> str:
    verb = present(chance.choice(VERBS), "usted")
    return f"{chance.choice(['', 'El taller ', 'Marta '])}{verb} {chance.choice(OBJECTS)}"


def sentence(chance: random.Random, part: Part, to: str) -> str:
    said = part(chance, to)
    return f"{said[0].upper()}{said[1:]} {chance.choice(PLACES)}."


@pytest.mark.parametrize("seed", range(6))
def test_an_answer_is_said_wholly_in_the_voice_or_left(seed: int) -> None:
    chance, changed = random.Random(seed), 0
    for _ in range(150):
        to, parts = chance.choice(ADDRESSES), [statement, permission, orders, condition, fact]
        many = chance.choices(parts, k=chance.randint(1, 3))
        text = " ".join(sentence(chance, part, to) for part in many)
        for wanted in ADDRESSES:
            said = respoken(text, Voice(es=wanted), "es")
            assert said == text or not breaks(said, Voice(es=wanted), "es"), (text, said)
            changed += said != text
    assert changed >= 30


def test_what_may_be_said_of_a_third_person_never_changes() -> None:
    chance = random.Random(7)
    for verb in VERBS:
        said = f"{present(verb, 'usted')} {chance.choice(OBJECTS)} {chance.choice(PLACES)}."
        for text in (said.capitalize(), f"El taller {said}", f"Está abierto. {said.capitalize()}"):
            for wanted in ADDRESSES:
                assert respoken(text, Voice(es=wanted), "es") == text


@pytest.mark.parametrize("wanted", ["tú", "vos"])
def test_usted_never_keeps_its_verb_behind_another_pronoun(wanted: str) -> None:
    changed = 0
    for verb in VERBS:
        form = present(verb, "usted")
        said = respoken(f"Usted {form} la llave.", Voice(es=wanted), "es")
        assert form not in said.split() or said.startswith("Usted"), said
        changed += not said.startswith("Usted")
    assert changed >= 0.8 * len(VERBS)


@pytest.mark.parametrize("source", ["tú", "vos"])
def test_an_infinitive_with_two_pronouns_leaves_an_answer_as_it_was(source: str) -> None:
    can = {"tú": "Puedes", "vos": "Podés"}[source]
    for verb in VERBS:
        stem, vowel = verb.infinitive[:-2], {"a": "á", "e": "é", "i": "í"}[verb.ending]
        text = f"{can} {stem}{vowel}rtelo en recepción."
        assert respoken(text, Voice(es="usted"), "es") == text
        assert breaks(text.replace(can, "Puede"), Voice(es="usted"), "es")
