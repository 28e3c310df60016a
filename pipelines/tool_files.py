"""Finds tools by their files: ours in `pipelines/tools/`, the team's in a folder of its own."""

import pkgutil
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from traceback import StackSummary, extract_tb
from types import ModuleType
from typing import Any, Protocol, runtime_checkable

from knowledge.errors import TertuliaError, UsageError, suggestion
from pipelines import tools
from pipelines.mistakes import listed
from pipelines.tool import MOST_DESCRIBED, Tool, putting_off
from pipelines.tool_pins import pinned
from pipelines.tool_settings import (
    Environment,
    Mistake,
    ToolSettings,
    ToolSettingsError,
    read,
)

Load = Callable[[], ModuleType]


class ToolFilesError(UsageError):
    """Files of tools are wrong; all that is wrong is told at once."""


@runtime_checkable
class MakesTools(Protocol):
    """Settings that say themselves which tools there are."""

    def tools_instead_of(self, stand_in: Tool) -> Iterable[Tool]:
        """Those that come in the place of the one that takes these settings."""


@dataclass(frozen=True, slots=True)
class Toolbox:
    """What there is to call.

    Attributes:
        tools: by their names; each wants no settings, or has them.
        unset: the others, and the table in `tertulia.toml` that each wants.
    """

    tools: Mapping[str, Tool]
    unset: Mapping[str, str]


def all_tools(team: Path | None = None, tables: Collection[str] = ()) -> dict[str, Tool]:
    """Every tool there is, by its name, whether or not it has the settings that it wants.

    Args:
        team: a folder with the team's own files, if there is one.
        tables: the names of those that `tertulia.toml` has. One of ours without its table gives way
            to one of the team's: a tool that is added to ours breaks nobody's.

    Raises:
        ToolFilesError: a file cannot be loaded, or two tools have one name.
    """
    found: dict[str, tuple[Tool, str]] = {}
    problems: list[str] = []
    for file, load in [*_ours(), *_of_team(team)]:
        made, wrong = _read(file, load)
        problems += [f"{file}: {one}" for one in wrong]
        for one in made:
            known, other = found.get(one.name, (one, file))
            if other == file or _gives_way(known, tables):
                found.pop(one.name, None)  # so that the team's stand together
                found[one.name] = (one, file)
            else:
                problems.append(f"{file}: there is a tool '{one.name}' already, in {other}")
    if problems:
        raise ToolFilesError(
            f"Some tools cannot be used: {listed(problems)}.",
            what_to_do="Correct these files, or move them out of the folder.",
        )
    return {name: one for name, (one, _) in found.items()}


def _read(file: str, load: Load) -> tuple[list[Tool], list[str]]:
    """The tools of a file, and all that is wrong with it; then not each can be called."""
    made: list[Tool] = []
    wrong: list[str] = []
    with putting_off() as noted:
        try:
            made += _in(load())
        except (Exception, SystemExit) as error:  # noqa: BLE001 (the team's code: what it raises is told)
            wrong.append(_told(file, error, extract_tb(error.__traceback__)))
    return made, [*(_told(file, *one) for one in noted), *wrong]


def is_ours(one: Tool) -> bool:
    """Whether it came with Tertulia, and not from the team or from a server."""
    return one.origin.startswith(f"{tools.__name__}.")


def _gives_way(one: Tool, tables: Collection[str]) -> bool:
    return is_ours(one) and one.settings is not None and one.topic not in tables


def with_settings(
    tools: Mapping[str, Tool], tables: Mapping[str, Any], environment: Environment
) -> Toolbox:
    """Give tools the settings that they want.

    Args:
        tools: by their names.
        tables: what `[tools]` of `tertulia.toml` says, by the name of the file of tools.
        environment: gives the values that a table names.

    Raises:
        ToolSettingsError: a table is wrong, or no file of tools has its name.
    """
    wanted = _wanted(tools)
    found: dict[str, ToolSettings] = {}
    mistakes: list[Mistake] = []
    for name, table in tables.items():
        said = _said(name, table, wanted, environment)
        if isinstance(said, ToolSettings):
            found[name] = said
        else:
            mistakes += said
    unset = {
        name: f"[tools.{one.topic}]"
        for name, one in tools.items()
        if one.settings and one.topic not in found
    }
    filled: dict[str, Tool] = {}
    for name, stated in tools.items():
        for one in () if name in unset else _filled(stated, found):
            if one.name in filled or (one.name != name and one.name in tools):
                twice = f"[tools.{one.topic}] makes a tool '{one.name}', and there is one already"
                mistakes.append((twice, "Give it another name"))
            if len(one.description) > MOST_DESCRIBED:
                what = (
                    f"[tools.{one.topic}] tells more than {MOST_DESCRIBED} characters to the model"
                )
                mistakes.append((what, "Name fewer things, or say less about each."))
            filled[one.name] = one
    if mistakes:
        raise ToolSettingsError(
            "\n".join(f"tertulia.toml: {said}." for said, _ in dict.fromkeys(mistakes)),
            what_to_do="\n".join(dict.fromkeys(advice for _, advice in mistakes)),
        )
    return Toolbox(filled, unset)


def _wanted(tools: Mapping[str, Tool]) -> dict[str, list[type[ToolSettings]]]:
    """The settings that files of tools want, by the name of their table; one class a table."""
    wanted: dict[str, list[type[ToolSettings]]] = {}
    for one in tools.values():
        kinds = wanted.setdefault(one.topic, [])
        if one.settings and one.settings[0] not in kinds:
            kinds.append(one.settings[0])
    return {topic: kinds for topic, kinds in wanted.items() if kinds}


def _said(
    name: str,
    table: object,
    wanted: Mapping[str, list[type[ToolSettings]]],
    environment: Environment,
) -> ToolSettings | list[Mistake]:
    """What a table says, or what is wrong with it."""
    if name not in wanted:
        return [(f"there is no table [tools.{name}]", suggestion(name, sorted(wanted)))]
    if len(wanted[name]) > 1:
        kinds = " and ".join(f"{one.__module__}.{one.__qualname__}" for one in wanted[name])
        return [(f"[tools.{name}] is wanted by {kinds}", "Give each a file of its own name.")]
    return read(wanted[name][0], name, table, environment)


def _filled(one: Tool, found: Mapping[str, ToolSettings]) -> list[Tool]:
    """A tool with its settings, which nothing can give it any more; or what these make of it."""
    if not one.settings:
        return [one]
    _, parameter = one.settings
    said = found[one.topic]
    one = replace(one, pin=pinned(one.pin, said))
    if isinstance(said, MakesTools):
        return [replace(made, pin=one.pin) for made in said.tools_instead_of(one)]
    description = f"{one.description}\n{said.for_model()}".rstrip()
    return [replace(one.given(parameter, said), description=description)]


def _told(file: str, error: BaseException, frames: StackSummary) -> str:
    """What is wrong with a file, on one line, with the line of the file where it shows."""
    if isinstance(error, TertuliaError):
        words = f"{error} {error.what_to_do}".rstrip(".")
    else:
        words = f"{type(error).__name__}: {error}"
    line = next((f.lineno for f in reversed(frames) if f.filename.endswith(file)), None)
    return " ".join(words.split()) + (f" (line {line})" if line else "")


def _in(module: ModuleType) -> Iterator[Tool]:
    """The tools that a file makes, each once; those that it only imports are another file's."""
    made = {id(value): value for value in vars(module).values() if isinstance(value, Tool)}
    return (one for one in made.values() if one.origin == module.__name__)


def _ours() -> Iterator[tuple[str, Load]]:
    for found in pkgutil.iter_modules(tools.__path__):
        yield (
            f"pipelines/tools/{found.name}.py",
            partial(import_module, f"pipelines.tools.{found.name}"),
        )


def _of_team(folder: Path | None) -> Iterator[tuple[str, Load]]:
    if folder is not None and folder.is_dir():
        for path in sorted(folder.glob("[!_]*.py")):
            yield str(path), partial(_loaded, path)


def _loaded(path: Path) -> ModuleType:
    """A file of the team's, as a module of a name that nothing else has."""
    name = f"tertulia_team_tools.{path.stem}"
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(path.name)
    module = sys.modules[name] = module_from_spec(spec)  # where the types of its functions stand
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
