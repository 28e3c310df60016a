"""A server of tools as a program that we start: its pipes, what it complains of, its end."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import structlog

from knowledge.cleaning import clean
from pipelines.mcp.server import ServerError

MOST_BYTES, MOST_LINES = 4_000_000, 10_000
"""That a server may say after one message of ours: more is no answer but a flood."""
MOST_COMPLAINTS, LONGEST_COMPLAINT = 100, 300
"""Lines on stderr that are logged, and signs of one."""
FLOOD = f"it said more than {MOST_BYTES // 1_000_000} MB or {MOST_LINES:,} lines at once"
GRACE_S = 2.0
_LOOK_S = 0.01
OUR_PYTHON = "python"
"""As a command: the one that runs Tertulia, whatever else there is of this name."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Pipes:
    stdin: asyncio.StreamWriter
    stdout: asyncio.StreamReader
    stderr: asyncio.StreamReader


class Program:
    """A program that speaks in lines, and whatever it has started.

    Attributes:
        ended: set when it says nothing any more.
        fault: why it was not listened to any longer; empty where it simply ended.
        complaint: the last line on its stderr.
    """

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self._name, self._process = name, process
        self._pipes = _pipes(process)
        self._complaints = asyncio.create_task(self._log_complaints())
        self._said = self._lines = 0
        self.ended = asyncio.Event()
        self.fault = self.complaint = ""

    async def say(self, line: bytes) -> None:
        """Send it a line.

        Raises:
            OSError: it hears nothing any more.
        """
        self._said = self._lines = 0
        self._pipes.stdin.write(line + b"\n")
        await self._pipes.stdin.drain()

    async def line(self) -> bytes:
        """The next line that it says; empty where none comes any more."""
        line = b"" if self.fault else await self._next()
        if not line:
            # Why it has ended is what it complains of last.
            await asyncio.wait({self._complaints}, timeout=0 if self.fault else GRACE_S)
            self.ended.set()
        return line

    async def _next(self) -> bytes:
        try:
            line = await self._pipes.stdout.readline()
        except ValueError:  # longer than the limit of the stream
            self.give_up(FLOOD)
            return b""
        self._said, self._lines = self._said + len(line), self._lines + 1
        if self._said > MOST_BYTES or self._lines > MOST_LINES:
            self.give_up(FLOOD)
            return b""
        return line

    def give_up(self, fault: str) -> None:
        """Listen to it no longer.

        Args:
            fault: what it did.
        """
        self.fault = fault

    async def _log_complaints(self) -> None:
        """Read its stderr to the end; log the first lines of it."""
        told, rest = 0, b""
        while piece := await self._pipes.stderr.read(8192):
            *lines, rest = (rest[-8192:] + piece).split(b"\n")
            for line in filter(None, map(_readable, lines)):
                self.complaint = line
                told += 1
                if told <= MOST_COMPLAINTS:
                    log.info("an MCP server complained", server=self._name, line=line)

    async def end(self) -> None:
        """End it and all that it has started: by its stdin, then by asking, then without."""
        self._pipes.stdin.close()
        if not self.fault and not await self._is_over():
            self._tell_all(signal.SIGTERM)
            await self._is_over()
        self._tell_all(signal.SIGKILL)
        await self._is_over()
        self._complaints.cancel()
        await asyncio.wait({self._complaints})
        # Who has left the group may hold a pipe open, and asyncio would wait for it to the end.
        self._process._transport.close()  # type: ignore[attr-defined]  # nothing public closes it

    async def _is_over(self) -> bool:
        """Whether it ends soon; not `wait()`, which also waits for those that it has started."""
        end = asyncio.get_running_loop().time() + GRACE_S
        while self._process.returncode is None:
            if asyncio.get_running_loop().time() > end:
                return False
            await asyncio.sleep(_LOOK_S)
        return True

    def _tell_all(self, what: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, what)


@asynccontextmanager
async def running(
    name: str, command: Sequence[str], *, environment: Mapping[str, str], folder: str
) -> AsyncIterator[Program]:
    """Start a program in a group of its own; it is ended whatever happens.

    Raises:
        ServerError: it cannot be started.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable if command[0] == OUR_PYTHON else command[0],
            *command[1:],
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
            cwd=folder,
            limit=MOST_BYTES,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise ServerError(
            f"The MCP server '{name}' cannot be started: {command[0]}:"
            f" {getattr(error, 'strerror', None) or error}.",
            what_to_do=f"Install it, or correct command in [mcp.{name}] of tertulia.toml.",
        ) from error
    program = Program(name, process)
    try:
        yield program
    finally:
        await asyncio.shield(asyncio.create_task(program.end()))


def _pipes(process: asyncio.subprocess.Process) -> _Pipes:
    stdin, stdout, stderr = process.stdin, process.stdout, process.stderr
    if stdin is None or stdout is None or stderr is None:  # pragma: no cover (all are pipes)
        raise RuntimeError("a pipe is missing")
    return _Pipes(stdin, stdout, stderr)


def _readable(line: bytes) -> str:
    text = " ".join(clean(line.decode("utf-8", "replace")).split())
    return text[:LONGEST_COMPLAINT]
