"""Who speaks: a persona is one Markdown file, a header and the prompt."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipelines.personas import body, header
from pipelines.personas.body import OVERRIDES, Sections
from pipelines.personas.examples import Example
from pipelines.personas.files import Written, family, parted, places
from pipelines.personas.mistakes import Mistake, PersonaError, told
from pipelines.personas.voice import Voice

__all__ = [
    "Example",
    "Persona",
    "PersonaError",
    "check_sources",
    "check_tools",
    "load",
    "names",
    "parted",
]

USUAL, PLAIN = Sections(), Voice()
"""What holds where a file says nothing: the rules of the prompt, and no manner of speaking."""


@dataclass(frozen=True, slots=True)
class Persona:
    """A prompt and how the model is to be run with it.

    Attributes:
        prompt: the role: what the prompt begins with.
        version: the hash of the whole file and of those that it extends.
        max_answer_tokens: the longest answer, in the model's tokens, its thoughts included.
        answer_length: `short`, `medium` or `long`, where the header says it in a word.
        model: the setting of its model, such as `ollama:qwen2.5:7b`; empty for that of all.
        think: whether the model thinks before it answers; None leaves it to the server.
        tools: the names of those that its model may call.
        sources: the names of those that are read for its answers; all where none is named.
        sections: what stands in place of the usual rules.
        examples: turns that the model reads before the question.
        schema: of the form that it fills in instead of answering; None where it answers.
        small_talk: whether it returns greetings and thanks.
    """

    name: str
    prompt: str
    version: str
    languages: tuple[str, ...] = ("en", "es")
    temperature: float = 0.0
    max_answer_tokens: int = 220
    answer_length: str = ""
    model: str = ""
    think: bool | None = None
    tools: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    sections: Sections = USUAL
    examples: tuple[Example, ...] = ()
    voice: Voice = PLAIN
    schema: Mapping[str, Any] | None = None
    small_talk: bool = False


def names(team: Path | None = None) -> list[str]:
    """All personas there are.

    Args:
        team: a folder with the team's own ones; these come before ours of the same name.
    """
    return sorted(places(team))


def load(name: str, team: Path | None = None, *, file: Path | None = None) -> Persona:
    """The persona of this name, with all that it inherits.

    Args:
        name: of the persona.
        team: a folder with the team's own ones.
        file: another file that is read in place of the one in use, to try it.

    Raises:
        PersonaError: there is no such file, or something is wrong with it or with one that it
            extends; everything that is wrong is named.
    """
    found = family(name, team, file)
    mistakes = list(found.mistakes)
    for one in found.files:
        mistakes += [*header.mistakes(one.name, one.header), *body.mistakes(one.name, one.body)]
        mistakes += one.mistakes
    lines, texts = _inherited(found.files)
    if "role" not in texts and not found.mistakes:
        mistakes.append(
            Mistake(f"Persona '{name}' has no role.", "Write who it is below the header.")
        )
    if mistakes:
        raise told(mistakes)
    overrides = Sections(**{key: texts[key] for key in OVERRIDES if key in texts})
    return Persona(
        name=name,
        prompt=texts["role"],
        version=_version(found.files),
        sections=overrides,
        **header.values(lines),
    )


def _inherited(files: Sequence[Written]) -> tuple[dict[str, object], dict[str, str]]:
    """The lines of the headers and the sections, each from the nearest file that has it."""
    lines: dict[str, object] = {}
    texts: dict[str, str] = {}
    for one in reversed(files):
        lines |= one.header
        texts |= body.sections(one.body)
    return lines, texts


def _version(files: Sequence[Written]) -> str:
    return sha256("\0".join(one.text for one in files).encode()).hexdigest()[:12]


def check_tools(
    persona: Persona, known: Collection[str], unset: Mapping[str, str] | None = None
) -> None:
    """Compare the tools that a persona names with those that there are.

    Args:
        persona: may name tools.
        known: the names of those that there are.
        unset: those that would be there with settings: the table in `tertulia.toml` of each.

    Raises:
        PersonaError: there are no such tools; all of them are named, each with the nearest one.
    """
    lacking = {one: unset[one] for one in persona.tools if unset and one in unset}
    if lacking:
        raise PersonaError(
            f"Persona '{persona.name}' names tools that are not set up: {', '.join(lacking)}.",
            what_to_do=f"Add {' and '.join(dict.fromkeys(lacking.values()))} to tertulia.toml; "
            "docs/tools.md says what stands in it.",
        )
    _check(persona.name, "tools", persona.tools, known)


def check_sources(persona: Persona, known: Collection[str]) -> None:
    """Compare the sources that a persona names with those that there are.

    Raises:
        PersonaError: there are no such sources; all of them are named, each with the nearest one.
    """
    _check(persona.name, "sources", persona.sources, known)


def _check(name: str, what: str, named: Sequence[str], known: Collection[str]) -> None:
    unknown = [one for one in named if one not in known]
    if unknown:
        near = {one: get_close_matches(one, known, n=1, cutoff=0.5) for one in unknown}
        meant = [f"'{right[0]}' for '{one}'" for one, right in near.items() if right]
        raise PersonaError(
            f"Persona '{name}' names {what} that there are not: {', '.join(unknown)}.",
            what_to_do=(f"Did you mean {', '.join(meant)}? " if meant else "")
            + f"There are: {', '.join(sorted(known)) or 'none'}.",
        )
