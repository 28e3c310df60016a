"""Soft coverage: how much of one text another text speaks of, also in another language.

For each word of the first text the nearest word of the second one is taken, by word vectors; the
mean over the words, rare ones counting more, is the coverage. No model is asked. It tells that
two texts speak of the same things, not that they say the same.

Measured: sentences against their own passage in the other language or another passage of the same
article, AUROC .993; as the only way of ranking, nDCG@10 on XQuAD .96 (EN, ES) and .90 (across).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from knowledge.language import language_of_part, language_of_question
from pipelines.corpus_words import MOST_QUESTION_WORDS, spellings_of
from pipelines.word_vectors import WordVectors

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class InLanguage:
    """A text and its language."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class WordCoverage:
    """How well each word of a text is covered by other texts.

    Attributes:
        words: as they are written in the text, in lower case.
        weights: shape (words,): rarity; a rare word says more.
        found: shape (words, others): 0 to 1, how near the nearest word of the other text is.
    """

    words: tuple[str, ...]
    weights: NDArray[np.float32]
    found: Matrix

    @classmethod
    def empty(cls) -> "WordCoverage":
        """Of no words by no texts."""
        return cls((), np.zeros(0, dtype=np.float32), np.zeros((0, 0), dtype=np.float32))

    @property
    def share(self) -> NDArray[np.float32]:
        """Shape (others,): the weighted mean over the words; 0 where the text says nothing."""
        if not self.words:
            return np.zeros(self.found.shape[1], dtype=np.float32)
        return np.asarray(self.weights @ self.found / self.weights.sum(), dtype=np.float32)

    def of(self, others: Sequence[int]) -> "WordCoverage":
        """The same for some of the other texts, in this order."""
        return WordCoverage(self.words, self.weights, self.found[:, list(others)])


class SoftCoverage:
    """Compares texts by the words that they are made of."""

    def __init__(self, words: WordVectors) -> None:
        self._words = words

    async def matrix(self, texts: Sequence[str], against: Sequence[str]) -> Matrix:
        """Shape (len(texts), len(against)): the share, 0 to 1, of a text's words found there."""
        others = [_told(text) for text in against]
        found = await self.by_word([_told(text) for text in texts], others)
        shares = [one.share for one in found]
        return np.array(shares, dtype=np.float32).reshape(len(texts), len(against))

    async def coverage(self, sentence: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Shape (len(texts),): how much of the sentence each text holds, 0 to 1."""
        return np.asarray((await self.matrix([sentence], texts))[0], dtype=np.float32)

    async def by_word(
        self, texts: Sequence[InLanguage], against: Sequence[InLanguage]
    ) -> list[WordCoverage]:
        """For each text, how well each of its words is covered by each of the others.

        Words of `texts` without a vector are embedded now, in one batch, and kept. Unknown words
        of `against` count only where they are the same.
        """
        written = [_first_words(text) for text in texts]
        await self._words.learn({key: word for one in written for key, word in one.items()})
        return await asyncio.to_thread(self._compared, written, against)

    def _compared(
        self, written: Sequence[dict[str, str]], against: Sequence[InLanguage]
    ) -> list[WordCoverage]:
        keys = list(dict.fromkeys(key for one in written for key in one))
        others = _Others.of(against)
        nearness = self._nearness(keys, others.keys)
        best = others.best(nearness)
        rarity = self._words.corpus.rarity(keys)
        row_of = {key: row for row, key in enumerate(keys)}
        return [
            WordCoverage(tuple(one.values()), rarity[rows], best[rows])
            for one in written
            for rows in [[row_of[key] for key in one]]
        ]

    def _nearness(self, keys: Sequence[str], others: Sequence[str]) -> Matrix:
        """Shape (len(keys), len(others)): cosines, not below 0; 1 for one and the same word."""
        ours, theirs = self._words.rows(keys), self._words.rows(others)
        nearness = np.clip(ours @ theirs.T, 0, 1)
        place = {key: column for column, key in enumerate(others)}
        plain: dict[str, list[int]] = {}
        for key, column in place.items():
            plain.setdefault(key.partition(":")[2], []).append(column)
        for row, key in enumerate(keys):
            word = key.partition(":")[2]
            is_exact = any(c.isdigit() for c in word) or not ours[row].any()
            same = plain.get(word, ()) if is_exact else [place[key]] if key in place else ()
            nearness[row, list(same)] = 1
        return np.asarray(nearness, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class _Others:
    """The words of several texts, each word once."""

    keys: tuple[str, ...]
    columns: NDArray[np.intp]
    starts: NDArray[np.intp]

    @classmethod
    def of(cls, texts: Sequence[InLanguage]) -> "_Others":
        column_of: dict[str, int] = {}
        columns: list[int] = []
        starts: list[int] = []
        for one in texts:
            starts.append(len(columns))
            columns.append(-1)  # a word that is near to nothing, so that no text is empty
            for key in spellings_of(one.text, one.language):
                columns.append(column_of.setdefault(key, len(column_of)))
        return cls(tuple(column_of), np.array(columns, np.intp), np.array(starts, np.intp))

    def best(self, nearness: Matrix) -> Matrix:
        """Shape (rows, texts): the highest nearness to any word of each text."""
        if not len(self.starts):
            return np.zeros((len(nearness), 0), dtype=np.float32)
        padded = np.pad(nearness, ((0, 0), (0, 1)))  # column -1
        return np.maximum.reduceat(padded[:, self.columns], self.starts, axis=1)


@lru_cache(maxsize=4096)
def _told(text: str) -> InLanguage:
    """The text with its language, as well as it can be told."""
    return InLanguage(text, language_of_part(text, "") or language_of_question(text, "en"))


def _first_words(one: InLanguage) -> dict[str, str]:
    written = spellings_of(one.text, one.language)
    return dict(list(written.items())[:MOST_QUESTION_WORDS])
