"""What a training of the search reads: pairs as lines of JSON, and the vectors of all texts.

The vectors come along, so that who trains needs no embedder and no token of a server.
"""

import json
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.articles import Chunk
from knowledge.text_files import lines_of, write_whole
from pipelines.learning.pairs import Pair, clustered
from pipelines.learning.trainers import Job, JobRefusedError
from pipelines.models import Vectors

ROWS, VECTORS = "pairs.jsonl", "pairs.vectors"


@dataclass(frozen=True, slots=True)
class PairSet:
    """Pairs with the vectors of their texts.

    Attributes:
        embedder: the name of the model that made the vectors.
        questions: shape (pairs, dimensions).
        passages: shape (passages, dimensions); all that a question may find.
        languages: of each passage.
        hashes: of each passage's text.
    """

    embedder: str
    pairs: tuple[Pair, ...]
    questions: Vectors
    passages: Vectors
    languages: tuple[str, ...]
    hashes: tuple[str, ...]


def write(
    pairs: Sequence[Pair],
    chunks: Sequence[Chunk],
    vectors: tuple[Vectors, Vectors],
    *,
    embedder: str,
    folder: Path,
) -> tuple[Path, Path]:
    """Write the rows of a job and its base; where they are.

    Args:
        pairs: at least one.
        chunks: all that a question may find.
        vectors: of the pairs' questions, and of the chunks.
        embedder: the name of the model that made them.
        folder: is made where it is missing.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    clusters = clustered(pairs, chunks)
    rows = [asdict(replace(p, cluster=c)) for p, c in zip(pairs, clusters, strict=True)]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    write_whole(folder / ROWS, lines)
    parts: dict[str, Any] = {
        "embedder": np.array(embedder),
        "questions": vectors[0].astype(np.float32),
        "passages": vectors[1].astype(np.float32),
        "languages": np.array([one.language for one in chunks]),
        "hashes": np.array([one.text_hash for one in chunks]),
    }
    with (folder / VECTORS).open("wb") as file:
        np.savez(file, **parts)
    return folder / ROWS, folder / VECTORS


def read(job: Job) -> PairSet:
    """The pairs of a job, checked.

    Raises:
        JobRefusedError: a file is not what was meant, a row is none, or a number is none.
    """
    rows = _content(job.rows, job.rows_sha256)
    _content(job.base, job.base_sha256)
    try:
        lines = [line for line in lines_of(rows.decode("utf-8")) if line.strip()]
        pairs = tuple(_pair(json.loads(line)) for line in lines)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _refused(f"{job.rows} has a row that is no pair: {error}.") from error
    try:
        with job.base.open("rb") as content, np.load(content, allow_pickle=False) as file:
            named = {name: file[name] for name in file.files}
            found = PairSet(
                str(named["embedder"]),
                pairs,
                named["questions"],
                named["passages"],
                tuple(map(str, named["languages"])),
                tuple(map(str, named["hashes"])),
            )
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise _refused(f"{job.base} holds no vectors of pairs: {error}.") from error
    _check(found, job)
    return found


def _pair(row: dict[str, Any]) -> Pair:
    pair = Pair(**{**row, "passages": tuple(row["passages"])})
    if not pair.question.strip() or not pair.passages or not pair.language:
        raise ValueError("it has no question, no language or no passage")
    return pair


def _check(found: PairSet, job: Job) -> None:
    """Whether all parts fit together."""
    sizes = (len(found.pairs), len(found.languages))
    shapes = tuple(one.shape for one in (found.questions, found.passages))
    if any(len(one) != 2 for one in shapes) or sizes != (shapes[0][0], shapes[1][0]):
        raise _refused(f"{job.base} has other pairs or passages than {job.rows}.")
    if shapes[0][1] != shapes[1][1] or len(found.hashes) != len(found.languages):
        raise _refused(f"The vectors in {job.base} are of different lengths.")
    if not (np.isfinite(found.questions).all() and np.isfinite(found.passages).all()):
        raise _refused(f"{job.base} holds what is no number.")
    if unknown := {h for p in found.pairs for h in p.passages}.difference(found.hashes):
        raise _refused(f"{job.base} has no vector of the passage {min(unknown)}.")


def _content(path: Path, expected: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _refused(f"{path} cannot be read: {error}.") from error
    if expected and sha256(content).hexdigest() != expected:
        raise _refused(f"{path} is not what was approved: its hash differs.")
    return content


def _refused(what: str) -> JobRefusedError:
    return JobRefusedError(what, what_to_do="Have the pairs written again.")
