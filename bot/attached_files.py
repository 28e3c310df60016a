"""Files that came with a question: read by a process of their own, for this question alone."""

import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from bot.wording import say
from knowledge.articles import ATTACHED, Article, Audience
from knowledge.language import language_of
from knowledge.parsing import Limits, NotParsedError, parse
from knowledge.parsing.formats import FORMATS

MOST_FILES = 5
_AS_TEXT = (
    "json yaml yml toml ini cfg conf xml sql css diff patch"
    " py js ts sh java go rs c h cpp cs rb php"
)
AS_TEXT = frozenset(f".{kind}" for kind in _AS_TEXT.split())
"""Kinds that no source reads as knowledge, but whose words can be read."""
LIMITS = Limits(file_bytes=20 * 2**20, text_bytes=2 * 2**20)
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file as its platform names it.

    Attributes:
        size: in bytes, as the platform says.
        url: where the platform keeps it.
        link: where people open it; empty where there is no such place.
    """

    name: str
    size: int
    url: str
    link: str = ""


class UnreadError(Exception):
    """A file is not read; carries the key of the sentence that says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


Fetch = Callable[[AttachedFile], Awaitable[bytes]]
"""Brings the bytes of a file; raises `UnreadError`."""


async def read(
    files: Sequence[AttachedFile], fetch: Fetch, language: str
) -> tuple[tuple[Article, ...], tuple[str, ...]]:
    """What the files say, and a sentence for each that could not be read."""
    articles, unread = [], []
    for number, file in enumerate(files):
        try:
            articles.append(await _article(file, number, fetch))
        except UnreadError as error:
            log.info("left out a file", reason=error.key)
            unread.append(say(error.key, language, name=file.name))
    return tuple(articles), tuple(unread)


async def _article(file: AttachedFile, number: int, fetch: Fetch) -> Article:
    kind = _kind_of(file.name, file.size, number)
    text = await _text_of(await fetch(file), kind)
    name, language = f"{ATTACHED}{number}:{file.name}", language_of(text)
    return Article(name, file.name, text, language, Audience(), url=file.link)


def _kind_of(name: str, size: int, number: int) -> str:
    """The ending of a file that may be read, going by what its platform says of it.

    Raises:
        UnreadError: it is one too many, of an unknown kind, or too large.
    """
    kind = Path(name).suffix.lower()
    kind = ".txt" if kind in AS_TEXT else kind
    if number >= MOST_FILES:
        raise UnreadError("attached-too-many")
    if kind not in FORMATS:
        raise UnreadError("attached-unknown")
    if size > LIMITS.file_bytes:
        raise UnreadError("attached-too-large")
    return kind


async def _text_of(content: bytes, kind: str) -> str:
    """The text of a file, read by a process of its own: nobody has checked what is in it.

    Raises:
        UnreadError: it is too large, or there is no text in it.
    """
    if len(content) > LIMITS.file_bytes:
        raise UnreadError("attached-too-large")
    with tempfile.NamedTemporaryFile(suffix=kind) as file:
        file.write(content)
        file.flush()
        try:
            text = (await parse(Path(file.name), limits=LIMITS)).text
        except NotParsedError as error:
            raise UnreadError("attached-not-read") from error
    if not text.strip():
        raise UnreadError("attached-not-read")
    return text
