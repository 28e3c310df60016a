"""Whom a sentence addresses, and whose English it is, told by rules."""

from pathlib import Path

import pytest
import yaml

from pipelines.personas.voice import Voice
from pipelines.voices import (
    SINGULAR,
    address,
    address_of_several,
    breaks,
    english_of,
    in_english,
    in_spanish,
)

SENTENCES: dict[str, list[str]] = yaml.safe_load(
    Path(__file__).with_name("addresses.yaml").read_text(encoding="utf-8")
)


def written(*kinds: str) -> list[tuple[str, str]]:
    return [(kind, sentence) for kind in kinds for sentence in SENTENCES[kind]]


@pytest.mark.parametrize(("kind", "sentence"), written("tú", "vos", "usted"))
def test_how_one_person_is_addressed_is_told(kind: str, sentence: str) -> None:
    assert address(sentence) == {kind}, in_spanish(sentence)
    assert not breaks(sentence, Voice(es=kind), "es")
    for other in SINGULAR - {kind}:
        assert breaks(sentence, Voice(es=other), "es") or not in_spanish(sentence)


@pytest.mark.parametrize(("kind", "sentence"), written("vosotros", "ustedes"))
def test_how_several_are_addressed_is_told(kind: str, sentence: str) -> None:
    assert address_of_several(sentence) == {kind}, in_spanish(sentence)
    other = {"vosotros": "ustedes", "ustedes": "vosotros"}[kind]
    assert not breaks(sentence, Voice(plural=kind), "es")
    assert breaks(sentence, Voice(plural=other), "es")


@pytest.mark.parametrize(("kind", "sentence"), written("nobody"))
def test_what_is_said_of_others_addresses_nobody(kind: str, sentence: str) -> None:
    assert kind
    assert not in_spanish(sentence)


@pytest.mark.parametrize(("kind", "sentence"), written("british", "american"))
def test_whose_english_it_is_is_told(kind: str, sentence: str) -> None:
    assert english_of(sentence) == {kind}, in_english(sentence)
    assert not breaks(sentence, Voice(en=kind), "en")
    other = {"british": "american", "american": "british"}[kind]
    assert breaks(sentence, Voice(en=other), "en")


def test_there_are_enough_sentences_of_each() -> None:
    assert all(len(SENTENCES[kind]) >= 30 for kind in ("tú", "vos", "usted", "vosotros", "ustedes"))


@pytest.mark.parametrize(("kind", "sentence"), written("tú o vos"))
def test_what_both_tu_and_vos_say_is_left_open(kind: str, sentence: str) -> None:
    assert address(sentence) == set(kind.split(" o "))
    assert not breaks(sentence, Voice(es="vos"), "es")
    assert breaks(sentence, Voice(es="usted"), "es")


def test_words_that_two_forms_share_are_told_by_the_others() -> None:
    assert address("Te damos la tarjeta.") == {"tú", "vos"}
    assert address("Te damos lo que pedís y tenés.") == {"vos"}
    assert address("Tenés la llave y tienes la tarjeta.") == {"tú", "vos"}
    assert address("Decís que sí.") == set()  # said to one (vos) or to several (vosotros)


def test_verbs_that_are_in_no_list_are_told_by_their_ending() -> None:
    assert address("Cuando remendás el saco, cerrá la caja.") == {"vos"}
    assert address_of_several("Cuando remendáis el saco.") == {"vosotros"}
    assert address("Puede remendarte el saco.") == {"tú", "vos"}
    assert not in_spanish("Después hay dieciséis sacos más, aparte del resto.")


def test_a_voice_that_leaves_it_open_is_never_broken() -> None:
    for _, sentence in written("tú", "vos", "usted", "vosotros"):
        assert not breaks(sentence, Voice(tone="close"), "es")
    assert not breaks("Puedes.", Voice(es="usted"), "en")
    assert not breaks("color", Voice(en="british"), "fr")


def test_names_and_capitals_tell_nothing() -> None:
    assert not in_spanish("La sala Tú está en TU planta; pregunte a la señora Compás.")[:-1]


def test_a_verb_of_usted_behind_another_pronoun_breaks_each_voice() -> None:
    for text in ("Tú puede pedirla.", "Vos tiene que devolverlo."):
        assert all(breaks(text, Voice(es=voice), "es") for voice in SINGULAR)
    assert not breaks("Alguien como tú puede pedirla; para ti abre a las 8.", Voice(es="tú"), "es")
