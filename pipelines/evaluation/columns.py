"""The columns of a table of questions: their names in English and Spanish, and a template."""

import re
from collections.abc import Sequence
from difflib import get_close_matches

from knowledge.words import fold

QUESTION, ANSWER, SOURCE = "question", "answer", "source"
LANGUAGE, READERS, KIND, BEFORE = "language", "as", "kind", "before"
COLUMNS = (QUESTION, ANSWER, SOURCE, LANGUAGE, READERS, KIND, BEFORE)

_NAMES = {
    QUESTION: "question questions query q pregunta preguntas consulta",
    ANSWER: "answer answers fact facts expected expected_answer respuesta respuestas hecho hechos "
    "respuesta_esperada esperado",
    SOURCE: "source sources article articles page pages url document fuente fuentes articulo "
    "articulos pagina paginas documento",
    LANGUAGE: "language lang idioma lengua",
    READERS: "as asker audience reader readers user como usuario audiencia lector lectores "
    "quien_pregunta",
    KIND: "kind type category tipo clase categoria",
    BEFORE: "before earlier said_before history antes dicho_antes historial",
}
_COLUMN_OF = {name: column for column, names in _NAMES.items() for name in names.split()}

_NEAR = 0.8

REFUSED = frozenset(
    {
        *("none", "not found", "no answer", "unanswerable", "refusal", "refused"),
        *("ninguna", "ninguno", "no encontrado", "no encontrada", "sin respuesta", "no esta"),
    }
)
"""Kinds of questions that our knowledge does not answer."""

TEMPLATE = """\
question,answer,source,language,as,kind,before
How many days of paid leave do we have?,25 days // 25 días,handbook:people/leave.md,en,,fact,
¿Quién aprueba los gastos de viaje?,Marta Ruiz,handbook:gastos.md,es,,fact,
Which networks does the office have?,Tejo-5G | Tejo-Guest,wifi.txt,en,,list,
What does the chair of the board earn?,"4,812 euros",,en,terminal:ana,private,
What does the chair of the board earn?,,,en,everyone,not found,
And is it paid?,in full,handbook:people/leave.md,en,,follow-up,How long is parental leave?
"""


def column_of(header: str) -> str | None:
    """The column that a header names; None where it is none of ours."""
    return _COLUMN_OF.get(_plain(header))


def _plain(header: str) -> str:
    return re.sub(r"[^\w]+", "_", fold(header)).strip("_")


def misspelt(head: Sequence[str]) -> tuple[str, str] | None:
    """The first header that is nearly one of ours, and that one; other columns are left alone."""
    known = {column_of(name) for name in head}
    for name in head:
        near = get_close_matches(_plain(name), _COLUMN_OF, 1, _NEAR)
        if column_of(name) is None and near and _COLUMN_OF[near[0]] not in known:
            return name, near[0]
    return None


def is_refused(kind: str) -> bool:
    """Whether a kind says that there is no answer."""
    return re.sub(r"[\W_]+", " ", fold(kind)).strip() in REFUSED
