"""A question that may mean two things: two pages answer it, each for a thing of its own.

"How long is the guarantee?" beside a page about bikes and one about e-bikes: each says it in nearly
the same words with another value, and no word of the question tells which is meant. Then we ask
back, once, and name both pages. Pages that are the same thing in two versions contradict each
other instead; see `conflicts.py`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from knowledge.articles import is_attached
from knowledge.conversations import Citation, Conversation
from knowledge.history import OURSELVES
from knowledge.words import content_words, fold, stems
from pipelines.conflicts import Found, Said, Side, near
from pipelines.outdated import asks_for_old, named

WITHIN = 0.04
"""How far behind the nearest statement another one may be that answers as directly."""
ALIKE = 0.6
"""From this share of common words on, two sentences say the same of two things."""
AS_NEAR, LESS_ALIKE, OF_QUESTION = 0.02, 0.3, 0.5
"""So much is enough where both are as near, and have half of the question's words in common."""
MOST = 3
"""Pages that are named; whoever must choose among more has asked too vaguely."""
SHORT = 4
"""Words of content up to which a reply to our question is no new one."""
_ORDINALS = (
    r"1|1st|first|former|primer[oa]?",
    r"2|2nd|second|segund[oa]",
    r"3|3rd|third|tercer[oa]?",
)
_LAST = r"last|latter|ultim[oa]"
_NOT_ONE = re.compile(
    r"\b(?:no|nope|not|never|none|neither|ni|ningun[oa]?|nunca|and|or|both|all|y|o|amb[oa]s"
    r"|l[oa]s dos|tod[oa]s|thanks?|thank you|gracias)\b"
)
"""Who says so has not chosen one of them."""
_POINTS = re.compile(r"(?:the|th(?:is|at|ose|ese)|el|la|l[oa]s|es[ea]s?|est[ea]s?)\b")
"""With this begins what speaks of one of them in other words: "the electric ones"."""
_AROUND = r"(?:the|an?|el|la|l[oa]s|option|opcion|number|numero|one|please|por favor|es|is|\W)*"


@dataclass(frozen=True)
class _Meant:
    """A statement that answers, and the words that tell what it is about."""

    said: Said

    @cached_property
    def title(self) -> frozenset[str]:
        chunk = self.said.chunk
        return frozenset(stems(named(chunk.title).subject, chunk.language))

    @property
    def words(self) -> frozenset[str]:
        return self.said.stems

    @property
    def nearness(self) -> float:
        reading = self.said.found.reading
        return float(reading.nearness[self.said.place]) if reading else 0.0


def meanings(question: str, language: str, found: Sequence[Found]) -> tuple[Side, ...]:
    """The statements on different things that answer a question equally well; mostly none.

    Args:
        question: as it was asked.
        language: of the question; only pages in it are compared with its words.
        found: ranked, best first.

    Returns:
        None, or two and more: a statement a page, the nearest first.
    """
    if asks_for_old(question) or named(question).year:
        return ()
    asked = frozenset(stems(content_words(question, language), language))
    plain = [one for one in found if not one.is_superseded and not is_attached(one.chunk.article)]
    able = [_Meant(one) for one in near(plain) if _is_able(one, language)]
    ordered = sorted(able, key=lambda one: -one.nearness)
    best = max((one.reading.best for one in plain if one.reading), default=0.0)
    if not ordered or ordered[0].nearness < best:
        return ()
    first, others = ordered[0], dict[str, _Meant]()
    for one in ordered[1:]:
        is_near, is_as_near = (one.nearness >= best - behind for behind in (WITHIN, AS_NEAR))
        if is_near and _are_two_things(first, one, asked, are_as_near=is_as_near):
            others.setdefault(one.said.chunk.article, one)
    if not others or any(_is_same_page(first, one) for one in ordered[1:]):
        return ()
    return tuple(_side(one.said) for one in (first, *others.values()))[:MOST]


def _is_able(said: Said, language: str) -> bool:
    """Whether a statement says a value, in a sentence that can be compared."""
    return bool(said.parts) and not said.is_row and said.chunk.language == language


def _is_same_page(first: _Meant, other: _Meant) -> bool:
    """Whether another page of one name says another value: that is a contradiction."""
    differs = first.said.chunk.article != other.said.chunk.article
    return differs and first.title == other.title and first.said.parts != other.said.parts


def _are_two_things(
    first: _Meant, other: _Meant, asked: frozenset[str], *, are_as_near: bool
) -> bool:
    """Whether two statements say the same of two things, and the question is about either."""
    if first.said.chunk.article == other.said.chunk.article or not (first.title and other.title):
        return False
    if not (first.said.parts - other.said.parts and other.said.parts - first.said.parts):
        return False
    apart = first.title ^ other.title
    ours, theirs = first.words - apart, other.words - apart
    common, whole = ours & theirs, ours | theirs
    is_about_both = are_as_near and len(common & asked) >= OF_QUESTION * len(asked)
    least = LESS_ALIKE if is_about_both else ALIKE
    if not apart or not common & asked or len(common) < least * len(whole):
        return False
    tells = apart | (first.words ^ other.words)
    return not asked & tells and (first.title <= asked) is (other.title <= asked)


def _side(said: Said) -> Side:
    start, end = said.statement.start, said.statement.end
    return Side(said.chunk, said.place, said.chunk.text[start:end], said.parts)


def offered(found: Iterable[Side]) -> tuple[Citation, ...]:
    """The pages that are named when we ask back, as citations."""
    return tuple(Citation(n, one.chunk, one.quote, 1.0) for n, one in enumerate(found, 1))


def was_asked_back(conversation: Conversation) -> bool:
    """Whether our last message asked back: then we do not do it again."""
    return len(conversation.messages) > 1 and bool(conversation.messages[-2].offers)


def settled(conversation: Conversation) -> Conversation:
    """The same, where the last message says what was meant, with the question in full.

    "The second" becomes "How long is the guarantee? (E-bikes)". Who asks something else instead
    has said nothing of it.
    """
    if len(conversation.messages) < 3 or not was_asked_back(conversation):
        return conversation
    question, back, reply = conversation.messages[-3:]
    meant = _meant(reply.text, back.offers)
    if question.author == OURSELVES or not meant:
        return conversation
    said = replace(reply, text=f"{question.text} ({meant})")
    return replace(conversation, messages=(*conversation.messages[:-3], back, said))


def _meant(reply: str, offers: Sequence[str]) -> str:
    """Which of the titles a reply means, else its own words; empty where it asks anew."""
    plain = fold(reply)
    for place, ordinal in enumerate((*_ORDINALS[: len(offers)], _LAST)):
        if re.fullmatch(rf"{_AROUND}(?:{ordinal}){_AROUND}", plain):
            return offers[min(place, len(offers) - 1)]
    if _NOT_ONE.search(plain) or "?" in reply or len(content_words(reply, "en")) > SHORT:
        return ""
    said = _stems(reply)
    shares = [len(said & _stems(title)) / len(said | _stems(title)) for title in offers]
    if any(shares) and shares.count(max(shares)) == 1:
        return offers[shares.index(max(shares))]
    return reply.strip() if _POINTS.match(plain) else ""


def _stems(text: str) -> frozenset[str]:
    """The stems of a few words, whichever of the two languages they are in."""
    return frozenset(stem for language in ("en", "es") for stem in _of(text, language))


def _of(text: str, language: str) -> list[str]:
    return stems(content_words(text, language), language)
