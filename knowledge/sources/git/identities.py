"""What an article is called: by the path where its file was first seen, wherever it moves."""

from collections.abc import Sequence

from knowledge.patterns import Patterns
from knowledge.sources import Notes
from knowledge.sources.git.history import Change


class Identities:
    """Kept in notes: `id:PATH` is the identity of a file that has another one than its path.

    `at:IDENTITY` is where that file is now. A file that comes to a place whose name a moved one
    still carries is `PATH//2`: no path has `//`.
    """

    def __init__(self, notes: Notes, patterns: Patterns) -> None:
        self._notes, self._patterns = notes, patterns

    async def of(self, paths: Sequence[str]) -> dict[str, str]:
        """The identities of files that are there, by their paths."""
        known = await self._known(paths)
        return {path: known[path] or await self._new(path) for path in paths}

    async def path_of(self, identity: str) -> str:
        """Where the file of an identity is; its first path where it never moved."""
        key = f"at:{identity}"
        return (await self._notes.get([key])).get(key, identity)

    async def move(self, step: Sequence[Change], commit: str) -> None:
        """Let identities go with their files, all at once; a file that is gone loses its own."""
        paths = [path for change in step for path in (change.path, change.to) if path]
        known = await self._known(list(dict.fromkeys(paths)))
        new = {
            change.to: identity
            for change in step
            if change.to and self._are_read(change) and (identity := known[change.path])
        }
        notes = {f"id:{path}": "" for path in known}
        notes |= {f"at:{identity}": "" for identity in known.values() if identity}
        for path, identity in new.items():
            if path != identity:
                notes |= {f"id:{path}": identity, f"at:{identity}": path}
        await self._notes.put({**notes, "commit": commit})

    def _are_read(self, change: Change) -> bool:
        return self._patterns.take(change.path) and self._patterns.take(change.to)

    async def _known(self, paths: Sequence[str]) -> dict[str, str]:
        """Identities by path; empty where another file carries the name of the path."""
        keys = [f"{kind}:{path}" for path in paths for kind in ("id", "at")]
        noted = await self._notes.get(keys)
        found = {}
        for path in paths:
            is_taken = noted.get(f"at:{path}", path) != path
            found[path] = noted.get(f"id:{path}") or ("" if is_taken else path)
        return found

    async def _new(self, path: str) -> str:
        """An identity for a file whose place has given its name to another one."""
        number = 2
        while await self._notes.get([f"at:{path}//{number}"]):
            number += 1
        identity = f"{path}//{number}"
        await self._notes.put({f"id:{path}": identity, f"at:{identity}": path})
        return identity
