"""Who asks: the names of people and places, of the form `PLATFORM:PERSON`."""

import getpass
import os
import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

import typer

from knowledge.articles import EVERYONE

_PRINCIPAL = re.compile(r"[a-z][a-z0-9_]*:\S(?:.*\S)?")


def asker(as_user: str | None) -> str:
    """The principal that `--as` names; the person at this terminal where it was left out.

    Raises:
        BadParameter: it is none. An empty one is not left out: a script that forgot to fill it in
            must not get the rights of whoever runs it.
    """
    if as_user is None:
        return local_user()
    if not is_person(as_user):
        raise typer.BadParameter(
            f"--as '{as_user}' is not of the form PLATFORM:PERSON. Right: terminal:ana"
        )
    return as_user


def is_person(name: str) -> bool:
    """Whether a name is of the form PLATFORM:PERSON."""
    return bool(_PRINCIPAL.fullmatch(name))


def wrong_readers(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Those who are nobody: neither `everyone` nor PLATFORM:PERSON; what is wrong, what is right.

    An audience of nobody hides all pages, and nothing else would tell why.
    """
    for name in names:
        if name != EVERYONE and not is_person(name):
            message = f"'{name}' in its audience is neither {EVERYONE} nor PLATFORM:PERSON"
            yield message, f"Did you mean '{_nearest_reader(name)}'?"


def _nearest_reader(name: str) -> str:
    if get_close_matches(name.strip().lower(), [EVERYONE], cutoff=0.7):
        return EVERYONE
    before, colon, after = name.partition(":")
    platform, person = (before, after) if colon else ("", before)
    near = f"{platform.strip().lower() or 'terminal'}:{person.strip()}"
    return near if is_person(near) else "terminal:ana"


def local_user() -> str:
    """The principal of the person at this terminal."""
    try:
        return f"terminal:{getpass.getuser()}"
    except (KeyError, OSError):
        return f"terminal:{os.getuid()}"
