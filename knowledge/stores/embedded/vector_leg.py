"""Chunks found by how near their vectors are: exact, over all of them."""

import numpy as np
from numpy.typing import NDArray

from knowledge.stores.embedded.places import Scope, Slots
from knowledge.stores.embedded.word_leg import Found
from knowledge.vectors import Vector, VectorSizeError, VectorTable

Scores = NDArray[np.float32]


def likenesses(table: VectorTable, probe: Vector) -> Scores:
    """The dot product of the probe with every row of the table, by slot.

    Raises:
        VectorSizeError: the probe has another length than the rows.
    """
    if probe.shape != (table.dimensions,):
        raise VectorSizeError(
            f"The question's vector has shape {probe.shape}; the store's have {table.dimensions}.",
            what_to_do="Use the embedding model that the knowledge was indexed with.",
        )
    # Not `@`: it waits for BLAS threads, which on a busy machine costs more than it saves.
    return np.asarray(np.vecdot(table.matrix(), probe.astype(np.float32)))


def nearest(scores: Scores, slots: Slots, scope: Scope, limit: int) -> Found:
    """The rows of the scope whose slots have the highest scores."""
    of_row = slots.of_row[: len(scope)]
    rows = np.flatnonzero(scope[: len(of_row)] & (of_row >= 0) & (of_row < len(scores)))
    found = scores[of_row[rows]]
    best = _best(found, limit)
    return [(int(rows[place]), float(found[place])) for place in best]


def _best(scores: Scores, limit: int) -> NDArray[np.intp]:
    """The places of the highest scores, highest first, the earlier place first among equals."""
    if len(scores) > limit:
        threshold = np.partition(scores, len(scores) - limit)[len(scores) - limit]
        places = np.flatnonzero(scores >= threshold)
    else:
        places = np.arange(len(scores))
    order = np.argsort(-scores[places], kind="stable")
    return places[order][:limit]
