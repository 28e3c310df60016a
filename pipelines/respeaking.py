"""Says an answer in its persona's voice where the model did not: small models say tú to everybody.

Only words that address somebody are changed, each for the form of the same verb; no name, and
nothing in quotes, code or addresses. What is left in the other voice because it has no sure form,
and what may be said of somebody else, leaves the answer as it was.
"""

from collections.abc import Mapping, Sequence
from functools import cache

from pipelines.certainly_spoken import certain
from pipelines.of_usted import as_to, perhaps_of_usted, with_usted
from pipelines.perhaps_spoken import perhaps_in_spanish, perhaps_of_vos
from pipelines.personas.voice import Voice
from pipelines.verb_forms import Row, rows_of, what_is_asked
from pipelines.voice_words import listed, spellings, verbs
from pipelines.voices import SINGULAR, Spoken, in_english, in_spanish


def respoken(text: str, voice: Voice, language: str) -> str:
    """The text in this voice; as it was where that cannot be done for certain.

    Args:
        text: an answer.
        voice: of the persona.
        language: of the answer.
    """
    if language == "en" and voice.en:
        forms = spellings(voice.en)
        return _changed(text, {one: forms.get(_small(one), "") for one in in_english(text)})
    if language != "es" or not voice.es:
        return text
    wrong = _wrong(text, voice.es)
    if not wrong or len(certain(wrong, text)) < len(wrong):
        return text
    others = {one: _forms(voice.es).get(_small(one), "") for one in wrong}
    others |= {one: as_to(voice.es).get(_small(one), "") for one in _verbs_of_usted(text, wrong)}
    if not all(others.values()) or _is_mixed(text, others, voice.es):
        return text
    found = _changed(text, others)
    return text if _wrong(found, voice.es) else found


def _small(one: Spoken) -> str:
    return one.word.casefold()


def _wrong(text: str, wanted: str) -> list[Spoken]:
    """The words that address one person, and otherwise than is wanted."""
    return [one for one in in_spanish(text) if one.to <= SINGULAR and wanted not in one.to]


def _verbs_of_usted(text: str, wrong: Sequence[Spoken]) -> list[Spoken]:
    pairs = with_usted(text)
    return [pairs[one.at] for one in wrong if one.at in pairs]


def _is_mixed(text: str, others: Mapping[Spoken, str], wanted: str) -> bool:
    """Whether what stays as it is may address somebody in the other voice all the same.

    All of an answer is changed, or nothing.
    """
    left = [*perhaps_in_spanish(text)]
    if any("usted" in one.to for one in others):
        left += perhaps_of_usted(text)
    if any(one.to == {"vos"} for one in others):
        left += perhaps_of_vos(text)
    changed = {one.at for one in others}
    return any(wanted not in one.to for one in left if one.at not in changed)


def _changed(text: str, others: Mapping[Spoken, str]) -> str:
    """The text with the other forms of these words, where they have one."""
    for one, other in sorted(others.items(), key=lambda item: item[0].at, reverse=True):
        if other:
            form = other[0].upper() + other[1:] if one.word[0].isupper() else other
            text = text[: one.at] + form + text[one.at + len(one.word) :]
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
    said: dict[str, str] = listed()["respoken"][wanted]
    return sure | said | (listed()["alike"] if wanted == "usted" else {})
