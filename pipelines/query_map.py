"""A map that turns the vectors of questions towards passages in other languages.

The vectors of passages stay as they are, so nothing is indexed anew. Passages in the question's own
language are compared with its vector as it is: what helps between two languages costs within one.
"""

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.errors import OperatorError
from knowledge.stores import Vector

Matrix = NDArray[np.float32]
LARGEST = 64 << 20
"""Bytes of a file: maps for four languages of the widest embedders that there are."""
_EMBEDDER = "embedder"
_ANEW = "It is learnt anew with: tertulia learn run"


class QueryMapError(OperatorError):
    """A file is no map of questions, or one for another embedder."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What is done to the vectors of questions in one language.

    Attributes:
        matrix: shape (dimensions, dimensions); a vector is a row that it is multiplied to.
        shift: of each nearness, so that what does not answer is as near as it was before.
        lead: how much farther than before the best of what does not answer is ahead of the rest:
            so much these passages are held back beside those in the question's own language.
    """

    matrix: Matrix
    shift: float = 0.0
    lead: float = 0.0

    def of(self, vector: Vector) -> Vector:
        """The vector that passages are compared with, of length 1."""
        turned = vector @ self.matrix
        found: Vector = (turned / max(float(np.linalg.norm(turned)), 1e-12)).astype(np.float32)
        return found


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's vector as it is, and as passages in other languages are compared with it.

    Attributes:
        other: None where that is the vector as it is.
        shift: what is added to the nearness of these passages.
        lead: what is taken from their scores.
    """

    vector: Vector
    other: Vector | None = None
    shift: float = 0.0
    lead: float = 0.0

    def is_turned(self, *, is_own: bool) -> bool:
        """Whether such passages are compared with another vector than the question's."""
        return not is_own and self.other is not None

    def nearness(self, passage: Vector, *, is_own: bool) -> float:
        """How near a passage is, by its vector."""
        if is_own or self.other is None:
            return float(np.vecdot(passage, self.vector))
        return float(np.vecdot(passage, self.other)) + self.shift


@dataclass(frozen=True, slots=True)
class QueryMap:
    """A map for one embedder.

    Attributes:
        embedder: the name of the model whose vectors it turns.
        turns: by the language of the question; what is asked in others stays as it is.
        name: of the candidate that it is, for receipts; empty where nobody has named it.
    """

    embedder: str
    turns: Mapping[str, Turn] = field(default_factory=dict)
    name: str = ""

    def asked(self, vector: Vector, language: str) -> Asked:
        """A question's vector for passages of every language."""
        turn = self.turns.get(language)
        if turn is None:
            return Asked(vector)
        return Asked(vector, turn.of(vector), turn.shift, turn.lead)

    def save(self, path: Path) -> None:
        """Write it: numbers and a name, nothing that could be run. The same map, the same bytes."""
        parts: dict[str, Any] = {_EMBEDDER: np.array(self.embedder)}
        for language, turn in sorted(self.turns.items()):
            parts[f"matrix_{language}"] = turn.matrix.astype(np.float32)
            parts[f"line_{language}"] = np.array([turn.shift, turn.lead], np.float32)
        with path.open("wb") as file:
            np.savez(file, **parts)

    @classmethod
    def load(cls, path: Path, *, embedder: str, dimensions: int) -> "QueryMap":
        """Read one.

        Raises:
            QueryMapError: it is none, or not for vectors of this embedder.
        """
        try:
            found = cls._read(path)
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise _unusable(f"{path} cannot be read as a map of questions: {error}.") from error
        if found.embedder != embedder:
            raise _unusable(
                f"{path} was learnt for the embedder {found.embedder}, and {embedder} is in use."
            )
        if not all(_is_sound(turn, dimensions) for turn in found.turns.values()):
            raise _unusable(f"{path} holds no {dimensions} by {dimensions} finite numbers.")
        return found

    @classmethod
    def _read(cls, path: Path) -> "QueryMap":
        if path.stat().st_size > LARGEST:
            raise ValueError(f"it has more than {LARGEST >> 20} MB")
        with path.open("rb") as content, np.load(content, allow_pickle=False) as file:
            languages = [name[7:] for name in file.files if name.startswith("matrix_")]
            lines = {one: (float(n) for n in file[f"line_{one}"]) for one in languages}
            turns = {one: Turn(file[f"matrix_{one}"], *lines[one]) for one in languages}
            return cls(str(file[_EMBEDDER]), turns)


def _unusable(what: str) -> QueryMapError:
    return QueryMapError(what, what_to_do=_ANEW)


def _is_sound(turn: Turn, dimensions: int) -> bool:
    is_finite = bool(np.isfinite(turn.matrix).all()) and isfinite(turn.shift + turn.lead)
    return is_finite and turn.matrix.shape == (dimensions, dimensions)
