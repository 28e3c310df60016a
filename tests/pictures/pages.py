"""What a picture shows, whichever chat it comes from."""

from dataclasses import dataclass, field

Style = str
"""How words look: nothing, `bold`, `italic`, `code`, `link`, `name`, or several with blanks."""


@dataclass(frozen=True, slots=True)
class Text:
    """Markdown."""

    markdown: str
    is_small: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of words, the head first."""

    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Buttons:
    """What one can press."""

    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Steps:
    """What is being done, and whether it is done."""

    steps: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line across."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several, the picked one named."""

    label: str
    options: tuple[str, ...]
    picked: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A field of a form, with what was written into it."""

    label: str
    text: str = ""


Piece = Text | Table | Buttons | Steps | Line | Choice | Entry


@dataclass(frozen=True, slots=True)
class Said:
    """One message.

    Attributes:
        at: the time of day, as people read it.
        depth: 1 for what stands in a thread.
        only_for: who alone sees it.
    """

    who: str
    at: str
    pieces: tuple[Piece, ...]
    is_app: bool = False
    depth: int = 0
    only_for: str = ""
    is_edited: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """Something that opens over the chat.

    Attributes:
        buttons: the last one is the one that is meant.
    """

    title: str
    pieces: tuple[Piece, ...]
    buttons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """One picture: places with what stands in them, from top to bottom."""

    name: str
    says: str
    parts: tuple["Place | Window", ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A channel, a thread or direct messages, with its title."""

    title: str
    said: tuple[Said, ...] = field(default=())
