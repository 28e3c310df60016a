"""Finds commands, platforms, sources and stores by their file names."""

import pkgutil
from importlib import import_module
from types import ModuleType

from knowledge.errors import UsageError, suggestion


class UnknownNameError(UsageError):
    """A setting or a command names an extension that no file provides."""


def names_in(package: str) -> list[str]:
    """The extensions of a package such as `bot.platforms`, in alphabetical order."""
    folder = import_module(package)
    return sorted(m.name for m in pkgutil.iter_modules(folder.__path__) if m.name[0] != "_")


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
