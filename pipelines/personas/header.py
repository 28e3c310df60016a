"""The header of a persona's file: what each line may say, checked line by line."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeGuard

from pipelines.mistakes import Mistake, listed
from pipelines.personas.examples import problems_with_examples, read_examples
from pipelines.personas.schema import is_schema
from pipelines.personas.voice import problems_with_voice, read_voice

LENGTHS = {"short": 120, "medium": 220, "long": 500}
"""The longest answer, in the model's tokens, by the word for it."""
LANGUAGES = ("en", "es")
"""Those that a persona may speak."""
LONGEST_NAME = 100
ALL = "all"
"""What stands in place of a list of sources where none is left out."""
OTHER_NAMES = {"answer_length": "max_answer_tokens", "reasoning": "think"}
"""Lines that may be called by another name."""
Check = Callable[[object], bool]


def is_texts(value: object) -> TypeGuard[list[str]]:
    """Whether it is a list of names."""
    return isinstance(value, list) and all(isinstance(v, str) for v in value)


def _are_languages(value: object) -> bool:
    return is_texts(value) and bool(value) and set(value) <= set(LANGUAGES)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 2


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 100_000


def is_name(value: object) -> TypeGuard[str]:
    """Whether a persona could be called like this."""
    if not isinstance(value, str) or len(value) > LONGEST_NAME:
        return False
    return bool(value.strip()) and not set(value) & set("/\\")


HEADER: dict[str, tuple[Check, str]] = {
    "languages": (_are_languages, "[en, es], or one of the two, such as [es]"),
    "temperature": (_is_number, "a number from 0 to 2"),
    "max_answer_tokens": (
        lambda value: _is_count(value) or (isinstance(value, str) and value in LENGTHS),
        "a whole number from 1 to 100000, such as 220, or short, medium or long",
    ),
    "model": (lambda value: isinstance(value, str), "KIND:NAME, such as ollama:qwen2.5:7b"),
    "think": (lambda value: isinstance(value, bool), "true or false"),
    "tools": (is_texts, "a list such as [current_time, calculate], or [] for none"),
    "sources": (
        lambda value: is_texts(value) or value == ALL,
        f"a list such as [handbook], [] for none, or {ALL}",
    ),
    "extends": (is_name, "the name of another persona, such as helpdesk"),
    "voice": (
        lambda value: value is None or not any(problems_with_voice(value)),
        "such as {tone: close, es: vos, plural: ustedes, en: british}, or null for none",
    ),
    "examples": (
        lambda value: value == [] or not any(problems_with_examples(value)),
        "a list of {question: ..., answer: ...}, or [] for none",
    ),
    "schema": (
        lambda value: value is None or is_schema(value),
        "a JSON schema, the name of a .json file beside this one, or null for none",
    ),
    "small_talk": (lambda value: isinstance(value, bool), "true or false"),
}
"""What a header may say: a check, and the words for what is right."""
PROBLEMS: dict[str, Callable[[object], Iterator[str]]] = {
    "voice": problems_with_voice,
    "examples": problems_with_examples,
}
"""All that is wrong with a value of several parts, in words."""


def renamed(header: Mapping[Any, Any]) -> dict[str, Any]:
    """The header with one name for one thing."""
    named = ((_named(key), value) for key, value in header.items())
    return {OTHER_NAMES.get(key, key): value for key, value in named}


def _named(key: object) -> str:
    return key if isinstance(key, str) else _shown(key)


def mistakes(
    name: str, header: Mapping[str, Any], at: Mapping[str, int] | None = None
) -> Iterator[Mistake]:
    """All lines that cannot be used.

    Args:
        name: of the file.
        header: its lines, each under its one name.
        at: where in the file each of them begins, counted from 1.
    """
    for key, value in header.items():
        place = f", in line {at[key]}" if at and key in at else ""
        if key not in HEADER:
            yield _meaningless(name, key, place)
            continue
        is_right, right = HEADER[key]
        if is_right(value):
            continue
        why = listed(PROBLEMS[key](value)) if key in PROBLEMS else ""
        said = f"{key}: {_shown(value)}{f' ({why})' if why else ''}"
        yield Mistake(
            f"The header of persona '{name}' says {said}{place}.", f"Right is {key}: {right}."
        )
    if isinstance(header.get("model"), str) and header["model"]:
        yield from _of_model(name, header["model"])


def _shown(value: object) -> str:
    """The beginning of a value as people may read it."""
    try:
        return " ".join(str(value).split())[:80]
    except (ValueError, RecursionError):  # Python writes no number of thousands of digits
        return "..."


def _meaningless(name: str, key: str, place: str) -> Mistake:
    near = get_close_matches(key, [*HEADER, *OTHER_NAMES], n=1, cutoff=0.6)
    meant = f"Did you mean '{near[0]}'? " if near else ""
    return Mistake(
        f"The header of persona '{name}' has a line '{_shown(key)}', which means nothing{place}.",
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


def only_of(languages: Sequence[str]) -> str:
    """The language that is answered in, whatever the question is in; empty where it counts."""
    return languages[0] if len(languages) == 1 else ""


def values(header: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a header without mistakes, as a persona has them."""
    said = {key: value for key, value in header.items() if key != "extends"}
    length = said.get("max_answer_tokens")
    if isinstance(length, str):
        said |= {"max_answer_tokens": LENGTHS[length], "answer_length": length}
    if said.get("sources") == ALL:
        said["sources"] = None
    if "languages" in said:
        said["languages"] = tuple(one for one in LANGUAGES if one in said["languages"])
    if "voice" in said:
        said["voice"] = read_voice(said["voice"] or {})
    if "examples" in said:
        said["examples"] = read_examples(said["examples"], only_of(said.get("languages", ())))
    return {key: tuple(value) if isinstance(value, list) else value for key, value in said.items()}
