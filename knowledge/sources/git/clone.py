"""The copy of a repository that we keep: bare, as shallow and as partial as its server allows."""

import asyncio
import fcntl
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TextIO

from knowledge.sources import OptionError, SourceUnavailableError
from knowledge.sources.git.address import Address
from knowledge.sources.git.program import Git, GitFailedError

TIP = "refs/tertulia/tip"
BEFORE = "refs/tertulia/before"
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_REF = re.compile(r"(?!-)(?!.*\.\.)[^\s~^:?*\[\\\x00-\x1f\x7f]*")
_FETCH = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--recurse-submodules=no")
_NAMES_LISTED = 12


@dataclass(frozen=True, slots=True)
class Tip:
    """What is read: a commit, and the name by which people know it."""

    commit: str
    name: str


class Clone:
    """Our copy of a repository; one process works on it at a time."""

    def __init__(self, source: str, git: Git, address: Address, *, ref: str, depth: int) -> None:
        if not _REF.fullmatch(ref):
            raise OptionError(
                f"Option 'ref': {ref!r} is no name of a branch, tag or commit.",
                what_to_do="Right: main, v2.1 or the 40 letters and digits of a commit.",
            )
        self.git = git
        self.address = address
        self.depth = depth
        self._source, self._ref = source, ref
        self._lock: TextIO | None = None

    async def update(self) -> Tip | None:
        """Fetch what is new; None where the repository holds nothing yet.

        A copy that is broken is made anew.

        Raises:
            SourceUnavailableError: the repository cannot be reached, or has no such branch.
        """
        await asyncio.to_thread(self._take_lock)
        await self._ensure()
        found = await self._resolved()
        if found is None:
            return None
        wanted, name, commit = found
        try:
            if not await self._holds(commit):
                await self._fetch(wanted)
        except GitFailedError:  # of the other side, or of a copy that takes nothing new
            if await self._is_new() or await self._is_whole():
                raise
        if not await self._is_whole():
            await self._make()
            await self._fetch(wanted)
        tip = await self.git.run("rev-parse", "--verify", f"{TIP}^{{commit}}")
        return Tip(tip.decode().strip(), name)

    async def has(self, commit: str) -> bool:
        """Whether a commit that was read before is at hand; an old one is asked for."""
        if await self.git.succeeds("cat-file", "-e", f"{commit}^{{tree}}"):
            return True
        return await self.git.succeeds(*_FETCH, "--depth=1", *self._partly(), f"+{commit}:{BEFORE}")

    async def fetch_objects(self, ids: Sequence[str]) -> None:
        """Get contents that were left out at first, all of them in one request."""
        await self.git.run(
            *("-c", "fetch.negotiationAlgorithm=noop", "-c", "maintenance.auto=false"),
            *(*_FETCH, *self._partly(), "--stdin"),
            stdin="".join(f"{one}\n" for one in ids).encode(),
        )

    async def cut_off(self) -> list[str]:
        """The commits behind which our copy knows no history."""
        path = self.git.folder / "shallow"
        text = await asyncio.to_thread(path.read_text) if path.exists() else ""
        return text.split()

    def distrust(self) -> None:
        """Let the next update make the copy anew, since something in it cannot be read."""
        (self.git.folder / "distrusted").touch()

    async def close(self) -> None:
        """Let others work on the copy."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _take_lock(self) -> None:
        """The lock ends with its holder, also with one that is killed."""
        if self._lock is not None:
            return
        folder = self.git.folder.parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = (folder / "lock").open("w")
        except OSError as error:
            raise SourceUnavailableError(
                f"The folder {folder} cannot be used: {error.strerror}.",
                what_to_do="Check free space and rights.",
            ) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.close()
            raise SourceUnavailableError(
                f"Source '{self._source}' is being refreshed by another process.",
                what_to_do="Wait until it is done.",
            ) from error
        self._lock = lock

    async def _ensure(self) -> None:
        """A copy of this address, without what a command that was killed has left lying about."""
        folder = self.git.folder
        await asyncio.to_thread(_tidy, folder)
        of = await self._setting("remote.origin.url") if (folder / "HEAD").exists() else ""
        if of != self.address.remote or (folder / "distrusted").exists():
            await self._make()

    async def _make(self) -> None:
        await asyncio.to_thread(shutil.rmtree, self.git.folder, ignore_errors=True)
        await self.git.run("init", "--quiet", "--bare", "--template=", "--", str(self.git.folder))
        await self.git.run("config", "remote.origin.url", self.address.remote)

    async def _setting(self, key: str) -> str:
        try:
            return (await self.git.run("config", "--get", key)).decode().rstrip("\n")
        except GitFailedError:
            return ""

    async def _resolved(self) -> tuple[str, str, str] | None:
        """What to fetch, how people call it, and the object that it is there now."""
        if _COMMIT.fullmatch(self._ref):
            return self._ref, self._ref, self._ref
        ref = self._ref
        wanted = [f"refs/heads/{ref}", f"refs/tags/{ref}", ref] if ref else ["HEAD"]
        printed = await self.git.run("ls-remote", "--symref", "origin", *wanted)
        lines = [line.split("\t") for line in printed.decode("utf-8", "replace").splitlines()]
        there = {name: value for value, name in lines if not value.startswith("ref: ")}
        branch = next((v for v, name in lines if v.startswith("ref: ") and name == "HEAD"), "")
        for full in wanted:
            if full in there:
                name = (branch.removeprefix("ref: ") if full == "HEAD" else ref) or there[full]
                return full, name.removeprefix("refs/heads/"), there[full]
        await self._check_empty()
        return None

    async def _check_empty(self) -> None:
        """An empty repository has no branch yet; any other should have had the one we want."""
        printed = await self.git.run("ls-remote", "--heads", "--tags", "--refs", "origin")
        refs = [line.split("\t")[1] for line in printed.decode("utf-8", "replace").splitlines()]
        names = [ref.split("/", 2)[2] for ref in refs]
        if not names and not self._ref:
            return
        near = get_close_matches(self._ref, names, n=1, cutoff=0.5)
        more = f", and {len(names) - _NAMES_LISTED} more" if len(names) > _NAMES_LISTED else ""
        said = f"has no branch or tag '{self._ref}'" if self._ref else "has no default branch"
        raise SourceUnavailableError(
            f"The repository of source '{self._source}' {said}. What was known from it stays.",
            what_to_do=(f"Did you mean '{near[0]}'? " if near else "Set `ref` in tertulia.toml. ")
            + (
                f"There are: {', '.join(names[:_NAMES_LISTED])}{more}." if names else "It is empty."
            ),
        )

    async def _holds(self, commit: str) -> bool:
        """Whether the last fetch brought this, and as much history as is wanted."""
        if await self._setting("tertulia.depth") != str(self.depth):
            return False
        try:
            return (await self.git.run("rev-parse", "--verify", TIP)).decode().strip() == commit
        except GitFailedError:
            return False

    async def _fetch(self, wanted: str) -> None:
        """Get what is new: first what is there now, then what it was, so that a kill costs less."""
        to_tip = f"+{wanted}:{TIP}"
        if not await self._is_new():
            await self.git.run("update-ref", BEFORE, TIP)
        elif self.depth != 1:
            await self.git.run(*_FETCH, "--depth=1", *self._partly(), to_tip)
        is_cut = (self.git.folder / "shallow").exists()
        much = [f"--depth={self.depth}"] if self.depth else ["--unshallow"] if is_cut else []
        await self.git.run(*_FETCH, *much, *self._partly(), to_tip)
        await self.git.run("config", "tertulia.depth", str(self.depth))

    async def _is_new(self) -> bool:
        """Whether nothing was fetched so far."""
        return not await self.git.succeeds("rev-parse", "--quiet", "--verify", TIP)

    def _partly(self) -> tuple[str, str]:
        """No contents at first; a server that knows no filter sends all of them."""
        return "--filter=blob:none", "origin"

    async def _is_whole(self) -> bool:
        """Whether every folder of the tip is at hand and as it was sent."""
        return await self.git.succeeds(
            *("rev-list", "--objects", "--filter=blob:none", "--no-walk", "--count"),
            f"{TIP}^{{tree}}",
        )


def _tidy(folder: Path) -> None:
    """Nobody else is at work here: whatever is locked was locked by somebody who is dead."""
    for left in [*folder.rglob("*.lock"), *folder.glob("objects/pack/tmp_*")]:
        left.unlink(missing_ok=True)
