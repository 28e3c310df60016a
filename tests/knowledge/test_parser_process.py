"""A file may hang, eat memory or crash its parser: it is named, and the next one is read."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.parsing import Limits, NotParsedError, ParserProcess, parse
from tests.knowledge import documents

# Far below what the files need, so that no test waits.
_TIGHT = Limits(wall_s=20, cpu_s=1, memory_bytes=150 * 2**20, text_bytes=2**20)
_ENDLESS = "<div>" * 300_000  # hours for any HTML parser that keeps to the standard


async def reason(process: ParserProcess, path: Path) -> str:
    with pytest.raises(NotParsedError) as caught:
        await process.parse(path)
    return str(caught.value)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return documents.write(
        tmp_path,
        {
            "good.md": "# Good\n\nStill read.",
            "endless.html": _ENDLESS,
            "long.txt": "word " * 300_000,
            "hungry.txt": "¿Qué? " * 5_000_000,
        },
    )


async def test_a_file_that_computes_for_ever_is_named_and_the_next_is_read(folder: Path) -> None:
    async with ParserProcess(_TIGHT) as process:
        assert (await process.parse(folder / "good.md")).title == "Good"
        assert "longer than 1 seconds" in await reason(process, folder / "endless.html")
        assert (await process.parse(folder / "good.md")).text == "# Good\n\nStill read."


async def test_a_first_file_that_computes_for_ever_is_named_too(folder: Path) -> None:
    async with ParserProcess(_TIGHT) as process:
        assert "longer than 1 seconds" in await reason(process, folder / "endless.html")


async def test_a_file_that_waits_for_ever_is_named_and_the_next_is_read(folder: Path) -> None:
    async with ParserProcess(replace(_TIGHT, wall_s=1.5, cpu_s=30)) as process:
        assert "longer than 1.5 seconds" in await reason(process, folder / "endless.html")
        assert (await process.parse(folder / "good.md")).title == "Good"


async def test_a_file_that_eats_memory_is_named_and_the_next_is_read(folder: Path) -> None:
    async with ParserProcess(replace(_TIGHT, cpu_s=30)) as process:
        await process.parse(folder / "good.md")
        assert "more than 150 MB of memory" in await reason(process, folder / "hungry.txt")
        assert (await process.parse(folder / "good.md")).title == "Good"


async def test_a_file_of_too_much_text_is_named_and_the_next_is_read(folder: Path) -> None:
    async with ParserProcess(_TIGHT) as process:
        assert "more than 1 MB of text" in await reason(process, folder / "long.txt")
        assert (await process.parse(folder / "good.md")).title == "Good"


async def test_a_child_that_died_between_two_files_is_replaced(folder: Path) -> None:
    async with ParserProcess(Limits()) as process:
        await process.parse(folder / "good.md")
        child = process._process
        assert child is not None
        child.kill()
        assert (await process.parse(folder / "good.md")).title == "Good"
        assert process._process is not child


async def test_a_child_that_crashes_at_once_is_reported_as_a_crash(folder: Path) -> None:
    no_such_limit = 2**80
    async with ParserProcess(Limits(cpu_s=no_such_limit)) as process:
        assert "crash" in await reason(process, folder / "good.md")


async def test_a_waiting_reader_can_be_cancelled_and_the_next_is_served(folder: Path) -> None:
    async with ParserProcess(Limits()) as process:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(process.parse(folder / "endless.html"), timeout=0.5)
        assert (await process.parse(folder / "good.md")).title == "Good"


async def test_many_files_are_read_by_one_child(folder: Path) -> None:
    async with ParserProcess(Limits()) as process:
        await asyncio.gather(*(process.parse(folder / "good.md") for _ in range(50)))
        assert process._served == 50


async def test_a_closed_process_starts_again_when_it_is_needed(folder: Path) -> None:
    process = ParserProcess(Limits())
    await process.parse(folder / "good.md")
    await process.close()
    assert (await process.parse(folder / "good.md")).title == "Good"
    await process.close()
    await process.close()


async def test_a_missing_file_is_an_error_of_the_system(folder: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await parse(folder / "missing.md")


async def test_the_folder_that_we_stand_in_cannot_slip_code_into_the_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents.write(tmp_path, {"json.py": "raise SystemExit(1)", "a.txt": "fine"})
    monkeypatch.chdir(tmp_path)
    assert (await parse(tmp_path / "a.txt")).text == "fine"
