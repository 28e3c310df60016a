"""How much of this machine is ours: memory and cores, limits of a container included."""

import math
import os
from pathlib import Path

import psutil

CONTROL_GROUP = Path("/sys/fs/cgroup")


def free_memory_bytes(control_group: Path = CONTROL_GROUP) -> int:
    """Memory that we can still take without swapping."""
    available = int(psutil.virtual_memory().available)
    limit = _number(control_group / "memory.max")
    used = _number(control_group / "memory.current")
    if limit is None or used is None:
        return available
    # The group counts files that were read; they make room when memory is wanted.
    files = _field(control_group / "memory.stat", "inactive_file")
    return max(0, min(available, int(limit - used + files)))


def cores(control_group: Path = CONTROL_GROUP) -> int:
    """Physical cores that we may use, at least one."""
    allowed = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):  # not on macOS
        allowed = min(allowed, len(os.sched_getaffinity(0)))
    return max(1, min(allowed, _core_limit(control_group / "cpu.max")))


def _core_limit(path: Path) -> int:
    """The container's limit, rounded up; `max 100000` is none."""
    try:
        quota, period = path.read_text(encoding="ascii").split()
        return math.ceil(int(quota) / int(period))
    except (OSError, ValueError):
        return 1 << 16


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def _field(path: Path, name: str) -> int:
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.split()[:1] == [name]), 0)
