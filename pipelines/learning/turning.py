"""How the map of questions is learnt: by the passages that answer, against those that nearly do.

A question's vector q becomes q·M of length 1, with M near the identity. What is learnt is the
softmax over a question's own passages, the hardest wrong ones and the passages of other questions
of the same step; a pull back to the identity keeps what nobody has asked about where it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.ranking import BACKGROUND_RANKS

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]
MARGIN = 0.05
"""A wrong passage that is nearer than 95 % of the right one's nearness may well be right, too."""
HARDEST = 10
"""Wrong passages that each question is held against."""
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Pairs:
    """Questions with what answers them, all in one direction.

    Attributes:
        questions: shape (questions, dimensions), rows of length 1.
        passages: shape (passages, dimensions), rows of length 1; all that compete.
        languages: of each passage, as a number; those of another language do not compete.
        answers: of each question the places of the passages that answer it, at least one, all in
            one language.
    """

    questions: Numbers
    passages: Numbers
    languages: Places
    answers: tuple[tuple[int, ...], ...]

    def some(self, places: Sequence[int] | Places) -> "Pairs":
        """Only these questions; all passages still compete."""
        answers = tuple(self.answers[place] for place in places)
        return Pairs(self.questions[list(places)], self.passages, self.languages, answers)


@dataclass(frozen=True, slots=True)
class Learning:
    """How a map is learnt.

    Attributes:
        rate, momentum: of the descent.
        temperature: of the softmax.
        pull: back to the identity.
        batch: questions of a step.
    """

    rate: float = 0.01
    momentum: float = 0.9
    temperature: float = 0.05
    pull: float = 0.0
    batch: int = 64


def mined(pairs: Pairs, hardest: int = HARDEST, margin: float = MARGIN) -> list[Places]:
    """Of each question the nearest wrong passages that are surely wrong."""
    found = []
    for question, answers in zip(pairs.questions, pairs.answers, strict=True):
        nearness = pairs.passages @ question
        most = (1 - margin) * nearness[list(answers)].max()
        is_rival = pairs.languages == pairs.languages[answers[0]]
        is_rival[list(answers)] = False
        rivals = np.flatnonzero(is_rival & (nearness < most))
        found.append(rivals[np.argsort(-nearness[rivals], kind="stable")[:hardest]])
    return found


def turned(questions: Numbers, matrix: Numbers) -> tuple[Numbers, Numbers]:
    """Questions as the map turns them, rows of length 1; and the lengths they had before that."""
    found = questions @ matrix
    lengths = np.maximum(np.linalg.norm(found, axis=1, keepdims=True), _TINY)
    return found / lengths, lengths


def loss(
    pairs: Pairs, rivals: Sequence[Places], matrix: Numbers, temperature: float
) -> tuple[float, Numbers]:
    """The mean of -log of the answers' share of the softmax, and its slope.

    Args:
        pairs: of one step.
        rivals: of each question, besides the answers of the others.
        matrix: the map, shape (dimensions, dimensions).
        temperature: of the softmax.

    Returns:
        Nats a question, and shape (dimensions, dimensions).
    """
    unit, lengths = turned(pairs.questions, matrix)
    places, competes, is_answer = _competing(pairs, rivals)
    passages = pairs.passages[places]
    logits = np.where(competes, unit @ passages.T / temperature, -np.inf)
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares = raised / raised.sum(axis=1, keepdims=True)
    right = np.where(is_answer, shares, 0.0)
    share = np.maximum(right.sum(axis=1, keepdims=True), _TINY)
    to_unit = (shares - right / share) @ passages / temperature / len(unit)
    to_turned = (to_unit - unit * (unit * to_unit).sum(axis=1, keepdims=True)) / lengths
    return float(-np.log(share).mean()), pairs.questions.T @ to_turned


def _competing(
    pairs: Pairs, rivals: Sequence[Places]
) -> tuple[Places, NDArray[np.bool_], NDArray[np.bool_]]:
    """The passages of a step; of each question which compete, and which answer it."""
    every = [*(np.array(one, np.int64) for one in pairs.answers), *rivals]
    places = np.unique(np.concatenate(every))
    is_answer = np.zeros((len(pairs.answers), len(places)), np.bool_)
    competes = np.zeros_like(is_answer)
    for row, (answers, some) in enumerate(zip(pairs.answers, rivals, strict=True)):
        is_answer[row, np.searchsorted(places, answers)] = True
        competes[row, np.searchsorted(places, some)] = True
    # What answers another question of the step is no answer to this one.
    languages = pairs.languages[places]
    own = np.array([pairs.languages[answers[0]] for answers in pairs.answers])
    in_step = is_answer.any(axis=0) & (languages[None, :] == own[:, None])
    return places, competes | in_step, is_answer


@dataclass(slots=True)
class Descent:
    """A map that is being learnt.

    Attributes:
        matrix: as it is now; at first the identity.
    """

    matrix: Numbers
    speed: Numbers

    @classmethod
    def begun(cls, dimensions: int) -> "Descent":
        """Nothing is learnt yet."""
        return cls(np.eye(dimensions), np.zeros((dimensions, dimensions)))

    def step(self, pairs: Pairs, rivals: Sequence[Places], learning: Learning) -> float:
        """Learn some pairs; their loss before that."""
        nats, slope = loss(pairs, rivals, self.matrix, learning.temperature)
        slope += learning.pull * (self.matrix - np.eye(len(self.matrix)))
        self.speed = learning.momentum * self.speed + slope
        self.matrix = self.matrix - learning.rate * self.speed
        return nats


def changed(pairs: Pairs, matrix: Numbers) -> tuple[float, float]:
    """What a map does to passages that do not answer: what a search must make up for.

    Returns:
        How much less near the background of a search is on average, and how much farther the best
        of these passages is ahead of it: else the other language would come first more often where
        it has nothing to say.
    """
    unit, _ = turned(pairs.questions, matrix)
    changes = []
    for row, answers in enumerate(pairs.answers):
        is_rival = pairs.languages == pairs.languages[answers[0]]
        is_rival[list(answers)] = False
        some = pairs.passages[is_rival]
        if len(some) > 1:
            before, after = (_background(some @ one[row]) for one in (pairs.questions, unit))
            changes.append((before[0] - after[0], after[1] - before[1]))
    nearer, ahead = np.mean(changes, axis=0) if changes else (0.0, 0.0)
    return float(nearer), float(ahead)


def _background(nearness: Numbers) -> tuple[float, float]:
    """The mean of the background, and how far the best one is ahead of it."""
    first, last = BACKGROUND_RANKS
    best = np.sort(nearness)[::-1][:last]
    return float(best[first:].mean()), float(best[0] - best[first:].mean())


def ndcg(pairs: Pairs, matrix: Numbers | None = None) -> Numbers:
    """nDCG@10 of each question over the passages of one language: shape (questions,).

    A question counts by the best of its passages: one is enough to answer it.
    """
    unit = pairs.questions if matrix is None else turned(pairs.questions, matrix)[0]
    found = np.zeros(len(unit))
    for row, (vector, answers) in enumerate(zip(unit, pairs.answers, strict=True)):
        nearness = pairs.passages @ vector
        best = nearness[list(answers)].max()
        is_rival = pairs.languages == pairs.languages[answers[0]]
        is_rival[list(answers)] = False
        place = int((nearness[is_rival] > best).sum())
        found[row] = 1 / np.log2(place + 2) if place < 10 else 0.0
    return found
