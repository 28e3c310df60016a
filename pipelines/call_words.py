"""Whether a short result says a sentence, taken together with what its tool is called.

`free_rooms(day="2026-05-04")` and `["Duero"]` say that the room Duero is free: each word must be
one of the result, of the tool's name or of its arguments' names. What the question says besides,
such as a projector, is no word of them. Values that a model gave count for a bare yes or no alone.
"""

import json
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge.articles import Chunk
from knowledge.language import language_of_part
from knowledge.words import stems, stop_words
from pipelines.flag_claims import Compare
from pipelines.flags import words_of
from pipelines.particulars import bare_words, exact_parts, is_negated, without_exact_parts

LEAST_NEARNESS = 0.6
"""Of a word in the other language: "libre" has .69 of "free", "sala" .17 of "room"."""
_ARGUMENT = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*")?')
_NAMES = re.compile(r"\[[^{}]*\]", re.DOTALL)
_BARE = ("true", "false")
_SAYS_YES = frozenset({"yes", "si"})


async def with_calls(
    sentence: str,
    question: str,
    chunks: Sequence[Chunk],
    covered: NDArray[np.float32],
    compare: Compare,
) -> NDArray[np.float32]:
    """How much of a sentence each chunk holds, counting what was called.

    Args:
        sentence: one with numbers of its own is left to these.
        question: what was asked.
        chunks: pages and results.
        covered: shape (chunks,): the share of its words that the texts hold.
        compare: shape (texts, others): the share of a text's words found in the other.
    """
    shares = covered.copy()
    if exact_parts(sentence) - exact_parts(question):
        return shares
    for n, chunk in enumerate(chunks):
        told = await is_told(sentence, question, chunk, compare) if chunk.is_result else None
        if told is not None:
            shares[n] = 1.0 if told else 0.0
    return shares


async def is_told(sentence: str, question: str, chunk: Chunk, compare: Compare) -> bool | None:
    """Whether every word of a sentence is one of a result or of its call; None in between.

    Not told is what a list of names does not say and the question does: a name that the list has
    is no evidence for what was asked of it.

    Args:
        sentence: its numbers and names are checked elsewhere.
        question: what was asked.
        chunk: what a tool said.
        compare: shape (texts, others): the share of a text's words found in the other.
    """
    known = _known(chunk)
    words = _words(sentence, words_of(chunk.text))
    strange = [word for word in words if not _stems(word) & known]
    if language_of_part(sentence, "") != "en":
        strange = await far_from(known, strange, compare)
    if words and not strange:
        return True
    is_asked = any(_stems(word) & _stems(question) for word in strange)
    return False if is_asked and _NAMES.fullmatch(chunk.text.strip()) else None


async def far_from(known: frozenset[str], words: Sequence[str], compare: Compare) -> list[str]:
    """Those of some words that mean nothing that is known, in either language."""
    if not words or not known:
        return list(words)
    others = " ".join(sorted(known))
    near = (await compare([*words, others], [others]))[: len(words), 0]
    return [word for word, one in zip(words, near, strict=True) if one < LEAST_NEARNESS]


def _known(chunk: Chunk) -> frozenset[str]:
    """The words of a result and of its call; one that denies tells nothing of what it returns."""
    tool, _, arguments = chunk.title.partition("(")
    named = _ARGUMENT.findall(arguments)
    called = " ".join([tool, *(name for name, _ in named)])
    if is_negated(called.replace("_", " ")):
        called = ""
    values = [json.loads(value) for _, value in named if value]
    is_bare = chunk.text.strip().lower() in _BARE
    return _stems(" ".join([called, chunk.text, *(values if is_bare else [])]))


def _words(sentence: str, said: frozenset[str]) -> list[str]:
    """The words that must be told; "the room" of "the room Duero" only says what Duero is."""
    plain = bare_words(without_exact_parts(sentence)) - _SAYS_YES
    every = [word for word in re.findall(r"[^\W\d_]+", sentence) if words_of(word) & plain]
    before = zip(every, [*every[1:], ""], strict=True)
    told = [
        one for one, following in before if not (words_of(following) & said) or words_of(one) & said
    ]
    return [one for one in told if not words_of(one) & (stop_words("en") | stop_words("es"))]


def _stems(text: str) -> frozenset[str]:
    words = list(words_of(text))
    return frozenset(words).union(stems(words, "en"), stems(words, "es"))
