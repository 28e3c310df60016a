"""Rows as other programs read them: JSON, a line each."""

from collections.abc import Callable
from typing import Any, Literal

from knowledge.learning_examples import Example

Format = Literal["messages", "alpaca", "sharegpt", "preference", "kto"]
FORMATS: tuple[Format, ...] = ("messages", "alpaca", "sharegpt", "preference", "kto")


def rows_of(example: Example, form: Format) -> list[dict[str, Any]]:
    """An example in one of the formats; none where it has nothing that the format asks for."""
    return _WRITERS[form](example)


def _messages(example: Example) -> list[dict[str, Any]]:
    return [{"messages": [dict(turn) for turn in example.messages]}]


def _alpaca(example: Example) -> list[dict[str, Any]]:
    turns = [dict(one) for one in example.messages]
    system = "\n\n".join(one["content"] for one in turns if one["role"] == "system")
    said = [one["content"] for one in turns if one["role"] != "system"]
    pairs = list(zip(said[:-2:2], said[1:-2:2], strict=True))
    row: dict[str, Any] = {"instruction": said[-2], "input": "", "output": said[-1]}
    row |= {"system": system} if system else {}
    return [row | ({"history": [list(pair) for pair in pairs]} if pairs else {})]


def _sharegpt(example: Example) -> list[dict[str, Any]]:
    names = {"system": "system", "user": "human", "assistant": "gpt"}
    said = [{"from": names[one["role"]], "value": one["content"]} for one in example.messages]
    return [{"conversations": said}]


def _preference(example: Example) -> list[dict[str, Any]]:
    if not example.is_corrected:
        return []
    prompt = [dict(one) for one in example.messages[:-1]]
    return [
        {
            "prompt": prompt,
            "chosen": [_said(example.target)],
            "rejected": [_said(example.given)],
        }
    ]


def _kto(example: Example) -> list[dict[str, Any]]:
    """What people liked or did not, and what somebody corrected."""
    prompt = [dict(one) for one in example.messages[:-1]]
    given = example.given or example.target
    labelled = [(given, example.opinion == "up")] if example.opinion else []
    labelled += [(example.target, True)] if example.is_corrected else []
    return [
        {"prompt": prompt, "completion": [_said(text)], "label": label} for text, label in labelled
    ]


def _said(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}


_WRITERS: dict[Format, Callable[[Example], list[dict[str, Any]]]] = {
    "messages": _messages,
    "alpaca": _alpaca,
    "sharegpt": _sharegpt,
    "preference": _preference,
    "kto": _kto,
}
