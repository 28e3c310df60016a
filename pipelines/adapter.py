"""A bottleneck adapter behind the embedder's last layer, and a classifier that it serves.

A vector x becomes x + tanh(x·down + offset)·up (Houlsby et al., 2019), where what lies between is
far narrower than the vector, and a regression tells the class from that. The layers of the embedder
itself cannot be entered: it is compiled, with weights of four bits. So it costs microseconds, and
serves in this process only: no server of language models has a place for it.
"""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.errors import OperatorError

Numbers = NDArray[np.float64]
LARGEST = 32 << 20
"""Bytes of a file: 256 wide behind the widest embedders that there are, with a hundred classes."""
_NUMBERS = ("mean", "scale", "matrix", "bias", "temperature")
_OWN = ("embedder", "labels", *_NUMBERS)
_OF_ADAPTER = ("down", "offset", "up")
# A forged file may claim numbers that no memory holds.
UNREADABLE = (OSError, ValueError, KeyError, TypeError, EOFError, MemoryError, zipfile.BadZipFile)
_ANEW = "Have it trained again, with the embedder that is in use."


class AdapterError(OperatorError):
    """A file holds no classifier, or one for another embedder."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """What is added to vectors.

    Attributes:
        down: shape (dimensions, width).
        offset: shape (width,).
        up: shape (width, dimensions); zeros leave everything as it is.
    """

    down: Numbers
    offset: Numbers
    up: Numbers

    def __post_init__(self) -> None:
        """Look at what was read.

        Raises:
            ValueError: the parts do not fit together, or hold what is no number.
        """
        shapes = [one.shape for one in (self.down, self.offset, self.up)]
        size, width = shapes[0] if self.down.ndim == 2 else (0, 0)
        if not size * width or shapes != [(size, width), (width,), (width, size)]:
            raise ValueError(f"no adapter has the shapes {shapes}")
        if not all(np.isfinite(one).all() for one in (self.down, self.offset, self.up)):
            raise ValueError("an adapter holds what is no number")

    def of(self, rows: Numbers) -> Numbers:
        """Rows whose first numbers are a vector: that is adapted, what follows stays as it is.

        Args:
            rows: shape (examples, dimensions or more), each number less its mean, by its scale.
        """
        size = len(self.down)
        added = np.tanh(rows[:, :size] @ self.down + self.offset) @ self.up
        return np.hstack([rows[:, :size] + added, rows[:, size:]])


@dataclass(frozen=True, slots=True)
class Classifier:
    """Names what a text is, by its vector.

    Attributes:
        embedder: the name of the model that vectors come from; those of another one say nothing.
        labels: the names of the classes.
        mean, scale: shape (dimensions,); what is subtracted, and divided by.
        matrix: shape (classes, dimensions).
        bias: shape (classes,).
        temperature: above 0; what makes a probability of .9 right nine times out of ten.
    """

    embedder: str
    labels: tuple[str, ...]
    mean: Numbers
    scale: Numbers
    adapter: Adapter
    matrix: Numbers
    bias: Numbers
    temperature: float

    def __post_init__(self) -> None:
        """Look at what was read.

        Raises:
            ValueError: the parts do not fit together, or hold what cannot be computed with.
        """
        classes, size = len(self.labels), len(self.adapter.down)
        wanted = [(size,), (size,), (classes, size), (classes,)]
        parts = (self.mean, self.scale, self.matrix, self.bias)
        if [one.shape for one in parts] != wanted or classes < 2:
            raise ValueError(f"no classifier has the shapes {[one.shape for one in parts]}")
        if not all(np.isfinite(one).all() for one in (*parts, self.temperature)):
            raise ValueError("a classifier holds what is no number")
        if not (self.scale.all() and self.temperature > 0):
            raise ValueError("a classifier cannot divide by nothing")

    def logits(self, vectors: Numbers) -> Numbers:
        """Of each class, not tempered: shape (len(vectors), classes).

        Args:
            vectors: shape (texts, dimensions), as the embedder makes them of questions.
        """
        rows = self.adapter.of((vectors - self.mean) / self.scale)
        found: Numbers = rows @ self.matrix.T + self.bias
        return found

    def probabilities(self, vectors: Numbers) -> Numbers:
        """Of each class: shape (len(vectors), classes)."""
        return softmax(self.logits(vectors) / self.temperature)

    def save(self, path: Path) -> None:
        """Write it: numbers and names, nothing that could be run. The same one, the same bytes."""
        parts: dict[str, Any] = {name: np.array(getattr(self, name)) for name in _OWN}
        parts |= {name: getattr(self.adapter, name) for name in _OF_ADAPTER}
        with path.open("wb") as file:
            np.savez(file, **parts)

    @classmethod
    def load(cls, path: Path, *, embedder: str, dimensions: int) -> "Classifier":
        """Read one.

        Raises:
            AdapterError: it is none, or not for vectors of this embedder.
        """
        try:
            found = cls._read(path)
        except UNREADABLE as error:
            raise _unusable(f"{path} cannot be read as a classifier: {error}.") from error
        if found.embedder != embedder:
            raise _unusable(
                f"{path} was learnt for the embedder {found.embedder}, and {embedder} is in use."
            )
        if found.matrix.shape[1] != dimensions:
            raise _unusable(f"{path} is for vectors of {found.matrix.shape[1]} numbers.")
        return found

    @classmethod
    def _read(cls, path: Path) -> "Classifier":
        named = arrays(path, (*_OWN, *_OF_ADAPTER), most_bytes=LARGEST)
        numbers = {name: named[name].astype(np.float64) for name in (*_NUMBERS, *_OF_ADAPTER)}
        adapter = Adapter(*(numbers.pop(name) for name in _OF_ADAPTER))
        temperature, labels = float(numbers.pop("temperature")), tuple(map(str, named["labels"]))
        embedder = str(named["embedder"])
        return cls(embedder, labels, adapter=adapter, temperature=temperature, **numbers)


def softmax(logits: Numbers) -> Numbers:
    """Shares that sum to 1 in each row."""
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Numbers = raised / raised.sum(axis=1, keepdims=True)
    return shares


def arrays(path: Path, names: Sequence[str], *, most_bytes: int) -> dict[str, NDArray[Any]]:
    """The arrays of a file, by their names; nothing of it is run.

    Raises:
        ValueError: it holds more than so many bytes; or another one of `UNREADABLE`.
    """
    with path.open("rb") as content, zipfile.ZipFile(content) as packed:
        if sum(one.file_size for one in packed.infolist()) > most_bytes:
            raise ValueError(f"it has more than {most_bytes >> 20} MB")
        content.seek(0)
        with np.load(content, allow_pickle=False) as file:
            return {name: file[name] for name in names}


def _unusable(what: str) -> AdapterError:
    return AdapterError(what, what_to_do=_ANEW)
