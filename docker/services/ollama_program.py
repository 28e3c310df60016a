"""Finds the program of Ollama: on the PATH, or in an archive that somebody put into a folder."""

import shutil
import sys
import tarfile
import tempfile
from pathlib import Path

import zstandard

from docker.services.alone import alone
from docker.services.errors import UnavailableError
from docker.services.telling import tell
from docker.services.wishes import Wishes

ENDING = ".tar.zst"
INSTALL = "brew install ollama" if sys.platform == "darwin" else "https://ollama.com/download"


def find(wishes: Wishes) -> Path:
    """The program, unpacked from its archive on the first call.

    Raises:
        UnavailableError: there is neither a program nor an archive that can be unpacked.
    """
    on_path = shutil.which("ollama")
    if on_path:
        return Path(on_path)
    archives = sorted(wishes.archives.glob(f"ollama-*{ENDING}")) if wishes.archives else []
    if not archives:
        where = wishes.archives or "no folder: SERVICES_DIR is not set"
        raise UnavailableError(
            f"no `ollama` on the PATH, and no ollama-*{ENDING} to unpack in {where}",
            what_to_do=f"Install it ({INSTALL})",
        )
    return _unpacked(archives[-1], wishes.cache) / "bin" / "ollama"


def _unpacked(archive: Path, cache: Path) -> Path:
    folder = cache / archive.name.removesuffix(ENDING)
    cache.mkdir(parents=True, exist_ok=True)
    with alone(cache / f"{folder.name}.lock"):
        if not folder.exists():
            tell(f"Unpacking {archive.name} once ...")
            with tempfile.TemporaryDirectory(dir=cache, prefix="unpacking-") as room:
                _unpack(archive, Path(room) / "all").rename(folder)
    return folder


def _unpack(archive: Path, folder: Path) -> Path:
    try:
        with zstandard.open(archive, "rb") as raw, tarfile.open(fileobj=raw, mode="r|") as tar:
            tar.extractall(folder, filter="data")
    except (zstandard.ZstdError, tarfile.TarError, EOFError) as error:
        raise _not_whole(archive, str(error)) from error
    program = next(folder.rglob("bin/ollama"), None)
    if program is None:
        raise _not_whole(archive, "there is no bin/ollama")
    return program.parents[1]


def _not_whole(archive: Path, why: str) -> UnavailableError:
    return UnavailableError(
        f"{archive} is no whole archive of Ollama: {why}", what_to_do="Put a whole one there"
    )
