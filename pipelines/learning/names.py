"""People's names in a text, found by lists of names, by what stands before them, and by doubt.

A word with a capital that neither English nor Spanish knows counts as a name: better a word too
many is replaced than a person too few.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

COMMON, VERY_COMMON = 6e-6, 5e-5
"""The share of all words from which one is an ordinary word, although people are called so, too;
and from which one that begins a sentence is not taken for a name."""
_COUNTRIES = (
    *("es_ES", "es_MX", "es_AR", "es_CO", "es_CL", "en_US", "en_GB", "en_IN", "pt_PT", "fr_FR"),
    *("de_DE", "it_IT", "pl_PL", "ro_RO", "nl_NL"),
)
"""Whose names are known, from the lists of Faker."""
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_INITIALS = re.compile(r"(?:(?<!\w)[^\W\d_]\.\s?)+$")
_PARTICLES = frozenset(("de", "del", "la", "las", "los", "da", "das", "do", "dos", "di", "van"))
_PARTICLES |= frozenset(("von", "der", "bin", "al", "el"))
_JOINT = re.compile(rf"[ \t-]+(?:(?:{'|'.join(sorted(_PARTICLES))})[ \t]+)*|[ \t]+[^\W\d_]\.[ \t]+")
_BEGINS = re.compile(r"(?:^|[.!?:;¿¡•*#>|\n\t\"“”«»()\[\]-]|\d\.)\s*$")
_CUE = re.compile(
    r"(?:\b(?:mrs?|ms|dr|dra|prof|sr|sra|srta|don|dona|senor|senora|miss|sir|regards|cheers"
    r"|thanks|thank you|gracias|saludos|un abrazo|atentamente|firmado|signed|attn|hi|hello|dear"
    r"|hola|querid[oa]|estimad[oa]|with|from|by|for|con|para|de parte de)\.?[\s,:—-]+)$"
)
_CUE_FOR_SURE = re.compile(r"(?:gracias|thanks|hola|hi|hello|dear|mrs?|ms|sra?|don|dona)[.,]?\s+$")
_TO_SOMEBODY = re.compile(
    r"\b(?:my name is|name's|i am|i'm|this is|me llamo|soy|mi nombre es|se llama|is called|called"
    r"|llamad[oa]|ask(?:ed)?|tell|told|contact|e-?mail|call|write to|(?:talk|speak) (?:to|with)"
    r"|meet|(?:pregunt|escrib|llam|avis)\w*(?: a)?|(?:dile|decidle|diselo) a|habl\w* con"
    r"|contact\w* con)[\s:]+$"
)
_ENCLITIC = re.compile(r"(?<=[aeirdn])(?:me|te|se|nos|os)?(?:l[aeo]s?|me|te|se|nos|os)$")
_ENDINGS = (
    *("o", "as", "a", "an", "amos", "ais", "e", "es", "en", "emos", "eis", "imos", "is", "i", "io"),
    *("aron", "ieron", "aba", "abas", "aban", "ia", "ias", "ian", "iamos", "are", "ara", "aran"),
    *(
        "ire",
        "ira",
        "iran",
        "ere",
        "era",
        "eran",
        "ad",
        "ed",
        "id",
        "ando",
        "iendo",
        "iste",
        "aste",
    ),
)
_LISTS = Path(__file__).parent / "no_names.txt"


@dataclass(frozen=True, slots=True)
class Lists:
    """What is known of words, all without accents and capitals.

    Attributes:
        given: names that people are given; `family`: names that families have.
        shares: of all words that are written, by the word; whatever English and Spanish know.
        no_names: words that are no names, whatever the lists say.
    """

    given: frozenset[str]
    family: frozenset[str]
    shares: dict[str, float]
    no_names: frozenset[str]

    def share(self, word: str) -> float:
        """How often a word is written, of its singular where that is all that is known."""
        bare = _ENCLITIC.sub("", word)  # `pregúntaselo`, `hablad`: verbs that no list has
        stems = (word, word.removesuffix("s"), word.removesuffix("es"), bare, f"{bare[:-1]}r")
        return max((self.shares.get(stem, 0.0) for stem in stems if len(stem) > 2), default=COMMON)


@dataclass(frozen=True, slots=True)
class _Token:
    """A word where it stands; weight 2 is a name, 1 one beside another name, 0 none."""

    start: int
    end: int
    weight: int


@dataclass(frozen=True, slots=True)
class _Nearby:
    ordinary: frozenset[str]
    no_names: frozenset[str]
    sure: frozenset[str]


def folded(word: str) -> str:
    """A word without accents, capitals and the English genitive."""
    bare = unicodedata.normalize("NFD", word.casefold().removesuffix("'s").removesuffix("’s"))
    return "".join(one for one in bare if not unicodedata.combining(one))


def lower_words(texts: Collection[str]) -> frozenset[str]:
    """All words that are written without a capital anywhere in these texts."""
    found = (word for text in texts for word in _WORD.findall(text))
    return frozenset(folded(word) for word in found if word.islower())


@cache
def lists() -> Lists:
    """The lists of names and words, read once.

    Raises:
        ImportError: the extra `examples` is not installed.
    """
    from spellchecker import SpellChecker

    shares: dict[str, float] = {}
    for language in ("en", "es"):
        known = SpellChecker(language=language).word_frequency
        for word, count in known.dictionary.items():
            key = folded(word)
            shares[key] = max(shares.get(key, 0.0), count / known.total_words)
    lines = _LISTS.read_text(encoding="utf-8").splitlines()
    no_names = {folded(w) for line in lines if line[:1] != "#" for w in line.split()}
    return Lists(
        _parts("first_names"),
        _parts("last_names"),
        shares,
        frozenset(no_names),
    )


def _parts(of: str) -> frozenset[str]:
    """The single words of all given names, or of all that families are called."""
    kept = [import_module(f"faker.providers.person.{one}").Provider for one in _COUNTRIES]
    names = [
        name
        for provider in kept
        for key in dir(provider)
        if key.startswith(of) and isinstance(found := getattr(provider, key), Collection)
        for name in found
    ]
    parts = {folded(part) for name in names for part in re.split(r"[\s-]+", name)}
    return frozenset(part for part in parts if len(part) > 2 and part not in _PARTICLES)


def names_in(
    text: str,
    *,
    ordinary: Collection[str] = (),
    known: Collection[str] = (),
    sure: Collection[str] = (),
) -> Iterator[tuple[int, int]]:
    """Where names of people stand, first to last.

    Args:
        text: in composed letters, without signs that nobody sees.
        ordinary: words that are also written without a capital nearby, folded.
        known: words of the team that name nobody, folded.
        sure: words that name somebody nearby, folded.
    """
    nearby = _Nearby(frozenset(ordinary), lists().no_names.union(known), frozenset(sure))
    run: list[_Token] = []
    for found in _WORD.finditer(text):
        if found[0] in _PARTICLES:
            continue
        token = _Token(found.start(), _end(found), _weight(text, found, nearby))
        if run and (token.weight == 0 or not _are_joined(text, run[-1], token)):
            yield from _span(text, run)
            run = []
        if token.weight:
            run.append(token)
    yield from _span(text, run)


def _end(found: re.Match[str]) -> int:
    """The end of a word, without the English genitive."""
    return found.end() - 2 * found[0].endswith(("'s", "’s"))


def _span(text: str, run: Sequence[_Token]) -> Iterator[tuple[int, int]]:
    """The whole run where one word of it is a name for sure; initials before it make it one."""
    if not run:
        return
    initials = _INITIALS.search(text[: run[0].start])
    if initials or any(token.weight == 2 for token in run):
        yield (initials.start() if initials else run[0].start), run[-1].end


def _are_joined(text: str, one: _Token, other: _Token) -> bool:
    return bool(_JOINT.fullmatch(text[one.end : other.start]))


def _weight(text: str, found: re.Match[str], nearby: "_Nearby") -> int:
    """What speaks for a name in a word, or in one part of `Ana-Belén`."""
    parts = [part for part in re.split(r"[-'’]", found[0]) if len(part) > 1]
    keys = {folded(found[0]), *map(folded, parts)}
    if keys & nearby.sure and found[0][0].isupper():
        return 2
    if not parts:
        return 0
    # Of a long line the end is enough: a cue is a few words.
    before = folded(text[max(0, found.start() - 40) : found.start()])
    if keys & nearby.no_names:
        is_told = bool(keys & lists().given and _CUE_FOR_SURE.search(before))
        return 2 if is_told else int(bool(keys & (lists().given | lists().family)))
    return max(_part_weight(part, before, nearby) for part in parts)


def _part_weight(part: str, before: str, nearby: "_Nearby") -> int:
    key = folded(part)
    is_given, is_family = key in lists().given, key in lists().family
    share = lists().share(key)
    if is_given and share < COMMON:
        return 2  # also where nobody cared for capitals
    if not part[0].isupper():
        is_ordinary = share >= VERY_COMMON or (key in nearby.ordinary and not is_family)
        return _without_capital(key, before, is_given or is_family, is_ordinary)
    if share < COMMON and key not in nearby.ordinary:
        return _rare(part, before, is_family=is_family, is_known=share > 0)
    if not _BEGINS.search(before):
        return 1 + (is_given or is_family)
    return (1 + (share < VERY_COMMON)) * is_given or int(is_family)


def _rare(part: str, before: str, *, is_family: bool, is_known: bool) -> int:
    """What speaks for a name in a word with a capital that is no ordinary one."""
    if _BEGINS.search(before) and _is_verb(folded(part)):
        return 1
    is_told = bool(_CUE.search(before) or _TO_SOMEBODY.search(before))
    return 2 if is_told or is_family or (not is_known and not _is_acronym(part)) else 1


def _is_verb(word: str) -> bool:
    """Whether a word is a form of a Spanish verb: sentences begin with forms that no list has."""
    bare = _ENCLITIC.sub("", word)
    stems = [one.removesuffix(end) for one in {word, bare} for end in _ENDINGS if one.endswith(end)]
    varied = [
        one
        for stem in stems
        if len(stem) > 1
        for one in (stem, stem.replace("ue", "o"), stem.replace("ie", "e"), _before_i(stem))
    ]
    return any(f"{one}{end}" in lists().shares for one in varied for end in ("ar", "er", "ir"))


def _before_i(stem: str) -> str:
    """`pid`, `sirv`: the stems of `pedir` and `servir`."""
    start, i, end = stem.rpartition("i")
    return f"{start}e{end}" if i else stem


def _without_capital(key: str, before: str, is_name: bool, is_ordinary: bool) -> int:
    """What speaks for a name in a word that somebody wrote without its capital."""
    is_unknown = lists().share(key) == 0 and not _is_verb(key)
    if is_ordinary or not (is_name or is_unknown):
        return 0
    return 1 + bool(_TO_SOMEBODY.search(before) and len(key) > 2)


def _is_acronym(word: str) -> bool:
    return word.isupper() and len(word) <= 5
