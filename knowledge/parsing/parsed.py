"""What parsing gives: a text with its structure, or the reason why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from knowledge.errors import OperatorError


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file's text and what the file says about itself.

    Attributes:
        text: cleaned Markdown: `#` headings, `|` tables, a form feed between pages.
        title: empty where the file names none.
        language: ISO 639-1 as the file states it; empty where it states none.
        updated_at: ISO 8601 as the file states it; empty where it states none.
        content_hash: SHA-256 of the bytes that were parsed, in hex.
        author: as the file names them; empty where it names none.
        facts: what a page of a website says beside its text, such as its links; JSON values.
    """

    text: str
    title: str = ""
    language: str = ""
    updated_at: str = ""
    content_hash: str = ""
    author: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost.

    Attributes:
        file_bytes: larger files are not opened.
        wall_s: seconds until the file is given up.
        cpu_s: seconds of computing until the file is given up.
        memory_bytes: address space of the child process, Python itself included.
        text_bytes: of the answer that the child may send.
    """

    file_bytes: int = 50 * 2**20
    wall_s: float = 30.0
    cpu_s: int = 30
    memory_bytes: int = 512 * 2**20
    text_bytes: int = 20 * 2**20


class NotParsedError(OperatorError):
    """A file holds no text that could be used; says why and what to do."""


class NoTextError(NotParsedError):
    """A file was read perfectly well, and there is no text in it."""
