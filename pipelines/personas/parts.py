"""Header and body of a persona's file, told apart and read; everything that is wrong is named."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from pipelines.mistakes import Mistake

MARK = "---"
"""The line above the header, and the one below it."""
RIGHT = "Begin the file with ---, then KEY: VALUE lines, then ---, then the prompt."

_MERGE = "<<"
_TYPES = {
    "bool": (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    "int": (r"[-+]?(?:0|[1-9][0-9]*)|0x[0-9a-fA-F]+", "-+0123456789"),
    "float": (
        r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        "-+0123456789.",
    ),
}
"""What is no text, as in YAML 1.2. In 1.1 `no` is false, `on` true, `9:30` 570 and `0777` 511."""
_OTHERS = (":bool", ":int", ":float", ":timestamp")
DEEPEST = 50
"""Lists and mappings in each other; reading thousands takes minutes."""


class _Loader(yaml.SafeLoader):
    """Reads `yes`, `no`, `on`, `off`, `9:30` and days as the texts that they look like."""

    yaml_implicit_resolvers = {  # noqa: RUF012 (PyYAML copies it for each class)
        first: [one for one in kinds if not one[0].endswith(_OTHERS)]
        for first, kinds in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


for _kind, (_form, _first) in _TYPES.items():
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_kind}", re.compile(f"^(?:{_form})$"), list(_first)
    )


@dataclass(frozen=True, slots=True)
class Parts:
    """A file in its two parts.

    Attributes:
        header: its lines; None where they cannot be read.
        lines: where in the file each of them begins, counted from 1, by the name that counts.
        body: all that stands below the header.
    """

    header: Mapping[Any, Any] | None = None
    lines: Mapping[str, int] = field(default_factory=dict)
    body: str = ""
    mistakes: tuple[Mistake, ...] = ()


def parted(name: str, text: str, other_names: Mapping[str, str]) -> Parts:
    """Header and body of a file that begins with a line of three dashes.

    Args:
        name: of the file.
        text: all of it, its lines ending in line feeds.
        other_names: of lines that may be called otherwise: the name that counts.
    """
    written = text.split("\n")
    marks = [n for n, line in enumerate(written) if line.rstrip() == MARK][:2]
    if len(marks) < 2:
        said = f"begins in line {marks[0] + 1} and does not end" if marks else "is missing"
        return Parts(mistakes=(Mistake(f"The header of persona '{name}' {said}.", RIGHT),))
    begin, end = marks
    above = next((n for n, line in enumerate(written[:begin], 1) if line.strip()), 0)
    mistakes = [_above(name, above)] if above else []
    header = "\n".join(written[begin + 1 : end])
    body = "\n".join(written[end + 1 :]).strip()
    first = begin + 2  # of the header's lines, as people count
    try:
        values, node = _read(header)
    except _WrongHeaderError as error:
        mistakes.append(_unreadable(name, f"line {first + error.line}: {error}"))
        return Parts(body=body, mistakes=tuple(mistakes))
    for key, before, line in _repeated(node, other_names):
        mistakes.append(_twice(name, key, before + first, line + first))
    lines = {other_names.get(key, key): line + first for key, line in _keys(node)}
    return Parts(values, lines, body, tuple(mistakes))


def _above(name: str, line: int) -> Mistake:
    return Mistake(
        f"Persona '{name}' has text above its header, in line {line}.",
        f"Move it below the second {MARK}: what stands above the first one would not count.",
    )


class _WrongHeaderError(Exception):
    """A header is no YAML: the line, counted from 0, and why."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line


def _read(header: str) -> tuple[Mapping[Any, Any], yaml.Node | None]:
    """The values of a header, and the nodes that they are from.

    Raises:
        _WrongHeaderError: it is no YAML, or not KEY: VALUE lines.
    """
    try:
        depth = 0
        for event in yaml.parse(header, yaml.SafeLoader):  # bit by bit: it may stop early
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST and event.start_mark:
                raise _WrongHeaderError(event.start_mark.line, "it goes too deep")
            if event.start_mark and (why := _too_much(event)):
                raise _WrongHeaderError(event.start_mark.line, why)
        loader = _Loader(header)
        node = loader.get_single_node()
        values = loader.construct_document(node) if node else {}
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line if error.problem_mark else 0
        raise _WrongHeaderError(line, str(error.problem)) from error
    except yaml.reader.ReaderError as error:
        line = header.count("\n", 0, error.position)
        raise _WrongHeaderError(line, "a character that no text has") from error
    except (ValueError, OverflowError) as error:  # such as a number of thousands of digits
        raise _WrongHeaderError(0, f"in it or below, {error}"[:100]) from error
    if values is not None and not isinstance(values, dict):
        raise _WrongHeaderError(0, "these are no KEY: VALUE lines")
    return values or {}, node


def _too_much(event: yaml.Event) -> str:
    """Why something that YAML knows may not be in a header; empty where it may."""
    if isinstance(event, yaml.AliasEvent):  # a few that name each other become gigabytes
        return f"*{event.anchor} stands for another place; write out what is there"
    if isinstance(event, yaml.ScalarEvent) and event.value == _MERGE and not event.style:
        return f"{_MERGE} takes lines from another place; write out what is there"
    tag = getattr(event, "tag", None)
    return f"{tag} says of what kind a value is, which a header does not" if tag else ""


def _unreadable(name: str, why: str) -> Mistake:
    return Mistake(f"The header of persona '{name}' cannot be read: {why}.", RIGHT)


def _keys(node: yaml.Node | None) -> Iterator[tuple[str, int]]:
    """The keys of a mapping, each with its line, counted from 0."""
    for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
        if isinstance(key, yaml.ScalarNode):
            yield key.value, key.start_mark.line


def _repeated(
    node: yaml.Node | None, other_names: Mapping[str, str]
) -> Iterator[tuple[str, int, int]]:
    """What is said twice at one place: its name, and both lines, counted from 0."""
    seen: dict[str, int] = {}
    for key, line in _keys(node):
        name = other_names.get(key, key)
        if name in seen:
            yield key, seen[name], line
        seen.setdefault(name, line)
    if isinstance(node, yaml.MappingNode | yaml.SequenceNode):
        for part in node.value:
            yield from _repeated(part[1] if isinstance(part, tuple) else part, {})


def _twice(name: str, key: str, first: int, second: int) -> Mistake:
    return Mistake(
        f"The header of persona '{name}' says '{key[:80]}' in line {second}, and did so in line "
        f"{first}.",
        "Take one of the two out: only one can count.",
    )
