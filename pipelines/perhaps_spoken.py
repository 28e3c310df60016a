"""Words of an answer in Spanish that may ask or address one person, though no rule tells it.

"Las tomas" are sockets, or what you take. What may be a verb and is not certainly a noun is named
here, so that no answer is changed half way.
"""

import re
from collections.abc import Iterator, Sequence

from pipelines.voice_words import NOBODY, Addresses, lexicon
from pipelines.voices import SINGULAR, WORD, Spoken, as_said

_LIKE_A_VERB = re.compile(r"(?!.*(?:[ai]das|iones|dades)$)[^\W\d_]{2,}[ae]s")
"""What may be a verb of tú that is in no list: "cortes", "fotocopias"."""
_LIKE_AN_ORDER = re.compile(r"(?!.*[aei]rl[ae]$)[^\W\d_]{2,}(?:[aeí]|(?<!r)[áé])")
"""What may be asked of tú or vos with a verb that is in no list: "plancha", "planchá"."""
_WITH_PRONOUN = re.compile(r"[^\W\d_]*[áéíóú][^\W\d_]*[ae](?:l[aeo]s?|me|nos)")
"""Likewise: "plánchala"."""
_NOUN_FOLLOWS = re.compile(r"\w{2,}(?:[aei]r|ndo)|ver|dar|ser|ir")
"""Behind these, "pedir" and "pidiendo", stands no other verb."""
_MARK = re.compile(r"\W")
_ARTICLES = frozenset({"el", "la", "los", "las", "un", "una"})
_OF_ONE = frozenset({"el", "la", "un", "una"})
_THEN = frozenset({"primero", "luego", "después", "entonces"})
_AND = frozenset({"y", "e", "o", "u", "ni"})
_TO_ONE = frozenset({"tú"})


def perhaps_in_spanish(text: str) -> tuple[Spoken, ...]:
    """The words that may ask one person to do something, or be the verb of a clause about them."""
    return as_said(_perhaps(text), text)


def _perhaps(text: str) -> Iterator[Spoken]:
    matches = list(WORD.finditer(text))
    words = [".", ".", *(match.group().casefold() for match in matches), "."]
    for n, match in enumerate(matches):
        around = words[n : n + 4]
        is_counted = n > 0 and any(map(str.isdigit, text[matches[n - 1].end() : match.start()]))
        is_counting = bool(re.match(r"\s*\d", text[match.end() :]))
        is_noun = is_counted or (not is_counting and _is_behind_a_verb(around[1], around[3]))
        to = _asked(around) or _unlisted_order(around)
        to = to or (NOBODY if is_noun else _homograph(around))
        is_name = match.group()[0].isupper() and around[1] not in lexicon().before
        if to and to <= SINGULAR and not match.group().isupper() and not is_name:
            yield Spoken(match.group(), to, match.start())


def _asked(around: Sequence[str]) -> Addresses:
    """Whom a word asks where a clause begins, or addresses behind a word such as "si"."""
    (_, before, word, _), known = around, lexicon()
    begins = before in known.before and word not in known.others
    asked = known.beginning.get(word, NOBODY) if begins else NOBODY
    return asked | (known.anywhere.get(word, NOBODY) if before in known.verbal else NOBODY)


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
    if word in known.never | known.others or word in known.anywhere:
        return NOBODY
    ends = before in _AND and bool(_MARK.fullmatch(after))  # "y navega."
    begins = ends or (before in known.before and after in known.asked)
    is_one = _WITH_PRONOUN.fullmatch(word) or (begins and _LIKE_AN_ORDER.fullmatch(word))
    return _TO_ONE if is_one else NOBODY


def _is_no_noun(word: str) -> bool:
    """Whether an article behind it begins what the next verb is about: "el resto los cobras"."""
    known = lexicon()
    is_verb = word in known.anywhere or word in known.beginning or word in known.alike
    leads = word in known.nominal or word in known.before | _AND
    return leads or bool(_NOUN_FOLLOWS.fullmatch(word)) or (is_verb and word not in known.others)


def _is_behind_a_verb(before: str, after: str) -> bool:
    """Whether a noun follows: "pedir copias"; "si quieres entrar pagas la cuota" has a verb."""
    return bool(_NOUN_FOLLOWS.fullmatch(before)) and after not in _ARTICLES
