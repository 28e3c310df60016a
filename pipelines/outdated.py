"""Old versions of a page: they come after their successors, unless the old rules were asked for.

"Fire plan 2022" beside "Fire plan" says the same in the same words, with last year's figures; no
likeness of words tells which one holds. The names do. A year in a name alone is no sign: minutes
and calendars have one too. Only beside a page that is the same thing in another version does it
say which is the older.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from knowledge.words import fold, stop_words, words
from pipelines.ranking import Candidate, place

PENALTY = 0.02
"""How far an old version stays behind: about as much as one rank."""
ALIKE = 0.4
"""From this share of common words on, two pages of one name are two versions of one text."""
APART = timedelta(days=1)
"""Files that are copied together differ by less."""

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_NUMBER = re.compile(
    r"(?<![a-z0-9])(?:v|version|rev|revision|edition|edicion)[ ._-]*(\d{1,3}(?:\.\d+)*)(?![a-z0-9])"
)
_OLD = frozenset(
    """
    old older former previous superseded replaced withdrawn obsolete outdated archive archived
    deprecated expired antiguo antigua antiguos antiguas anterior anteriores viejo vieja viejos
    viejas obsoleto obsoleta derogado derogada archivado archivada historico historica sustituido
    sustituida reemplazado reemplazada
    """.split()  # noqa: SIM905 (a list of forty quoted words is harder to read)
)
_NEW = frozenset(
    """
    new newest current latest updated nuevo nueva nuevos nuevas actual actuales vigente vigentes
    actualizado actualizada
    """.split()  # noqa: SIM905 (as above)
)
_OF_ALL_RULES = frozenset(
    """
    terms conditions rules version edition copy terminos condiciones normas reglas edicion copia
    """.split()  # noqa: SIM905 (as above)
)
_SAYS_NOTHING = _OLD | _NEW | _OF_ALL_RULES | stop_words("en") | stop_words("es")
_WORD = re.compile(r"(?:\b[^\W\d_]-)?[^\W_]+")  # "e-bikes" are other things than bikes
_ASKS_FOR_OLD = re.compile(
    r"(?<!how )(?<!years )(?<!year )\bold\b|\b(?:former(?:ly)?|previous(?:ly)?|used to|outdated)\b"
    r"|\b(?:antigu[oa]s?|antiguamente|anterior(?:es)?|viej[oa]s?|derogad[oa]s?)\b"
    r"|\b(?:before|antes)(?: de)? (?:19|20)\d\d|\b(?:before|antes)\W*$"
    r"|\b(?:was|were|did|era|eran|habia|\w{2,}(?:aba|aban|ia|ian))\b.*\b(?:before|antes)\b"
)


@dataclass(frozen=True, slots=True)
class Name:
    """What a title or a path says: the subject, and which version of it.

    Attributes:
        subject: the words that are left without years, versions and words such as "old".
        number: of a version: `v2.1` is (2, 1); empty where there is none.
        mark: -1 where it calls itself old, 1 where it calls itself new, else 0.
    """

    subject: tuple[str, ...]
    year: int | None
    number: tuple[int, ...]
    mark: int


@dataclass(frozen=True, slots=True, eq=False)
class _Page:
    """An article among the candidates: its names, its date, and what was found of it."""

    keys: tuple[tuple[str, ...], ...]
    year: int | None
    number: tuple[int, ...]
    mark: int
    updated_at: datetime | None
    found: tuple[Candidate, ...]


def after_successors(question: str, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Ranked candidates, old versions behind the newer ones that were found with them.

    Args:
        question: as it was asked; where it wants the old rules or names a year, that is respected.
        candidates: best first; the scores of old versions are lowered, and they are marked.

    Returns:
        The same candidates; those that were read closely stay before the others.
    """
    successors = {} if asks_for_old(question) else _successors(_pages(candidates))
    asked = named(question)
    for page, newer in successors.items():
        if (asked.year and asked.year == page.year) or (asked.number == page.number != ()):
            continue
        for candidate in page.found:
            for successor in newer:
                _lower(candidate, successor.found)
                candidate.is_superseded |= _replaces(successor, page)
    if not successors:
        return list(candidates)
    return sorted(candidates, key=place)


def asks_for_old(question: str) -> bool:
    """Whether a question wants to know what held before."""
    return _ASKS_FOR_OLD.search(fold(question)) is not None


def named(text: str) -> Name:
    """Read a title or a path."""
    plain = fold(text)
    years = [int(year) for year in _YEAR.findall(plain)]
    number = _NUMBER.search(plain)
    left = _WORD.findall(_NUMBER.sub(" ", _YEAR.sub(" ", plain)))
    mark = -1 if not _OLD.isdisjoint(left) else int(not _NEW.isdisjoint(left))
    return Name(
        subject=tuple(word for word in left if word not in _SAYS_NOTHING),
        year=max(years, default=None),
        number=tuple(map(int, number[1].split("."))) if number else (),
        mark=mark,
    )


def _pages(candidates: Sequence[Candidate]) -> list[_Page]:
    found: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        found[candidate.chunk.article].append(candidate)
    return [_page(some) for some in found.values()]


def _page(found: Sequence[Candidate]) -> _Page:
    """Two pages are versions of one thing only within one folder, archives and years apart."""
    chunk = found[0].chunk
    source, _, path = chunk.article.partition(":")
    above, _, file = path.rpartition("/")
    title, stem, folder = named(chunk.title), named(file.rpartition(".")[0] or file), named(above)
    names = (title, stem, folder)
    place = (source, *folder.subject)
    return _Page(
        keys=tuple((*place, "/", *one.subject) for one in (title, stem) if one.subject),
        year=next((one.year for one in names if one.year), None),
        number=next((one.number for one in names if one.number), ()),
        mark=min(one.mark for one in names) or max(one.mark for one in names),
        updated_at=chunk.updated_at,
        found=tuple(found),
    )


def _successors(pages: Iterable[_Page]) -> dict[_Page, list[_Page]]:
    """For each old version the newer ones; those with the fewest come first."""
    named_alike: dict[tuple[str, ...], list[_Page]] = defaultdict(list)
    for page in pages:
        for key in dict.fromkeys(page.keys):
            named_alike[key].append(page)
    newer: dict[_Page, list[_Page]] = defaultdict(list)
    for some in named_alike.values():
        for page in some:
            newer[page] += [p for p in some if p not in newer[page] and _is_older(page, p)]
    return {page: newer[page] for page in sorted(newer, key=lambda p: len(newer[p])) if newer[page]}


def _is_older(page: _Page, other: _Page) -> bool:
    """Whether the first of two versions of one thing is the older one, as far as can be told."""
    if page.mark != other.mark:
        return page.mark < other.mark
    if page.number and other.number and page.number != other.number:
        return page.number < other.number
    if page.year != other.year:
        return _is_of_an_earlier_year(page, other)
    if page.updated_at is None or other.updated_at is None:
        return False
    return page.updated_at + APART <= other.updated_at and _likeness(page, other) >= ALIKE


def _is_of_an_earlier_year(page: _Page, other: _Page) -> bool:
    """A page without a year is the one in force, unless it was last changed before that year."""
    if page.year and other.year:
        return page.year < other.year
    if page.year:
        return other.updated_at is None or other.updated_at.year > page.year
    return page.updated_at is not None and page.updated_at.year < (other.year or 0)


def _replaces(newer: _Page, page: _Page) -> bool:
    """Whether the newer one is a new version, not the next of a series as minutes of meetings are.

    In a series each has its year, and each says things of its own.
    """
    is_series = newer.year and page.year and newer.mark == page.mark and not page.number
    return not is_series or _likeness(page, newer) >= ALIKE


def _likeness(page: _Page, other: _Page) -> float:
    """The share of words that both pages have, in what was found of them."""
    first, second = _words(page.found), _words(other.found)
    return len(first & second) / max(len(first | second), 1)


def _words(found: Iterable[Candidate]) -> set[str]:
    return {word for candidate in found for word in words(candidate.chunk.text)}


def _lower(candidate: Candidate, others: Iterable[Candidate]) -> None:
    """Put a piece of an old version behind the piece of a newer one that says most of the same."""
    own = _words([candidate])
    known = [c for c in others if (c.cosine is None) is (candidate.cosine is None)]
    nearest = max(known, key=lambda c: (len(own & _words([c])), c.score), default=None)
    if nearest is not None:
        candidate.score = min(candidate.score, nearest.score - PENALTY)
