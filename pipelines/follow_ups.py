"""Telling a follow-up ("and abroad?", "¿quién la firma?") from a question that stands alone.

A follow-up is searched together with what was said before it, all else alone: after "What is the
guest wifi password?" an added turn makes "How many days of leave do I get?" find the wifi page.

Words decide, with no model asked: a short text that begins with a connective, points back with a
pronoun, or names no topic. Measured by `tests/benchmarks/bench_followups.py`: on real follow-ups as
good as always two turns or better, and nothing lost where the subject changes, unless a new one
begins with "and". The likeness of both questions as vectors tells less (handbooks .78 instead of
.92); searching both ways and taking the better result does not notice changes of subject, since
what was asked before is always found well.
"""

import re
from collections.abc import Sequence

from knowledge.words import fold, stop_words, words

SHORT = 3
"""Words of content up to which a connective or a pronoun decides; a longer text names its topic."""
SHORTER = 2
"""The same for words such as "this" and "another", which stand before a noun that says more."""
MOST_TURNS = 3
"""A follow-up of a follow-up needs the question before both."""

_NO_TOPIC = frozenset(
    """
    time long often big big much soon cost costs hour day days money call ask happen happens mean
    means work works possible enough late early far sure example examples details reason another
    besides else meant
    tiempo hora horas dia dias dinero tarda tardan tardo cuesta cuestan dura duran vale valen llamo
    llamar pido pedir pregunto escribo escriben avisar aviso pasa pasaria significa funciona sirve
    referia referiria ejemplo ejemplos detalles motivo seguro necesario posible temprano tarde
    lejos empieza termina
    """.split()  # noqa: SIM905 (a list of sixty quoted words is harder to read)
)
_SAYS_NOTHING = stop_words("en") | stop_words("es") | _NO_TOPIC

_CONNECTIVE = re.compile(
    r"^\W*(?:(?:ok|okay|vale|well|bueno)\W+)?"
    r"(?:(?:and|but|so|or|then|also|y|e|o|u|pero|entonces|tambien)(?=[\s,])"
    r"|(?:what|how) about\b|que (?:hay|pasa) (?:de|con)\b)"
)
_PRONOUN = re.compile(
    r"\bit\b(?!.* (?:to|that|if) )"  # "is it allowed to smoke" points at nothing
    r"|\b(?:they|them|theirs|him|she|hers)\b|\bhe\b(?! \w+(?:ado|ido|to|cho)\b)"  # "he pagado"
    r"|\bthat\W*$|^\W*that\b|\b(?:is|was|does|did|do|about|of|like|for|with) that\b"
    r"|\bones?\W*$|\bthere\W*$|\b(?:it|get|go|from|in|up|over) there\b|\bi meant\b"
    r"|\b(?:ell[ao]s?|eso|esto|aquello|alli|ahi)\b|\bel\W*$|\blo\b(?! (?:que|de|mas)\b)"
    r"|\b(?:me|te|se|nos) l[oa]s?\b|\w+[aei]r(?:[mts]e|nos)?l[oae]s?\b"
    r"|\bme refer?ia\b|\bqu(?:eria|ise) decir\b"
)
_DETERMINER = re.compile(
    r"\b(?:its|their|his|her|same|others?|another|else)\b"
    r"|\b(?:this|these|those|este|est[oa]s)\b(?! (?:morning|afternoon|evening|week|weekend|month"
    r"|year|summer|winter|days|mes|ano|verano|invierno))"  # "esta" may be "está"
    r"|\b(?:es[ae]s?|esos|aquel(?:l[ao]s?)?|mism[oa]s?|otr[oa]s?|sus?)\b"
)


def points_back(text: str) -> bool:
    """Whether a text says by itself that it goes on with what was said before it."""
    plain = fold(text)
    content = [word for word in words(text) if word not in _SAYS_NOTHING]
    if not content or (len(content) <= SHORTER and _DETERMINER.search(plain)):
        return True
    has_sign = _CONNECTIVE.search(plain) or _PRONOUN.search(plain)
    return len(content) <= SHORT and has_sign is not None


def together(turns: Sequence[str]) -> list[str]:
    """The last of these turns, with those before it that it needs to be understood.

    Args:
        turns: what people said, oldest first.
    """
    first = len(turns) - 1
    while first > 0 and len(turns) - first < MOST_TURNS and points_back(turns[first]):
        first -= 1
    return list(turns[max(first, 0) :])
