"""Rows as they come from examples: read, checked, and split into learnt and held out."""

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from knowledge.learning_examples import Turns
from knowledge.text_files import lines_of
from pipelines.learning.row_files import ROLES, Row
from pipelines.learning.trainers import Job, JobRefusedError

FEWEST = 8
"""Rows; with fewer, nothing can be said of what was learnt."""
FEWEST_TO_HOLD_OUT = 20


@dataclass(frozen=True, slots=True)
class Split:
    """Rows that are learnt, and rows that only measure."""

    learnt: Sequence[Row]
    held_out: Sequence[Row]


def read(job: Job) -> list[Row]:
    """The rows of a job, in the order of their file.

    Raises:
        JobRefusedError: a row is none, there are too few, or the file is not what was meant.
    """
    return [_row(said, where, line) for said, where, line in objects(job)]


def read_questions(job: Job) -> list[Row]:
    """The same without their answers, where they have some.

    Raises:
        JobRefusedError: as above.
    """
    return [_question(said, where, line) for said, where, line in objects(job)]


def objects(job: Job) -> list[tuple[Any, str, int]]:
    """What stands on each line, where that is in words, and its number.

    Raises:
        JobRefusedError: there are too few, or the file is not what was meant.
    """
    lines = lines_of(text_of(job))
    found = [
        (_parsed(line, f"{job.rows}, line {n}"), f"{job.rows}, line {n}", n)
        for n, line in enumerate(lines, 1)
        if line.strip()
    ]
    enough(job, len(found))
    return found


def enough(job: Job, count: int, fewest: int = FEWEST) -> None:
    """Go on only where there are so many rows.

    Raises:
        JobRefusedError: there are fewer.
    """
    if count < fewest:
        raise JobRefusedError(
            f"There are {count} rows in {job.rows}; {fewest} is the least.",
            what_to_do="Approve more examples.",
        )


def text_of(job: Job) -> str:
    """The file of the rows.

    Raises:
        JobRefusedError: it cannot be read, or is not the one that was meant.
    """
    try:
        content = job.rows.read_bytes()
        text = content.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise JobRefusedError(
            f"The rows {job.rows} cannot be read: {error}.", what_to_do="Export them again."
        ) from error
    if job.rows_sha256 and hashlib.sha256(content).hexdigest() != job.rows_sha256:
        raise JobRefusedError(
            f"The rows {job.rows} are not those that were approved: their hash differs.",
            what_to_do="Export them again.",
        )
    return text


def split(rows: Sequence[Row], *, held_out: float, seed: int) -> Split:
    """Keep a share of the rows apart; the same ones for the same seed.

    Args:
        rows: all there are; groups of them are not torn apart.
        held_out: the share, of groups; with few rows none is kept apart.
        seed: decides which ones.
    """
    names = [row.group or n for n, row in enumerate(rows)]
    groups = list(dict.fromkeys(names))
    count = round(len(groups) * held_out) if len(rows) >= FEWEST_TO_HOLD_OUT else 0
    chosen = random.Random(seed).sample(range(len(groups)), count)  # noqa: S311 (no secret)
    apart = {groups[n] for n in chosen}
    return Split(
        [row for name, row in zip(names, rows, strict=True) if name not in apart],
        [row for name, row in zip(names, rows, strict=True) if name in apart],
    )


def check_signs(content: str, where: str) -> None:
    """Go on only with a text that every tokenizer takes.

    Raises:
        JobRefusedError: it holds half of a character pair, which is in no vocabulary.
    """
    if any("\ud800" <= sign <= "\udfff" for sign in content):
        raise bad(where, "has half a character in a message")


def bad(where: str, what: str) -> JobRefusedError:
    """A row is none.

    Args:
        where: file and line.
        what: is wrong with it.
    """
    return JobRefusedError(
        f"A row cannot be learnt: {where} {what}.",
        what_to_do="Correct or remove it, and export the rows again.",
    )


def _parsed(line: str, where: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise bad(where, "has no list of `messages`") from error


def _row(said: Any, where: str, line: int) -> Row:
    turns = _turns(said, where)
    if [turn["role"] for turn in turns[-2:]] != ["user", "assistant"]:
        raise bad(where, "does not end with a question of `user` and its answer by `assistant`")
    return Row(turns, line)


def _question(said: Any, where: str, line: int) -> Row:
    turns = _turns(said, where)
    if turns and turns[-1]["role"] == "assistant":
        turns = turns[:-1]
    if not turns or turns[-1]["role"] != "user":
        raise bad(where, "does not end with a question of `user`")
    return Row(turns, line)


def _turns(said: Any, where: str) -> Turns:
    try:
        turns = tuple({**turn} for turn in said["messages"])
    except (KeyError, TypeError) as error:
        raise bad(where, "has no list of `messages`") from error
    return tuple(_turn(turn, where) for turn in turns)


def _turn(turn: Mapping[str, Any], where: str) -> dict[str, str]:
    content = turn.get("content")
    if turn.get("role") not in ROLES:
        raise bad(where, f"has a message with the role {str(turn.get('role'))[:40]!r}")
    if not isinstance(content, str) or not content.strip():
        raise bad(where, "has a message without text")
    check_signs(content, where)
    return {"role": turn["role"], "content": content}
