"""The child process that parses files: started when needed, replaced when a file breaks it."""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from knowledge.parsing.parsed import Limits, NoTextError, NotParsedError, Parsed

# The child takes our module path as it is and nothing else: neither the folder that we were started
# in (it may hold a `json.py`) nor our environment (it may hold tokens).
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from knowledge.parsing.child import main; main(sys.argv[2])"
)
_ROOT = str(Path(__file__).resolve().parents[2])

EXIT_MEMORY = 77

_TOO_LONG = (
    "It took longer than {0:g} seconds to read.",
    "Split it, or save it in another format.",
)
_TOO_MUCH_MEMORY = (
    "It needs more than {0} MB of memory to read.",
    "Split it, or save it in another format.",
)
_TOO_MUCH_TEXT = ("It holds more than {0} MB of text.", "Split it into several files.")
_CRASHED = (
    "Reading it ended in a crash ({0}).",
    "It is probably damaged: open it and save it anew.",
)


class _ChildDiedError(Exception):
    """The child ended instead of answering; carries its exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class ParserProcess:
    """One child process that parses many files, one at a time."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process: Process | None = None
        self._served = 0
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def parse(self, path: Path, *, kind: str = "") -> Parsed:
        """Turn a file into text.

        Args:
            path: where it lies; the end of its name says what is in it,
            kind: unless this does: a suffix such as `.md`, or one of `formats.CODE`.

        Raises:
            NotParsedError: the file gave no text; says why. The next file is not affected.
            NoTextError: because there is none in it.
            OSError: the file could not be opened.
        """
        async with self._turn:
            request = json.dumps([str(path), kind or path.suffix.lower()]).encode()
            reply = await self._reply_in_a_fresh_child_at_last(request)
        if "refused" in reply:
            message, what_to_do = reply["refused"]
            refusal = NoTextError if reply["is_empty"] else NotParsedError
            raise refusal(message, what_to_do=what_to_do)
        if "unopened" in reply:
            raise OSError(*reply["unopened"])
        return Parsed(**reply["parsed"])

    async def close(self) -> None:
        """End the child; the next `parse` starts another one."""
        process, self._process, self._served = self._process, None, 0
        if process is None:
            return
        if process.returncode is None and not _has_ended(process):
            process.kill()
        # Reads what is left and waits, so that no pipe outlives the event loop.
        await process.communicate()

    async def _reply_in_a_fresh_child_at_last(self, request: bytes) -> dict[str, Any]:
        """The child's reply; a child that died is blamed on the file only if it was fresh.

        Memory that earlier files left behind must not make a later file look guilty.
        """
        try:
            if self._served:
                return await self._reply(request)
        except _ChildDiedError as died:
            if died.code == -signal.SIGXCPU:
                raise _not_parsed(_TOO_LONG, self._limits.cpu_s) from died
        try:
            return await self._reply(request)
        except _ChildDiedError as died:
            raise self._explained(died.code) from died

    async def _reply(self, request: bytes) -> dict[str, Any]:
        """Send the request, read one line of JSON; whatever goes wrong ends the child."""
        process = await self._running()
        answered = False
        try:
            async with asyncio.timeout(self._limits.wall_s):
                line = await _exchange(process, request)
            answered = line.endswith(b"\n")
        except TimeoutError as error:
            raise _not_parsed(_TOO_LONG, self._limits.wall_s) from error
        except ValueError as error:  # asyncio's word for a line over the limit
            raise _not_parsed(_TOO_MUCH_TEXT, self._limits.text_bytes // 2**20) from error
        finally:
            if not answered:
                await self.close()
        if not answered:
            raise _ChildDiedError(process.returncode or 0)
        self._served += 1
        reply: dict[str, Any] = json.loads(line)
        return reply

    async def _running(self) -> Process:
        if self._process is None or self._process.returncode is not None:
            await self.close()
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-c", _START),
                json.dumps([_ROOT, *(entry for entry in sys.path if Path(entry).is_absolute())]),
                json.dumps(
                    [self._limits.file_bytes, self._limits.cpu_s, self._limits.memory_bytes]
                ),
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                limit=self._limits.text_bytes,
                env={"LC_ALL": "C.UTF-8"},
                start_new_session=True,  # Ctrl+C in the terminal is ours to handle
            )
        return self._process

    def _explained(self, code: int) -> NotParsedError:
        if code == -signal.SIGXCPU:
            return _not_parsed(_TOO_LONG, self._limits.cpu_s)
        if code == EXIT_MEMORY:
            return _not_parsed(_TOO_MUCH_MEMORY, self._limits.memory_bytes // 2**20)
        return _not_parsed(_CRASHED, f"code {code}")


def _has_ended(process: Process) -> bool:
    """Whether the child closed its end: a signal to it now would hide its exit code from us."""
    return process.stdout is not None and process.stdout.at_eof()


async def _exchange(process: Process, request: bytes) -> bytes:
    """One request, one line back; an empty line where the child has gone."""
    if process.stdin is None or process.stdout is None:  # pragma: no cover (both are pipes)
        raise _ChildDiedError(0)
    try:
        process.stdin.write(request + b"\n")
        await process.stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        return b""
    return await process.stdout.readline()


def _not_parsed(words: tuple[str, str], amount: object) -> NotParsedError:
    message, what_to_do = words
    return NotParsedError(message.format(amount), what_to_do=what_to_do)
