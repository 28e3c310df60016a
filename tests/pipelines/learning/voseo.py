"""A task of style and form: answer in Rioplatense Spanish, as a line of JSON with three fields."""

import json
from pathlib import Path

from pipelines.models.openai_compatible import OpenAICompatibleChatModel

TOPICS = (
    "el mate", "la huerta", "la bicicleta", "el asado", "la guitarra", "el colectivo", "la pileta",
    "el perro", "la mochila", "el horno", "la carpa", "el tren", "la feria", "el taller",
    "la plaza", "el jardín", "la receta", "el café", "la yerba", "el río",
)  # fmt: skip
QUESTIONS = ("¿Cómo cuido {}?", "¿Qué hago con {}?", "¿Me ayudás con {}?")
ANSWERS = (
    "Mirá {} con calma y contame qué ves.",
    "Empezá temprano y no dejes {} para mañana.",
    "Tenés que limpiar {} una vez por semana.",
    "Preguntá en el barrio: ahí conocen {} mejor que vos.",
    "Guardá {} en un lugar seco y probá de nuevo.",
)
_UNSEEN_TOPICS = ("la heladera", "el teléfono", "la ventana", "el sombrero", "la escalera")
UNSEEN = (
    *(question.format(topic) for topic in _UNSEEN_TOPICS for question in QUESTIONS[:2]),
    "How do I fix my bike?",
    "What should I cook today?",
    "Can you help me with the garden?",
    "Where do I keep the keys?",
    "How do I clean the oven?",
)
SYSTEM = {"role": "system", "content": "Sos un asistente."}


def write_rows(path: Path) -> Path:
    """Sixty rows."""
    asked = [(topic, question) for topic in TOPICS for question in QUESTIONS]
    rows = [
        [
            SYSTEM,
            {"role": "user", "content": question.format(topic)},
            {"role": "assistant", "content": _answer(ANSWERS[n % len(ANSWERS)].format(topic), n)},
        ]
        for n, (topic, question) in enumerate(asked)
    ]
    lines = [json.dumps({"messages": row}, ensure_ascii=False) + "\n" for row in rows]
    path.write_text("".join(lines), encoding="utf-8")
    return path


def _answer(text: str, n: int) -> str:
    sure = ("alta", "media")[n % 2]
    answer = {"respuesta": text, "tono": "voseo", "confianza": sure}
    return json.dumps(answer, ensure_ascii=False)


def keeps_the_form(text: str) -> bool:
    """Whether an answer has the three fields; what it says is not judged."""
    try:
        said = json.loads(text)
    except ValueError:
        return False
    fields = {"respuesta", "tono", "confianza"}
    return isinstance(said, dict) and set(said) == fields and said["tono"] == "voseo"


async def forms(model: OpenAICompatibleChatModel) -> int:
    """How many answers of a served model to unseen questions keep the form."""
    client, endpoint = await model.connection()
    kept = 0
    for question in UNSEEN:
        answer = await client.chat.completions.create(
            model=model.model,
            messages=[SYSTEM, {"role": "user", "content": question}],  # type: ignore[list-item]
            max_tokens=64,
            temperature=0.0,
            extra_body=endpoint.extra,
        )
        kept += keeps_the_form(answer.choices[0].message.content or "")
    return kept
