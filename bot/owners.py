"""Which process answers a turn, and whether it still lives."""

import os
import socket
from datetime import UTC, datetime, timedelta

import psutil

from knowledge.leases import Leases
from knowledge.turn import Turn

ALIVE_S = 60.0
"""Who serves says so every few seconds; after this long without a word it counts as hanging."""
SERVING = "serve:"
FRESH = timedelta(seconds=10)
"""A turn that is older when it comes to us may have come to another process before."""


def serving_name() -> str:
    """The lease by which this process says that it serves."""
    return f"{SERVING}{socket.gethostname()}:{os.getpid()}"


def may_be_begun(turn: Turn, since: datetime, moment: datetime) -> bool:
    """Whether a process that has ended may have shown something for a turn.

    Args:
        turn: what was asked.
        since: when we began.
        moment: when the turn came to us.
    """
    return turn.sent_at < since or moment - turn.sent_at > FRESH


class Owners:
    """The processes that answer turns.

    Attributes:
        ourselves: the name of this process; no later one has it, also not under the same number.
    """

    def __init__(self, leases: Leases) -> None:
        self._leases = leases
        self.ourselves = f"{socket.gethostname()}:{os.getpid()}:{_born(os.getpid())}"

    async def is_gone(self, owner: str) -> bool:
        """Whether a process has ended; one on another machine, whether it went silent."""
        host, pid, born = owner.rsplit(":", 2)
        if host == socket.gethostname():
            return _born(int(pid)) != born
        late = datetime.now(UTC) - timedelta(seconds=ALIVE_S)
        alive = [one for one in await self._leases.taken(SERVING) if one.beaten_at > late]
        return f"{SERVING}{host}:{pid}" not in {one.name for one in alive}


def _born(pid: int) -> str:
    """When a process began; empty where there is none."""
    try:
        return f"{psutil.Process(pid).create_time():.2f}"
    except psutil.NoSuchProcess:
        return ""
