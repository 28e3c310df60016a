"""What of this machine is ours, also inside a container."""

from pathlib import Path

import psutil
import pytest

from pipelines.models.machine import cores, free_memory_bytes
from pipelines.models.reading import ReadingSpeed, tokens_and_seconds

MIB = 1 << 20


def control_group(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)
    return folder


def test_without_a_container_the_machine_counts(tmp_path: Path) -> None:
    assert 0 < free_memory_bytes(tmp_path) <= psutil.virtual_memory().total
    assert 1 <= cores(tmp_path) <= (psutil.cpu_count() or 1)


def test_a_container_has_what_its_limit_leaves(tmp_path: Path) -> None:
    group = control_group(
        tmp_path,
        memory_max=f"{200 * MIB}\n",
        memory_current=f"{150 * MIB}\n",
        memory_stat=f"anon 1\ninactive_file {30 * MIB}\n",
    )
    assert free_memory_bytes(group) == 80 * MIB


def test_a_container_over_its_limit_has_nothing_left(tmp_path: Path) -> None:
    group = control_group(tmp_path, memory_max="1000", memory_current="2000")
    assert free_memory_bytes(group) == 0


def test_a_container_without_a_limit_has_the_machine(tmp_path: Path) -> None:
    group = control_group(tmp_path, memory_max="max", memory_current="2000", cpu_max="max 100000")
    assert free_memory_bytes(group) > 2000
    assert cores(group) == cores(tmp_path / "none")


@pytest.mark.parametrize("limit", ["50000 100000", "100000 100000", "garbage"])
def test_half_a_core_is_one(limit: str, tmp_path: Path) -> None:
    group = control_group(tmp_path, cpu_max=limit)
    assert cores(group) == (1 if limit != "garbage" else cores(tmp_path / "none"))


def test_reading_speed_is_the_median_of_what_was_long_enough() -> None:
    speed = ReadingSpeed()
    assert speed.tokens_per_s is None
    speed.note(3, 0.001)
    speed.note(100, 0.0)
    assert speed.tokens_per_s is None
    for seconds in (1.0, 2.0, 50.0):
        speed.note(100, seconds)
    assert speed.tokens_per_s == 50


def test_the_measurement_of_the_server_comes_before_ours() -> None:
    usage = {"prompt_tokens": 90, "prompt_tokens_details": {"cached_tokens": 50}}
    timings = {"prompt_n": 40, "prompt_ms": 500.0}
    assert tokens_and_seconds(timings, usage, 3.0) == (40, 0.5)
    assert tokens_and_seconds(None, usage, 3.0) == (40, 3.0)
    assert tokens_and_seconds(None, {"prompt_tokens": 90}, 3.0) == (90, 3.0)
    assert tokens_and_seconds(None, {"prompt_tokens": "?"}, 3.0) == (0, 3.0)
    assert tokens_and_seconds(None, None, 3.0) == (0, 0)
