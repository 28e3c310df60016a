"""Rows that say the same: by their words, by nearly the same words, or by what they mean."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from knowledge.learning_examples import Example
from pipelines.models import Embedder
from pipelines.particulars import exact_parts, is_negated

NEAR, ALIKE = 0.8, 0.95
"""Jaccard similarity of shingles, and cosine of vectors, from which two rows are one."""
_HASHES, _BANDS = 128, 32
"""32 bands of 4: two rows of similarity 0.8 meet in one of them all but once in a million."""
_SHINGLE = 5
_BLOCK = 1_024
_MARKS = re.compile(r"\[(?:[A-Z]+_)?\d+\]")
"""Placeholders, and the numbers of citations."""


class Groups:
    """Which rows belong together: whatever is joined stays so."""

    def __init__(self, names: Iterable[str]) -> None:
        self._above = {name: name for name in names}

    def join(self, one: str, other: str) -> None:
        """Make two rows, and all that belong to them, one group."""
        first, second = sorted((self.of(one), self.of(other)))
        self._above[second] = first

    def of(self, name: str) -> str:
        """The name of a row's group: that of its first row."""
        while self._above[name] != name:
            self._above[name] = self._above[self._above[name]]
            name = self._above[name]
        return name

    def all(self) -> dict[str, list[str]]:
        """The rows of each group, in the order in which they were given."""
        found: dict[str, list[str]] = defaultdict(list)
        for name in self._above:
            found[self.of(name)].append(name)
        return dict(found)


async def groups_of(
    examples: Sequence[Example], text: Callable[[Example], str], embedder: Embedder | None
) -> Groups:
    """Rows whose texts say the same, as groups.

    Args:
        examples: with names that differ.
        text: what of a row is compared.
        embedder: tells what a text means; without one, words alone are compared.
    """
    texts = {one.id: _plain(text(one)) for one in examples}
    groups = Groups(texts)
    pairs = [*_exact(texts), *_near(texts)]
    if embedder is not None and examples:
        vectors = await embedder.embed_questions(list(texts.values()))
        pairs += _alike(list(texts), vectors)
    details = {one.id: _details(text(one)) for one in examples}
    for one, other in pairs:
        if details[one] == details[other]:
            groups.join(one, other)
    return groups


def _details(text: str) -> tuple[frozenset[str], bool]:
    """What must not differ by a hair: `40 euros` is not `45 euros`, and `may` is not `may not`."""
    bare = _MARKS.sub(" ", text)
    return exact_parts(bare), is_negated(bare)


def whole(example: Example) -> str:
    """The question with what is to be learnt."""
    return f"{example.question}\n{example.target}"


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _exact(texts: dict[str, str]) -> Iterator[tuple[str, str]]:
    first: dict[str, str] = {}
    for name, text in texts.items():
        yield first.setdefault(text, name), name


def _near(texts: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Pairs of nearly the same words: found by MinHash in bands, then counted out."""
    shingles = {name: _shingles(text) for name, text in texts.items()}
    buckets: dict[tuple[int, bytes], list[str]] = defaultdict(list)
    for name, signature in zip(shingles, _signatures(list(shingles.values())), strict=True):
        for band, part in enumerate(np.split(signature, _BANDS)):
            buckets[band, part.tobytes()].append(name)
    pairs = {pair for names in buckets.values() for pair in combinations(names, 2)}
    for one, other in sorted(pairs):
        if jaccard(shingles[one], shingles[other]) >= NEAR:
            yield one, other


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """How much two sets share of all that is in them; 1 where both are empty."""
    return len(one & other) / len(one | other) if one | other else 1.0


def _shingles(text: str) -> frozenset[str]:
    return frozenset(text[i : i + _SHINGLE] for i in range(max(1, len(text) - _SHINGLE + 1)))


def _signatures(sets: Sequence[frozenset[str]]) -> Iterator[NDArray[np.uint64]]:
    """The least of 128 hashes of each set: shape (128,)."""
    seeded = np.random.default_rng(1)
    # Multiply-shift: odd factors, the upper half of the product; what overflows is meant to.
    factors = seeded.integers(0, 1 << 63, _HASHES, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    summands = seeded.integers(0, 1 << 63, _HASHES, dtype=np.uint64)
    for one in sets:
        hashes = np.array([_hash(item) for item in one], dtype=np.uint64)
        yield ((hashes[:, None] * factors + summands) >> np.uint64(32)).min(axis=0)


def _hash(item: str) -> int:
    return int.from_bytes(blake2b(item.encode(), digest_size=8).digest(), "big")


def _alike(names: Sequence[str], vectors: NDArray[np.float32]) -> Iterator[tuple[str, str]]:
    for start in range(0, len(names), _BLOCK):
        near = vectors[start : start + _BLOCK] @ vectors.T >= ALIKE
        for row, column in np.argwhere(near):
            if start + row < column:
                yield names[start + row], names[column]


async def opposed(examples: Sequence[Example], embedder: Embedder | None) -> set[str]:
    """Rows on the same question of which people say otherwise: what is right is for a curator.

    The same answer was liked and disliked, or two answers that differ are both to be learnt.
    """
    groups = await groups_of(examples, lambda one: one.question, embedder)
    by_name = {one.id: one for one in examples}
    found: set[str] = set()
    for names in groups.all().values():
        if len(names) == 1:
            continue
        rows = [by_name[name] for name in names]
        told = await groups_of(rows, lambda one: one.given or one.target, embedder)
        for same in told.all().values():
            if {"up", "down"} <= {by_name[name].opinion for name in same}:
                found.update(same)
        wanted = [one for one in rows if one.is_corrected]
        if len((await groups_of(wanted, lambda one: one.target, embedder)).all()) > 1:
            found.update(one.id for one in wanted)
    return found
