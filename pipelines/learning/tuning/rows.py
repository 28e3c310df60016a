"""Rows as they come from examples: read, checked, and split into learnt and held out."""

import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.text_files import lines_of
from pipelines.learning.trainers import Job, JobRefusedError

ROLES = ("system", "user", "assistant")
FEWEST = 8
"""Rows; with fewer, nothing can be said of what was learnt."""
FEWEST_TO_HOLD_OUT = 20

Turns = tuple[dict[str, str], ...]


@dataclass(frozen=True, slots=True)
class Split:
    """Rows that are learnt, and rows that only measure."""

    learnt: Sequence[Turns]
    held_out: Sequence[Turns]


def read(job: Job) -> list[Turns]:
    """The rows of a job, in the order of their file.

    Raises:
        JobRefusedError: a row is none, there are too few, or the file is not what was meant.
    """
    try:
        content = job.rows.read_bytes()
        lines = lines_of(content.decode("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise JobRefusedError(
            f"The rows {job.rows} cannot be read: {error}.", what_to_do="Export them again."
        ) from error
    if job.rows_sha256 and hashlib.sha256(content).hexdigest() != job.rows_sha256:
        raise JobRefusedError(
            f"The rows {job.rows} are not those that were approved: their hash differs.",
            what_to_do="Export them again.",
        )
    rows = [_row(line, f"{job.rows}, line {n}") for n, line in enumerate(lines, 1) if line.strip()]
    if len(rows) < FEWEST:
        raise JobRefusedError(
            f"There are {len(rows)} rows in {job.rows}; {FEWEST} is the least.",
            what_to_do="Approve more examples.",
        )
    return rows


def split(rows: Sequence[Turns], *, held_out: float, seed: int) -> Split:
    """Keep a share of the rows apart; the same ones for the same seed.

    Args:
        rows: all there are.
        held_out: the share; with few rows none is kept apart.
        seed: decides which ones.
    """
    count = round(len(rows) * held_out) if len(rows) >= FEWEST_TO_HOLD_OUT else 0
    apart = set(random.Random(seed).sample(range(len(rows)), count))  # noqa: S311 (no secret)
    return Split(
        [row for n, row in enumerate(rows) if n not in apart],
        [row for n, row in enumerate(rows) if n in apart],
    )


def _row(line: str, where: str) -> Turns:
    try:
        turns = tuple({**turn} for turn in json.loads(line)["messages"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _bad(where, "has no list of `messages`") from error
    for turn in turns:
        content = turn.get("content")
        if turn.get("role") not in ROLES:
            raise _bad(where, f"has a message with the role {str(turn.get('role'))[:40]!r}")
        if not isinstance(content, str) or not content.strip():
            raise _bad(where, "has a message without text")
        # Half of a character pair is in no vocabulary, and no tokenizer takes it.
        if any("\ud800" <= sign <= "\udfff" for sign in content):
            raise _bad(where, "has half a character in a message")
    if len(turns) < 2 or turns[-1]["role"] != "assistant" or turns[-2]["role"] != "user":
        raise _bad(where, "does not end with a question of `user` and its answer by `assistant`")
    return tuple({"role": turn["role"], "content": turn["content"]} for turn in turns)


def _bad(where: str, what: str) -> JobRefusedError:
    return JobRefusedError(
        f"A row cannot be learnt: {where} {what}.",
        what_to_do="Correct or remove it, and export the rows again.",
    )
