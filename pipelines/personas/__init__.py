"""Who speaks: a persona is one Markdown file, a header and the prompt."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml

from knowledge.errors import UsageError


class PersonaError(UsageError):
    """A persona's file is missing or wrong."""


@dataclass(frozen=True, slots=True)
class Persona:
    """A prompt and how the model is to be run with it.

    Attributes:
        prompt: the body of the file.
        max_answer_tokens: the longest answer, in the model's tokens, its thoughts included.
        version: the hash of the whole file.
        model: the setting of its model, such as `ollama:qwen2.5:7b`; empty for that of all.
        think: whether the model thinks before it answers; None leaves it to the server.
        tools: the names of those that its model may call.
    """

    name: str
    prompt: str
    version: str
    languages: tuple[str, ...] = ("en", "es")
    temperature: float = 0.0
    max_answer_tokens: int = 220
    model: str = ""
    think: bool | None = None
    tools: tuple[str, ...] = ()


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, str) for v in value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 2


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 100_000


HEADER: dict[str, tuple[Callable[[object], bool], str]] = {
    "languages": (_is_texts, "a list such as [en, es]"),
    "temperature": (_is_number, "a number from 0 to 2"),
    "max_answer_tokens": (_is_count, "a whole number from 1 to 100000, such as 220"),
    "model": (lambda value: isinstance(value, str), "KIND:NAME, such as ollama:qwen2.5:7b"),
    "think": (lambda value: isinstance(value, bool), "true or false"),
    "tools": (_is_texts, "a list such as [current_time, calculate]"),
}
"""What a header may say: a check, and the words for what is right."""


def names(team: Path | None = None) -> list[str]:
    """All personas there are.

    Args:
        team: a folder with the team's own ones; these come before ours of the same name.
    """
    return sorted(_files(team))


def _files(team: Path | None) -> dict[str, Traversable]:
    folders: list[Traversable] = [resources.files(__name__)]
    if team is not None and team.is_dir():
        folders.append(team)
    files = [file for folder in folders for file in folder.iterdir() if file.name.endswith(".md")]
    return {file.name.removesuffix(".md"): file for file in files}


def load(name: str, team: Path | None = None) -> Persona:
    """The persona of this name.

    Raises:
        PersonaError: there is no such file, or its header is wrong.
    """
    files = _files(team)
    if name not in files:
        raise PersonaError(
            f"There is no persona '{name}'.", what_to_do=f"There are: {', '.join(sorted(files))}."
        )
    try:
        text = files[name].read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PersonaError(
            f"The file of persona '{name}' cannot be read.", what_to_do="Save it as UTF-8."
        ) from error
    header, body = parted(name, text)
    version = sha256(text.encode()).hexdigest()[:12]
    return Persona(name=name, prompt=body, version=version, **_checked(name, header))


def check_tools(persona: Persona, known: Collection[str]) -> None:
    """Compare the tools that a persona names with those that there are.

    Raises:
        PersonaError: there are no such tools; all of them are named, each with the nearest one.
    """
    unknown = [one for one in persona.tools if one not in known]
    if unknown:
        near = {one: get_close_matches(one, known, n=1, cutoff=0.5) for one in unknown}
        meant = [f"'{right[0]}' for '{one}'" for one, right in near.items() if right]
        raise PersonaError(
            f"Persona '{persona.name}' names tools that there are not: {', '.join(unknown)}.",
            what_to_do=(f"Did you mean {', '.join(meant)}? " if meant else "")
            + f"There are: {', '.join(sorted(known))}.",
        )


def _checked(name: str, header: dict[str, Any]) -> dict[str, Any]:
    """The header's values, each of which can be used.

    Raises:
        PersonaError: one cannot, or there is no such key.
    """
    for key, value in header.items():
        if key not in HEADER:
            raise PersonaError(
                f"The header of persona '{name}' has a line '{key}', which means nothing.",
                what_to_do=f"It may name: {', '.join(HEADER)}.",
            )
        is_right, right = HEADER[key]
        if not is_right(value):
            raise PersonaError(
                f"The header of persona '{name}' says {key}: {value}.",
                what_to_do=f"Right is {right}.",
            )
    if header.get("model"):
        _check_model(name, header["model"])
    return {
        key: tuple(value) if isinstance(value, list) else value for key, value in header.items()
    }


def _check_model(name: str, setting: str) -> None:
    from pipelines.models import choosing  # imported only where a model is named

    problem = choosing.problem_with(setting, "chat")
    if problem:
        raise PersonaError(
            f"Persona '{name}' names the model '{setting}', which cannot be used: {problem}",
            what_to_do=f"Correct the line `model:` at the top of {name}.md.",
        )


def parted(name: str, text: str) -> tuple[dict[str, Any], str]:
    """Header and body of a file that begins with a line of three dashes."""
    _, header, body = [*text.split("---\n", 2), "", ""][:3]
    try:
        values = yaml.safe_load(header) or {}
    except yaml.YAMLError:
        values = None
    if not isinstance(values, dict) or not body.strip():
        raise PersonaError(
            f"Persona '{name}' needs a header and a prompt.",
            what_to_do="Begin the file with ---, then KEY: VALUE lines, then ---, then the prompt.",
        )
    return values, body.strip()
