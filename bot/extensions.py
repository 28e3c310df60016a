"""Finds commands, platforms, sources and stores by their file names."""

import pkgutil
from collections.abc import Iterable
from difflib import get_close_matches
from importlib import import_module
from types import ModuleType

from knowledge.errors import OperatorError


class UnknownNameError(OperatorError):
    """A setting names an extension that no file provides."""


def names_in(package: str) -> list[str]:
    """The extensions of a package such as `bot.platforms`, in alphabetical order."""
    folder = import_module(package)
    return sorted(m.name for m in pkgutil.iter_modules(folder.__path__) if m.name[0] != "_")


def suggestion(wrong: str, right: Iterable[str]) -> str:
    """One or two sentences: the nearest right name, and all there are."""
    names = list(right)
    near = get_close_matches(wrong, names, n=1, cutoff=0.5)
    start = f"Did you mean '{near[0]}'? " if near else ""
    return f"{start}There are: {', '.join(names)}."


def load(package: str, name: str) -> ModuleType:
    """The module behind an extension's name.

    Raises:
        UnknownNameError: no such file; names the nearest one.
    """
    names = names_in(package)
    if name not in names:
        raise UnknownNameError(
            f"There is no '{name}' in {package.replace('.', '/')}/.",
            what_to_do=suggestion(name, names),
        )
    return import_module(f"{package}.{name}")
