"""Words of an answer in Spanish that may ask or address one person, though no rule tells it.

"Las tomas" are sockets, or what you take. What may be a verb and is not certainly a noun is named
here, so that no answer is changed half way.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise, takewhile

from pipelines.verb_forms import rows_of
from pipelines.voice_words import NOBODY, Addresses, lexicon, listed, verbs
from pipelines.voices import OBJECTS, SINGULAR, WORD, Spoken, as_said

_LIKE_A_VERB = re.compile(r"(?!.*(?:[ai]das|iones|dades)$)[^\W\d_]{2,}[ae]s")
"""What may be a verb of tú that is in no list: "cortes", "fotocopias"."""
_LIKE_AN_ORDER = re.compile(r"(?!.*[aei]rl[ae]$)[^\W\d_]{2,}(?:[aeí]|(?<!r)[áé])")
"""What may be asked of tú or vos with a verb that is in no list: "plancha", "planchá"."""
_WITH_PRONOUN = re.compile(r"[^\W\d_]*[áéíóú][^\W\d_]*[ae](?:l[aeo]s?|me|nos)")
"""Likewise: "plánchala"."""
_OF_VOS = re.compile(r"[^\W\d_áéíóú]{2,}[aei](?:l[aeo]s?|me|te|nos)")
"""Likewise, and of some nouns: "planchala", "carteles"."""
_INFINITIVE = re.compile(r"\w{2,}[aei]r(?:l[aeo]s?|me|te|se|nos)?")
_NOUN_FOLLOWS = re.compile(r"\w{2,}(?:[aei]r|ndo)|ver|dar|ser|ir")
"""Behind these, "pedir" and "pidiendo", stands no other verb."""
_MARK = re.compile(r"\W")
_ARTICLES = frozenset({"el", "la", "los", "las", "un", "una"})
_OF_ONE = frozenset({"el", "la", "un", "una"})
_THEN = frozenset({"primero", "luego", "después", "entonces"})
_AND = frozenset({"y", "e", "o", "u", "ni"})
_OF = frozenset({"de", "del"})
_TO_ONE = frozenset({"tú"})
_TO_VOS = frozenset({"vos"})
_OWN = frozenset({"tu", "tus", "su", "sus"})
_PRONOUNS = frozenset({"lo", "le", "les", "se", "usted", "ustedes"})
_CONDITIONS = frozenset({"si", "cuando"})
_AIMS = frozenset({"para", "al", "tras", "antes", "después"})
_ON = frozenset({"a", "al", "con", "en", "por", "y"})


def perhaps_in_spanish(text: str) -> tuple[Spoken, ...]:
    """The words that may ask one person to do something, or be the verb of a clause about them."""
    return as_said(_perhaps(text), text)


def _perhaps(text: str) -> Iterator[Spoken]:
    matches = list(WORD.finditer(text))
    words = [".", ".", *(match.group().casefold() for match in matches), "."]
    clause: list[str] = []
    for n, match in enumerate(matches):
        around = words[n : n + 4]
        clause = [] if _MARK.fullmatch(around[1]) else [*clause, around[1]]
        is_counted = n > 0 and any(map(str.isdigit, text[matches[n - 1].end() : match.start()]))
        is_counting = bool(re.match(r"\s*\d", text[match.end() :]))
        is_noun = is_counted or (not is_counting and _is_behind_a_verb(around[1], around[3]))
        to = _asked(around) or _unlisted_order(around) or _asked_behind(clause, around)
        to = to or _of_a_preposition(around, words[n + 4 :]) or _of_two_verbs(around[2])
        to = to or (NOBODY if is_noun else _homograph(around))
        is_name = match.group()[0].isupper() and around[1] not in lexicon().before
        if to and to <= SINGULAR and not match.group().isupper() and not is_name:
            yield Spoken(match.group(), lexicon().shared.get(around[2], to), match.start())


def _asked(around: Sequence[str]) -> Addresses:
    """Whom a word asks where a clause begins, or addresses behind a word such as "si"."""
    (_, before, word, _), known = around, lexicon()
    begins = before in known.before and (word not in known.others or _may_be_asked(around))
    asked = known.beginning.get(word, NOBODY) if begins else NOBODY
    return asked | (known.anywhere.get(word, NOBODY) if before in known.verbal else NOBODY)


def _asked_behind(clause: Sequence[str], around: Sequence[str]) -> Addresses:
    """Whom a word may ask behind a clause that no comma ends: "para entrar usa tu llave".

    Args:
        clause: the words before it, since the last mark.
        around: two words before it, itself, and one behind it.
    """
    (_, before, word, after), known = around, lexicon()
    is_unlisted = after in _OWN and _LIKE_AN_ORDER.fullmatch(word)
    to = known.beginning.get(word) or (_TO_ONE if is_unlisted else NOBODY)
    if not to or word in known.never or not _may_follow(before, word, after):
        return NOBODY
    is_noun = before in known.nominal | known.verbal | _ARTICLES | _OWN | _PRONOUNS
    return NOBODY if is_noun or not _is_a_clause(clause) else to


def _may_follow(before: str, word: str, after: str) -> bool:
    """Whether no noun stands here: "si necesitas ayuda con la red", "si quieres copia, ..."."""
    known = lexicon()
    is_ended = bool(_MARK.fullmatch(after))
    is_also_a_noun = f"{word}s" in known.others and (is_ended or before in _taking())
    if is_also_a_noun or word in known.others:
        return after in OBJECTS | {"a", "al"}
    return after not in _OF


@cache
def _taking() -> frozenset[str]:
    """The forms of verbs behind which a noun needs no article."""
    infinitives = frozenset(listed()["taking"].split())
    rows = (
        row for verb in verbs(listed()) if verb.infinitive in infinitives for row in rows_of(verb)
    )
    return infinitives.union(form for row in rows for form in row.forms.values())


def _is_a_clause(words: Sequence[str]) -> bool:
    """Whether these are a clause with its verb before which another one depends."""
    known, leads = lexicon(), {*words[:2]}
    if leads & _CONDITIONS:
        forms = [word for word in words if word not in known.verbal | _OWN]
        return any(
            word in known.alike or word in known.orders or word in known.anywhere for word in forms
        )
    return bool(leads & _AIMS) and any(map(_INFINITIVE.fullmatch, words))


def _of_a_preposition(around: Sequence[str], rest: Sequence[str]) -> Addresses:
    """Whom "entre" or "para" asks that is none: "entre por la puerta"; "para el motor y avisa".

    Args:
        around: two words before it, itself, and one behind it.
        rest: the words behind that.
    """
    _, before, word, after = around
    known = lexicon()
    if word not in ("entre", "para") or before not in known.before:
        return NOBODY
    clause = list(takewhile(lambda one: not _MARK.fullmatch(one), rest))
    goes_on = any(one in _AND and then in known.orders for one, then in pairwise(clause))
    is_asked = after in _ON or bool(_MARK.fullmatch(after)) or goes_on
    return known.beginning[word] if is_asked else NOBODY


def perhaps_of_vos(text: str) -> tuple[Spoken, ...]:
    """The words that may ask vos with a pronoun, though they may be nouns: "y planchala"."""
    matches, known = list(WORD.finditer(text)), lexicon()
    pairs = pairwise([".", *(match.group().casefold() for match in matches)])
    found = (
        Spoken(match.group(), _TO_VOS, match.start())
        for match, (before, word) in zip(matches, pairs, strict=True)
        if before in known.before and word not in known.never and _OF_VOS.fullmatch(word)
    )
    return as_said(found, text)


def _of_two_verbs(word: str) -> Addresses:
    """Whom "créela" may ask: to create it, or to believe it."""
    return lexicon().anywhere.get(word, NOBODY) if word in lexicon().shared else NOBODY


def _may_be_asked(around: Sequence[str]) -> bool:
    """Whether what mostly is a noun may be an order: "toma nota", "y toma."; not "toma de agua"."""
    _, before, word, after = around
    ends = bool(_MARK.fullmatch(after))
    return word not in lexicon().never and (before in _AND if ends else after not in _OF)


def _homograph(around: Sequence[str]) -> Addresses:
    """Whom a word may address that may be a noun as well; nobody where it is one for certain.

    Args:
        around: two words before it, itself, and one behind it.
    """
    (first, before, word, after), known = around, lexicon()
    ends = bool(_MARK.fullmatch(after)) or after in known.asked | known.verbal
    if before in ("las", "los"):  # an article, or what the verb is about: "las multas las pagas tú"
        is_open = first in known.verbal or not _is_no_noun(first)
        is_open |= word in known.anywhere and first in known.before | _AND
        may_be = is_open and ends
    elif word in known.others and word in known.anywhere:
        may_be = before not in known.nominal
    else:
        begins = bool(_MARK.fullmatch(before)) and before != "," and after in known.asked
        # "La jornada fichas": no plural belongs to such a noun.
        begins |= first in _OF_ONE and not before.endswith("s")
        may_be = begins or before in known.verbal | _THEN
    to = known.anywhere.get(word) or _unlisted(word)
    return to if may_be else NOBODY


def _unlisted(word: str) -> Addresses:
    is_one = _LIKE_A_VERB.fullmatch(word) and word not in lexicon().never
    return _TO_ONE if is_one else NOBODY


def _unlisted_order(around: Sequence[str]) -> Addresses:
    (_, before, word, after), known = around, lexicon()
    if word in known.never or word in known.anywhere:
        return NOBODY
    ends = before in _AND and bool(_MARK.fullmatch(after))  # "y navega."
    begins = ends or (before in known.before and after in known.asked)
    is_one = _WITH_PRONOUN.fullmatch(word) or (begins and _LIKE_AN_ORDER.fullmatch(word))
    is_vos = word.endswith(("á", "é", "í"))
    return (_TO_VOS if is_vos else _TO_ONE) if is_one else NOBODY


def _is_no_noun(word: str) -> bool:
    """Whether an article behind it begins what the next verb is about: "el resto los cobras"."""
    known = lexicon()
    is_verb = word in known.anywhere or word in known.beginning or word in known.alike
    leads = word in known.nominal or word in known.before | _AND
    return leads or bool(_NOUN_FOLLOWS.fullmatch(word)) or (is_verb and word not in known.others)


def _is_behind_a_verb(before: str, after: str) -> bool:
    """Whether a noun follows: "pedir copias"; "si quieres entrar pagas la cuota" has a verb."""
    return bool(_NOUN_FOLLOWS.fullmatch(before)) and after not in _ARTICLES
