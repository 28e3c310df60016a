"""Whether a sentence says what the yes-or-no values of results say, or the contrary.

Each clause is held against the values whose names it speaks of, in either language, and of these
against those of the entries that it names: what "Tejo is free, but Duero is not" says of two rooms
is compared with two values. All of them must agree: in doubt it is not said.
"""

import re
from collections.abc import Awaitable, Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge.articles import Chunk
from knowledge.words import stop_words
from pipelines.flags import Flag, Flags, flags_of, words_of
from pipelines.particulars import bare_words, is_negated

LEAST_SPOKEN_OF = 0.35
"""Of a name in a clause: "paid" has .48 of "pagada", "in stock" .33 of "sold out"."""
_MUCH_NEARER = 0.1
_JOINTS = re.compile(
    r"[.!?;:,()\n|]+|\b(?:but|pero|although|aunque|however|and|y|e)\b", re.IGNORECASE
)
_VERDICT = re.compile(r"\W*(yes|no|s[ií])[,.:;!]\s*", re.IGNORECASE)

Matrix = NDArray[np.float32]
Compare = Callable[[Sequence[str], Sequence[str]], Awaitable[Matrix]]
"""Shape (texts, others): the share, 0 to 1, of a text's words found in the other."""


async def agreeing(
    sentence: str, question: str, chunks: Sequence[Chunk], compare: Compare
) -> frozenset[int] | None:
    """The results whose yes-or-no values a sentence says; None where it does not speak of any.

    None of them where one of these values says otherwise.

    Args:
        sentence: of an answer.
        question: what a bare "Yes" or "it is not" is said of.
        chunks: pages and results of tools.
        compare: the words of texts.
    """
    places = [n for n, chunk in enumerate(chunks) if chunk.is_result]
    said = flags_of([(chunks[n].title, chunks[n].text) for n in places])
    claimed = await _claimed(sentence, question, said, compare) if said.all else None
    if not claimed or not claimed.found:
        return None
    if not all(claimed.found.values()):
        return frozenset()
    agree = frozenset(places[flag.result] for flag in claimed.found)
    return None if claimed.has_other_denial else agree


async def _claimed(sentence: str, question: str, said: Flags, compare: Compare) -> "_Claims":
    """What a sentence claims of the values that tools gave."""
    verdict = _VERDICT.match(sentence)
    rest = sentence[verdict.end() :] if verdict else sentence
    clauses = [one for one in _JOINTS.split(rest) if bare_words(one)]
    *of_clauses, asked = await _spoken_of([*clauses, question], said, compare)
    claims = _Claims(said, question, frozenset() if any(of_clauses) else asked)
    for n, (clause, names) in enumerate(zip(clauses, of_clauses, strict=True), 1):
        claims.read(clause, names, is_last=n == len(clauses))
    if verdict and not is_negated(question):
        is_no = is_negated(verdict[0])
        # "No, it is taken" denies what was asked; "No, it is free" tells by itself what it denies.
        claims.judge(question, frozenset() if is_no and claims.found else asked, is_denied=is_no)
    return claims


class _Claims:
    """What the clauses of a sentence claim, read one after the other.

    Args:
        said: by tools.
        question: what was asked.
        names: that clauses are about which have none themselves.

    Attributes:
        found: values that something was said of, and whether it always agrees.
        has_other_denial: whether a clause denies what no value speaks of.
    """

    def __init__(self, said: Flags, question: str, names: frozenset[str]) -> None:
        self._said, self._question, self._names = said, question, names
        self._entries: set[frozenset[str]] = set()
        self._waiting = ""
        self.found: dict[Flag, bool] = {}
        self.has_other_denial = False

    def read(self, clause: str, names: frozenset[str], *, is_last: bool) -> None:
        """A clause; a short one without a name goes on from the one before, or waits for one."""
        is_denied = is_negated(clause)
        self._names = names or self._names
        is_claim = is_denied or (is_last and not self.found) or self._meant(clause)
        if not names and not self._is_short(clause):
            self.has_other_denial |= is_denied
        elif names or (self._names and is_claim):
            text, self._waiting = f"{self._waiting} {clause}", ""
            self.judge(text, self._names, is_denied=is_negated(text))
        else:
            self._waiting += f" {clause}"

    def judge(self, text: str, names: frozenset[str], *, is_denied: bool) -> None:
        """Whether what is said of these names holds for every entry that the text means."""
        values = [flag for flag in self._said.all if flag.name in names]
        before = [flag for flag in values if flag.beside in self._entries]
        meant = self._meant(text) or before or self._meant(self._question)
        meant = [flag for flag in meant if flag in values] or values
        self._entries = {flag.beside for flag in meant}
        for flag in meant:
            agrees = flag.says is (not is_denied)
            self.found[flag] = self.found.get(flag, True) and agrees

    def _meant(self, text: str) -> list[Flag]:
        """The values of the entries that a text names by words which not all of them have."""
        every = self._said.all
        words = words_of(text) - frozenset.intersection(*(flag.beside for flag in every))
        return [flag for flag in every if flag.beside & words]

    def _is_short(self, clause: str) -> bool:
        """Whether a clause has no words but those that say nothing, were asked or name entries."""
        known = words_of(self._question).union(*(flag.beside for flag in self._said.all))
        return not bare_words(clause) - known - stop_words("en") - stop_words("es")


async def _spoken_of(texts: Sequence[str], said: Flags, compare: Compare) -> list[frozenset[str]]:
    """Of each text the names of yes-or-no values that it speaks of.

    A word speaks of the name that is nearest to it: who says "available" does not speak of
    "accessible" where both are there.
    """
    flagged = {flag.name for flag in said.all}
    words = [re.findall(r"[^\W_]+", text) for text in texts]
    others = [*texts, *dict.fromkeys(word for some in words for word in some)]
    # The others as texts as well: only of these are words learnt.
    covered = (await compare([*said.names, *others], others))[: len(said.names)]
    near = dict(zip(others, covered.T, strict=True))
    return [
        frozenset(
            name
            for row, name in enumerate(said.names)
            if name in flagged
            and (not name or _is_spoken_of(row, covered[row, n], [near[one] for one in words[n]]))
        )
        for n in range(len(texts))
    ]


def _is_spoken_of(row: int, share: float, words: Sequence[NDArray[np.float32]]) -> bool:
    """Whether a text with these words, each with its nearness to every name, speaks of one."""
    if share < LEAST_SPOKEN_OF:
        return False
    nearest = max(words, key=lambda word: float(word[row]))
    return float(nearest.max()) <= float(nearest[row]) + _MUCH_NEARER
