"""Vectors are kept on disk by the hash of their text."""

import asyncio
import sqlite3
import sys
from pathlib import Path

import numpy as np
import pytest

from knowledge.sqlite import DiskFullError, StoreCorruptError, StoreReadOnlyError, StoreVersionError
from knowledge.vectors import VectorSizeError, VectorTable

PROJECT = Path(__file__).parents[2]


def rows(count: int, *, first: int = 0) -> dict[str, np.ndarray[tuple[int], np.dtype[np.float32]]]:
    return {f"k{n}": np.full(3, n, dtype=np.float32) for n in range(first, first + count)}


def test_what_was_put_is_got_and_stays_when_opened_again(tmp_path: Path) -> None:
    table = VectorTable.open(tmp_path / "new" / "t", dimensions=3)
    table.put(rows(2))
    table.put(rows(1, first=2))
    table.put({})
    table.close()
    table = VectorTable.open(tmp_path / "new" / "t", dimensions=None)
    assert (len(table), table.dimensions) == (3, 3)
    found = table.get(["k2", "k0", "unknown"])
    assert {key: row.tolist() for key, row in found.items()} == {"k2": [2.0] * 3, "k0": [0.0] * 3}
    assert table.matrix().tolist() == [[0.0] * 3, [1.0] * 3, [2.0] * 3]
    assert table.keys_since(1) == ["k1", "k2"]
    table.close()


def test_a_key_keeps_its_first_row(tmp_path: Path) -> None:
    table = VectorTable.open(tmp_path / "t", dimensions=3)
    table.put(rows(2))
    table.put({"k0": np.ones(3, dtype=np.float32), "k9": np.ones(3, dtype=np.float32)})
    assert table.get(["k0"])["k0"].tolist() == [0.0] * 3
    assert table.slots(["k9"]) == {"k9": 2}
    table.close()


def test_nobody_can_change_the_rows(tmp_path: Path) -> None:
    table = VectorTable.open(tmp_path / "t", dimensions=3)
    table.put(rows(1))
    with pytest.raises(ValueError, match="read-only"):
        table.matrix()[0] = 1
    table.close()


def test_a_second_table_on_the_same_files_sees_new_rows_at_once(tmp_path: Path) -> None:
    writer = VectorTable.open(tmp_path / "t", dimensions=3)
    reader = VectorTable.open(tmp_path / "t", dimensions=3)
    for n in range(5):
        writer.put(rows(1, first=n))
        assert reader.matrix()[n].tolist() == [n] * 3
        reader.put(rows(1, first=n))
    assert len(writer) == 5
    writer.close()
    reader.close()


def test_bytes_behind_the_last_row_are_ignored_and_used_again(tmp_path: Path) -> None:
    table = VectorTable.open(tmp_path / "t", dimensions=3)
    table.put(rows(1))
    with (tmp_path / "t.f32").open("ab") as file:
        file.write(b"torn off in the middle")
    table.put(rows(1, first=1))
    table.close()
    table = VectorTable.open(tmp_path / "t", dimensions=3)
    assert table.matrix().tolist() == [[0.0] * 3, [1.0] * 3]
    table.close()


async def test_a_writer_that_is_killed_leaves_whole_rows(tmp_path: Path) -> None:
    program = (
        "import sys, itertools\nfrom pathlib import Path\n"
        "from knowledge.vectors import VectorTable\nimport numpy as np\n"
        f"table = VectorTable.open(Path({str(tmp_path / 't')!r}), dimensions=3)\n"
        "for n in itertools.count():\n"
        "    table.put({f'k{n}-{i}': np.full(3, n, dtype=np.float32) for i in range(7)})\n"
        "    print(n, flush=True)"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, cwd=PROJECT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    for _ in range(20):
        await process.stdout.readline()
    process.kill()
    await process.communicate()
    table = VectorTable.open(tmp_path / "t", dimensions=3)
    assert len(table) >= 7 * 20
    assert table.matrix().tolist() == [[n // 7] * 3 for n in range(len(table))]
    table.put({"after": np.ones(3, dtype=np.float32)})
    assert table.get(["after"])["after"].tolist() == [1.0] * 3
    table.close()


def test_another_number_of_dimensions_is_refused(tmp_path: Path) -> None:
    VectorTable.open(tmp_path / "t", dimensions=3).close()
    with pytest.raises(VectorSizeError, match="vectors of 3 numbers, not of 4") as caught:
        VectorTable.open(tmp_path / "t", dimensions=4)
    assert "embedded again" in caught.value.what_to_do


@pytest.mark.parametrize("row", [[1.0, 2.0], [1.0, 2.0, float("nan")], [[1.0, 2.0, 3.0]]])
def test_a_row_that_is_no_vector_of_this_table_is_refused(tmp_path: Path, row: object) -> None:
    table = VectorTable.open(tmp_path / "t", dimensions=3)
    with pytest.raises(VectorSizeError, match="3 finite numbers"):
        table.put({"good": np.ones(3, dtype=np.float32), "bad": np.array(row, dtype=np.float32)})
    assert len(table) == 0
    table.close()


@pytest.mark.parametrize("damage", [b"", b"another file altogether" * 99])
def test_a_file_of_rows_that_is_cut_short_or_altered_is_named(
    tmp_path: Path, damage: bytes
) -> None:
    table = VectorTable.open(tmp_path / "t", dimensions=3)
    table.put(rows(9))
    table.close()
    (tmp_path / "t.f32").write_bytes(damage)
    with pytest.raises(StoreCorruptError, match=r"t\.f32 is damaged") as caught:
        VectorTable.open(tmp_path / "t", dimensions=3)
    assert "backup" in caught.value.what_to_do


def test_a_file_of_slots_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "t.slots").write_bytes(b"no database" * 999)
    with pytest.raises(StoreCorruptError, match=r"t\.slots is damaged"):
        VectorTable.open(tmp_path / "t", dimensions=3)


def test_a_table_that_was_never_finished_is_named(tmp_path: Path) -> None:
    assert not VectorTable.exists(tmp_path / "t")
    with pytest.raises(StoreCorruptError, match="no finished table"):
        VectorTable.open(tmp_path / "t", dimensions=None)


def test_a_table_of_another_format_is_not_touched(tmp_path: Path) -> None:
    VectorTable.open(tmp_path / "t", dimensions=3).close()
    with sqlite3.connect(tmp_path / "t.slots") as connection:
        connection.execute("PRAGMA user_version = 7")
    connection.close()
    with pytest.raises(StoreVersionError, match="format 7"):
        VectorTable.open(tmp_path / "t", dimensions=3)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreReadOnlyError, match="cannot be opened"):
        VectorTable.open(tmp_path / "file" / "t", dimensions=3)


def test_rows_that_find_no_room_are_not_half_written(tmp_path: Path) -> None:
    table = VectorTable.open(tmp_path / "t", dimensions=3)
    table.put(rows(1))
    (tmp_path / "t.f32").unlink()
    (tmp_path / "t.f32").symlink_to("/dev/full")
    with pytest.raises(DiskFullError, match="is full"):
        table.put(rows(5, first=1))
    assert len(table) == 1
    table.close()
