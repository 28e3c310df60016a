"""Text files of ours: written whole or not at all, read in the lines in which they were written."""

from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write a file so that nobody ever sees a part of it, for nobody else to read.

    Raises:
        OSError: it cannot be written; what stood there before still does.
    """
    fresh = path.with_name(f"{path.name}.new")
    fresh.touch(mode=0o600)
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def lines_of(text: str) -> list[str]:
    """What stands between line feeds: as many as there are, and one more.

    `splitlines` breaks lines at other signs, too, such as U+2028, that JSON leaves as they are.
    """
    return text.split("\n")


def file_name_of(name: str) -> str:
    """A name that somebody gave, as part of a file's name: letters, figures, - and _."""
    return "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in name)
