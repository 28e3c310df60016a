"""What the clauses of a text say and deny, by their words."""

import re
from functools import lru_cache

from pipelines.particulars import bare_words, is_negated

SAME_WORDS = 0.8
"""From this share of common words on, two clauses say or deny the same thing."""
_CLAUSES = re.compile(r"[.!?;:,()\n|]+|\b(?:but|pero|although|aunque|however)\b", re.IGNORECASE)


def denies_otherwise(sentence: str, text: str) -> bool:
    """Whether the sentence denies what the text says, or says what the text denies.

    A clause with the same words tells. "Until Monday" may be said of "not after Monday".
    """
    if is_negated(sentence) and not is_negated(text):
        return True
    said, denies = bare_words(sentence), is_negated(sentence)
    alike = [is_denial for words, is_denial in _clauses(text) if _is_alike(said, words)]
    return bool(alike) and all(is_denial is not denies for is_denial in alike)


@lru_cache(maxsize=4096)
def _clauses(text: str) -> tuple[tuple[frozenset[str], bool], ...]:
    """The clauses of a text: their words, and whether they deny something."""
    return tuple((bare_words(part), is_negated(part)) for part in _CLAUSES.split(text) if part)


def is_in_one_clause(sentence: str, text: str) -> bool:
    """Whether a text has a clause with the words of the sentence."""
    said = bare_words(sentence)
    return any(_is_alike(said, one) for one, _ in _clauses(text))


def _is_alike(said: frozenset[str], words: frozenset[str]) -> bool:
    return len(said & words) >= SAME_WORDS * len(said | words) > 0
