"""Text becomes index terms: the words that a question and a chunk are compared by."""

import re
import threading
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

import Stemmer  # type: ignore[import-not-found]  # a compiled module without stubs

STEMMED = {"en": "english", "es": "spanish"}
"""Languages with a stemmer, and its name; words of all others are compared as they are written."""

LONGEST_TERM = 64
"""Characters of a word that count; what is longer is no word but an encoded file."""

VERSION = f"1 {Stemmer.version()}"
"""Changes whenever the same text may give other terms, so that an index knows that it is stale."""

# A word is a run of letters and digits; inside a code also the signs that hold it together.
_WORD = re.compile(r"[^\W_]+(?:[-./,_:'@][^\W_]+)*(?:\+\+|#)?")
_PART = re.compile(r"[^\W_]+")
_MARKS = re.compile(r"[\u0300-\u036f]")
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,']\d{3})+$")
_LISTS = Path(__file__).parent / "stop_words"
_stemmers = threading.local()


def fold(text: str) -> str:
    """Lower case without accents, so that `Política` and `politica` are one word; ñ stays ñ."""
    text = text.casefold().replace("’", "'")
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFKD", text).replace("n\u0303", "ñ")
    return _MARKS.sub("", apart)


def words(text: str) -> list[str]:
    """The folded words of a text in order, codes and numbers whole and in parts."""
    return [form for word in _WORD.findall(fold(text)) for form in _forms(word)]


def content_words(text: str, language: str) -> list[str]:
    """The words of a text without those that say nothing in this language."""
    stop = stop_words(language)
    return [word for word in words(text) if word not in stop]


def terms(text: str, language: str) -> list[str]:
    """The index terms of a question, in order and with repetitions.

    The language is ISO 639-1; `en` and `es` are stemmed and stop-worded, all others are not.
    """
    return stems(content_words(text, language), language)


def index_terms(text: str, language: str) -> list[str]:
    """The index terms of a text that is searched.

    They are the `terms` and, for every word with ñ, the spelling of somebody whose keyboard has
    none: `espana` finds `España`, while `año` does not find `ano`.
    """
    found = terms(text, language)
    return found + [term.replace("ñ", "n") for term in found if "ñ" in term]


def stems(words: Iterable[str], language: str) -> list[str]:
    """The stem of each word in this language; the word itself where we know no stemmer."""
    if language not in STEMMED:
        return list(words)
    return [_stem(word, language) for word in words]


@cache
def stop_words(language: str) -> frozenset[str]:
    """The folded words that say nothing in this language; none for languages without a list."""
    path = _LISTS / f"{language}.txt"
    if language not in STEMMED or not path.is_file():
        return frozenset()
    return frozenset(fold(path.read_text(encoding="utf-8")).split())


@lru_cache(maxsize=65_536)
def _forms(word: str) -> tuple[str, ...]:
    """A word as it is indexed: itself, or for a compound its parts and, if it is a code, itself."""
    if len(word) <= LONGEST_TERM and word.isalnum():
        return (word,)
    parts = tuple(part[:LONGEST_TERM] for part in _PART.findall(word.removesuffix("'s")))
    if len(word) > LONGEST_TERM:
        return parts
    if _THOUSANDS.match(word):
        return (word, "".join(parts))
    is_code = any(sign in word for sign in "0123456789_+#")
    return (word, *(parts if len(parts) > 1 else ())) if is_code else parts


@lru_cache(maxsize=65_536)
def _stem(word: str, language: str) -> str:
    """The stem of one word; words with digits or signs are names of things and stay whole."""
    return word if not word.isalpha() else str(_stemmer(language).stemWord(word))


def _stemmer(language: str) -> Stemmer.Stemmer:
    """This thread's stemmer: one object must not serve two threads at once."""
    kept: dict[str, Stemmer.Stemmer] | None = getattr(_stemmers, "kept", None)
    if kept is None:
        kept = _stemmers.kept = {}
    if language not in kept:
        kept[language] = Stemmer.Stemmer(STEMMED[language])
    return kept[language]
