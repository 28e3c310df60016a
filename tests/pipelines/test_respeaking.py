"""An answer is said in the persona's voice where the model did not, for certain or not at all."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from pipelines import personas
from pipelines.answering import Assistant
from pipelines.personas.voice import Voice
from pipelines.respeaking import respoken
from pipelines.voices import address, breaks
from tests.pipelines.small_knowledge import asked, open_index, pages
from tests.pipelines.test_answering import scripted
from tests.pipelines.test_voices import SENTENCES

REAL = [
    json.loads(line)
    for line in Path(__file__).with_name("real_answers.jsonl").read_text("utf-8").splitlines()
]
"""What qwen2.5-coder-1.5b answered to six questions, asked for each voice in the prompt."""
PAIRS: list[dict[str, str]] = yaml.safe_load(
    """
- {tú: Puedes pedirla., vos: Podés pedirla., usted: Puede pedirla.}
- {tú: Tienes que enviarlo., vos: Tenés que enviarlo., usted: Tiene que enviarlo.}
- {tú: Dime qué necesitas., vos: Decime qué necesitás., usted: Dígame qué necesita.}
- {tú: Ponte los guantes., vos: Ponete los guantes., usted: Póngase los guantes.}
- {tú: Saca una foto y súbela., vos: Sacá una foto y subila., usted: Saque una foto y súbala.}
- {tú: Pídeselo a Marta., vos: Pedíselo a Marta., usted: Pídaselo a Marta.}
"""
)


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("said", ["tú", "vos"])
@pytest.mark.parametrize("wanted", ["tú", "vos", "usted"])
def test_verbs_are_said_in_another_voice(pair: dict[str, str], said: str, wanted: str) -> None:
    assert respoken(pair[said], Voice(es=wanted), "es") == pair[wanted]


@pytest.mark.parametrize("wanted", ["tú", "vos", "usted"])
def test_what_is_in_the_voice_stays_as_it_is(wanted: str) -> None:
    for sentence in (*SENTENCES[wanted], *SENTENCES["nobody"]):
        assert respoken(sentence, Voice(es=wanted), "es") == sentence


@pytest.mark.parametrize("wanted", ["vos", "usted"])
def test_many_sentences_can_be_said_and_none_is_left_half_way(wanted: str) -> None:
    voice, changed = Voice(es=wanted), 0
    for sentence in SENTENCES["tú"]:
        said = respoken(sentence, voice, "es")
        assert said == sentence or not breaks(said, voice, "es"), said
        changed += said != sentence
    # The others ask for something as it is also told of somebody: "Consulta la página".
    assert changed >= 0.6 * len(SENTENCES["tú"])


@pytest.mark.parametrize(
    ("text", "voice", "language", "said"),
    [
        ("Olvida la red y vuelve a conectarte.", Voice(es="usted"), "es", None),
        ("Olvida la red y vuelve a cambiarte.", Voice(es="usted"), "es", None),
        ("Te damos lo que puedes ver.", Voice(es="usted"), "es", None),
        ("La página dice «puedes pedirla» y `tienes`.", Voice(es="vos"), "es", None),
        ("Puedes pedirla: «puedes».", Voice(es="vos"), "es", "Podés pedirla: «puedes»."),
        ("Puedes pedirla.", Voice(tone="close"), "es", None),
        ("Puedes pedirla.", Voice(es="vos"), "en", None),
        ("Podéis pedirla.", Voice(es="usted", plural="ustedes"), "es", None),
        (
            "We organised the colours [1].",
            Voice(en="american"),
            "en",
            "We organized the colors [1].",
        ),
        (
            "The center of gray favorites",
            Voice(en="british"),
            "en",
            "The centre of grey favourites",
        ),
        ("The `color` is organized", Voice(en="british"), "en", "The `color` is organised"),
        ("Es con vos.", Voice(es="tú"), "es", None),
        ("Contigo puedes.", Voice(es="vos"), "es", "Con vos podés."),
    ],
)
def test_only_what_is_sure_and_not_quoted_is_changed(
    text: str, voice: Voice, language: str, said: str | None
) -> None:
    assert respoken(text, voice, language) == (said or text)


@pytest.mark.parametrize(
    ("text", "voice", "said"),
    [
        ("Write to anna.gray@acme.org for the key.", Voice(en="british"), None),
        ("Ask Anna Gray, the head of the Labor Center.", Voice(en="british"), None),
        ("Labor Center opens at 9.", Voice(en="british"), None),
        ("Ask Dr. Gray.", Voice(en="british"), None),
        ("It is at https://intra.acme.org/color/center.html.", Voice(en="british"), None),
        ("Set color=gray in theme.color.", Voice(en="british"), None),
        ("The file is center_map.pdf.", Voice(en="british"), None),
        ("Key ORG-color-17 opens it.", Voice(en="british"), None),
        (
            "It is open. Colors [1]. Gray walls, gray doors.",
            Voice(en="british"),
            "It is open. Colours [1]. Gray walls, grey doors.",
        ),
        ("- Organize the Color.", Voice(en="british"), "- Organise the Color."),
        ("Avísame en tus.llaves@acme.es.", Voice(es="usted"), "Avíseme en tus.llaves@acme.es."),
        ("Puedes abrir acme.es/tu/perfil.", Voice(es="usted"), "Puede abrir acme.es/tu/perfil."),
        ("Está en tus-datos.pdf.", Voice(es="usted"), None),
        ("Haz tu_caso.", Voice(es="usted"), "Haga tu_caso."),
    ],
)
def test_addresses_names_codes_and_files_stay_as_they_are_and_break_nothing(
    text: str, voice: Voice, said: str | None
) -> None:
    language = "es" if voice.es else "en"
    found = respoken(text, voice, language)
    assert found == (said or text)
    assert not breaks(found, voice, language)


@pytest.mark.parametrize("wanted", ["usted", "vos"])
@pytest.mark.parametrize(
    "text",
    [
        "Pulsa el botón, espera dos minutos y recoge tu café.",
        "Cuando llegues, firma en la lista y coge tu tarjeta.",
        "Necesitas tu tarjeta, y si no la encuentras, avisa.",
    ],
)
def test_what_may_still_ask_somebody_otherwise_leaves_all_as_it_was(wanted: str, text: str) -> None:
    assert respoken(text, Voice(es=wanted), "es") == text


@pytest.mark.parametrize(
    ("text", "usted", "vos"),
    [
        ("Las tomas de corriente están detrás; puedes usarlas.", "puede", "podés"),
        ("Hay tomas en la pared; puedes usarlas.", "puede", "podés"),
        ("Puedes ver las quejas; las quejas van a Marta.", "Puede", "Podés"),
        ("Puedes pedir dos tomas y 3 pagas.", "Puede", "Podés"),
        ("Puedes ver nuestras quejas o estas pruebas.", "Puede", "Podés"),
        ("Puedes leer el libro de quejas y el de las firmas.", "Puede", "Podés"),
        ("Puedes enviar partes y facturas.", "Puede", "Podés"),
        ("Puedes pedir las sillas y las mesas en la entrada.", "Puede", "Podés"),
        ("Puedes pasar; las multas se pagan.", "Puede", "Podés"),
    ],
)
def test_a_noun_stays_as_it_is(text: str, usted: str, vos: str) -> None:
    for wanted, other in (("usted", usted), ("vos", vos)):
        said = text.replace("Puedes", other).replace("puedes", other)
        assert respoken(text, Voice(es=wanted), "es") == said


@pytest.mark.parametrize("wanted", ["usted", "vos"])
@pytest.mark.parametrize(
    "text",
    [
        "Puedes aparcar; las multas las pagas tú.",
        "Puedes aparcar; las multas las gestionas tú.",
        "Puedes aparcar; la multa la pagas en caja.",
        "Puedes pedir sillas y mesas; paras en la puerta.",
        "Puedes cortar cintas y cuerdas; no cortes cables.",
        "Puedes recoger las llaves y las pagas en caja.",
        "Puedes pasar si fotocopias la hoja.",
        "Puedes pasar. Fotocopias la hoja en la entrada.",
        "Recibes la caja y compras por correo.",
    ],
)
def test_what_may_be_a_verb_of_yours_leaves_all_as_it_was(wanted: str, text: str) -> None:
    assert respoken(text, Voice(es=wanted), "es") == text


@pytest.mark.parametrize("wanted", ["tú", "usted", "vos"])
@pytest.mark.parametrize(
    "text",
    [
        "Abre a las 8:00 y cierra a las 18:00.",
        "El taller abre a las 8:00. Cierra a las 18:00.",
        "Jorge Luna pide el café [1]. Limpia la máquina los viernes [1].",
        "Empieza el lunes y termina el viernes.",
        "Trabaja en Sevilla y vuelve el jueves.",
        "Paga la empresa.",
        "Cuenta con 27 días de vacaciones.",
        "- Pide el café: Jorge Luna\n- Limpia la máquina: Marta",
        "Abre a las 8:00; puedes entrar por el patio.",
        "Puedes entrar por el patio. Cierra la puerta Jorge Luna.",
        "Si pierdes la tarjeta, paga la empresa.",
        "Llega la factura y págala en caja.",
        "Saca una foto que queda en Brújula y súbela.",
        "Cierre a las 18:00. Viaje a Sevilla el lunes.",
        "Que Marta abra la puerta y cierre las ventanas.",
        "Quien tenga permiso, pida la llave.",
        "No olvide la llave.",
        "Abrí la puerta el lunes.",
        "Ven el acta en Brújula.",
    ],
)
def test_what_may_be_said_of_somebody_else_is_no_order_in_any_voice(wanted: str, text: str) -> None:
    assert respoken(text, Voice(es=wanted), "es") == text


def test_who_is_asked_the_one_for_certain_is_asked_the_other_for_the_same_thing() -> None:
    def for_usted(text: str) -> str:
        return respoken(text, Voice(es="usted"), "es")

    said = "Saque una foto, rellene la hoja y envíela."
    assert for_usted("Saca una foto, rellena la hoja y envíala.") == said
    for text in (
        "Saca una foto y envíalo.",  # not the photograph
        "Saca una foto y rellena la hoja.",
        "Llama a Marta, saca una foto y súbela.",
    ):
        assert for_usted(text) == text
    assert respoken("Abrí la puerta y cerrala.", Voice(es="tú"), "es") == (
        "Abre la puerta y ciérrala."
    )
    assert respoken("Luego abra la caja y firme la hoja.", Voice(es="tú"), "es") == (
        "Luego abre la caja y firma la hoja."
    )


@pytest.mark.parametrize(
    ("usted", "tú", "vos"),
    [
        (
            "Usted puede pedirla a Marta.",
            "Tú puedes pedirla a Marta.",
            "Vos podés pedirla a Marta.",
        ),
        ("Usted tiene que devolverlo.", "Tú tienes que devolverlo.", "Vos tenés que devolverlo."),
        ("Usted no abre la caja.", "Tú no abres la caja.", "Vos no abrís la caja."),
        ("Usted lo puede pedir.", "Tú lo puedes pedir.", "Vos lo podés pedir."),
        ("Usted es socia.", "Tú eres socia.", "Vos sos socia."),
        ("¿Sabe usted la hora?", "¿Sabes tú la hora?", "¿Sabés vos la hora?"),
    ],
)
def test_usted_is_said_otherwise_with_its_verb(usted: str, tú: str, vos: str) -> None:
    assert respoken(usted, Voice(es="tú"), "es") == tú
    assert respoken(usted, Voice(es="vos"), "es") == vos


@pytest.mark.parametrize("wanted", ["tú", "vos"])
@pytest.mark.parametrize(
    "text",
    [
        "Usted puede pedirla; su jefe la firma.",
        "Usted puede pedirla y debe devolverla.",
        "Usted puede pedirla y la plancha en casa.",
        "Usted puede quedarse en la sala.",
        "Usted no puede entrar; Marta lo atiende.",
        "Usted y Marta pueden pedirla.",
        "Usted pidió la llave.",
        "Para usted hay una copia.",
        "Recuerde que debe cerrar la puerta.",
        "Consulte la página; la cuenta se paga en caja.",
        "Deje que Marta lo firme.",
        "Sírvase y plánchela.",
    ],
)
def test_what_may_be_said_of_usted_leaves_all_as_it_was(wanted: str, text: str) -> None:
    assert respoken(text, Voice(es=wanted), "es") == text


@pytest.mark.parametrize(
    ("text", "half"),
    [
        ("Puedes llevártelo a casa.", "Puede llevártelo a casa."),
        ("Puedes comértelo en la cocina.", "Puede comértelo en la cocina."),
        ("Puedes moverte sentándote allí.", "Puede moverse sentándote allí."),
        (
            "Imprime el formulario, fírmalo y escanéalo.",
            "Imprime el formulario, fírmelo y escanéalo.",
        ),
        ("Traduce el texto y mándaselo.", "Traduzca el texto y mándaselo."),
        ("Si la pierdes pagas 20 euros.", "Si la pierde pagas 20 euros."),
        (
            "Tienes 27 días; el resto los cobras en diciembre.",
            "Tiene 27 días; el resto los cobras en diciembre.",
        ),
        (
            "Enciende la luz, sirve el café y ordena las mesas.",
            "Encienda la luz, sirva el café y ordena las mesas.",
        ),
        ("Haz una foto y péinate.", "Haga una foto y péinate."),
    ],
)
def test_no_answer_is_changed_half_way_and_one_that_is_breaks_the_voice(
    text: str, half: str
) -> None:
    assert respoken(text, Voice(es="usted"), "es") == text
    assert breaks(half, Voice(es="usted"), "es")


@pytest.mark.parametrize("wanted", ["usted", "vos"])
@pytest.mark.parametrize(
    "text",
    [
        "Haz una foto y plancha la camisa.",
        "Puedes pedirlo y plánchalo.",
        "Si quieres entrar pagas la cuota.",
        "Conéctate a la red y navega.",
        "Primero fichas, luego pides la llave.",
        "Cuando terminas la jornada fichas y sales.",
    ],
)
def test_verbs_that_are_in_no_list_leave_all_as_it_was(wanted: str, text: str) -> None:
    assert respoken(text, Voice(es=wanted), "es") == text


def test_a_preposition_asks_nobody() -> None:
    assert respoken("Para abrir, puedes llamar.", Voice(es="vos"), "es") == (
        "Para abrir, podés llamar."
    )


async def test_an_answer_is_said_in_the_voice_and_cited_all_the_same(tmp_path: Path) -> None:
    persona = replace(personas.load("helpdesk"), voice=Voice(es="vos"))
    async with (
        open_index(tmp_path) as index,
        scripted("Puedes tener la bicicleta de carga cuatro horas.") as (_, model),
    ):
        await index.add(pages())
        await index.embed_all()
        answer = await Assistant(
            retriever=index.retriever,
            model=model,
            persona=persona,
            coverage=index.retriever.coverage,
        ).answer(asked("¿Cuántas horas puedo tener una bicicleta de carga?"))
    assert answer.text == "Podés tener la bicicleta de carga cuatro horas [1]."
    assert answer.citations[0].chunk.title == "Bicicletas"


@pytest.mark.parametrize("answer", REAL, ids=lambda one: f"{one['voice']} {one['question']}")
def test_real_answers_are_told_and_said_in_a_voice_or_left_alone(answer: dict[str, str]) -> None:
    voice = Voice(es=answer["voice"])
    assert address(answer["answer"]) == set(answer["address"])
    said = respoken(answer["answer"], voice, "es")
    assert said == answer["answer"] or not breaks(said, voice, "es")


def test_what_a_small_model_says_otherwise_is_put_right() -> None:
    def kept(answer: dict[str, str], text: str) -> bool:
        return not breaks(text, Voice(es=answer["voice"]), "es")

    asked_for = [one for one in REAL if one["voice"] in ("vos", "usted")]
    before = sum(kept(one, one["answer"]) for one in asked_for)
    voices = (Voice(es=one["voice"]) for one in asked_for)
    after = [respoken(one["answer"], v, "es") for one, v in zip(asked_for, voices, strict=True)]
    right = sum(kept(one, text) for one, text in zip(asked_for, after, strict=True))
    assert (before, right, len(asked_for)) == (4, 9, 12)
