"""The folder in which everything of ours is."""

from pathlib import Path

from knowledge.errors import UsageError


class HomeError(UsageError):
    """The home folder cannot be used."""


def make_folder(path: Path) -> None:
    """Make a folder and those above it.

    Raises:
        HomeError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HomeError(
            f"The folder {path} cannot be used: {error.strerror}.",
            what_to_do="Set TERTULIA_HOME to a folder that you may write to.",
        ) from error
