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
_NOUN_FOLLOWS = re.compile(r"\w{2,}(?:[aei]r|ndo)")
"""Behind these, "pedir" and "pidiendo", stands no other verb."""
_MARK = re.compile(r"\W")
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
        to = _asked(around) or (NOBODY if is_counted else _homograph(around))
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
        is_open = first in known.verbal or _may_be_a_noun(first)
        is_open |= word in known.anywhere and first in known.before | _AND
        may_be = is_open and ends
    elif word in known.others and word in known.anywhere:
        may_be = not _is_behind_a_verb(before) and before not in known.nominal
    else:
        begins = bool(_MARK.fullmatch(before)) and before != "," and after in known.asked
        may_be = before in known.verbal or begins
    to = known.anywhere.get(word) or _unlisted(word)
    return to if may_be else NOBODY


def _unlisted(word: str) -> Addresses:
    is_one = _LIKE_A_VERB.fullmatch(word) and word not in lexicon().never
    return _TO_ONE if is_one else NOBODY


def _may_be_a_noun(word: str) -> bool:
    """Whether it looks like several things rather than like a verb or what leads to a noun."""
    known = lexicon()
    is_verb = word in known.anywhere and word not in known.others
    return word.endswith("s") and not is_verb and word not in known.nominal


def _is_behind_a_verb(before: str) -> bool:
    known = lexicon()
    is_verb = before in known.anywhere or before in known.beginning
    return bool(_NOUN_FOLLOWS.fullmatch(before)) or (is_verb and before not in known.others)
