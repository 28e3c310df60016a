"""What is said of usted and of a third person in the same words: "puede", "su", "se".

"Usted puede" is one thing: it is said in another voice with its verb, or not at all.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from pipelines.verb_forms import rows_of
from pipelines.voice_words import lexicon, listed, verbs
from pipelines.voices import WORD, Spoken, as_said

_BETWEEN = frozenset({"no", "ya", "también", "solo", "sólo", "siempre", "nunca"})
_OBJECTS = frozenset({"lo", "la", "los", "las"})
_LIKE_A_THIRD = re.compile(r"(?!.*[aei]rl[ae]$)[^\W\d_]{2,}[aáeéíó]")
"""What may be a verb of usted that is in no list: "plancha", "planchó"; not "plancharla"."""
_WITH_PRONOUNS = re.compile(
    r"[^\W\d_]+(?:[aeiáéí]r|[áé]ndo|ndo)se(?:l[aeo]s?)?"  # quedarse, llevárselo, poniéndose
    r"|[^\W\d_]*[áéíóú][^\W\d_]*[ae](?:l[aeo]s?|me|nos)"  # plánchela
)
"""What says of itself only that it is not tú; "devolverlo" is said of what usted gives back."""
_ALIKE = frozenset({"su", "sus", "suyo", "suya", "suyos", "suyas", "se", "le", "consigo"})


def with_usted(text: str) -> dict[int, Spoken]:
    """The verbs of usted, by where their "usted" stands: "puede" in "usted no puede"."""
    matches = list(WORD.finditer(text))
    words = [match.group().casefold() for match in matches]
    found = {}
    for n, word in enumerate(words):
        at = _verb_of(words, n) if word == "usted" else None
        if at is not None:
            verb = matches[at]
            found[matches[n].start()] = Spoken(verb.group(), frozenset({"usted"}), verb.start())
    return found


def _verb_of(words: Sequence[str], n: int) -> int | None:
    """Where the verb of this "usted" stands, if it has one for certain."""
    before = words[n - 1] if n else "."
    is_verb = before in lexicon().alike - lexicon().others
    if is_verb and (n < 2 or words[n - 2] in lexicon().before):
        return n - 1
    if before in lexicon().nominal or before in ("y", "e", "o", "u", "ni", "como"):
        return None
    at = n + 1
    while at < len(words) and words[at] in _BETWEEN | _OBJECTS:
        at += 1
    return at if at < len(words) and words[at] in lexicon().alike else None


def perhaps_of_usted(text: str) -> tuple[Spoken, ...]:
    """The words that may be said of usted, though they may be of somebody else as well."""
    return as_said(_perhaps(text), text)


def _perhaps(text: str) -> Iterator[Spoken]:
    matches = list(WORD.finditer(text))
    words = [".", ".", *(match.group().casefold() for match in matches), "."]
    for n, match in enumerate(matches):
        is_name = match.group()[0].isupper() and words[n + 1] not in lexicon().before
        if not is_name and _may_be_of_usted(words[n : n + 4]):
            yield Spoken(match.group(), frozenset({"usted"}), match.start())


def _may_be_of_usted(around: Sequence[str]) -> bool:
    """Whether a word may be a verb or a pronoun of usted.

    Args:
        around: two words before it, itself, and one behind it.
    """
    (first, before, word, after), known = around, lexicon()
    begins = before in known.before and after in known.asked
    if word in known.never:
        return False
    if word in _ALIKE or _WITH_PRONOUNS.fullmatch(word):
        return True
    if word in known.others:
        return before in known.verbal
    if before in _OBJECTS or before in ("el", "un", "una"):
        # "La cuenta" is a noun; "y la cuenta" may be what usted does with it.
        is_open = before in _OBJECTS and (first in known.before or first in known.verbal)
        return (is_open or before == "lo") and bool(_LIKE_A_THIRD.fullmatch(word))
    if word in lexicon().alike:
        return before not in known.nominal
    return (begins or before in known.verbal) and bool(_LIKE_A_THIRD.fullmatch(word))


@cache
def as_to(wanted: str) -> dict[str, str]:
    """From the verbs of usted to those of another address, where there is just one.

    Args:
        wanted: `tú` or `vos`.
    """
    rows = _rows(wanted).items()
    return {form: next(iter(others)) for form, others in rows if len(others) == 1}


def _rows(wanted: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    rows = (row for verb in verbs(listed()) for row in rows_of(verb))
    for forms in (row.forms for row in rows if "usted" not in row.tells):
        if "usted" in forms and wanted in forms:
            found.setdefault(forms["usted"], set()).add(forms[wanted])
    for close, form in listed()["alike"].items():
        if wanted in lexicon().anywhere[close]:
            found.setdefault(form, set()).add(close)
    return found
