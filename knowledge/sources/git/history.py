"""What happened between two commits: who changed a file last, and where files were moved to."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from knowledge.cleaning import clean
from knowledge.patterns import Patterns
from knowledge.sources import Notes
from knowledge.sources.git.program import Git

_NOTES_AT_ONCE = 400
_STEPS = 200
"""Commits that are followed one by one; what happened in more is seen from both ends."""

_AUTHOR_SIGNS = 200


@dataclass(frozen=True, slots=True)
class Change:
    """A file that was added, changed, deleted or moved.

    Attributes:
        said: what was asked about the commit.
        kind: `A`, `M`, `D` or `R`.
        to: where it was moved to; empty where it was not.
    """

    said: str
    kind: str
    path: str
    to: str = ""


async def note_last_changes(
    git: Git, notes: Notes, patterns: Patterns, span: Sequence[str]
) -> None:
    """Note for each file that is read when it was changed last, and by whom.

    Args:
        git: the repository.
        notes: get `changed:PATH`, an ISO 8601 date, a blank and a name.
        patterns: which files.
        span: commits from which on, with a `^` those up to which, as `git rev-list` takes them.
    """
    log = git.fields(
        *("log", "--stdin", "-z", "--reverse", "-c", "--no-renames", "--name-status"),
        "--format=%x01%cI %an",
        stdin="".join(f"{one}\n" for one in span).encode(),
    )
    waiting: dict[str, str] = {}
    async with aclosing(_changes(log)) as changes:
        async for change in changes:
            if patterns.take(change.path):
                words = " ".join(clean(change.said).split())[:_AUTHOR_SIGNS]
                waiting[f"changed:{change.path}"] = "" if change.kind == "D" else words
            if len(waiting) >= _NOTES_AT_ONCE:
                await notes.put(waiting)
                waiting = {}
    await notes.put(waiting)


async def moves(
    git: Git, patterns: Patterns, old: str, new: str
) -> AsyncGenerator[list[Change], None]:
    """What was moved or deleted, commit by commit; in one step where that cannot be told.

    Files are like enough to be the same one where `git diff -M` says so.
    """
    git = replace(git, fetches=True)  # what was deleted is compared with what was added
    asked = ("-z", "-M", "--name-status", "--diff-filter=DR")
    if await _is_short_way(git, old, new):
        way = [
            "log",
            "--reverse",
            "--first-parent",
            "-m",
            "--format=%x01%H",
            *asked,
            f"^{old}",
            new,
        ]
        found = _changes(git.fields(*way, "--", *_places(patterns)))
    else:
        way = ["diff-tree", "-r", *asked, old, new]
        found = _changes(git.fields(*way, "--", *_places(patterns)), new)
    step: list[Change] = []
    async with aclosing(found) as changes:
        async for change in changes:
            if step and change.said != step[0].said:
                yield step
                step = []
            step.append(change)
    if step:
        yield step


async def follows(git: Git, old: str, new: str) -> bool:
    """Whether a commit came after another one, and history was not rewritten."""
    return await git.succeeds("merge-base", "--is-ancestor", old, new)


def _places(patterns: Patterns) -> list[str]:
    """Where the files of these patterns can be, so that no contents of others are compared."""
    found = []
    for pattern in patterns.included:
        name = pattern.strip("/")
        start = "" if "/" in pattern.rstrip("/") else "**/"
        if not pattern.startswith("!"):
            found += [f":(icase,glob){start}{name}", f":(icase,glob){start}{name}/**"]
    return found


async def _is_short_way(git: Git, old: str, new: str) -> bool:
    if not await follows(git, old, new):
        return False
    count = await git.run("rev-list", "--count", "--first-parent", new, f"^{old}")
    return int(count) <= _STEPS


async def _changes(
    fields: AsyncGenerator[str, None], said: str = ""
) -> AsyncGenerator[Change, None]:
    """The lines of `--name-status -z`; what was asked about a commit stands before its changes."""
    async with aclosing(fields) as found:
        async for one in found:
            word = one.lstrip("\n")
            if word.startswith("\x01"):
                said = word[1:]
            elif word:
                path = await anext(found)
                to = await anext(found) if word[0] == "R" else ""
                yield Change(said, "D" if set(word) == {"D"} else word[0], path, to)
