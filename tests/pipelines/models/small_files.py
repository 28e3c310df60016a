"""Tiny stand-ins for model files, and packages that carry them in slices."""

import hashlib
import zipfile
from pathlib import Path

from pipelines.models.catalogue import EmbeddedModel, Wheels

CONTENT = bytes(range(256)) * 40
PARTS = 5
SLICES = Wheels(package="owl-slices-part{n}", version="1.0", parts=PARTS, member=".bin")


def small_model(content: bytes = CONTENT, *, page: str = "", size: int = 0) -> EmbeddedModel:
    """A catalogue entry for a file with this content."""
    return EmbeddedModel(
        name="owl",
        summary="for tests",
        file="owl.gguf",
        size=size or len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        author="us",
        licence="Apache-2.0",
        context_tokens=64,
        languages=("en",),
        memory_mib=1,
        page=page,
        wheels=SLICES,
    )


def write_wheels(folder: Path, content: bytes = CONTENT) -> None:
    """The packages that carry the content, slice by slice."""
    step = -(-len(content) // PARTS)
    for n in range(1, PARTS + 1):
        write_wheel(folder, n, {f"owl/data/part{n:02}.bin": content[(n - 1) * step : n * step]})


def write_wheel(folder: Path, n: int, members: dict[str, bytes]) -> None:
    """A package that pip accepts."""
    folder.mkdir(exist_ok=True)
    name = f"owl_slices_part{n}-1.0"
    about = f"{name}.dist-info"
    texts = {
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: owl-slices-part{n}\nVersion: 1.0\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{about}/RECORD": "",
    }
    with zipfile.ZipFile(folder / f"{name}-py3-none-any.whl", "w") as archive:
        for member, content in {**members, **{k: v.encode() for k, v in texts.items()}}.items():
            archive.writestr(member, content)
