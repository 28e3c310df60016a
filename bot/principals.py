"""Who asks: the names of people and places, of the form `PLATFORM:PERSON`."""

import getpass
import os

import typer

from knowledge.principals import is_person, wrong_readers

__all__ = ["asker", "is_person", "local_user", "wrong_readers"]


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


def local_user() -> str:
    """The principal of the person at this terminal."""
    try:
        return f"terminal:{getpass.getuser()}"
    except (KeyError, OSError):
        return f"terminal:{os.getuid()}"
