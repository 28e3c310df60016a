"""The text of a file that people wrote, whatever it turns out to be."""

from importlib.resources.abc import Traversable

from knowledge.errors import UsageError

MOST_BYTES = 100_000
"""Of a file: a prompt, examples and a form of the longest kind need half of that."""


class UnreadableError(UsageError):
    """A file is no text."""


def text_of(file: Traversable) -> str:
    """All of it, every line ending in a line feed.

    Raises:
        UnreadableError: it is no file, is too long or is not UTF-8.
    """
    # What is no file could be a pipe, which would be waited for.
    if not file.is_file():
        raise UnreadableError("it is no file", what_to_do="Put a file there, or take it out.")
    try:
        with file.open("rb") as opened:
            raw = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise UnreadableError(
            error.strerror or "it cannot be opened", what_to_do="Let Tertulia read it."
        ) from error
    if len(raw) > MOST_BYTES:
        raise UnreadableError(
            f"it has more than {MOST_BYTES:,} bytes", what_to_do="Shorten it: a persona is a page."
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise UnreadableError(
            f"line {line} is not UTF-8", what_to_do="Save it as UTF-8."
        ) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")
