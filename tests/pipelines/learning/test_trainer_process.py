"""A trainer in a process of its own: what ends it is told, and nothing half-written is served."""

import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from pipelines.learning import publishing
from pipelines.learning.gguf_layout import PublishingError
from pipelines.learning.trainers import Caps, Job, Step, TrainingFailedError
from pipelines.learning.trainers.process import cost, dry_run, train
from pipelines.learning.tuning import failures
from tests.pipelines.learning import tiny_torch

pytest.importorskip("torch")


def trainer_process() -> psutil.Process:
    """The process that trains for us now."""
    (found,) = (
        child
        for child in psutil.Process().children()
        if "pipelines.learning.trainers" in child.cmdline()
    )
    return found


def at_step(number: int, act: Callable[[psutil.Process], object]) -> Callable[[Step], None]:
    """Progress that does something to the process, once."""

    def progress(step: Step) -> None:
        if step.number == number:
            act(trainer_process())

    return progress


async def test_a_training_in_its_own_process_tells_how_far_it_is(tiny_home: Path) -> None:
    job, steps = tiny_torch.job(tiny_home, "sft_lora"), list[Step]()
    trained = await train(job, steps.append)
    assert [step.number for step in steps] == list(range(1, steps[0].of + 1))
    assert tuple(step.loss for step in steps) == trained.losses
    assert publishing.trained(job.folder) == trained


async def test_a_killed_training_goes_on_from_its_checkpoint(tiny_home: Path) -> None:
    job, steps = tiny_torch.job(tiny_home, "sft_lora", epochs=4), list[Step]()
    with pytest.raises(TrainingFailedError, match="signal 9") as failed:
        await train(job, at_step(5, lambda process: process.send_signal(signal.SIGKILL)))
    assert "goes on from its last checkpoint" in failed.value.what_to_do
    assert not job.folder.exists()
    trained = await train(job, steps.append)
    assert steps[0].number > 1
    assert len(trained.losses) == steps[0].of


async def test_a_cancelled_training_ends_its_process(tiny_home: Path) -> None:
    job = tiny_torch.job(tiny_home, "sft_lora", epochs=500)
    begun, found = asyncio.Event(), list[psutil.Process]()

    def progress(_step: Step) -> None:
        if not begun.is_set():
            found.append(trainer_process())
            begun.set()

    task = asyncio.create_task(train(job, progress))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not found[0].is_running()
    assert not job.folder.exists()


async def test_a_full_disk_is_told_and_leaves_nothing_under_the_final_name(
    tiny_home: Path,
) -> None:
    job = tiny_torch.job(tiny_home, "sft_lora", epochs=4, checkpoint_steps=4)

    def no_more_room(process: psutil.Process) -> None:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (4096, 4096))

    with pytest.raises(TrainingFailedError, match="disk") as failed:
        await train(job, at_step(1, no_more_room))
    assert "Free some room" in failed.value.what_to_do
    assert not job.folder.exists()
    await train(job)


async def test_more_memory_than_a_job_may_take_ends_it(tiny_home: Path) -> None:
    job = replace(tiny_torch.job(tiny_home, "sft_lora"), caps=Caps(memory_mb=60))
    with pytest.raises(TrainingFailedError, match="60 MB of memory"):
        await cost(job)


async def test_more_time_than_a_job_may_take_ends_it(tiny_home: Path) -> None:
    job = tiny_torch.job(tiny_home, "sft_lora", epochs=100_000)
    with pytest.raises(TrainingFailedError, match="not done after 1 seconds"):
        await train(replace(job, caps=Caps(seconds=1.0)))
    assert not job.folder.exists()


async def test_a_dry_run_and_the_cost_come_from_the_same_process(tiny_home: Path) -> None:
    job = tiny_torch.job(tiny_home, "full")
    looked = await dry_run(job)
    assert looked.shown[0].learnt.endswith("<|im_end|>")
    assert looked.problems == () or "by heart" in looked.problems[0]
    assert (await cost(job)).file_bytes == looked.forecast.file_bytes


async def test_what_was_changed_after_its_training_is_not_published(tiny_home: Path) -> None:
    job = tiny_torch.job(tiny_home, "sft_lora")
    await train(job)
    await publishing.write_adapter(job.folder, tiny_home / "adapter.gguf")
    await publishing.write_merged(job.folder, tiny_home / "merged.gguf")
    weights = job.folder / "adapter_model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(PublishingError, match="was changed after the training"):
        await publishing.write_adapter(job.folder, tiny_home / "other.gguf")
    weights.unlink()
    with pytest.raises(PublishingError, match="nothing that was trained"):
        await publishing.write_merged(job.folder, tiny_home / "other.gguf")
    assert not (tiny_home / "other.gguf").exists()


async def test_a_whole_model_is_published_merged_and_not_as_an_adapter(tiny_home: Path) -> None:
    job = tiny_torch.job(tiny_home, "full")
    await train(job)
    await publishing.write_merged(job.folder, tiny_home / "merged.gguf")
    with pytest.raises(PublishingError, match="no adapter"):
        await publishing.write_adapter(job.folder, tiny_home / "adapter.gguf")


def test_a_job_by_hand_is_told_in_lines_of_json(tiny_home: Path) -> None:
    path = tiny_home / "job.json"
    path.write_text(tiny_torch.job(tiny_home, "sft_lora").to_json(), encoding="utf-8")
    code, lines = _by_hand(path)
    assert code == 0
    assert lines[0]["step"]["number"] == 1
    assert lines[-1]["done"]["method"] == "lora"
    code, lines = _by_hand(path)
    assert code == 1
    assert lines[-1]["failed"][0] == "JobRefusedError"
    path.write_text("[]", encoding="utf-8")
    code, lines = _by_hand(path)
    assert "no job" in lines[-1]["failed"][1]


def _by_hand(path: Path) -> tuple[int, list[dict[str, Any]]]:
    command = [sys.executable, "-m", "pipelines.learning.trainers", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ModuleNotFoundError("No module named 'torch'", name="torch"), "torch, which is not"),
        (OSError(28, "No space left on device"), "disk"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "memory"),
        (MemoryError(), "memory"),
        (RuntimeError("CUDA out of memory. Tried to allocate"), "memory"),
        (KeyError("x"), "KeyError"),
    ],
)
def test_what_libraries_raise_is_told_in_our_words(error: Exception, words: str) -> None:
    job = Job("sft_lora", Path("b"), Path("r"), Path("f"))
    assert words in str(failures.explained(error, job))


async def test_a_process_whose_parent_is_gone_ends(tiny_home: Path) -> None:
    path = tiny_home / "job.json"
    path.write_text(tiny_torch.job(tiny_home, "sft_lora").to_json(), encoding="utf-8")
    gone = os.getpid() + 1_000_000
    command = [sys.executable, "-m", "pipelines.learning.trainers", str(path)]
    process = await asyncio.create_subprocess_exec(*command, "train", "--parent", str(gone))
    assert await process.wait() == 1
    assert not (tiny_home / "tuned").exists()
