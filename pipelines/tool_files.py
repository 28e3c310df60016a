"""Finds tools by their files: ours in `pipelines/tools/`, the team's in a folder of its own."""

import pkgutil
import sys
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from traceback import extract_tb
from types import ModuleType

from knowledge.errors import TertuliaError, UsageError
from pipelines import tools
from pipelines.tool import Tool

Load = Callable[[], ModuleType]


class ToolFilesError(UsageError):
    """Files of tools are wrong; all that is wrong is told at once."""


def all_tools(team: Path | None = None) -> dict[str, Tool]:
    """Every tool there is, by its name.

    Args:
        team: a folder with the team's own files, if there is one.

    Raises:
        ToolFilesError: a file cannot be loaded, or two tools have one name.
    """
    found: dict[str, tuple[Tool, str]] = {}
    problems: list[str] = []
    for file, load in [*_ours(), *_of_team(team)]:
        try:
            made = list(_in(load()))
        except (Exception, SystemExit) as error:  # noqa: BLE001 (the team's code: what it raises is told)
            problems.append(f"{file}: {_told(file, error)}")
            continue
        for one in made:
            _, other = found.setdefault(one.name, (one, file))
            if other != file:
                problems.append(f"{file}: there is a tool '{one.name}' already, in {other}")
    if problems:
        raise ToolFilesError(
            "Some tools cannot be used: " + "; ".join(problems) + ".",
            what_to_do="Correct these files, or move them out of the folder.",
        )
    return {name: one for name, (one, _) in found.items()}


def _told(file: str, error: BaseException) -> str:
    """What is wrong with a file, on one line, with the line of the file where it shows."""
    if isinstance(error, TertuliaError):
        words = f"{error} {error.what_to_do}".rstrip(".")
    else:
        words = f"{type(error).__name__}: {error}"
    frames = extract_tb(error.__traceback__)
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
