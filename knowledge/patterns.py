"""Glob patterns, as in `.gitignore`: which paths of a source are read."""

from collections.abc import Iterable, Sequence

from pathspec import GitIgnoreSpec

from knowledge.sources import OptionError


class Patterns:
    """Paths that match one of `include` (all, where there is none) and none of `exclude`.

    Upper and lower case are the same. A pattern without `/` counts at any depth, a folder's name
    stands for all below it.
    """

    def __init__(
        self, *, include: str | Sequence[str] = (), exclude: str | Sequence[str] = ()
    ) -> None:
        self.included = _listed(include)
        self._include = _spec("include", self.included)
        self._exclude = _spec("exclude", _listed(exclude))

    def take(self, path: str) -> bool:
        """Whether a file of this path is read."""
        path = path.lower()
        if self.included and not self._include.match_file(path):
            return False
        return not self._exclude.match_file(path)

    def skip(self, folder: str) -> bool:
        """Whether nothing below a folder is read, since it is excluded as a whole."""
        return self._exclude.match_file(f"{folder.lower()}/")

    def may_take_below(self, folder: str) -> bool:
        """Whether a file below a folder, of which we do not know what is in it, could be read."""
        names = [pattern.rsplit("/", 1)[-1].replace("*", "x") for pattern in self.included]
        return any(self.take(f"{folder}/{name or 'x'}") for name in [*names, "x"])


def _listed(patterns: str | Sequence[str]) -> list[str]:
    """Patterns as a list, or with commas between them."""
    some: Iterable[str] = patterns.split(",") if isinstance(patterns, str) else patterns
    return [pattern.strip() for pattern in some if pattern.strip()]


def _spec(option: str, patterns: Sequence[str]) -> GitIgnoreSpec:
    try:
        return GitIgnoreSpec.from_lines(pattern.lower() for pattern in patterns)
    except ValueError as error:
        raise OptionError(
            f"Option '{option}': {error}.",
            what_to_do="Write patterns as in .gitignore, with commas between them: "
            "docs/**, *.md, !docs/old/",
        ) from error
