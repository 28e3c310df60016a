"""Makes any text safe to hand to an embedder, and splits work so that it can be interrupted."""

from collections.abc import Iterator, Sequence

import numpy as np

from pipelines.models import Vectors


def clean(text: str) -> str:
    """The text without what breaks an encoder.

    A NUL ends a string in C, so that the rest would silently be left out. Half a surrogate pair,
    as damaged JSON brings it, is no character and cannot be encoded.
    """
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def batches(texts: Sequence[str], size: int) -> Iterator[list[str]]:
    """The texts in order, cleaned, `size` at a time."""
    for start in range(0, len(texts), size):
        yield [clean(text) for text in texts[start : start + size]]


def stacked(parts: Sequence[Vectors], dimensions: int) -> Vectors:
    """One array of all rows, also of none."""
    return np.concatenate([np.zeros((0, dimensions), np.float32), *parts])


def normalised(rows: Sequence[object], count: int) -> Vectors:
    """The rows that a server sent, each of length 1.

    Raises:
        ValueError, TypeError: these are not as many vectors.
    """
    vectors = np.array(rows, dtype=np.float32)
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    if vectors.ndim != 2 or len(vectors) != count:
        raise ValueError("not one vector for each text")
    if not np.isfinite(lengths).all() or not lengths.all():
        raise ValueError("vectors without a direction")
    found: Vectors = vectors / lengths
    return found
