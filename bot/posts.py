"""What is posted: an answer or a reason in a form that every platform can show and that is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from bot.replying import Reply, to_confirm
from bot.wording import say
from knowledge.articles import Audience, is_attached
from knowledge.conversations import Picture


@dataclass(frozen=True, slots=True)
class Link:
    """A source of an answer.

    Attributes:
        n: its number in the text.
        title: of the page, with the headings above what is quoted.
        url: where a person opens it; empty where there is no such place.
    """

    n: int
    title: str
    url: str
    quote: str


@dataclass(frozen=True, slots=True)
class Post:
    """Markdown with its sources, before it is made fit for a platform.

    Attributes:
        reference: of the answer; empty where this says why there is none.
        chunks: of knowledge, on which the answer rests, by which is seen whether it may still be
            shown; what came with the question stays open to those who were there.
        readers: the principals of those for whom it was written.
        aside: what is for whoever asked alone; often empty.
        confirmation: the name of what whoever asked may confirm; empty where there is nothing.
        pictures: posted as files below it; their bytes are kept beside it.
    """

    text: str
    language: str
    reference: str = ""
    links: tuple[Link, ...] = ()
    chunks: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    aside: str = ""
    confirmation: str = ""
    pictures: tuple[Picture, ...] = ()

    @property
    def is_answer(self) -> bool:
        """Whether this answers; else it says why nothing does."""
        return bool(self.reference)

    def as_json(self) -> dict[str, Any]:
        """As it is kept until it is posted."""
        kept = asdict(replace(self, pictures=()))
        drawn = [{"kind": one.kind, "description": one.description} for one in self.pictures]
        del kept["pictures"]  # without any it is what an older Tertulia beside us understands
        return kept | ({"pictures": drawn} if drawn else {})

    @property
    def contents(self) -> tuple[bytes, ...]:
        """The bytes of its pictures."""
        return tuple(one.content for one in self.pictures)

    def with_contents(self, contents: Sequence[bytes]) -> Self:
        """The same with the bytes of its pictures; those that are gone are gone."""
        found = dict(enumerate(contents))
        drawn = [replace(one, content=found.get(n, b"")) for n, one in enumerate(self.pictures)]
        return replace(self, pictures=tuple(drawn))

    def without_pictures(self) -> Self:
        """The same where no files can be posted, which it says."""
        told = say("picture-not-posted", self.language)
        return replace(self, text=f"{self.text}\n\n{told}", pictures=())


def from_json(kept: Mapping[str, Any]) -> Post:
    """What `as_json` has made."""
    more = {name: tuple(kept[name]) for name in ("chunks", "readers")}
    links = tuple(Link(**one) for one in kept["links"])
    drawn = tuple(Picture(b"", **one) for one in kept.get("pictures", ()))
    return Post(**(dict(kept) | more | {"links": links, "pictures": drawn}))


def post_of(reply: Reply, audience: Audience) -> Post:
    """What a reply posts before these readers."""
    if reply.answer is None:
        return Post(reply.text, reply.language)
    cited = [one.chunk for one in reply.answer.citations]
    return Post(
        text=reply.text,
        language=reply.language,
        reference=reply.answer.reference,
        links=tuple(
            Link(one.n, one.chunk.label, one.chunk.url, one.quote) for one in reply.answer.citations
        ),
        chunks=tuple(sorted({one.id for one in cited if not is_attached(one.article)})),
        readers=tuple(sorted(audience.principals)),
        aside=reply.aside,
        confirmation=to_confirm(reply),
        pictures=reply.answer.pictures,
    )
