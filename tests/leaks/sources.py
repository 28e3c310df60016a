"""Documents that change while Tertulia watches, each with words that stand nowhere else."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from hashlib import sha256

from knowledge.articles import Article, Audience
from knowledge.sources import Content, Entry, Notes, UnreadableError
from tests.leaks.reference import Reader

TOPICS = ("leave", "kitchen", "budget")
TEAM = "slack:T1"


def audience(readers: frozenset[Reader]) -> Audience:
    """These readers as principals."""
    names = {"user": f"{TEAM}:user:", "group": f"{TEAM}:group:", "channel": f"{TEAM}:chan:"}
    return Audience.of(
        *("everyone" if kind == "everyone" else names[kind] + n for kind, n in readers)
    )


_REST = "\n\n" + "Bring a pen and a cup. " * 30 + "\n\nThe end of {self.topic} is {self.canary}."


@dataclass
class Page:
    """A document as its source holds it.

    Attributes:
        readers: None where it is for whoever the source is for.
        canary: a word of its text; its title has another one, made from it.
    """

    topic: str
    canary: str
    readers: frozenset[Reader] | None = None
    is_broken: bool = False

    @property
    def text(self) -> str:
        short = f"The rule of {self.topic} is {self.canary}. Ask Marta about it on Friday."
        return short + _REST.format(self=self) if self.is_long else short

    @property
    def is_long(self) -> bool:
        """Whether it is cut into several chunks; one page in three is."""
        return sha256(self.canary.encode()).digest()[0] % 3 == 0


@dataclass
class Shelf:
    """A source whose pages a test changes.

    Attributes:
        breaks_at: the entry at which the process that refreshes is killed; none where negative.
    """

    name: str
    readers: frozenset[Reader]
    has_own_audiences: bool = False
    pages: dict[str, Page] = field(default_factory=dict)
    breaks_at: int = -1

    @property
    def audience(self) -> Audience:
        return audience(self.readers)

    @audience.setter
    def audience(self, _value: Audience) -> None:
        raise AssertionError("nobody else decides who may read a shelf")

    async def entries(self, _since: str, _notes: Notes, /) -> AsyncIterator[Entry]:
        for number, (path, page) in enumerate(sorted(self.pages.items())):
            if number == self.breaks_at:
                raise KilledError
            yield Entry(path, f"{page.canary} {page.is_broken}", audience=self._own(page))

    def _own(self, page: Page) -> Audience | None:
        """Who may read a page, where the source says so."""
        says_so = self.has_own_audiences and page.readers is not None
        return audience(page.readers or frozenset()) if says_so else None

    async def existing(self) -> AsyncIterator[str]:
        for path in self.pages:
            yield path

    async def content_hash(self, entry: Entry) -> str:
        return self._readable(entry).canary

    def _readable(self, entry: Entry) -> Page:
        page = self.pages[entry.path]
        if page.is_broken:
            raise UnreadableError("It cannot be read.", what_to_do="Wait.")
        return page

    async def read(self, entry: Entry) -> Content:
        page = self._readable(entry)
        article = Article(
            id=f"{self.name}:{entry.path}",
            title=f"Page t{page.canary}",
            text=page.text,
            language="en",
            audience=self._own(page) or self.audience,
        )
        return Content(article, sha256(page.text.encode()).hexdigest())

    async def close(self) -> None:
        """Nothing is open."""


class KilledError(Exception):
    """The process was killed here."""
