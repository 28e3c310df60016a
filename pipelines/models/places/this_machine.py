"""Finds a model's file that another program has put on this machine already."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.models.catalogue import EmbeddedModel
from pipelines.models.checking import matches
from pipelines.models.places import Errand, PlaceFailedError

# Ollama names its files by their hash. The second folder is that of the Linux service.
OLLAMA_FOLDERS = ("~/.ollama/models/blobs", "/usr/share/ollama/.ollama/models/blobs")
GGUF_FOLDERS = (
    "~/.lmstudio/models",
    "~/.cache/lm-studio/models",
    "~/.cache/llama.cpp",
    "~/Library/Caches/llama.cpp",
    "~/.cache/huggingface/hub",
)


def _expanded(folders: Sequence[str]) -> tuple[Path, ...]:
    return tuple(Path(folder).expanduser() for folder in folders)


@dataclass(frozen=True, slots=True)
class ThisMachine:
    """The folders of Ollama, LM Studio, llama.cpp and the hub; files are used where they are."""

    ollama_folders: tuple[Path, ...] = _expanded(OLLAMA_FOLDERS)
    gguf_folders: tuple[Path, ...] = _expanded(GGUF_FOLDERS)
    name: str = "this-machine"

    async def bring(self, errand: Errand) -> Path:
        """The first file with the right size and hash."""
        path = await asyncio.to_thread(self._first_right_file, errand)
        if path is None:
            raise PlaceFailedError("no other program has put it on this machine")
        return path

    def _first_right_file(self, errand: Errand) -> Path | None:
        for path in self._candidates(errand.model):
            if _is_right(path, errand.model):
                return path
        return None

    def _candidates(self, model: EmbeddedModel) -> Iterator[Path]:
        for folder in self.ollama_folders:
            yield folder / f"sha256-{model.sha256}"
        for folder in self.gguf_folders:
            # The hub's cache keeps blobs by hash under links with the file's name.
            yield from folder.rglob("*.gguf")


def _is_right(path: Path, model: EmbeddedModel) -> bool:
    try:
        return path.is_file() and matches(path, model)
    except OSError:
        # A file that we may not open is not ours to use.
        return False
