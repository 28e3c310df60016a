"""An answer is spelt as one English spells it, and no word is misspelt by a rule."""

from pathlib import Path

import pytest

from pipelines.personas.voice import Voice
from pipelines.respeaking import respoken
from pipelines.voice_words import lexicon, listed, spellings
from pipelines.voices import breaks

READ = {
    british: american
    for line in Path(__file__).with_name("spellings.txt").read_text("utf-8").splitlines()
    for british, _, american in (pair.partition("/") for pair in line.split())
    if not line.startswith("#")
}


def test_every_form_that_a_rule_makes_was_read_by_somebody() -> None:
    assert spellings("american") == READ
    assert spellings("british") == {american: british for british, american in READ.items()}
    told = {word for word, to in lexicon().english.items() if to}
    assert not told & READ.keys() & set(READ.values())
    assert not told & set(listed()["both"].split())


@pytest.mark.parametrize("voice", ["british", "american"])
@pytest.mark.parametrize(
    "text",
    [
        "Programming is taught on Fridays; the machines are programmed by Anna Gray.",
        "The analyses are kept for 5 years.",
        "You are enrolled after the first week; she is enrolling today.",
        "Orders are fulfilled on Mondays; fulfilling them takes a day.",
        "Gray orders the coffee. Grey drinks it.",
        "Gray's Inn Road is near. Gray cats sleep.",
        "A chequered flag on a licensed car.",
        "The stories are on the second story, past the tires on the curb.",
        "A dialogue with Anna in the dialog box.",
        "The humoral response was checked.",
    ],
)
def test_what_both_spell_alike_and_what_may_be_a_name_stays_and_breaks_nothing(
    text: str, voice: str
) -> None:
    assert respoken(text, Voice(en=voice), "en") == text
    assert not breaks(text, Voice(en=voice), "en")


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("The enrolment form is in the catalogue.", "The enrollment form is in the catalog."),
        ("Fulfil it; fulfilment helps.", "Fulfill it; fulfillment helps."),
        ("He enrols, and fulfils orders.", "He enrolls, and fulfills orders."),
        ("Two programmes and two cheques.", "Two programs and two checks."),
        ("Three storeys of grey-coloured walls.", "Three stories of gray-colored walls."),
        ("The centred title; centring it.", "The centered title; centering it."),
        ("Catalogued by an analyser.", "Cataloged by an analyzer."),
        ("Two kilometres of defenceless harbours.", "Two kilometers of defenseless harbors."),
        ("It was modelled, and analysed.", "It was modeled, and analyzed."),
    ],
)
def test_both_directions(british: str, american: str) -> None:
    assert respoken(british, Voice(en="american"), "en") == american
    back = respoken(american, Voice(en="british"), "en")
    assert not breaks(back, Voice(en="british"), "en")
    # "Programs", "checks", "stories" and "cataloged" may be British, too, so that they stay.
    both = {"programs", "checks", "stories", "cataloged", "catalog"}
    words = set(american.casefold().replace(".", "").split())
    assert back == british or words & both


def test_she_analyzes_in_one_english_alone() -> None:
    assert respoken("He analyzes it.", Voice(en="british"), "en") == "He analyses it."
    assert breaks("He analyzes it.", Voice(en="british"), "en") == ("analyzes",)
