"""What mostly is a noun, or said of somebody else, may be an order all the same."""

import pytest

from pipelines.personas.voice import Voice
from pipelines.respeaking import respoken
from pipelines.voices import address, breaks

LEFT = [
    # Such a word begins a sentence, or a clause behind an order or a condition.
    "Para compartir tu calendario, ábrelo y comparte el enlace con tu equipo.",
    "Toma tu tarjeta en recepción y pásala por el lector.",
    "Parte tu pedido en dos y envíalo.",
    "Vende tu bici en el tablón.",
    "Comparte tu informe con Marta.",
    "Reparte tu trabajo con Marta.",
    "Corre tu silla y siéntate.",
    "Si tienes dudas, comparte tu pantalla con soporte.",
    "Si tu equipo lo necesita, comparte el enlace.",
    "Al salir, comparte tu informe.",
    "Puedes llamar a soporte y compartir tu pantalla; comparte solo lo necesario.",
    "Tienes que venir a las 9:00: toma tu llave, corre tu silla y siéntate.",
    "Toma nota de tu clave y guárdala.",
    "Toma asiento y espérala.",
    # No comma ends the clause before it.
    "Para entrar usa tu tarjeta.",
    "Para entrar teclea tu clave.",
    "Al salir apaga la luz con tu mando.",
    "Si necesitas ayuda llama a Marta.",
    "Si tienes prisa toma el ascensor.",
    "Cuando termines cierra la puerta con tu llave.",
    "Antes de salir apaga las luces y avísanos.",
    # Prepositions that are none.
    "Para la máquina y avísale a Marta.",
    "Para el motor y avísanos.",
    # Of two verbs: to create or to believe, to seat or to feel.
    "Crea una carpeta y ponle un nombre.",
    "Al salir créenosla.",
    "Siéntate aquí y siente la brisa.",
]


@pytest.mark.parametrize("wanted", ["usted", "vos"])
@pytest.mark.parametrize("text", LEFT)
def test_what_may_be_an_order_leaves_all_of_an_answer(text: str, wanted: str) -> None:
    assert respoken(text, Voice(es=wanted), "es") == text


@pytest.mark.parametrize("wanted", ["tú", "vos"])
@pytest.mark.parametrize(
    "text",
    [
        "Cree lo que te dicen.",
        "Cree una carpeta y póngale un nombre.",
        "Preocupe a Marta y créanosla.",
        "Pase por recepción y firme la hoja.",
        "Pase la tarjeta y pulse el botón.",
        "Entre por la puerta norte y firme la hoja.",
        "Entre y siéntese.",
        "Descarte la hoja y pulse el botón.",
        "Para entrar use la llave y pulse el botón.",
        "Aparte su silla y siéntese.",
    ],
)
def test_what_may_be_asked_of_usted_leaves_all_of_an_answer(text: str, wanted: str) -> None:
    assert respoken(text, Voice(es=wanted), "es") == text


@pytest.mark.parametrize("wanted", ["tú", "usted"])
@pytest.mark.parametrize(
    "text", ["Pulsá el botón y planchá la camisa.", "Pulsá el botón y planchala."]
)
def test_what_may_be_asked_of_vos_leaves_all_of_an_answer(text: str, wanted: str) -> None:
    assert respoken(text, Voice(es=wanted), "es") == text


def test_what_is_believed_is_not_created() -> None:
    for wanted in ("tú", "vos", "usted"):
        assert respoken("Cree lo que te dicen.", Voice(es=wanted), "es") == "Cree lo que te dicen."
    assert respoken("Creés lo que te dicen.", Voice(es="tú"), "es") == "Crees lo que te dicen."
    assert respoken("Si crees que falta, dilo.", Voice(es="vos"), "es") == (
        "Si crees que falta, dilo."  # "creés" if you believe, "crees" if you create
    )


@pytest.mark.parametrize(
    ("tú", "usted", "vos"),
    [
        (
            "Toma una foto y súbela a Brújula.",
            "Tome una foto y súbala a Brújula.",
            "Tomá una foto y subila a Brújula.",
        ),
        ("Compártelo con tu equipo.", "Compártalo con su equipo.", "Compartilo con tu equipo."),
        (
            "Si necesitas ayuda con la red, puedes llamar a Hal.",
            "Si necesita ayuda con la red, puede llamar a Hal.",
            "Si necesitás ayuda con la red, podés llamar a Hal.",
        ),
        (
            "Para pedir ayuda, puedes llamar.",
            "Para pedir ayuda, puede llamar.",
            "Para pedir ayuda, podés llamar.",
        ),
        (
            "La llave que tienes abre la puerta.",
            "La llave que tiene abre la puerta.",
            "La llave que tenés abre la puerta.",
        ),
        (
            "Marta imparte el curso; apúntate en la lista.",
            "Marta imparte el curso; apúntese en la lista.",
            "Marta imparte el curso; apuntate en la lista.",
        ),
        (
            "El taller vende café; puedes pagarlo.",
            "El taller vende café; puede pagarlo.",
            "El taller vende café; podés pagarlo.",
        ),
        (
            "La empresa corre con los gastos y tú no pagas nada.",
            "La empresa corre con los gastos y usted no paga nada.",
            "La empresa corre con los gastos y vos no pagás nada.",
        ),
        (
            "Toma de decisiones: puedes votar una vez.",
            "Toma de decisiones: puede votar una vez.",
            "Toma de decisiones: podés votar una vez.",
        ),
        (
            "Parte del plano falta y tienes que pedirla.",
            "Parte del plano falta y tiene que pedirla.",
            "Parte del plano falta y tenés que pedirla.",
        ),
        (
            "Para la máquina de café, pídele la llave a Jorge.",
            "Para la máquina de café, pídale la llave a Jorge.",
            "Para la máquina de café, pedile la llave a Jorge.",
        ),
    ],
)
def test_what_is_no_order_or_is_one_for_certain_is_said_otherwise(
    tú: str, usted: str, vos: str
) -> None:
    assert respoken(tú, Voice(es="usted"), "es") == usted
    assert respoken(tú, Voice(es="vos"), "es") == vos


@pytest.mark.parametrize("tú", ["comparte", "reparte", "vende", "corre", "parte", "toma"])
def test_what_is_asked_of_vos_for_certain_may_become_such_a_word(tú: str) -> None:
    vos = {"parte": "partí", "comparte": "compartí", "reparte": "repartí"}.get(tú, f"{tú[:-1]}é")
    vos = "tomá" if tú == "toma" else vos
    text = f"{vos.capitalize()} la caja y avisanos."
    assert respoken(text, Voice(es="tú"), "es") == f"{tú.capitalize()} la caja y avísanos."


@pytest.mark.parametrize(
    ("half", "voice", "word"),
    [
        ("Para compartir su calendario, ábralo y comparte el enlace.", "usted", "comparte"),
        ("Toma su tarjeta y pásela por el lector.", "usted", "Toma"),
        ("Corre su silla y siéntese.", "usted", "Corre"),
        ("Parte su pedido en dos y envíelo.", "usted", "Parte"),
        ("Comparte su informe con Marta.", "usted", "Comparte"),
        ("Vende su bici en el tablón.", "usted", "Vende"),
        ("Ábralo y cierra la puerta.", "usted", "cierra"),
        ("Si tenés dudas, comparte tu pantalla con soporte.", "vos", "comparte"),
        ("Tenés que venir a las 9:00: toma tu llave y sentate.", "vos", "toma"),
        ("Pase la tarjeta y pulsa el botón.", "tú", "Pase"),
    ],
)
def test_what_was_changed_half_way_breaks_the_voice(half: str, voice: str, word: str) -> None:
    assert word in breaks(half, Voice(es=voice), "es")


@pytest.mark.parametrize(
    "text",
    [
        "Marta comparte la sala con Jorge y reparte las llaves.",
        "El curso lo imparte Marta.",
        "La toma de corriente está junto a la mesa; parte del plano falta.",
        "Toma de decisiones. Parte de la fianza. Nota: la sala abre a las 8:00.",
        "Pídala en recepción; abre a las 8:00.",
        "Entre la sala y la cocina hay una puerta. Para la baja hay una hoja.",
        "El taller vende café, y corre con los gastos.",
        "Pase lo que pase, hay café.",
    ],
)
def test_facts_break_no_voice(text: str) -> None:
    assert not breaks(text, Voice(es="usted"), "es")
    assert address(text) <= {"usted"}
