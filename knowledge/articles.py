"""Articles, chunks, and who may read them."""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

ATTACHED = "@attached:"
"""Begins the ids of articles that came with a question; no source has such a name."""
RESULT = f"{ATTACHED}tool:"
"""The same for what tools said for it."""
EVERYONE = "everyone"


def is_attached(article: str) -> bool:
    """Whether an article of this id was for one question alone, and is in no store."""
    return article.startswith(ATTACHED)


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may read something, as a set of principals such as `everyone` or `terminal:ana`.

    An article's audience names those who may open it. A reader's audience names everything that
    is true of all who will see the reply: one shared principal is enough, for then everybody who
    sees the reply may open the article. No principals: nobody may read it, nobody reads it.
    """

    principals: frozenset[str] = frozenset()

    @classmethod
    def of(cls, *principals: str) -> "Audience":
        """The audience of these principals."""
        return cls(frozenset(principals))

    def admits(self, reader: "Audience") -> bool:
        """Whether the reader may open what has this audience."""
        return not self.principals.isdisjoint(reader.principals)


@dataclass(frozen=True, slots=True)
class Article:
    """A whole text as its source holds it.

    Attributes:
        id: `SOURCE:PATH`, for instance `handbook:people/leave.md`.
        text: cleaned Markdown: `#` headings, `|` tables, a form feed between pages.
        language: ISO 639-1 code, empty where it could not be told.
        url: where a person opens it; empty where there is no such place.
        author: who changed it last, as the source names them; empty where it does not say.
    """

    id: str
    title: str
    text: str
    language: str
    audience: Audience
    url: str = ""
    updated_at: datetime | None = None
    author: str = ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of an article, small enough to find and to quote.

    Attributes:
        id: stable while the article's id, the position and the text stay the same.
        article: the id of the article that it comes from.
        position: counted from 0 within the article.
        heading: the headings above it, outermost first; the title is not among them.
        text: words of the article as they stand there: whatever is quoted is quoted from here.
        language: as in `Article`.
        page: counted from 1 in paged formats, else None.
    """

    id: str
    article: str
    position: int
    title: str
    text: str
    language: str
    audience: Audience
    heading: tuple[str, ...] = ()
    url: str = ""
    page: int | None = None
    updated_at: datetime | None = None
    text_hash: str = field(init=False, default="")

    def __post_init__(self) -> None:
        digest = sha256(self.searchable_text.encode()).hexdigest()[:32]
        object.__setattr__(self, "text_hash", digest)

    @property
    def label(self) -> str:
        """How people are shown where it stands: the title, and the headings that say more."""
        return " > ".join((self.title, *(one for one in self.heading if one != self.title)))

    @property
    def searchable_text(self) -> str:
        """The text that words and vectors are made from: title, headings, text."""
        path = " > ".join((self.title, *self.heading))
        return f"{path}\n{self.text}" if path else self.text

    @property
    def proof(self) -> str:
        """The text that claims are compared with; the title of a result is what a model asked."""
        return self.text if self.is_result else self.searchable_text

    @property
    def is_result(self) -> bool:
        """Whether a tool has said this."""
        return self.article.startswith(RESULT)
