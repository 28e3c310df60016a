"""Ten thousand files of which one in a hundred is broken: each is indexed or named."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.knowledge import documents
from tests.pipelines.indexing_world import World, figures, open_world

FILES, EVERY = 10_000, 100
BROKEN: tuple[tuple[str, bytes, str], ...] = (
    ("elf.txt", b"\x7fELF" + bytes(60), "not text"),
    ("empty.md", b" \n", "holds no text"),
    ("cut.pdf", b"%PDF-1.7\nbroken", "damaged"),
    ("no-zip.docx", b"PK\x03\x04 broken", "damaged"),
    ("old.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "before 2007"),
    ("program.exe", b"MZ", "cannot read files that end in"),
    ("without-suffix", b"x", "cannot read files without a suffix"),
    ("large.log", b"x" * 3000, "are not read"),
    ("hidden.html", b"<p hidden>x</p>", "holds no text"),
    ("link.md", b"", "outside the folder"),
)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as opened:
        yield opened


def fill(folder: Path) -> dict[str, str]:
    """Write the files; of each broken one, what must be said of it."""
    said = {}
    for start in range(0, FILES, EVERY):
        place = folder / f"{start:05}"
        texts = {f"{start + n:05}.txt": f"Note {start + n}." for n in range(1, EVERY)}
        name, content, reason = BROKEN[start // EVERY % len(BROKEN)]
        documents.write(place, {**texts, name: content})
        if name == "link.md":
            (place / name).unlink()
            (place / name).symlink_to("/etc/hostname")
        said[f"docs:{start:05}/{name}"] = reason
    return said


async def test_every_file_is_indexed_or_named_and_later_left_alone(world: World) -> None:
    said = fill(world.folder)
    report = await world.refresh(max_file_mb=0.002)
    assert figures(report) == (FILES, FILES - len(said), 0, 0, len(said))
    reasons = {failure.article: failure.reason for failure in report.failed}
    assert reasons.keys() == said.keys()
    assert not {
        article: reasons[article] for article in said if said[article] not in reasons[article]
    }
    assert await world.text("09900/09999.txt") == "Note 9999."
    again = await world.refresh(max_file_mb=0.002)
    assert figures(again) == (FILES, 0, FILES - len(said), 0, len(said))
