"""Makes sure that a model's file is the one in the catalogue, hashing it only once."""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from knowledge.hashing import sha256_of
from pipelines.models.catalogue import EmbeddedModel
from pipelines.models.errors import ModelDamagedError, ModelMissingError


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which file was found to be right, as it was then.

    Attributes:
        changed_ns: when its bytes, its times or its rights changed last; nobody can set it back.
    """

    path: str
    size: int
    inode: int
    changed_ns: int
    sha256: str

    @classmethod
    def of(cls, path: Path, sha256: str) -> "Stamp":
        """The stamp of a file with this hash."""
        state = path.stat()
        return cls(str(path), state.st_size, state.st_ino, state.st_ctime_ns, sha256)


def find(model: EmbeddedModel, folder: Path) -> Path | None:
    """The model's file, known to be right; None where there is none.

    Fast for a file that was checked before and has not changed since. The first look at a file
    hashes it: a second or more for each gigabyte.

    Raises:
        ModelDamagedError: the file in the folder is cut short or altered.
    """
    stamp = _read_stamp(model, folder)
    if stamp and _still_true(stamp, model):
        return Path(stamp.path)
    path = folder / model.file
    if not path.is_file():
        return None
    if not matches(path, model):
        raise _damaged(path, model)
    remember(path, model, folder)
    return path


def require(model: EmbeddedModel, folder: Path) -> Path:
    """The model's file, known to be right.

    Raises:
        ModelMissingError: there is none.
        ModelDamagedError: as in `find`.
    """
    path = find(model, folder)
    if path is None:
        raise ModelMissingError(
            f"The model {model.name} is not here yet: there is no {folder / model.file}.",
            what_to_do=f"Run `tertulia models fetch {model.name}` "
            f"({model.size / 1e6:.0f} MB, once).",
        )
    return path


def matches(path: Path, model: EmbeddedModel) -> bool:
    """Whether the file is the model, byte by byte."""
    if path.stat().st_size != model.size:
        return False
    return sha256_of(path) == model.sha256


def remember(path: Path, model: EmbeddedModel, folder: Path) -> None:
    """Note in the folder that this file matched just now."""
    stamp = json.dumps(asdict(Stamp.of(path, model.sha256)))
    # A folder that cannot be written to costs a new hash at the next start, nothing else.
    with suppress(OSError):
        _stamp_file(model, folder).write_text(stamp, encoding="utf-8")


def _stamp_file(model: EmbeddedModel, folder: Path) -> Path:
    return folder / f"{model.file}.verified.json"


def _read_stamp(model: EmbeddedModel, folder: Path) -> Stamp | None:
    try:
        return Stamp(**json.loads(_stamp_file(model, folder).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _still_true(stamp: Stamp, model: EmbeddedModel) -> bool:
    try:
        return Stamp.of(Path(stamp.path), model.sha256) == stamp
    except OSError:
        return False


def _damaged(path: Path, model: EmbeddedModel) -> ModelDamagedError:
    size = path.stat().st_size
    what = (
        f"has {size:,} bytes instead of {model.size:,}"
        if size != model.size
        else "has the right length but not the right content"
    )
    return ModelDamagedError(
        f"The file of the model {model.name} is damaged and was not loaded: {path} {what}.",
        what_to_do=f"Run `tertulia models fetch {model.name}` to replace it.",
    )
