"""Who may read: the names of people and places, and what is wrong with one that is nobody's."""

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from knowledge.articles import EVERYONE

_PRINCIPAL = re.compile(r"[a-z][a-z0-9_]*:\S(?:.*\S)?")
_LONGEST_SHOWN = 80


def is_person(name: str) -> bool:
    """Whether a name is of the form PLATFORM:PERSON."""
    return bool(_PRINCIPAL.fullmatch(name))


def wrong_readers(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Those who are nobody: neither `everyone` nor PLATFORM:PERSON; what is wrong, what is right.

    An audience of nobody hides all pages, and nothing else would tell why.
    """
    for name in names:
        if name != EVERYONE and not is_person(name):
            shown = name if len(name) <= _LONGEST_SHOWN else f"{name[: _LONGEST_SHOWN - 3]}..."
            message = f"'{shown}' in its audience is neither {EVERYONE} nor PLATFORM:PERSON"
            yield message, f"Did you mean '{_nearest_reader(shown)}'?"


def _nearest_reader(name: str) -> str:
    if get_close_matches(name.strip().lower(), [EVERYONE], cutoff=0.7):
        return EVERYONE
    before, colon, after = name.partition(":")
    platform, person = (before, after) if colon else ("", before)
    near = f"{platform.strip().lower() or 'terminal'}:{person.strip()}"
    return near if is_person(near) else "terminal:ana"
