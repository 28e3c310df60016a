"""What a training of a classifier reads: texts with their labels, and the vectors of the texts.

The vectors come along, so that who trains needs no embedder and no token of a server.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.hashing import sha256_of
from knowledge.text_files import write_whole
from pipelines.adapter import LARGEST, UNREADABLE, Numbers, arrays
from pipelines.learning.trainers import Job, JobRefusedError
from pipelines.learning.tuning.rows import bad, check_signs, objects
from pipelines.models import Vectors

ROWS, VECTORS = "labels.jsonl", "labels.vectors"
MOST, LONGEST = 100, 100
"""Classes, and signs of the name of one."""
_LARGEST = 16 * LARGEST
"""Bytes of vectors: 350,000 texts with the bundled embedder."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Texts with their labels.

    Attributes:
        embedder: the name of the model that made the vectors.
        texts: as they are.
        labels: the names of the classes, in alphabetical order.
        classes: of each text, the place of its label.
        clusters: of each text; those of one cluster are never parted between learnt and held out.
        vectors: shape (texts, dimensions).
    """

    embedder: str
    texts: tuple[str, ...]
    labels: tuple[str, ...]
    classes: NDArray[np.int64]
    clusters: tuple[str, ...]
    vectors: Numbers

    @property
    def fewest(self) -> int:
        """Rows of the smallest class."""
        return min(Counter(self.classes.tolist()).values())


def write(
    rows: Sequence[Mapping[str, str]], vectors: Vectors, *, embedder: str, folder: Path
) -> tuple[Path, Path]:
    """Write the rows of a job and its base; where they are.

    Args:
        rows: `text` and `label` of each, and its `cluster` where several are about the same.
        vectors: shape (rows, dimensions), as the embedder makes them of questions.
        embedder: the name of the model that made them.
        folder: is made where it is missing.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(dict(row), ensure_ascii=False) + "\n" for row in rows)
    write_whole(folder / ROWS, lines)
    with (folder / VECTORS).open("wb") as file:
        np.savez(file, embedder=np.array(embedder), vectors=vectors.astype(np.float32))
    return folder / ROWS, folder / VECTORS


def read(job: Job) -> Labelled:
    """The rows of a job with their vectors, checked.

    Raises:
        JobRefusedError: a file is not what was meant, a row is none, or a number is none.
    """
    rows = [_row(said, where) for said, where, _ in objects(job)]
    labels = sorted({label for _, label, _ in rows})
    if not 1 < len(labels) <= MOST:
        raise _refused(f"Classes in {job.rows}: {len(labels)}; 2 to {MOST} can be told apart.")
    embedder, vectors = _vectors(job)
    if vectors.ndim != 2 or len(vectors) != len(rows) or not vectors.size:
        raise _refused(f"{job.base} holds vectors of other rows than {job.rows}.")
    if not np.isfinite(vectors).all():
        raise _refused(f"{job.base} holds what is no number.")
    return Labelled(
        embedder,
        tuple(text for text, _, _ in rows),
        tuple(labels),
        np.array([labels.index(label) for _, label, _ in rows]),
        tuple(cluster for _, _, cluster in rows),
        vectors.astype(np.float64),
    )


def _row(said: Any, where: str) -> tuple[str, str, str]:  # noqa: ANN401 (JSON)
    if not isinstance(said, Mapping):
        raise bad(where, "is no object with `text` and `label`")
    text, label = said.get("text"), said.get("label")
    cluster = said.get("cluster", text)
    for key, value in (("text", text), ("label", label), ("cluster", cluster)):
        if not isinstance(value, str) or not value.strip():
            raise bad(where, f"has no `{key}`")
        check_signs(value, where)
    if len(str(label)) > LONGEST:
        raise bad(where, f"has a `label` of over {LONGEST} signs")
    return str(text), str(label), str(cluster)


def _vectors(job: Job) -> tuple[str, Vectors]:
    try:
        hashed = sha256_of(job.base) if job.base_sha256 else ""
        found = arrays(job.base, ("embedder", "vectors"), most_bytes=_LARGEST)
        embedder, vectors = str(found["embedder"]), found["vectors"].astype(np.float32)
    except UNREADABLE as error:
        raise _refused(f"{job.base} holds no vectors of texts: {error}.") from error
    if hashed != job.base_sha256:
        raise _refused(f"{job.base} is not what was approved: its hash differs.")
    return embedder, vectors


def _refused(what: str) -> JobRefusedError:
    return JobRefusedError(what, what_to_do="Have the rows and their vectors written again.")
