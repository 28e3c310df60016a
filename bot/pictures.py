"""Files of pictures: what they are called, and where the terminal keeps them."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from bot.egress import Egress
from bot.home_folder import HomeError, make_folder
from knowledge.conversations import Answer, Picture

ENDINGS = {"jpeg": "jpg"}
_WORDS = Egress("terminal")
"""Where nothing is read as markup."""


def file_name(stem: str, picture: Picture) -> str:
    """The name of its file; what a model wrote is no part of it."""
    return f"{stem}.{ENDINGS.get(picture.kind, picture.kind)}"


def described(picture: Picture, limit: int) -> str:
    """What is to be seen on it, through the gate and in one line, for who cannot see it."""
    words = " ".join(_WORDS.literal(picture.description).split())
    return words if len(words) <= limit else f"{words[: limit - 1]}…"


async def put_away(answer: Answer, folder: Path) -> list[Path]:
    """Write the pictures of an answer into a folder; their files, which nobody else may read.

    Raises:
        HomeError: they cannot be written.
    """
    if not answer.pictures:
        return []
    return await asyncio.to_thread(_written, answer.reference, answer.pictures, folder)


def _written(reference: str, pictures: Sequence[Picture], folder: Path) -> list[Path]:
    make_folder(folder)
    files = [folder / file_name(f"{reference}-{n}", one) for n, one in enumerate(pictures, 1)]
    try:
        for file, one in zip(files, pictures, strict=True):
            file.touch(mode=0o600)
            file.write_bytes(one.content)
    except OSError as error:
        raise HomeError(
            f"The picture cannot be written to {folder}: {error.strerror}.",
            what_to_do="Make room there, or set TERTULIA_HOME to a folder that you may write to.",
        ) from error
    return files
