"""Says an answer in its persona's voice where the model did not: small models say tú to everybody.

Only words that address somebody are changed, each for the form of the same verb; no name, and
nothing in quotes, code or addresses. What is left in the other voice because it has no sure form,
and what may be said of somebody else, leaves the answer as it was.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial

from pipelines.certainly_spoken import certain
from pipelines.perhaps_spoken import perhaps_in_spanish
from pipelines.personas.voice import Voice
from pipelines.verb_forms import Row, rows_of, what_is_asked
from pipelines.voices import (
    SINGULAR,
    Spoken,
    in_english,
    in_spanish,
    listed,
    spelled_as,
    verbs,
)


def respoken(text: str, voice: Voice, language: str) -> str:
    """The text in this voice; as it was where that cannot be done for certain.

    Args:
        text: an answer.
        voice: of the persona.
        language: of the answer.
    """
    if language == "en" and voice.en:
        return _changed(text, in_english(text), partial(spelled_as, wanted=voice.en))
    if language != "es" or not voice.es:
        return text
    wrong = _wrong(text, voice.es)
    if not wrong or len(certain(wrong, text)) < len(wrong):
        return text
    found = _changed(text, wrong, lambda word: _forms(voice.es).get(word, ""))
    # What stays as it is may ask somebody all the same: all of an answer is changed, or nothing.
    changed = {one.at for one in wrong}
    left = (one for one in perhaps_in_spanish(text) if one.at not in changed)
    is_mixed = any(voice.es not in one.to for one in left)
    return text if is_mixed or _wrong(found, voice.es) else found


def _wrong(text: str, wanted: str) -> list[Spoken]:
    """The words that address one person, and otherwise than is wanted."""
    return [one for one in in_spanish(text) if one.to <= SINGULAR and wanted not in one.to]


def _changed(text: str, said: Sequence[Spoken], other_of: Callable[[str], str]) -> str:
    """The text with the other forms of these words, where they have one."""
    for one in reversed(said):
        other = other_of(one.word.casefold())
        if other:
            other = other[0].upper() + other[1:] if one.word[0].isupper() else other
            text = text[: one.at] + other + text[one.at + len(one.word) :]
    return text


@cache
def _forms(wanted: str) -> Mapping[str, str]:
    """From the forms of the other addresses to those of this one, where there is just one."""
    found: dict[str, set[str]] = {}
    for verb in verbs(listed()):
        for row in (*rows_of(verb), Row(what_is_asked(verb), SINGULAR)):
            for to in (row.tells & SINGULAR & set(row.forms)) - {wanted}:
                if wanted in row.forms:
                    found.setdefault(row.forms[to], set()).add(row.forms[wanted])
    sure = {form: others.pop() for form, others in found.items() if len(others) == 1}
    said: dict[str, str] = listed()["respoken"].get(wanted, {})
    return sure | said
