"""The files below folders: which there are, where each one lies, and what is left out."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge.patterns import Patterns
from knowledge.sources import Entry, OptionError, UnreadableError, WithdrawnError

_IGNORED = (".", "~$", "Thumbs.db", "desktop.ini", "__MACOSX")


@dataclass(frozen=True, slots=True)
class Root:
    """A folder or file of a source.

    Attributes:
        prefix: what the paths of its entries begin with: nothing for the first root, so that one
            that comes later changes no id; `NAME//` for the others. No path has `//` otherwise.
    """

    path: Path
    prefix: str = ""

    def entry(self, path: Path, name: str, max_bytes: int) -> Entry:
        """The entry of a file; the stamp of one that is gone or leads nowhere is `gone`.

        The stamp of a file that is too large names the limit: with another one it is read again.
        Neither size nor time tell that we may not read it any more: the stamp does.
        """
        # A name that is no UTF-8 can be kept nowhere: it is escaped, and reading it says why.
        name = self.prefix + name.encode("utf-8", "backslashreplace").decode()
        try:
            facts = path.stat()
        except OSError:
            return Entry(name, stamp="gone")
        limit = f"-over-{max_bytes}" if facts.st_size > max_bytes else ""
        closed = "" if os.access(path, os.R_OK) else "-closed"
        return Entry(name, stamp=f"{facts.st_size}-{facts.st_mtime_ns}{limit}{closed}")

    def unlistable(self, name: str = "") -> Entry:
        """The entry of a folder that cannot be listed."""
        return Entry(self.prefix + name, stamp="unlistable")

    def checked(self, path: str) -> Path:
        """The file of an entry of ours, if it still is a file inside the folder.

        Raises:
            UnreadableError: it is not; says why.
            WithdrawnError: we may not read it.
            OSError: it cannot be reached.
        """
        top = self.path.parent if self.path.is_file() else self.path
        inner = path.removeprefix(self.prefix)
        if path.endswith("/") or not inner:
            os.scandir(top / inner).close()
            raise UnreadableError(
                "This folder could not be listed.", what_to_do="Refresh the source again."
            )
        try:
            real = (top / inner).resolve(strict=True)
        except RuntimeError as error:  # Python 3.11 and 3.12 on links that lead to themselves
            raise _link_in_a_circle() from error
        if not real.is_relative_to(top.resolve()):
            raise UnreadableError(
                "It is a link to a place outside the folder; such links are not followed.",
                what_to_do="Put a copy into the folder, or add the other place as its own source.",
            )
        if not real.is_file():
            raise UnreadableError("It is not a regular file.", what_to_do="Leave it out.")
        if not os.access(real, os.R_OK):
            raise WithdrawnError(
                "It cannot be opened (permission denied).",
                what_to_do="Check that it may be read by the user that runs Tertulia; or leave it "
                "out.",
            )
        return top / inner


def roots_of(paths: Sequence[Path]) -> tuple[Root, ...]:
    """The folders of a source, each with a prefix of its own.

    Raises:
        OptionError: there are none, or one lies inside another one and would be read twice.
    """
    if not paths:
        raise OptionError("It needs --path: the folder or file to read.", what_to_do="Name one.")
    real = [Path(os.path.realpath(path)) for path in paths]
    for number, path in enumerate(real):
        for other in real[:number]:
            if path.is_relative_to(other) or other.is_relative_to(path):
                raise OptionError(
                    f"The folders {other} and {path} lie inside each other.",
                    what_to_do="Name the outer one alone, and leave out parts of it with "
                    "--option exclude=PATTERN.",
                )
    names = [path.name or "root" for path in paths]
    counts = [names[1:number].count(name) for number, name in enumerate(names)]
    labels = [f"{n}~{k + 1}//" if k else f"{n}//" for n, k in zip(names, counts, strict=True)]
    return tuple(map(Root, paths, ["", *labels[1:]]))


def walk(root: Root, patterns: Patterns, max_bytes: int) -> Iterator[Entry]:
    """Files below a folder; a folder that cannot be listed is an entry that ends in `/`.

    Links to folders inside are no ways: so nothing is read twice and no circle is walked.
    """
    waiting = [(root.path, "")]
    while waiting:
        folder, prefix = waiting.pop()
        try:
            with os.scandir(folder) as found:
                items = sorted(found, key=lambda item: item.name, reverse=True)
        except OSError:
            yield root.unlistable(prefix)
            continue
        for item in items[::-1]:
            if not _is_left_out(item, root.path) and patterns.take(prefix + item.name):
                yield root.entry(Path(item.path), prefix + item.name, max_bytes)
        waiting.extend(
            (Path(item.path), f"{prefix}{item.name}/")
            for item in items
            if item.is_dir(follow_symlinks=False)
            and not item.name.startswith(_IGNORED)
            and not patterns.skip(prefix + item.name)
        )


def is_of_interest(path: Path, roots: Sequence[Root], patterns: Patterns) -> bool:
    """Whether a change of this path may change what is read: it may be a folder, too."""
    inner = next((path.relative_to(r.path) for r in roots if path.is_relative_to(r.path)), None)
    if inner is None or not inner.parts:
        return True
    return not any(part.startswith(_IGNORED) for part in inner.parts) and not patterns.skip(
        inner.as_posix()
    )


def _link_in_a_circle() -> UnreadableError:
    return UnreadableError("It is a link that leads to itself.", what_to_do="Remove the link.")


def _is_left_out(item: os.DirEntry[str], top: Path) -> bool:
    """Whether an item is no entry: hidden, a folder, or a link to a folder listed anyway."""
    if item.name.startswith(_IGNORED) or item.is_dir(follow_symlinks=False):
        return True
    return item.is_symlink() and _is_folder_inside(Path(item.path), top)


def _is_folder_inside(link: Path, top: Path) -> bool:
    """Whether a link leads to a folder inside the source."""
    try:
        real = link.resolve()
        return real.is_dir() and real.is_relative_to(top.resolve())
    except OSError:  # its goal has too long a name, or lies where we may not look
        return False
    except RuntimeError:  # Python 3.11 and 3.12 on links that lead to themselves
        return False
