"""Which words of a question are looked up where: one group of languages for each stemmer."""

from collections.abc import Iterable

from knowledge import words

GROUPS = ("en", "es", "plain")
"""The groups: one for each language with a stemmer, one for the words of all others."""

MOST_TERMS = 64
"""Different terms of a question that are looked up: its beginning and its end."""

HEADLINE_WEIGHT = 2.0
"""How much a word in the title or a heading counts, where one in the text counts 1."""


def group_of(language: str) -> str:
    """The group that holds the chunks of this language."""
    return language if language in GROUPS else "plain"


def question_terms(spoken: Iterable[str], group: str) -> list[str]:
    """The terms that words of a question have in a group; any of them may be there.

    A question in English finds names and codes in Spanish chunks too: each group is asked with
    the stems of its own language.
    """
    stop = words.stop_words(group)
    found = words.stems((word for word in spoken if word not in stop), group)
    terms = list(dict.fromkeys(found))
    if len(terms) > MOST_TERMS:
        terms = terms[: MOST_TERMS // 2] + terms[-MOST_TERMS // 2 :]
    return terms
