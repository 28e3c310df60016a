"""Whether a sentence says that something was done, and whether a text tells of that.

What Tertulia has done is shown by the broker; a model that only looked something up must not say
that it has cancelled it. Such a claim is told by its form: "I have told her", "He pedido tres",
"I will remind you"; and where something was asked to be done, "it was cancelled", "está cancelada"
of the verb that was asked, or of a verb that any doing may have ("a reminder is set").
"""

import re

from knowledge.articles import Chunk
from pipelines.call_words import far_from
from pipelines.clauses import is_in_one_clause
from pipelines.flag_claims import Compare
from pipelines.flags import words_of
from pipelines.particulars import folded

LEAST_SHARED = 4
"""Letters with which two forms of one verb begin."""
_SAID_BY_US = re.compile(
    r"\bI(?:(?: have|['’]ve)(?: just| already| also| now)* (\w+(?:ed|en|wn|id|nt|ld|de|ne|t))\b"
    r"|(?: just| already| also)* (\w+ed|sent|wrote|told|made|put|set|paid|bought|gave|took)\b"
    r"|(?: will|['’]ll| am going to|['’]m going to)(?: also| now)* (\w+))"
    r"|\bhe(?: ya| también)* (\w+(?:[ai]do|cho|sto|rto|ito|elto|eso))\b"
    r"|\b(?:acabo de|voy a)(?: ya| también)* (\w+[aei]r(?:l[aeo]s?|te|se)*)\b"
    r"|\b(\w{2,}(?:[aei]r|dr)é)\b",
    re.IGNORECASE,
)
_DID = re.compile(r"\b(\w{3,}[éí])\b", re.IGNORECASE)
"""Also "aquí" and "café" end like that: it counts of a verb that was asked alone."""
_LOOKED = re.compile(
    r"(?:look|check|search|verif|review|consult|understand|revis|busc|encontr|hall|comprob|necesit"
    r"|entend)\w*|see|saw|seen|find|found|read|know|known|need|ver|visto|leer|le[ií]do|sé|sabré|veré",
    re.IGNORECASE,
)
"""What is done by looking something up, or by saying it."""
_COMPLETED = re.compile(
    r"\b(?:is|are|was|were|been|be|está|están|estás|fue|fueron|sido|queda|quedan|quedó|ha|han"
    r"|hemos|we have|we['’]ve)(?: now| already| just| ya| also| también)* (\w+)",
    re.IGNORECASE,
)
_DONE = re.compile(r"^\W*(done|hecho|listo)\b", re.IGNORECASE)
_ANY_DOING = words_of(
    "set made done created placed scheduled saved sent registered added completed confirmed noted"
    " listo hecho hecha creado creada puesto puesta programado programada guardado guardada"
    " registrado registrada enviado enviada anotado anotada apuntado apuntada realizado realizada"
)
_ALIKE = (
    *({"send", "sent"}, {"write", "wrote", "written"}, {"put", "set", "puts"}, {"buy", "bought"}),
    *({"tell", "told"}, {"make", "made"}, {"pay", "paid"}, {"pide", "pedir", "pedido", "pedida"}),
    *({"pon", "puesto", "puesta"}, {"haz", "hecho", "hecha"}, {"escribe", "escrito", "escrita"}),
    *({"di", "dile", "dicho"}, {"abre", "abierto"}, {"cierra", "cerrado", "cerrada"}),
)
"""Verbs whose forms do not begin alike."""
_PERFECT = re.compile(
    r"\b(?:was|were|been|fue|fueron|sido|quedó|ha|han|hemos|have|['’]ve)\b", re.IGNORECASE
)
_POLITE = (
    r"\W*(?:(?:please|por favor|can you|could you|will you|would you|puedes|podrías|podés|puede"
    r"|podría)\W+)*+"
)
_ASKS = re.compile(
    _POLITE + r"(?:what|when|where|who|whom|whose|which|why|how|is|are|was|were|do|does|did|can"
    r"|could|may|should|has|have|qu[eé]|cu[aá]l\w*|cu[aá]nd\w+|cu[aá]nt\w+|d[oó]nde|qui[eé]n\w*|c[oó]mo"
    r"|por|es|son|est[aá]n?|hay|se|tell|say|show|give|explain|list|describe|summar\w+|find|search"
    r"|look|check|translate|compare|di|dime|dinos|decime|dame|danos|cu[eé]nta\w*|cont\w+|expl[ií]\w+"
    r"|enumera|describe|resum\w+|mu[eé]stra\w*|mostr\w+|busca\w*|mira|encuentra|traduce|compara"
    r"|indica\w*)\b",
    re.IGNORECASE,
)
"""How it begins where something is to be told, and nothing to be done."""


def is_told_on(page: str, sentence: str, question: str) -> bool:
    """Whether a page may be what a sentence is from that says that something was done.

    What is always so stands there with the same verb; what was done once, in just these words.
    """
    verbs = claimed(sentence, question)
    if not verbs or is_in_one_clause(sentence, page):
        return True
    known = words_of(page)
    is_once = bool(claimed(sentence, question if _PERFECT.search(sentence) else ""))
    return not is_once and all(any(_is_alike(verb, one) for one in known) for verb in verbs)


async def is_untold(sentence: str, question: str, chunk: Chunk, compare: Compare) -> bool:
    """Whether a sentence says that something was done, and a result does not tell of it.

    Args:
        sentence: of an answer.
        question: only of what it asks to be done "it was done" is such a claim.
        chunk: what a tool said; also its name tells, for who called it has done that.
        compare: shape (texts, others): the share of a text's words found in the other.
    """
    known = words_of(f"{chunk.title.partition('(')[0]} {chunk.text}")
    strange = [w for w in claimed(sentence, question) if not any(_is_alike(w, k) for k in known)]
    return bool(await far_from(known, strange, compare))


def claimed(sentence: str, question: str) -> list[str]:
    """The verbs of what a sentence says was done, or will be, by whoever answers."""
    by_us = [next(filter(None, one)) for one in _SAID_BY_US.findall(sentence)]
    asked = words_of(question)
    did = [one for one in _DID.findall(sentence) if folded(one) not in asked]
    did = [one for one in did if any(_is_alike(one, word) for word in asked)]
    done = _COMPLETED.findall(sentence) + _DONE.findall(sentence) if _is_request(question) else []
    meant = _ANY_DOING | asked
    done = did + [one for one in done if any(_is_alike(one, word) for word in meant)]
    return [one for one in (*by_us, *done) if not _LOOKED.fullmatch(one)]


def _is_request(question: str) -> bool:
    """Whether it asks to do something, and not only to tell something."""
    return bool(question.strip()) and not _ASKS.match(question)


def _is_alike(one: str, other: str) -> bool:
    one, other = folded(one).removesuffix("s"), folded(other).removesuffix("s")
    if one == other or any({one, other} <= some for some in _ALIKE):
        return True
    return len(one) >= LEAST_SHARED <= len(other) and one[:LEAST_SHARED] == other[:LEAST_SHARED]
