"""Who speaks: a persona is one Markdown file, a header and the prompt."""

from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from typing import Any

import yaml

from knowledge.errors import OperatorError


class PersonaError(OperatorError):
    """A persona's file is missing or wrong."""


@dataclass(frozen=True, slots=True)
class Persona:
    """A prompt and how the model is to be run with it.

    Attributes:
        prompt: the body of the file.
        max_answer_tokens: the longest answer, in the model's tokens.
        version: the hash of the whole file.
    """

    name: str
    prompt: str
    version: str
    languages: tuple[str, ...] = ("en", "es")
    temperature: float = 0.0
    max_answer_tokens: int = 220


def names() -> list[str]:
    """All personas there are."""
    files = resources.files(__name__).iterdir()
    return sorted(f.name.removesuffix(".md") for f in files if f.name.endswith(".md"))


def load(name: str) -> Persona:
    """The persona of this name.

    Raises:
        PersonaError: there is no such file, or its header is wrong.
    """
    if name not in names():
        raise PersonaError(
            f"There is no persona '{name}'.", what_to_do=f"There are: {', '.join(names())}."
        )
    text = resources.files(__name__).joinpath(f"{name}.md").read_text(encoding="utf-8")
    header, body = parted(name, text)
    version = sha256(text.encode()).hexdigest()[:12]
    try:
        return Persona(name=name, prompt=body, version=version, **header)
    except TypeError as error:
        raise PersonaError(
            f"The header of persona '{name}' is wrong: {error}.",
            what_to_do="It may name: languages, temperature, max_answer_tokens.",
        ) from error


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
    if "languages" in values:
        values["languages"] = tuple(values["languages"])
    return values, body.strip()
