"""From a trained folder to a file that servers read, and whether they say what was trained."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

from knowledge.hashing import sha256_of
from knowledge.text_files import lines_of
from pipelines.learning import gguf_adapter, gguf_merge
from pipelines.learning.gguf_layout import PublishingError
from pipelines.learning.trainers import TRAINED, JobRefusedError, Trained
from pipelines.learning.tuning.greedy import GREEDY
from pipelines.learning.tuning.pickles import refuse_pickles
from pipelines.models.completing import Complete

AS_TRAINED = 0.95
"""Of the pieces that the tuned model writes where nothing is left to chance."""


def trained(folder: Path) -> Trained:
    """What a training left, every file as it was then.

    Raises:
        PublishingError: it is not whole, or was changed.
        JobRefusedError: there are pickles in the folder.
    """
    refuse_pickles(folder)
    try:
        found = Trained.from_json((folder / TRAINED).read_text(encoding="utf-8"), folder)
        changed = [n for n, sha256 in found.files.items() if sha256_of(folder / n) != sha256]
    except (OSError, ValueError, KeyError, TypeError, JobRefusedError) as error:
        raise PublishingError(
            f"{folder} holds nothing that was trained to its end: {error}.",
            what_to_do="Train again.",
        ) from error
    if changed:
        raise PublishingError(
            f"{folder / changed[0]} was changed after the training: its hash differs.",
            what_to_do="Train again, and find out who changed it.",
        )
    return found


async def write_adapter(folder: Path, path: Path) -> Path:
    """The adapter of a training as a GGUF: for llama.cpp, beside the base that serves already.

    Raises:
        PublishingError: it is no adapter, was changed, or cannot be served as it was trained.
        OSError: the file cannot be written.
    """

    def write() -> None:
        found = trained(folder)
        base = found.job.gguf
        if found.method != "lora":
            raise PublishingError(
                f"In {folder} there is a whole model, and no adapter.",
                what_to_do="Publish it merged.",
            )
        gguf_adapter.write(gguf_adapter.read(folder), _checked(found, base), path)

    await asyncio.to_thread(write)
    return path


async def write_merged(folder: Path, path: Path, *, kind: gguf_merge.Kind = "Q8_0") -> Path:
    """The model of a training as one GGUF: for every server, Ollama included.

    Args:
        folder: of the training.
        path: of the new file.
        kind: of the tuned weights; the others stay as they are.

    Raises:
        PublishingError: it was changed, or cannot be served as it was trained.
        OSError: the file cannot be written.
    """

    def write() -> None:
        found = trained(folder)
        base = _checked(found, found.job.gguf)
        if found.method == "lora":
            tuned = gguf_merge.merged(gguf_adapter.read(folder), base)
        else:
            tuned = gguf_merge.replaced(folder, base)
        gguf_merge.write(base, path, tuned, kind=kind)

    await asyncio.to_thread(write)
    return path


def _checked(found: Trained, base: Path) -> Path:
    """The base; a file under its name that is another one would be tuned into nonsense."""
    job = found.job
    if base == job.base and job.base_sha256 and sha256_of(base) != job.base_sha256:
        raise PublishingError(
            f"{base} is not the file that was trained on: its hash differs.",
            what_to_do="`tertulia models fetch` replaces it.",
        )
    return base


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often what is served writes the piece that the trained model wrote.

    Attributes:
        same: pieces.
        count: of so many.
    """

    same: int
    count: int

    @property
    def share(self) -> float:
        """0 to 1; 0 where nothing was compared."""
        return self.same / self.count if self.count else 0.0

    @property
    def is_as_trained(self) -> bool:
        """Whether it may be called the same model."""
        return self.share >= AS_TRAINED


async def served_as_trained(folder: Path, complete: Complete) -> Agreement:
    """Compare what is served with what the trained model wrote when its training ended.

    Each piece is asked for after the trained model's own words, so that one difference stays one.

    Args:
        folder: of the training.
        complete: asks the server; `pipelines/models/completing.py` has one for each kind.

    Raises:
        TertuliaError: the server cannot be asked.
    """
    same = count = 0
    kept = await asyncio.to_thread((folder / GREEDY).read_text, "utf-8")
    for line in filter(None, lines_of(kept)):
        said = json.loads(line)
        for so_far, piece in said["steps"]:
            same += await complete(said["prompt"] + so_far) == piece
            count += 1
    return Agreement(same, count)
