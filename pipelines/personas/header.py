"""The header of a persona's file: what each line may say, checked line by line."""

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pipelines.personas.examples import problem_with_examples, read_examples
from pipelines.personas.mistakes import Mistake
from pipelines.personas.schema import is_schema
from pipelines.personas.voice import problem_with_voice, read_voice

LENGTHS = {"short": 120, "medium": 220, "long": 500}
"""The longest answer, in the model's tokens, by the word for it."""
OTHER_NAMES = {"answer_length": "max_answer_tokens", "reasoning": "think"}
"""Lines that may be called by another name."""
Check = Callable[[object], bool]


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, str) for v in value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 2


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 100_000


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and not set(value) & set("/\\")


HEADER: dict[str, tuple[Check, str]] = {
    "languages": (_is_texts, "a list such as [en, es]"),
    "temperature": (_is_number, "a number from 0 to 2"),
    "max_answer_tokens": (
        lambda value: _is_count(value) or (isinstance(value, str) and value in LENGTHS),
        "a whole number from 1 to 100000, such as 220, or short, medium or long",
    ),
    "model": (lambda value: isinstance(value, str), "KIND:NAME, such as ollama:qwen2.5:7b"),
    "think": (lambda value: isinstance(value, bool), "true or false"),
    "tools": (_is_texts, "a list such as [current_time, calculate]"),
    "sources": (_is_texts, "a list such as [handbook]"),
    "extends": (_is_name, "the name of another persona, such as helpdesk"),
    "voice": (
        lambda value: not problem_with_voice(value),
        "such as {tone: close, es: vos, plural: ustedes, en: british}",
    ),
    "examples": (
        lambda value: not problem_with_examples(value),
        "a list of {question: ..., answer: ...}",
    ),
    "schema": (is_schema, "a JSON schema, or the name of a .json file beside this one"),
    "small_talk": (lambda value: isinstance(value, bool), "true or false"),
}
"""What a header may say: a check, and the words for what is right."""
PROBLEMS: dict[str, Callable[[object], str]] = {
    "voice": problem_with_voice,
    "examples": problem_with_examples,
}
"""What is wrong with a value of several parts, in words."""


def renamed(header: Mapping[Any, Any]) -> dict[str, Any]:
    """The header with one name for one thing."""
    return {OTHER_NAMES.get(str(key), str(key)): value for key, value in header.items()}


def mistakes(name: str, header: Mapping[str, Any]) -> Iterator[Mistake]:
    """All lines that cannot be used.

    Args:
        name: of the file.
        header: its lines, each under its one name.
    """
    for key, value in header.items():
        if key not in HEADER:
            yield _meaningless(name, key)
            continue
        is_right, right = HEADER[key]
        if is_right(value):
            continue
        why = PROBLEMS[key](value) if key in PROBLEMS else ""
        said = f"{value}"[:80]
        yield Mistake(
            f"The header of persona '{name}' says {key}: {said}{f' ({why})' if why else ''}.",
            f"Right is {key}: {right}.",
        )
    if isinstance(header.get("model"), str) and header["model"]:
        yield from _of_model(name, header["model"])


def _meaningless(name: str, key: str) -> Mistake:
    near = get_close_matches(key, [*HEADER, *OTHER_NAMES], n=1, cutoff=0.6)
    meant = f"Did you mean '{near[0]}'? " if near else ""
    return Mistake(
        f"The header of persona '{name}' has a line '{key}', which means nothing.",
        f"{meant}It may name: {', '.join(HEADER)}.",
    )


def _of_model(name: str, setting: str) -> Iterator[Mistake]:
    from pipelines.models import choosing  # imported only where a model is named

    problem = choosing.problem_with(setting, "chat")
    if problem:
        yield Mistake(
            f"Persona '{name}' names the model '{setting}', which cannot be used: {problem}",
            f"Correct the line `model:` at the top of {name}.md.",
        )


def values(header: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a header without mistakes, as a persona has them."""
    said = {key: value for key, value in header.items() if key != "extends"}
    length = said.get("max_answer_tokens")
    if isinstance(length, str):
        said |= {"max_answer_tokens": LENGTHS[length], "answer_length": length}
    if "voice" in said:
        said["voice"] = read_voice(said["voice"])
    if "examples" in said:
        said["examples"] = read_examples(said["examples"])
    return {key: tuple(value) if isinstance(value, list) else value for key, value in said.items()}
