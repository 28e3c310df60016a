"""The program git: how it is started, what it may do, and its failures in our words."""

import asyncio
import os
import shutil
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from knowledge.cleaning import clean
from knowledge.sources import SourceUnavailableError

_FIELD_BYTES = 2**20
_SAID_SIGNS = 300
# Nobody is asked for a password, no hook and no configuration of others is obeyed, nothing runs on
# when we have ended, and what is missing is fetched by us: many objects at once, not one by one.
_ENVIRONMENT = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_ALLOW_PROTOCOL": "file:http:https:ssh",
    "GIT_SSH_COMMAND": "ssh -oBatchMode=yes -oConnectTimeout=30 -oServerAliveInterval=20",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "LC_ALL": "C.UTF-8",
}
_OPTIONS = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "gc.autoDetach": "false",
    "maintenance.autoDetach": "false",
    "http.lowSpeedLimit": "500",
    "http.lowSpeedTime": "60",
}
_NO_REASON = ("warning:", "hint:", "fatal: Could not read from remote repository")
_ADVICE = (
    (
        ("could not read Username", "Authentication failed", "error: 401", "error: 403"),
        "Check the address. If it is private, give a token by the name of a value in the "
        "environment or .env: --url 'https://${MY_TOKEN}@HOST/...'",
    ),
    (
        ("Permission denied (publickey", "Host key verification failed"),
        "Let this user's ssh in: a key without a passphrase or in an agent, and connect once by "
        "hand, so that the host is known.",
    ),
    (
        ("dubious ownership",),
        "The repository belongs to another user: give it to the user that runs Tertulia.",
    ),
    (
        ("redirect", "error: 301", "error: 302", "error: 308"),
        "It has moved, or its address ends in .git: give the address that it has now.",
    ),
    (
        ("not found", "does not appear to be a git repository", "error: 404"),
        "Check the address; hosts also say this of private repositories: then give a token.",
    ),
)


class GitFailedError(SourceUnavailableError):
    """A command of git failed, or took too long."""


@dataclass(frozen=True, slots=True)
class Git:
    """git at work in one bare repository.

    Attributes:
        environment: what it may know of ours: PATH, HOME, proxies.
        seconds: that one command may take, and that it may be silent where we read along.
        header: an HTTP header with a password; no command line and no file holds it.
        fetches: whether git may fetch by itself what it finds missing, one by one.
    """

    folder: Path
    environment: Mapping[str, str]
    seconds: float
    header: str = field(default="", repr=False)
    fetches: bool = False

    async def run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """What a command prints.

        Raises:
            GitFailedError: it failed, or took too long.
        """
        process = await self.start(*arguments)
        try:
            async with asyncio.timeout(self.seconds):
                printed, said = await process.communicate(stdin)
        except TimeoutError as error:
            raise self._too_long(arguments) from error
        finally:
            await ended(process)
            await _all(process.stderr)
        if process.returncode:
            raise _failed(arguments, said)
        return printed

    async def succeeds(self, *arguments: str) -> bool:
        """Whether a command that is a question says yes."""
        try:
            await self.run(*arguments)
        except GitFailedError:
            return False
        return True

    async def fields(self, *arguments: str, stdin: bytes = b"") -> AsyncGenerator[str, None]:
        """What a command prints, field by field, each one ended by a zero byte.

        A byte that is no UTF-8 is escaped. The command ends when nobody reads on.
        """
        process = await self.start(*arguments)
        said = asyncio.ensure_future(_all(process.stderr))
        try:
            _feed(process, stdin)
            while (one := await self._field(process, arguments)) is not None:
                yield one.decode("utf-8", "backslashreplace")
            await process.wait()
            if process.returncode:
                raise _failed(arguments, await said)
        finally:
            await ended(process)
            await said

    async def _field(self, process: Process, arguments: tuple[str, ...]) -> bytes | None:
        if process.stdout is None:  # pragma: no cover (it is a pipe)
            return None
        try:
            async with asyncio.timeout(self.seconds):
                return (await process.stdout.readuntil(b"\0"))[:-1]
        except asyncio.IncompleteReadError as error:
            return error.partial.strip() or None
        except TimeoutError as error:
            raise self._too_long(arguments) from error

    async def start(self, *arguments: str) -> Process:
        """A command that runs; whoever starts one ends it with `ended`.

        Raises:
            GitFailedError: there is no git on this machine.
        """
        program = shutil.which("git", path=self.environment.get("PATH", os.defpath))
        if program is None:
            raise GitFailedError(
                "The program git is not installed.",
                what_to_do="Install git 2.32 or newer where Tertulia runs.",
            )
        options = [part for key, value in _OPTIONS.items() for part in ("-c", f"{key}={value}")]
        return await asyncio.create_subprocess_exec(
            program,
            *(*options, *arguments),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=self._known(),
            limit=_FIELD_BYTES,
            start_new_session=True,  # Ctrl+C in the terminal is ours to handle
        )

    def _known(self) -> dict[str, str]:
        """The environment of git; the password is in it alone, where other users cannot look."""
        known = {**self.environment, **_ENVIRONMENT, "GIT_DIR": str(self.folder)}
        if not self.fetches:
            known["GIT_NO_LAZY_FETCH"] = "1"
        if self.header:
            secrets = {"http.extraHeader": self.header, "http.followRedirects": "false"}
            known["GIT_CONFIG_COUNT"] = str(len(secrets))
            for number, (key, value) in enumerate(secrets.items()):
                known |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        return known

    def _too_long(self, arguments: tuple[str, ...]) -> GitFailedError:
        return GitFailedError(
            f"git {_command(arguments)} took longer than {self.seconds:g} seconds.",
            what_to_do="Try again later, or raise `timeout_s` of this source in tertulia.toml.",
        )


async def ended(process: Process) -> None:
    """End a command with all that it has started, and wait until nothing of it is left."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    if process.stdin is not None:
        process.stdin.close()
    await _all(process.stdout)
    await process.wait()


async def _all(pipe: asyncio.StreamReader | None) -> bytes:
    """What is left in a pipe; no more than the end of it is kept."""
    kept = b""
    while pipe is not None and (some := await pipe.read(2**16)):
        kept = (kept + some)[-(2**16) :]
    return kept


def _feed(process: Process, content: bytes) -> None:
    if process.stdin is not None:
        process.stdin.write(content)
        process.stdin.close()


def _command(arguments: tuple[str, ...]) -> str:
    """The word that says what git shall do, behind its options."""
    return next(one for one in arguments if one[0] != "-" and "=" not in one)


def _failed(arguments: tuple[str, ...], said: bytes) -> GitFailedError:
    """The first line that gives a reason; what git and its server say is only text."""
    whole = clean(said.decode("utf-8", "replace"))
    lines = [line for line in whole.splitlines() if not line.startswith(_NO_REASON)]
    grave = [line for line in lines if line.startswith(("fatal:", "error:"))]
    text = " ".join((grave or lines or ["no reason given"])[0].split())[:_SAID_SIGNS]
    advice = next((a for words, a in _ADVICE if any(word in whole for word in words)), "")
    return GitFailedError(
        f"git {_command(arguments)} failed: {text}",
        what_to_do=advice or "Check the address, the network, and free space; then try again.",
    )
