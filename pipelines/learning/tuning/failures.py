"""What ends a trainer, in words for whoever runs Tertulia."""

import errno

from knowledge.errors import OperatorError
from pipelines.learning.trainers import Job, JobRefusedError, TrainingFailedError

LIBRARIES = frozenset({"torch", "transformers", "peft", "gguf", "safetensors"})
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# As safetensors and torch word what the system said to them.
_NO_ROOM_WORDS = ("StorageFull", "FileTooLarge", "No space left", "File too large", "QuotaExceeded")
_NO_MEMORY_WORDS = ("can't allocate memory", "out of memory", "not enough memory")


def explained(error: Exception, job: Job) -> OperatorError:
    """Our error for whatever a trainer raised."""
    if isinstance(error, OperatorError):
        return error
    if isinstance(error, ModuleNotFoundError) and error.name in LIBRARIES:
        return JobRefusedError(
            f"Training needs {error.name}, which is not installed.",
            what_to_do="Run: pip install '.[learn]' in Tertulia's folder",
        )
    said = f"{type(error).__name__}: {error}"
    is_full = isinstance(error, OSError) and error.errno in _NO_ROOM
    if is_full or any(words in said for words in _NO_ROOM_WORDS):
        return no_room(job)
    if isinstance(error, MemoryError) or any(words in said for words in _NO_MEMORY_WORDS):
        return no_memory(job)
    return TrainingFailedError(
        f"The trainer {job.trainer} failed: {' '.join(said.split())[:500]}",
        what_to_do="Run it again: it goes on from its last checkpoint.",
    )


def no_room(job: Job) -> TrainingFailedError:
    """The disk is full."""
    return TrainingFailedError(
        f"The disk of {job.partial} is full.",
        what_to_do="Free some room and run it again: it goes on from its last checkpoint.",
    )


def no_memory(job: Job) -> TrainingFailedError:
    """It took more memory than it may, or than there is."""
    return TrainingFailedError(
        f"The training needs more than the {job.caps.memory_mb:,} MB of memory that it may take, "
        "or than there are.",
        what_to_do="Set `at_once` to 1, lower `longest`, or choose a smaller base.",
    )


def no_time(job: Job) -> TrainingFailedError:
    """It took longer than it may."""
    return TrainingFailedError(
        f"The training was not done after {job.caps.seconds:,.0f} seconds.",
        what_to_do="Run it again: it goes on from its last checkpoint. Or give it more time.",
    )


def killed(job: Job, code: int, last: str) -> TrainingFailedError:
    """It ended without a word.

    Args:
        job: that it did.
        code: of its end; below 0 it is the number of the signal.
        last: the last line that it wrote on stderr.
    """
    how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
    why = " The system does that where memory runs out." if code == -9 else ""
    return TrainingFailedError(
        f"The trainer {job.trainer} {how}.{why}{f' Last: {last[:300]}' if last else ''}",
        what_to_do="Run it again: it goes on from its last checkpoint.",
    )
