"""The names, codes and addresses in a value of a form, which has no sentence around them.

In a sentence a capital at the beginning says nothing. A value of a word or two is all beginning, so
that there it may be a name; what people are called is one in small letters, too.
"""

import re

from knowledge.words import stop_words
from pipelines.particulars import folded, is_called, names_said

MOST_BARE = 2
"""Words of a value, or of a part of it, that may be a name as a whole."""
_PARTS = re.compile(r"[.!?:;,\n|/()]+(?:\s|$)|\s[-–—]\s")
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_CODE = re.compile(r"[A-ZÀ-Þ]{2,}(?:[-_][A-ZÀ-Þ]{2,})+")
_HOST = re.compile(r"\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b", re.IGNORECASE)


def names_of(value: str) -> frozenset[str]:
    """What must have been said, folded, besides numbers and dates."""
    found = {folded(one) for one in _WORD.findall(value) if is_called(folded(one))}
    found |= {folded(one) for one in (*_CODE.findall(value), *_HOST.findall(value))}
    for part in _PARTS.split(value):
        every = _WORD.findall(part)
        words = [one for one in every if not _says_little(one)]
        if len(every) <= MOST_BARE and all(one[0].isupper() for one in words):
            found |= {folded(one) for one in words}
        else:
            found |= names_said(part)
    return frozenset(found)


def _says_little(word: str) -> bool:
    return folded(word) in stop_words("en") | stop_words("es")
