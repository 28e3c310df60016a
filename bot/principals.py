"""Who asks: the names of people and places, of the form `PLATFORM:PERSON`."""

import getpass
import os
import re

import typer

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


def local_user() -> str:
    """The principal of the person at this terminal."""
    try:
        return f"terminal:{getpass.getuser()}"
    except (KeyError, OSError):
        return f"terminal:{os.getuid()}"
