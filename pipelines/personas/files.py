"""The files of personas: ours, the team's, and those that a file extends."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from knowledge.errors import suggestion
from pipelines.mistakes import Mistake
from pipelines.personas.header import OTHER_NAMES, is_name, renamed
from pipelines.personas.mistakes import PersonaError
from pipelines.personas.parts import parted
from pipelines.personas.schema import is_schema, mistake, read_schema
from pipelines.personas.texts import UnreadableError, text_of

Places = Mapping[str, Sequence[Traversable]]
"""The files of each name: ours first, the team's after it."""
OURS = "pipelines.personas"
MOST_EXTENDED = 8
"""Files that one file may extend, one behind the other: each is read with every question."""


@dataclass(frozen=True, slots=True)
class Written:
    """One file as it is written, unchecked.

    Attributes:
        text: all of it, with that of the schema beside it.
        header: its lines, each under its one name; a schema that can be used stands there itself.
        lines: where in the file each line of the header begins, counted from 1.
        mistakes: in how it is written, and in the file of the schema.
        is_readable: whether its header could be read.
    """

    name: str
    text: str = ""
    header: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    body: str = ""
    mistakes: tuple[Mistake, ...] = ()
    is_readable: bool = False


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
            if file.name.endswith(".md") and not file.name.startswith("."):  # editors leave such
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
        PersonaError: there is no such file.
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
        if not is_name(parent):
            return found  # it extends nobody, or the check of the header names it
        others = [one for one in known.get(parent, ()) if one != here]
        if not others or others[-1] in seen or len(seen) > MOST_EXTENDED:
            chain = " -> ".join([*(one.name for one in found.files), parent])
            found.mistakes += _endless_or_unknown(name, parent, chain, known)
            return found
        name, here = parent, others[-1]


def _endless_or_unknown(name: str, parent: str, chain: str, known: Places) -> Iterator[Mistake]:
    if parent not in known:
        yield Mistake(
            f"Persona '{name}' extends '{parent}', which there is not: {chain}.",
            suggestion(parent, known),
        )
    elif chain.count(" -> ") > MOST_EXTENDED:
        yield Mistake(
            f"More than {MOST_EXTENDED} personas extend one another: {chain}.",
            "Write what they say into fewer files.",
        )
    else:
        yield Mistake(
            f"Persona '{name}' extends itself without end: {chain}.",
            f"Take the line `extends: {parent}` out of {name}.md.",
        )


def read(name: str, file: Traversable) -> Written:
    """One file, with the schema beside it, and all that is wrong with how it is written."""
    try:
        text = text_of(file)
    except UnreadableError as error:
        wrong = Mistake(f"The file of persona '{name}' cannot be read: {error}.", error.what_to_do)
        return Written(name, mistakes=(wrong,))
    parts = parted(name, text, OTHER_NAMES)
    header = renamed(parts.header or {})
    is_readable = parts.header is not None
    written = Written(name, text, header, parts.lines, parts.body, parts.mistakes, is_readable)
    return _with_schema(written, file)


def _with_schema(written: Written, file: Traversable) -> Written:
    value = written.header.get("schema")
    if not is_schema(value):
        return written  # there is none, or the check of the header names it
    folder = file.parent if isinstance(file, Path) else resources.files(OURS)
    schema, problems = read_schema(value, folder)
    text = f"{written.text}\0{json.dumps(schema)}" if isinstance(value, str) else written.text
    line = written.lines.get("schema")
    wrong = [mistake(written.name, problems, line)] if problems else []
    return replace(
        written,
        text=text,
        header={**written.header, "schema": schema},
        mistakes=(*written.mistakes, *wrong),
    )
