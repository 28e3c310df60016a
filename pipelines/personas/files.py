"""The files of personas: ours, the team's, and those that a file extends."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml

from knowledge.errors import suggestion
from pipelines.personas.header import renamed
from pipelines.personas.mistakes import Mistake, PersonaError, told
from pipelines.personas.schema import is_schema, mistake, read_schema

Places = Mapping[str, Sequence[Traversable]]
"""The files of each name: ours first, the team's after it."""
OURS = "pipelines.personas"


@dataclass(frozen=True, slots=True)
class Written:
    """One file as it is written, unchecked.

    Attributes:
        text: all of it, with that of the schema beside it.
        header: its lines, each under its one name; a schema that can be used stands there itself.
        mistakes: in the file of the schema.
    """

    name: str
    text: str
    header: Mapping[str, Any]
    body: str
    mistakes: tuple[Mistake, ...] = ()


@dataclass(slots=True)
class Family:
    """A file and all that it extends, nearest first, and what is wrong with that."""

    files: list[Written] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)


def places(team: Path | None) -> Places:
    """All files that there are.

    Args:
        team: the folder with the team's own ones.
    """
    folders: list[Traversable] = [resources.files(OURS)]
    if team is not None and team.is_dir():
        folders.append(team)
    found: dict[str, list[Traversable]] = {}
    for folder in folders:
        for file in folder.iterdir():
            if file.name.endswith(".md"):
                found.setdefault(file.name.removesuffix(".md"), []).append(file)
    return found


def family(name: str, team: Path | None, file: Path | None = None) -> Family:
    """The file of this name with those that it extends.

    A file of the team may extend ours of the same name.

    Args:
        name: of the persona.
        team: the folder with the team's own ones.
        file: another file that is read in place of the one in use; it may extend that one.

    Raises:
        PersonaError: there is no such file, or it cannot be read.
    """
    known = places(team)
    if file is None and name not in known:
        raise PersonaError(f"There is no persona '{name}'.", what_to_do=suggestion(name, known))
    found, here = Family(), file or known[name][-1]
    seen: list[Traversable] = []
    while True:
        seen.append(here)
        found.files.append(read(name, here))
        parent = found.files[-1].header.get("extends")
        if not isinstance(parent, str):
            return found
        others = [one for one in known.get(parent, ()) if one != here]
        if not others or others[-1] in seen:
            chain = " -> ".join([*(one.name for one in found.files), parent])
            found.mistakes += _endless_or_unknown(name, parent, chain, known)
            return found
        name, here = parent, others[-1]


def _endless_or_unknown(name: str, parent: str, chain: str, known: Places) -> Iterator[Mistake]:
    if parent in known:
        yield Mistake(
            f"Persona '{name}' extends itself without end: {chain}.",
            f"Take the line `extends: {parent}` out of {name}.md.",
        )
    else:
        yield Mistake(
            f"Persona '{name}' extends '{parent}', which there is not: {chain}.",
            suggestion(parent, known),
        )


def read(name: str, file: Traversable) -> Written:
    """One file, with the schema beside it.

    Raises:
        PersonaError: it is no text, or not a header and a prompt.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PersonaError(
            f"The file of persona '{name}' cannot be read.", what_to_do="Save it as UTF-8."
        ) from error
    lines, body = parted(name, text)
    return _with_schema(Written(name, text, renamed(lines), body), file)


def _with_schema(written: Written, file: Traversable) -> Written:
    value = written.header.get("schema")
    if not is_schema(value):
        return written  # there is none, or the check of the header names it
    folder = file.parent if isinstance(file, Path) else resources.files(OURS)
    schema, problem = read_schema(value, folder)
    text = f"{written.text}\0{json.dumps(schema)}" if isinstance(value, str) else written.text
    return replace(
        written,
        text=text,
        header={**written.header, "schema": schema},
        mistakes=(mistake(written.name, problem),) if problem else (),
    )


def parted(name: str, text: str) -> tuple[dict[str, Any], str]:
    """Header and body of a file that begins with a line of three dashes.

    Raises:
        PersonaError: the header cannot be read, or there is no body and nothing is extended.
    """
    _, header, body = [*text.split("---\n", 2), "", ""][:3]
    try:
        values = yaml.safe_load(header) or {}
    except (yaml.YAMLError, ValueError, RecursionError):
        values = None
    if not isinstance(values, dict) or not (body.strip() or "extends" in values):
        raise told(
            [
                Mistake(
                    f"Persona '{name}' needs a header and a prompt.",
                    "Begin the file with ---, then KEY: VALUE lines, then ---, then the prompt.",
                )
            ]
        )
    return values, body.strip()
