"""How an answer speaks: whom its verbs and pronouns address in Spanish, whose English it is.

Rules, no model: a lexicon of the forms that tell one address from another. What may be said of a
third person as well ("puede", "su") tells nothing and is left out.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from pipelines.personas.voice import Voice
from pipelines.verb_forms import Forms, Verb, forms_of, imperatives_of

SINGULAR, PLURAL = frozenset({"tú", "vos", "usted"}), frozenset({"vosotros", "ustedes"})
WORD = re.compile(r"[^\W\d_]+|[.,;:!?¡¿()\n•*-]")
"""Words and the marks between clauses."""
_ENDS = frozenset(".!?¡\n•*-") | {"favor"}
"""Behind these alone "deja" asks somebody; elsewhere it may be said of a third person."""
_VOSEO = re.compile(r"[a-zñü]{2,}(?<!r)ás")
"""A verb that is in no list: "mandás"."""
_ENCLITIC = re.compile(r"[a-zñü]{2,}[ai]rte")
"""Likewise: "cambiarte"."""
_VOSOTROS = re.compile(r"[^\W\d]{2,}(?<!is)(?:áis|éis)")
"""Likewise: "mandáis"."""
_AS_IT_IS = re.compile(
    r"`[^`]*`|«[^»]*»|“[^”]*”|\"[^\"]*\""
    # A word with such a sign: an address, a path, a code, the name of a file.
    r"|(?<![^\s\[\](){}<>,;])[^\s\[\](){}<>,;]*(?:[\d_@/\\=]|\w\.\w)[^\s\[\](){}<>,;]*"
)
"""What no voice changes and what breaks none: it is said by somebody else, or is to be copied."""
_BEGINS = re.compile(
    r"(?:\A|[\n|]|(?<!\b[A-Z])(?<!\b[DMS]r)(?<!\b[MD]s)(?<!\bMrs)(?<!\bProf)(?<!\bSt)[.!?:…]"
    r"[\"”»)\]*_]*\s)(?:\[\d+\]|[\s>#*_•(\"“«-])*\Z"
)
"""What stands before the first word of a sentence, which has a capital whatever it is."""
Addresses = frozenset[str]

NOBODY: Addresses = frozenset()


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word that tells who is addressed, or whose English it is.

    Attributes:
        to: the addresses that it may belong to, such as `tú` and `vos` for "te".
        at: where it stands in the text.
    """

    word: str
    to: Addresses
    at: int


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What words tell.

    Attributes:
        anywhere: words that tell it wherever they stand.
        beginning: those that tell it where a clause begins and somebody is asked to do something.
        english: spellings.
        before: words and marks behind which a clause begins.
        asked: words that follow what somebody is asked to do.
        others: words that look like a form of a verb and mostly are none.
        verbal: words behind which they are one.
        nominal: words behind which they are none.
        never: words that end like one and are none.
    """

    anywhere: dict[str, Addresses]
    beginning: dict[str, Addresses]
    english: dict[str, Addresses]
    before: Addresses
    asked: Addresses
    others: Addresses
    verbal: Addresses
    nominal: Addresses
    never: Addresses


def in_spanish(text: str) -> tuple[Spoken, ...]:
    """The words that tell who is addressed, in order."""
    return as_said(_told(text), text)


def in_english(text: str) -> tuple[Spoken, ...]:
    """The words that only one English spells so, in order; names keep the spelling they have."""
    words = re.finditer(r"[A-Za-z]+", text)
    found = ((m, _spelling(m.group().casefold())) for m in words)
    told = (Spoken(m.group(), to, m.start()) for m, to in found if to)
    return as_said((one for one in told if not _is_name(one, text)), text)


def _is_name(one: Spoken, text: str) -> bool:
    """Whether a word with a capital is (part of) a name, or a heading: no sentence begins here."""
    if not one.word[0].isupper():
        return False
    end = one.at + len(one.word)
    return not _BEGINS.search(text, 0, one.at) or bool(re.match(r"[ -][A-Z]", text[end : end + 2]))


def as_said(said: Iterable[Spoken], text: str) -> tuple[Spoken, ...]:
    """Those of the words that are not left as they are."""
    spans = [match.span() for match in _AS_IT_IS.finditer(text)]
    return tuple(one for one in said if not any(start <= one.at < end for start, end in spans))


def address(text: str) -> Addresses:
    """How one person is addressed in Spanish: one form; several where it is mixed or open.

    Empty where nobody is addressed.
    """
    return _narrowed(in_spanish(text), SINGULAR)


def address_of_several(text: str) -> Addresses:
    """How several people are addressed in Spanish; empty where nobody is."""
    return _narrowed(in_spanish(text), PLURAL)


def english_of(text: str) -> Addresses:
    """`british`, `american`, or both where it is mixed; empty where no word tells it."""
    return frozenset[str]().union(*(one.to for one in in_english(text)))


def breaks(text: str, voice: Voice, language: str) -> tuple[str, ...]:
    """The words of an answer that are not in this voice.

    Args:
        text: the answer.
        voice: of the persona.
        language: of the answer.
    """
    if language == "en":
        wrong = {"british": "american", "american": "british"}.get(voice.en)
        return tuple(one.word for one in in_english(text) if wrong in one.to)
    if language != "es":
        return ()
    allowed = frozenset({voice.es} if voice.es else SINGULAR)
    allowed |= {voice.plural} if voice.plural else PLURAL
    return tuple(one.word for one in in_spanish(text) if not one.to & allowed)


def _narrowed(spoken: tuple[Spoken, ...], among: Addresses) -> Addresses:
    sets = [one.to & among for one in spoken if one.to <= among]
    if not sets:
        return frozenset()
    shared = sets[0].intersection(*sets)
    return shared or frozenset[str]().union(*sets)


def _told(text: str) -> Iterator[Spoken]:
    matches = list(WORD.finditer(text))
    tokens = [match.group() for match in matches]
    asking: Addresses = frozenset()
    for before, match, after in zip([".", *tokens], matches, [*tokens[1:], "."], strict=False):
        token, place = match.group(), _Place(before.casefold(), after.casefold(), asking)
        to = _addressed(token.casefold(), place)
        is_name = token[0].isupper() and place.before not in lexicon().before
        if token in _ENDS:
            asking = frozenset()
        elif token.casefold() in lexicon().beginning:
            asking = to or asking
        if to and not token.isupper() and not is_name:
            yield Spoken(token, to, match.start())


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a word stands.

    Attributes:
        asking: whom this sentence has asked to do something already.
    """

    before: str
    after: str
    asking: Addresses


def _addressed(word: str, place: _Place) -> Addresses:
    """Whom a word addresses there; nobody where it is empty."""
    words = lexicon()
    if word in words.others:
        is_verb = place.before in words.verbal
        return words.anywhere.get(word, frozenset()) if is_verb else frozenset()
    if word in words.anywhere:
        return words.anywhere[word]
    to = words.beginning.get(word, frozenset())
    begins = place.before in (_ENDS if "tú" in to else words.before)
    goes_on = bool(to & place.asking) and place.before in words.before
    if to and place.after in words.asked and (begins or goes_on):
        return to
    if _ENCLITIC.fullmatch(word):
        return frozenset({"tú", "vos"})
    if _VOSEO.fullmatch(word):
        return frozenset({"vos"})
    return frozenset({"vosotros"} if _VOSOTROS.fullmatch(word) else ())


def _spelling(word: str) -> Addresses:
    """Whose spelling this is, also with an ending: "organising", "colours"."""
    return next((lexicon().english[stem] for stem, _ in _stems(word)), frozenset())


def spelled_as(word: str, wanted: str) -> str:
    """A word in British or American spelling; empty where it is no word of the other one.

    Args:
        word: in small letters, with its ending.
        wanted: `british` or `american`.
    """
    pairs = listed()["english"]
    other = pairs if wanted == "american" else {us: uk for uk, us in pairs.items()}
    for stem, end in _stems(word):
        if stem in other:
            form: str = other[stem]
            return (form[:-1] if form.endswith("e") and end[:1] in tuple("aei") else form) + end
    return ""


def _stems(word: str) -> Iterator[tuple[str, str]]:
    """The words of the list that this may be a form of, each with its ending."""
    ends = ("", "s", "d", "r", "ed", "ing", "er", "ers", "ation", "ful", "ite", "able", "hood")
    for end in ends:
        bare = word.removesuffix(end)
        for stem in (bare, f"{bare}e") if word.endswith(end) else ():
            if stem in lexicon().english:
                yield stem, end


@cache
def listed() -> dict[str, Any]:
    """What `voices.yaml` says."""
    text = resources.files("pipelines").joinpath("voices.yaml").read_text("utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    return data


def verbs(data: dict[str, Any]) -> list[Verb]:
    """The verbs that are listed; one with stems of its own may be among the regular ones, too."""
    stems = {**dict.fromkeys(data["regular"].split(), ()), **data["stems"]}
    return [Verb(infinitive, *parts) for infinitive, parts in stems.items()]


@cache
def lexicon() -> Lexicon:
    """What `voices.yaml` says of words, with the forms of its verbs."""
    data = listed()
    anywhere = _joined(forms_of(verb) for verb in verbs(data))
    beginning = _joined(imperatives_of(verb) for verb in verbs(data))
    return Lexicon(
        anywhere=anywhere | _listed(data["always"]),
        beginning=beginning | _listed(data["imperatives"]),
        english=_english(data),
        before=frozenset(data["before"].split()) | {"\n"},
        asked=frozenset(data["asked"].split()),
        others=frozenset(data["others"].split()),
        verbal=frozenset(data["verbal"].split()),
        nominal=frozenset(data["nominal"].split()),
        never=frozenset(data["never"].split()),
    )


def _joined(verbs: Iterable[Forms]) -> dict[str, Addresses]:
    """The forms of all verbs: one that several have in common may address whom any of them does."""
    found: dict[str, Addresses] = {}
    for forms in verbs:
        for word, to in forms.items():
            found[word] = found.get(word, frozenset()) | to
    return found


def _listed(parts: Sequence[dict[str, Any]]) -> dict[str, Addresses]:
    return {word: frozenset(part["to"]) for part in parts for word in part["words"].split()}


def _english(data: dict[str, Any]) -> dict[str, Addresses]:
    both = set(data["both"].split())
    found = {british: frozenset({"british"}) for british in data["english"]}
    found |= {american: frozenset({"american"}) for american in data["english"].values()}
    return {word: whose for word, whose in found.items() if word not in both}
