"""Whether an answer answers the question at all, by its form.

Small models that do not find an answer like to repeat the question as a statement, or to give
the detail of another person or place. Both can be seen without understanding a word.
"""

import re
from collections.abc import Sequence

from knowledge.words import fold, terms
from pipelines.particulars import exact_parts, is_negated, is_one_name, names

_AMOUNT = re.compile(
    r"\b(?:how (?:much|many|long|often|far|old)|what (?:is|does|are) .{0,40}\b(?:cost|price|fee)"
    r"|cu[aá]nt[oa]s?|qu[eé] (?:precio|cuesta|importe)|a qu[eé] hora|what time)\b",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"^\W*(?:(?:what|which|cu[aá]l|qu[eé])\b.{0,30}|.{0,12})"
    r"\b(?:phone|telephone|extension|e-?mail|tel[eé]fono|extensi[oó]n|anexo|correo)\b"
    r"(?! (?:list|book|bill|policy|server|lista|factura))",
    re.IGNORECASE,
)
_VERDICT = re.compile(r"^\W*(?:yes|no|not|s[ií])\b", re.IGNORECASE)
"""How an answer to a question for yes or no begins."""
_SIGN_OFF = re.compile(
    r"\b(?:thanks|thank you|cheers|regards|gracias|saludos|un saludo)\b[^?¿]*$", re.IGNORECASE
)
_OURSELVES = frozenset({"tertulia"})
_AMOUNT_WORDS = frozenset(
    """
    one once twice daily weekly monthly yearly hourly every each all none nothing no free half
    double quarter whole unlimited always never second third uno una un vez diario diaria
    semanal mensual anual cada todo toda todos todas ninguno ninguna nada gratis gratuito
    gratuita mitad doble medio media trimestre trimestral entero entera siempre nunca segundo
    segunda tercero tercera primer primero primera first day week month year hour minute dia
    semana mes ano hora minuto noon midnight mediodia medianoche until till hasta mientras
    """.split()  # noqa: SIM905 (a list of seventy quoted words is harder to read)
)


def adds_something(answer: str, question: str, language: str) -> bool:
    """Whether the answer holds a word or a number that the question did not hold."""
    if exact_parts(answer) - exact_parts(question) or _VERDICT.search(answer):
        return True
    if is_negated(answer) != is_negated(question):
        return True
    asked = set(terms(question, language))
    return any(term not in asked for term in terms(answer, language))


def has_the_form(answer: str, question: str) -> bool:
    """Whether an amount is given where one is asked for, and a number or address for a contact."""
    words = set(re.findall(r"\w+", fold(answer)))
    if _CONTACT.search(question):
        return bool(re.search(r"\d|@", answer))
    if _AMOUNT.search(question):
        return bool(exact_parts(answer) or words & _AMOUNT_WORDS or re.search(r"\d", answer))
    return True


def strange_names(question: str, texts: Sequence[str]) -> frozenset[str]:
    """Names in the question that none of the texts has, not even by their first letters.

    Our own name, whoever signs, and what stands in a question all in capitals are no such names.
    """
    question = _SIGN_OFF.sub("", question)
    if question.isupper():
        return frozenset()
    asked = [n for n in names(question) - _OURSELVES if len(n) > 2 and not re.search(r"['’]", n)]
    if not asked:
        return frozenset()
    known = {word for text in texts for word in re.findall(r"\w+", fold(text))}
    return frozenset(n for n in asked if not any(is_one_name(fold(n), word) for word in known))
