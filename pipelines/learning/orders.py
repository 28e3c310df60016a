"""Orders of form that a model must still follow, whatever it has learnt: checked to the letter."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from haystack.dataclasses import ChatMessage

from pipelines.manners import rules_of
from pipelines.models import ChatModel
from pipelines.personas import Persona

_WORD = re.compile(r"\w+")
_SENTENCE = re.compile(r"[^.!?…]+[.!?…]+")
SEED = 7
MOST_WORDS = 12
MOST_TOKENS = 120
"""Of a reply."""


@dataclass(frozen=True, slots=True)
class Order:
    """Something to write about, and how; whether a text does that."""

    prompt: str
    is_followed: Callable[[str], bool]


def orders(count: int, after: int = 0) -> list[Order]:
    """So many orders, in English and Spanish by turns; no two are the same.

    Args:
        count: of orders; there are 400.
        after: the number of those that were given before.
    """
    pairs = [(form, topic) for form in _FORMS for topic in _TOPICS]
    Random(SEED).shuffle(pairs)  # noqa: S311 (nothing secret)
    made = [
        Order(f"{topic[language]} {form[language]}", check)
        for (form, check), topic in pairs
        for language in ("en", "es")
    ]
    return made[after : after + count]


async def reply(model: ChatModel, prompt: str, persona: Persona) -> str:
    """What a model writes behind what a persona says of itself and its examples; without a page."""
    parts = (persona.prompt, persona.sections.style, rules_of(persona.voice))
    about = [ChatMessage.from_system("\n\n".join(filter(None, parts)))]
    for one in persona.examples:
        about += [ChatMessage.from_user(one.question), ChatMessage.from_assistant(one.answer)]
    most = min(MOST_TOKENS, persona.max_answer_tokens)
    options = {"temperature": 0.0, "max_tokens": most}
    asked = [*about, ChatMessage.from_user(prompt)]
    outputs = await model.generator().run_async(asked, None, options)
    return outputs["replies"][0].text or ""


def _is_json(text: str) -> bool:
    try:
        said = json.loads(re.sub(r"^```(?:json)?|```$", "", text.strip()).strip())
    except ValueError:
        return False
    return isinstance(said, dict) and set(said) == {"answer"}


def _has_bullets(text: str) -> bool:
    lines = [line for line in text.splitlines() if line.strip()]
    return len(lines) == 3 and all(line.startswith("- ") for line in lines)


_TOPICS = (
    {"en": "Say why people sleep.", "es": "Di por qué duerme la gente."},
    {"en": "Say how bread is made.", "es": "Di cómo se hace el pan."},
    {"en": "Say what a library is for.", "es": "Di para qué sirve una biblioteca."},
    {"en": "Say what rain is.", "es": "Di qué es la lluvia."},
    {"en": "Say how to greet a colleague.", "es": "Di cómo se saluda a un colega."},
    {"en": "Say why leaves fall.", "es": "Di por qué caen las hojas."},
    {"en": "Say how tea is made.", "es": "Di cómo se prepara un té."},
    {"en": "Say what a bridge is for.", "es": "Di para qué sirve un puente."},
    {"en": "Say what a desert is.", "es": "Di qué es un desierto."},
    {"en": "Say how to plan a trip.", "es": "Di cómo se planea un viaje."},
    {"en": "Say why birds sing.", "es": "Di por qué cantan los pájaros."},
    {"en": "Say how paper is recycled.", "es": "Di cómo se recicla el papel."},
    {"en": "Say what a map is for.", "es": "Di para qué sirve un mapa."},
    {"en": "Say what snow is.", "es": "Di qué es la nieve."},
    {"en": "Say how to write a letter.", "es": "Di cómo se escribe una carta."},
    {"en": "Say why people dance.", "es": "Di por qué baila la gente."},
    {"en": "Say how a bicycle is repaired.", "es": "Di cómo se arregla una bicicleta."},
    {"en": "Say what a harbour is for.", "es": "Di para qué sirve un puerto."},
    {"en": "Say what the moon is.", "es": "Di qué es la luna."},
    {"en": "Say how to thank a neighbour.", "es": "Di cómo se da las gracias a un vecino."},
)
_FORMS: tuple[tuple[dict[str, str], Callable[[str], bool]], ...] = (
    (
        {"en": f"Use at most {MOST_WORDS} words.", "es": f"Usa como mucho {MOST_WORDS} palabras."},
        lambda text: 0 < len(_WORD.findall(text)) <= MOST_WORDS,
    ),
    (
        {"en": "Write in capital letters only.", "es": "Escribe solo en mayúsculas."},
        lambda text: text.isupper(),
    ),
    (
        {"en": "Do not use any commas.", "es": "No uses ninguna coma."},
        lambda text: bool(text.strip()) and "," not in text,
    ),
    (
        {
            "en": "Write exactly three lines, each of which begins with '- '.",
            "es": "Escribe exactamente tres líneas, cada una de las cuales empieza con '- '.",
        },
        _has_bullets,
    ),
    (
        {"en": "Begin with the word 'Well'.", "es": "Empieza con la palabra 'Bueno'."},
        lambda text: text.lstrip(" \"'*").startswith(("Well", "Bueno")),
    ),
    (
        {
            "en": "End with the words 'That is all.'",
            "es": "Termina con las palabras 'Eso es todo.'",
        },
        lambda text: text.rstrip(" \"'*\n").endswith(("That is all.", "Eso es todo.")),
    ),
    (
        {"en": "Write exactly two sentences.", "es": "Escribe exactamente dos frases."},
        lambda text: len(_SENTENCE.findall(text)) == 2,
    ),
    (
        {
            "en": "Put the whole reply between << and >>.",
            "es": "Pon toda la respuesta entre << y >>.",
        },
        lambda text: text.strip().startswith("<<") and text.strip().endswith(">>"),
    ),
    (
        {
            "en": "Reply with a JSON object that has the key 'answer' and no other.",
            "es": "Responde con un objeto JSON que tiene la clave 'answer' y ninguna otra.",
        },
        _is_json,
    ),
    (
        {"en": "Use the word 'window' twice.", "es": "Usa dos veces la palabra 'ventana'."},
        lambda text: len(re.findall(r"window|ventana", text.casefold())) >= 2,
    ),
)
