"""Rows that other programs wrote: JSON, a line each or a list; mistakes are named by line."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge.errors import UsageError
from knowledge.learning_examples import Turns
from knowledge.text_files import lines_of
from pipelines.learning.formats import Format

ROLES = ("system", "user", "assistant")
MOST_BYTES, LONGEST_LINE = 1_000_000_000, 1_000_000
"""Of a file, and of one row of it: a row of a megabyte is no question with its answer."""
_SPEAKERS = {"human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant"}
_SPEAKERS |= {"system": "system"}
Value = Mapping[str, Any]


class WrongRowsError(UsageError):
    """A file of rows cannot be read; the message names file and line."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file, as it is read: turns, and what is known of other answers.

    Attributes:
        messages: the last one is what is to be learnt, or what people thought something of.
        rejected: an answer that was worse; empty where none is named.
        label: whether the last message was liked; None where nothing is said.
        line: where it stands, counted from 1.
        group: rows of one group are learnt, or measure, together; empty where it stands alone.
    """

    messages: Turns
    line: int
    rejected: str = ""
    label: bool | None = None
    group: str = ""


def read_rows(path: Path, form: Format) -> list[Row]:
    """The rows of a file; a JSON list is read, too.

    Raises:
        WrongRowsError: it cannot be read, or a row is wrong: names file, line and what is wrong.
    """
    return [_row(value, form, path, line) for line, value in _values(path)]


def _values(path: Path) -> Iterator[tuple[int, Any]]:
    text = _text(path)
    if text.lstrip().startswith("["):
        yield from _listed(path, text)
        return
    found = 0
    for number, line in enumerate(lines_of(text), 1):
        if not line.strip():
            continue
        found += 1
        if len(line) > LONGEST_LINE:
            raise _wrong(path, number, f"is longer than {LONGEST_LINE:,} characters")
        yield number, _parsed(path, number, line)
    if not found:
        raise WrongRowsError(f"{path} is empty.", what_to_do="Each line is one row: {...}")


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise WrongRowsError(
                f"{path} is larger than {MOST_BYTES:,} bytes.", what_to_do="Split it."
            )
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        is_wide = error.object[:2] in (b"\xff\xfe", b"\xfe\xff")
        is_binary = b"\0" in error.object[:4096] and not is_wide
        what = "is no text" if is_binary else "is no UTF-8 text"
        raise _wrong(path, line, what, "Save it as UTF-8, without compression.") from error
    except OSError as error:
        raise WrongRowsError(
            f"{path} cannot be read: {error.strerror}.", what_to_do="Check the path."
        ) from error


def _listed(path: Path, text: str) -> Iterator[tuple[int, Any]]:
    """The rows of a JSON list, each with the line in which it begins."""
    decoder, at = json.JSONDecoder(), text.index("[") + 1
    while True:
        at += len(text[at:]) - len(text[at:].lstrip(" \t\r\n,"))
        line = text.count("\n", 0, at) + 1
        if text[at : at + 1] == "]":
            return
        try:
            value, at = decoder.raw_decode(text, at)
        except (json.JSONDecodeError, RecursionError) as error:
            raise _wrong(path, line, "is no JSON", "Each row is an object: {...}") from error
        yield line, value


def _parsed(path: Path, number: int, line: str) -> Any:  # noqa: ANN401 (JSON has no narrower type)
    if "\0" in line:
        raise _wrong(path, number, "is no text", "A file of rows holds JSON, a line each.")
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        what = f"is no JSON: {error.msg} at character {error.colno}"
        raise _wrong(path, number, what) from error
    except RecursionError as error:
        raise _wrong(path, number, "is nested too deeply") from error


def _row(value: Any, form: Format, path: Path, line: int) -> Row:  # noqa: ANN401 (JSON has no narrower type)
    if not isinstance(value, Mapping):
        raise _wrong(path, line, "is no object", "Each row is an object: {...}")
    try:
        messages, rejected, label = _READERS[form](value)
        _check(messages)
    except _Wrong as error:
        raise _wrong(path, line, str(error), _EXAMPLES[form]) from error
    return Row(messages, line, rejected, label)


class _Wrong(Exception):  # noqa: N818 (worded with file and line by who reads the file)
    """What is wrong with a row."""


Read = tuple[Turns, str, bool | None]


def _read_messages(value: Value) -> Read:
    return _turns(_needed(value, "messages", list), "role", "content"), "", None


def _read_alpaca(value: Value) -> Read:
    asked = _needed(value, "instruction", str)
    more = value.get("input") or ""
    question = f"{asked}\n\n{more}" if more else asked
    system = [{"role": "system", "content": value["system"]}] if value.get("system") else []
    history = value.get("history") or []
    if not all(isinstance(pair, list) and len(pair) == 2 for pair in history):
        raise _Wrong("'history' is no list of pairs")
    before = [
        {"role": role, "content": text}
        for pair in history
        for role, text in zip(ROLES[1:], pair, strict=True)
    ]
    asked_and_told = [
        {"role": "user", "content": question},
        {"role": "assistant", "content": _needed(value, "output", str)},
    ]
    return _turns([*system, *before, *asked_and_told], "role", "content"), "", None


def _read_sharegpt(value: Value) -> Read:
    return _turns(_needed(value, "conversations", list), "from", "value"), "", None


def _read_preference(value: Value) -> Read:
    chosen = _completion(value, "chosen")
    return (*_prompt(value), _told(chosen)), _completion(value, "rejected"), None


def _read_kto(value: Value) -> Read:
    label = value.get("label")
    if not isinstance(label, bool):
        raise _Wrong("'label' is neither true nor false" if "label" in value else "has no 'label'")
    return (*_prompt(value), _told(_completion(value, "completion"))), "", label


def _told(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}


def _prompt(value: Value) -> Turns:
    prompt = value.get("prompt")
    if isinstance(prompt, str):
        return ({"role": "user", "content": prompt},)
    return _turns(_needed(value, "prompt", list), "role", "content")


def _completion(value: Value, key: str) -> str:
    said = value.get(key)
    if isinstance(said, str):
        return said
    turns = _turns(_needed(value, key, list), "role", "content")
    if len(turns) != 1 or turns[0]["role"] != "assistant":
        raise _Wrong(f"'{key}' is no single answer of the assistant")
    return turns[0]["content"]


def _needed(value: Value, key: str, kind: type) -> Any:  # noqa: ANN401 (of the kind that is asked for)
    if key not in value:
        raise _Wrong(f"has no '{key}'")
    if not isinstance(value[key], kind):
        raise _Wrong(f"'{key}' is no {'text' if kind is str else 'list'}")
    return value[key]


def _turns(said: Sequence[Any], role_key: str, text_key: str) -> Turns:
    turns = []
    for one in said:
        if not isinstance(one, Mapping):
            raise _Wrong(f"a turn is no object with '{role_key}' and '{text_key}'")
        role, text = _needed(one, role_key, str), _needed(one, text_key, str)
        role = _SPEAKERS.get(role, "") if role_key == "from" else role
        if role not in ROLES:
            raise _Wrong(f"'{one[role_key]}' is no role. There are: {', '.join(ROLES)}")
        turns.append({"role": role, "content": text})
    return tuple(turns)


def _check(messages: Turns) -> None:
    """A question before every answer, an answer at the end, and words in all of them."""
    roles = [one["role"] for one in messages]
    spoken = roles[1:] if roles[:1] == ["system"] else roles
    if spoken != ["user", "assistant"] * (len(spoken) // 2) or not spoken:
        raise _Wrong("its roles do not alternate between 'user' and 'assistant', to an answer")
    if not all(one["content"].strip() for one in messages):
        raise _Wrong("a turn of it is empty")


def _wrong(path: Path, line: int, what: str, right: str = "Correct that line.") -> WrongRowsError:
    return WrongRowsError(f"{path}, line {line} {what}.", what_to_do=right)


_READERS: dict[Format, Callable[[Value], Read]] = {
    "messages": _read_messages,
    "alpaca": _read_alpaca,
    "sharegpt": _read_sharegpt,
    "preference": _read_preference,
    "kto": _read_kto,
}
_EXAMPLES: dict[Format, str] = {
    "messages": 'Right: {"messages": [{"role": "user", "content": "..."}, '
    '{"role": "assistant", "content": "..."}]}',
    "alpaca": 'Right: {"instruction": "...", "input": "", "output": "..."}',
    "sharegpt": 'Right: {"conversations": [{"from": "human", "value": "..."}, '
    '{"from": "gpt", "value": "..."}]}',
    "preference": 'Right: {"prompt": "...", "chosen": "...", "rejected": "..."}',
    "kto": 'Right: {"prompt": "...", "completion": "...", "label": true}',
}
