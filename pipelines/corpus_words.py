"""The words of the whole knowledge: how rare each one is, and how it is mostly written."""

import json
import math
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.sqlite import translated
from knowledge.words import fold, stems, stop_words

MOST_QUESTION_WORDS = 200
"""Words of a question that are looked for; 100,000 characters of it must not take minutes."""
_WORD = re.compile(r"[^\W_]+")
_FORMAT = 1


@lru_cache(maxsize=262_144)
def key_of(spelling: str, language: str) -> str:
    """The name of a word among all languages, such as `es:vacacion`; empty where it says nothing.

    Args:
        spelling: one word in lower case, with its accents.
        language: ISO 639-1, of the text that it stands in.
    """
    word = fold(spelling)
    return "" if word in stop_words(language) else f"{language}:{stems([word], language)[0]}"


def spelled(text: str) -> list[str]:
    """The words of a text in lower case with their accents, in order."""
    return _WORD.findall(text.casefold())


def counted(text: str, language: str) -> Counter[str]:
    """How often the text has each word that says something, by `key_of`."""
    counts: Counter[str] = Counter()
    for spelling, times in Counter(spelled(text)).items():
        if key := key_of(spelling, language):
            counts[key] += times
    return counts


def spellings_of(text: str, language: str) -> dict[str, str]:
    """The words of a text that say something, in order: the key and the first way of writing."""
    found: dict[str, str] = {}
    for spelling in spelled(text):
        if key := key_of(spelling, language):
            found.setdefault(key, spelling)
    return found


@dataclass(frozen=True, slots=True)
class CorpusWords:
    """How many chunks there were when the knowledge was last counted, and how many have a word.

    Attributes:
        chunks: by language.
        chunks_with: by the key of the word.
        spellings: the most frequent way of writing, by key, frequent words first.
        generation: grows with every count.
    """

    chunks: Mapping[str, int] = field(default_factory=dict)
    chunks_with: Mapping[str, int] = field(default_factory=dict)
    spellings: Mapping[str, str] = field(default_factory=dict)
    generation: int = 0

    @property
    def size(self) -> int:
        """The number of chunks counted."""
        return sum(self.chunks.values())

    @property
    def main_language(self) -> str:
        """The language of most chunks; empty as long as nothing was counted."""
        return max(self.chunks, key=lambda language: self.chunks[language], default="")

    def rarity(self, keys: Sequence[str]) -> NDArray[np.float32]:
        """Inverse document frequency within the word's own language, as in Lucene's BM25."""
        return np.array([self._rarity(key) for key in keys], dtype=np.float32)

    def _rarity(self, key: str) -> float:
        total = self.chunks.get(key.partition(":")[0], 0)
        having = self.chunks_with.get(key, 0)
        return math.log(1 + (total - having + 0.5) / (having + 0.5))

    def save(self, path: Path) -> None:
        """Keep it in a file; readers see the old or the new one."""
        words = {k: (self.chunks_with[k], spelling) for k, spelling in self.spellings.items()}
        value = {
            "format": _FORMAT,
            "generation": self.generation,
            "chunks": dict(self.chunks),
            "words": words,
        }
        with translated(path):
            new = path.with_name(path.name + ".new")
            new.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
            os.replace(new, path)  # noqa: PTH105 (Path.replace is the same; this one says atomic)

    @classmethod
    def load(cls, path: Path) -> "CorpusWords":
        """What the file holds; nothing where there is none, or one of another version.

        It is counted anew whenever it is missing, so a damaged file costs time, not knowledge.
        """
        with translated(path):
            if not path.is_file():
                return cls()
            written = path.read_bytes()
        try:
            value = json.loads(written)
        except ValueError:
            return cls()
        if value.get("format") != _FORMAT:
            return cls()
        words = value["words"]
        return cls(
            chunks=value["chunks"],
            chunks_with={key: having for key, (having, _) in words.items()},
            spellings={key: spelling for key, (_, spelling) in words.items()},
            generation=value["generation"],
        )


class Count:
    """Counts the words of the knowledge, some chunks at a time."""

    def __init__(self) -> None:
        self._chunks: Counter[str] = Counter()
        self._spellings: dict[str, Counter[str]] = {}  # by language
        self._having: Counter[str] = Counter()

    def add(self, texts: Iterable[tuple[str, str]]) -> None:
        """Count texts, each with its language."""
        for text, language in texts:
            self._chunks[language] += 1
            words = Counter(spelled(text))
            self._spellings.setdefault(language, Counter()).update(words)
            self._having.update({key_of(word, language) for word in words})

    def result(self, *, generation: int) -> CorpusWords:
        """Everything counted so far."""
        times: Counter[str] = Counter()
        best: dict[str, str] = {}
        for language, spellings in self._spellings.items():
            for spelling, count in spellings.most_common():
                key = key_of(spelling, language)
                times[key] += count
                best.setdefault(key, spelling)
        written = {key: best[key] for key, _ in times.most_common() if key}
        having = {key: self._having[key] for key in written}
        return CorpusWords(dict(self._chunks), having, written, generation)
