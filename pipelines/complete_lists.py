"""Questions for a whole list ("which rooms are there?", "¿quiénes pueden firmar?").

One near statement answers most questions; of a list all must be read, also the items that have no
word in common with the question. Words decide, with no model asked.
"""

import re

from knowledge.words import fold

_ENGLISH = (
    r"\b(?:list|enumerate) (?:all|every|each|them|the|us|me|of|our|your|my)\b",
    r"\b(?:complete|full|whole|entire) list\b|\blist of\b",
    r"\b(?:name|mention) (?:all|every|each|everybody|everyone|them|the)",
    r"\ball (?:of (?:them|the|our|those)|the (?!time|way|day|year|same|best)\w+|our|your|those"
    r"|names|people|members)\b",
    r"\bwho all\b|\bwho are (?:all|the|our)\b|\bwho (?:is|are) (?:in|on) the\b",
    r"\b(?:which|what) (?:\w+ ){0,2}(?!does|is|was|has|this)(?:\w{2,}s|people|children)"
    r" (?:are|do|can|may|must|have|belong|exist)\b",
    r"\b(?:which|what) are (?:all|the|our|my) \w",
    r"\b(?:what|which) (?:kinds|types|sorts) of\b",
)
_SPANISH = (
    r"\bcuales son\b|\ba? ?quienes\b",
    r"\bque (?:\w+ ){0,2}\w{2,}[aeo]s (?:hay|tenemos|existen|son|estan|forman|puedo|podemos"
    r"|pueden|ofrecemos|usamos|necesito|se)\b",
    r"\b(?:enumer|nombr)(?:a|e|ar|ame)\b|^\W*list(?:a|e|ame)\b|\b(?:la|una) lista\b|\blista de\b",
    r"\btod[oa]s (?:l[oa]s|nuestr[oa]s|sus|mis) (?!dias|meses|anos|semanas|lunes|martes|miercoles"
    r"|jueves|viernes|sabados|domingos|mananas|tardes|noches)\w",
    r"\btod[oa]s(?:,? por favor)?\W*$",
)
_ASKS = re.compile("|".join((*_ENGLISH, *_SPANISH)))
_COUNTS = re.compile(r"\bcuant[oa]s?\b|\bhow (?:many|much|long|often|far)\b")
"""Who asks for a number wants one thing, whatever else is said."""


def asks_for_all(question: str) -> bool:
    """Whether a question wants everything of a kind rather than one thing."""
    plain = fold(question)
    return _ASKS.search(plain) is not None and _COUNTS.search(plain) is None
