"""A map that turns the vectors of questions towards the pages that answer them.

The vectors of pages stay as they are, so that nothing is indexed anew: a question's vector q
becomes q·M of length 1, with M near the identity. It is learnt from pairs of a question and the
chunks that answer it, by the softmax over all chunks of one language; what pulls M back to the
identity keeps what nobody has asked about where it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.errors import OperatorError

Numbers = NDArray[np.float64]
TEMPERATURE = 0.05
"""Of the softmax; e5 was trained with a similar one."""
_FIRST, _SECOND, _TINY = 0.9, 0.999, 1e-8
"""Adam's two memories, and what keeps it from dividing by 0."""


class QueryMapError(OperatorError):
    """A map cannot be used with this embedder, or is none."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Questions with what answers them.

    Attributes:
        questions: shape (questions, dimensions), rows of length 1.
        chunks: shape (chunks, dimensions), rows of length 1; all that compete.
        answers: of each question the places of the chunks that answer it, at least one.
        rivals: shape (questions, chunks): what competes with them; the answers are among it.
    """

    questions: Numbers
    chunks: Numbers
    answers: Sequence[Sequence[int]]
    rivals: NDArray[np.bool_]

    def some(self, places: NDArray[np.int64]) -> "Pairs":
        """Only these questions."""
        answers = [self.answers[place] for place in places]
        return Pairs(self.questions[places], self.chunks, answers, self.rivals[places])


@dataclass(frozen=True, slots=True)
class Tuning:
    """How far a map may go.

    Attributes:
        rate: of each step.
        pull: back to the identity.
        batch: questions a step.
    """

    epochs: int = 10
    rate: float = 1e-3
    pull: float = 1e-2
    batch: int = 64
    seed: int = 0


def mapped(questions: Numbers, matrix: Numbers) -> Numbers:
    """Questions as the map turns them: shape (questions, dimensions), rows of length 1."""
    turned = questions @ matrix
    lengths = np.linalg.norm(turned, axis=-1, keepdims=True)
    found: Numbers = turned / np.maximum(lengths, _TINY)
    return found


def loss(pairs: Pairs, matrix: Numbers) -> tuple[float, Numbers]:
    """The mean of -log of the answers' share of the softmax, and its gradient.

    Returns:
        Nats a question, and shape (dimensions, dimensions).
    """
    turned = pairs.questions @ matrix
    lengths = np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), _TINY)
    unit = turned / lengths
    shares = _softmax(np.where(pairs.rivals, unit @ pairs.chunks.T / TEMPERATURE, -np.inf))
    right = np.zeros_like(shares)
    for row, places in enumerate(pairs.answers):
        right[row, list(places)] = shares[row, list(places)]
    share = np.maximum(right.sum(axis=1, keepdims=True), _TINY)
    to_unit = (shares - right / share) @ pairs.chunks / TEMPERATURE / len(unit)
    to_turned = (to_unit - unit * (unit * to_unit).sum(axis=1, keepdims=True)) / lengths
    return float(-np.log(share).mean()), pairs.questions.T @ to_turned


def learnt(pairs: Pairs, tuning: Tuning) -> Numbers:
    """A map from pairs, by Adam: shape (dimensions, dimensions)."""
    random = np.random.default_rng(tuning.seed)
    identity = np.eye(pairs.questions.shape[1])
    matrix, first, second = identity.copy(), np.zeros_like(identity), np.zeros_like(identity)
    batches = max(1, len(pairs.answers) // tuning.batch)
    step = 0
    for _ in range(tuning.epochs):
        for places in np.array_split(random.permutation(len(pairs.answers)), batches):
            _, slope = loss(pairs.some(places), matrix)
            slope += tuning.pull * (matrix - identity)
            step += 1
            first = _FIRST * first + (1 - _FIRST) * slope
            second = _SECOND * second + (1 - _SECOND) * slope**2
            mean = first / (1 - _FIRST**step)
            spread = np.sqrt(second / (1 - _SECOND**step)) + _TINY
            matrix -= tuning.rate * mean / spread
    return matrix


def save(matrix: Numbers, embedder: str, path: Path) -> None:
    """Write a map, with the embedder that it is for; numbers alone, nothing that could be run."""
    with path.open("wb") as file:
        np.savez(file, matrix=matrix.astype(np.float32), embedder=np.array(embedder))


def load(path: Path, embedder: str) -> Numbers:
    """Read a map: shape (dimensions, dimensions).

    Raises:
        QueryMapError: it is none, or one for another embedder.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            matrix: Numbers = file["matrix"].astype(np.float64)
            made_for = str(file["embedder"])
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise QueryMapError(
            f"{path} cannot be read as a map of questions: {error}.", what_to_do=_ANEW
        ) from error
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not np.isfinite(matrix).all():
        raise QueryMapError(f"{path} holds no square of finite numbers.", what_to_do=_ANEW)
    if made_for != embedder:
        raise QueryMapError(
            f"{path} was learnt for the embedder {made_for}, and {embedder} is in use.",
            what_to_do=_ANEW,
        )
    return matrix


_ANEW = "Learn it anew: tertulia learn run"


def _softmax(logits: Numbers) -> Numbers:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Numbers = raised / raised.sum(axis=1, keepdims=True)
    return shares
