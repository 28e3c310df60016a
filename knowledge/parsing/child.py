"""What the child process runs: paths in, text out, one line of JSON each, under hard limits."""

import contextlib
import json
import os
import resource
import sys
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from knowledge.cleaning import clean
from knowledge.parsing.formats import CODE, FORMATS, WEBSITE_FORMATS, Parser
from knowledge.parsing.parsed import NoTextError, NotParsedError, Parsed
from knowledge.parsing.process import EXIT_MEMORY

_PARSERS = FORMATS | WEBSITE_FORMATS | CODE
_NICER = 5  # whoever waits for an answer has the processor first


def main(limits: str) -> None:  # pragma: no cover (it limits the process that it runs in)
    """Serve until the parent goes away."""
    file_bytes, cpu_s, memory_bytes = json.loads(limits)
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a parser prints must not become a reply
    sys.modules["numpy"] = None  # type: ignore[assignment]  # openpyxl loads it where it can: 30 MB
    os.nice(_NICER)
    _limit(memory_bytes)
    try:
        for line in sys.stdin.buffer:
            _limit_cpu(cpu_s)
            serve(line, replies, file_bytes=file_bytes)
    except MemoryError:
        os._exit(EXIT_MEMORY)  # nothing is left to end in an orderly way


def serve(line: bytes, replies: BinaryIO, *, file_bytes: int) -> None:
    """Answer a request, a path and a kind; an error that no parser foresaw ends the child, too."""
    try:
        path, kind = json.loads(line)
        reply = _reply(Path(path), kind, file_bytes=file_bytes)
    except RecursionError:
        nested = "It is nested too deeply."
        reply = _refusal(NotParsedError(nested, what_to_do="Save it in a simpler form."))
    replies.write(json.dumps(reply).encode() + b"\n")
    replies.flush()


def _reply(path: Path, kind: str, *, file_bytes: int) -> dict[str, object]:
    try:
        parser = _parser(path, kind)
        content = _bytes_of(path, file_bytes=file_bytes)
        parsed = _filled(parser, content)
    except NotParsedError as error:
        return _refusal(error)
    except OSError as error:  # the parsers themselves work in memory: the file cannot be opened
        return {"unopened": [error.errno, error.strerror]}
    title = " ".join(clean(parsed.title).split())
    content_hash = sha256(content).hexdigest()
    return {"parsed": asdict(replace(parsed, title=title, content_hash=content_hash))}


def _filled(parser: Parser, content: bytes) -> Parsed:
    """What a parser finds; a file without a byte is empty in every format, and not damaged."""
    try:
        parsed = parser(content)
    except NotParsedError:
        if content.strip():
            raise
    else:
        if parsed.facts or (content.strip() and parsed.text.strip()):
            return parsed
    raise NoTextError("It holds no text.", what_to_do="Fill it, or leave it out.")


def _refusal(error: NotParsedError) -> dict[str, object]:
    is_empty = isinstance(error, NoTextError)
    return {"refused": [str(error), error.what_to_do], "is_empty": is_empty}


def _parser(path: Path, kind: str) -> Parser:
    parser = _PARSERS.get(kind)
    if parser is None:
        known = " ".join(sorted(FORMATS))
        ending = f"that end in '{path.suffix}'" if path.suffix else "without a suffix"
        raise NotParsedError(
            f"I cannot read files {ending}.",
            what_to_do=f"I read: {known}. Save it as one of these, or leave it out.",
        )
    return parser


def _bytes_of(path: Path, *, file_bytes: int) -> bytes:
    size = path.stat().st_size
    if size > file_bytes:
        raise NotParsedError(
            f"It has {size / 2**20:.0f} MB; more than {file_bytes / 2**20:.0f} MB are not read.",
            what_to_do="Split it, or raise the limit of this source.",
        )
    return path.read_bytes()


def _limit(memory_bytes: int) -> None:  # pragma: no cover (it limits the process that it runs in)
    """Bound what all files together may take; macOS knows no limit of the address space."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # parsing writes no file, ever
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def _limit_cpu(cpu_s: int) -> None:  # pragma: no cover (it limits the process that it runs in)
    """Give the next file `cpu_s` seconds; the limit of the system counts from the process start."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    ends_at = int(used.ru_utime + used.ru_stime) + cpu_s + 1
    resource.setrlimit(resource.RLIMIT_CPU, (ends_at, resource.RLIM_INFINITY))
