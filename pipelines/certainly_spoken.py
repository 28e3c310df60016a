"""Which words address one person for certain, so that another voice may say them.

"Abre a las 8:00" is said of a workshop as well as to somebody, and a fact must not become an order.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from pipelines.of_usted import with_usted
from pipelines.verb_forms import what_is_asked
from pipelines.voice_words import NOBODY, lexicon, listed, verbs
from pipelines.voices import WORD, Spoken

_ENDS = frozenset(".!?¡\n•*-")
_LINKS = frozenset({",", "y", "e"})
_ARTICLES = dict(
    zip(
        ("el", "un", "la", "una", "los", "unos", "las", "unas"),
        ("lo", "lo", "la", "la", "los", "los", "las", "las"),
        strict=True,
    )
)
"""By articles, what stands for their noun behind a verb."""
_TOLD_OR_ASKED = re.compile(r"[^\W\d_]+í")
"""What is asked of vos and what I did: "abrí"."""
_ASKED_OF_VOS = re.compile(r"[^\W\d_]+(?:[áé]|[aei](?:l[aeo]s?|me|te|nos))")
_Sentence = Sequence[re.Match[str]]


def certain(said: Sequence[Spoken], text: str) -> list[Spoken]:
    """Those of the words that can be said of nobody else.

    Args:
        said: words of the text that address one person.
        text: what they stand in.
    """
    told = {one.at: one for one in said if _has_its_verb(one, text)}
    found = (_certain(sentence, told) for sentence in _sentences(text))
    return [one for sentence in found for one in sentence]


def _has_its_verb(one: Spoken, text: str) -> bool:
    """Whether what belongs to an "usted" is known; "para usted" has another form in each voice."""
    return one.word.casefold() != "usted" or one.at in with_usted(text)


def _sentences(text: str) -> Iterator[_Sentence]:
    words: list[re.Match[str]] = []
    for match in WORD.finditer(text):
        if match.group() in _ENDS:
            yield words
            words = []
        else:
            words.append(match)
    yield words


def _certain(sentence: _Sentence, told: dict[int, Spoken]) -> list[Spoken]:
    done = _done_to_things(sentence, told)
    orders = [match for match in sentence if _is_ordered(match, told)]
    return [
        told[match.start()]
        for n, match in enumerate(sentence)
        if match.start() in told
        and (match.start() in done or _is_certain(sentence, n, told[match.start()], orders))
    ]


def _is_ordered(match: re.Match[str], told: dict[int, Spoken]) -> bool:
    """Whether this is certainly asked of vos."""
    one = told.get(match.start())
    return bool(one and one.to == {"vos"} and _ASKED_OF_VOS.fullmatch(one.word.casefold()))


def _is_certain(sentence: _Sentence, n: int, one: Spoken, orders: _Sentence) -> bool:
    word, known = one.word.casefold(), lexicon()
    words = ["", *(match.group().casefold() for match in sentence), ""]
    if word in known.others:
        return words[n] in known.verbal
    if _TOLD_OR_ASKED.fullmatch(word):
        return bool(orders)
    if word in known.anywhere or word not in known.beginning:
        return True
    if known.beginning[word] != {"usted"}:
        return word in _words("orders")
    return _is_asked_of_usted(words[1 : n + 1], word, words[n + 2])


def _is_asked_of_usted(before: Sequence[str], word: str, after: str) -> bool:
    if word in _words("things") and after not in _ARTICLES:
        return False
    leads = [word for word in before if word not in _words("leading")]
    asked = lexicon().beginning.get(leads[0], NOBODY) if leads else {"usted"}
    return asked == {"usted"} and not _words("open") & set(before)


def _done_to_things(sentence: _Sentence, told: dict[int, Spoken]) -> set[int]:
    """Where "saca" stands in "saca una foto y súbela": whoever is asked the one is asked the other.

    Only of verbs whose object cannot be who does it, as in "llega la factura y págala".
    """
    found, object_ = set[int](), ""
    for clause in _clauses(sentence):
        words = [match.group().casefold() for match in clause]
        one = told.get(clause[0].start()) if clause else None
        if one and len(words) > 1 and words[0] in _handled() and words[1] in _ARTICLES:
            found, object_ = found | {one.at}, _ARTICLES[words[1]]
            continue
        is_asked = one and one.to == {"tú"} and found and words[0].endswith(object_)
        return found if is_asked and words[0] not in lexicon().beginning else set()
    return set()


def _clauses(sentence: _Sentence) -> Iterator[list[re.Match[str]]]:
    """The parts of a sentence between commas and "y", up to where somebody else may be meant."""
    clause: list[re.Match[str]] = []
    for match in sentence:
        word = match.group().casefold()
        if word in _words("open"):
            break
        if word not in _LINKS:
            clause.append(match)
        elif clause:
            yield clause
            clause = []
    yield clause


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(listed()[name].split())


@cache
def _handled() -> frozenset[str]:
    known = (verb for verb in verbs(listed()) if verb.infinitive in _words("handled"))
    return frozenset(what_is_asked(verb)["tú"] for verb in known)
