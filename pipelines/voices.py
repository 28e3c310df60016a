"""How an answer speaks: whom its verbs and pronouns address in Spanish, whose English it is.

Rules, no model: a lexicon of the forms that tell one address from another. What may be said of a
third person as well ("puede", "su") tells nothing and is left out.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipelines.personas.voice import Voice
from pipelines.voice_words import NOBODY, Addresses, lexicon, listed

SINGULAR, PLURAL = frozenset({"tú", "vos", "usted"}), frozenset({"vosotros", "ustedes"})
WORD = re.compile(r"[^\W\d_]+|[.,;:!?¡¿()\n•*-]")
"""Words and the marks between clauses."""
_ENDS = frozenset(".!?¡\n•*-") | {"favor"}
"""Behind these alone "deja" asks somebody; elsewhere it may be said of a third person."""
_ENDINGS = (
    # "cambiarte", "llevártelo", "poniéndote".
    (
        re.compile(r"[a-zñü]{2,}[ai]rte|[^\W\d_]+(?:[áéí]rtel[oa]s?|[áé]ndote(?:l[oa]s?)?)"),
        frozenset({"tú", "vos"}),
    ),
    # "Identifícate", "identifíquese".
    (re.compile(r"[^\W\d_]*[áéíóú][a-zñü]*[b-df-hj-np-tv-zñ][ae]te"), frozenset({"tú"})),
    (re.compile(r"[^\W\d_]*[áéíóú][a-zñü]*[b-df-hj-np-tv-zñ][ae]se"), frozenset({"usted"})),
    (re.compile(r"[a-zñü]{2,}(?<!r)ás"), frozenset({"vos"})),  # "mandás"
    (re.compile(r"[^\W\d]{2,}(?<!is)(?:áis|éis)"), frozenset({"vosotros"})),  # "mandáis"
)
"""Of verbs that are in no list."""
_ARTICLES = frozenset({"el", "la", "los", "las", "un", "una", "su", "tu", "este", "esta", "cada"})
OBJECTS = _ARTICLES - {"este", "esta", "cada"} | {"unos", "unas", "tus", "sus"}
"""What a verb is about begins with these: "toma tu tarjeta" is none of "la toma"."""
_APART = frozenset({";", ":", "(", ")"})
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


def in_spanish(text: str) -> tuple[Spoken, ...]:
    """The words that tell who is addressed, in order."""
    return as_said(_told(text), text)


def in_english(text: str) -> tuple[Spoken, ...]:
    """The words that only one English spells so, in order; names keep the spelling they have."""
    words = re.finditer(r"[A-Za-z]+", text)
    found = ((m, lexicon().english.get(m.group().casefold())) for m in words)
    told = (Spoken(m.group(), to, m.start()) for m, to in found if to)
    return as_said((one for one in told if not _is_name(one, text)), text)


def _is_name(one: Spoken, text: str) -> bool:
    """Whether a word with a capital may be (part of) a name or of a heading."""
    if not one.word[0].isupper():
        return False
    if one.word.casefold() in listed()["surnames"].split():
        return True
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
    asking, behind = NOBODY, ["."]
    matches = list(WORD.finditer(text))
    for n, match in enumerate(matches):
        token = match.group()
        end, after = _next(matches, n, text)
        is_counting = any(map(str.isdigit, text[match.end() : end]))
        word, place = token.casefold(), _Place(behind, after, asking, is_counting)
        to = _addressed(word, place)
        is_name = token[0].isupper() and place.before not in lexicon().before
        if token in _ENDS:
            asking = NOBODY
        elif word in lexicon().orders:
            asking = to or asking
        behind.append(word)
        if to and not token.isupper() and not is_name:
            yield Spoken(token, to, match.start())


def _next(matches: Sequence[re.Match[str]], n: int, text: str) -> tuple[int, str]:
    """Where the word behind this one begins, and the word."""
    if n + 1 == len(matches):
        return len(text), "."
    return matches[n + 1].start(), matches[n + 1].group().casefold()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a word stands.

    Attributes:
        behind: the words before it.
        after: the next word.
        asking: whom this sentence has asked to do something already.
        is_counting: whether a number stands between it and the next word.
    """

    behind: Sequence[str]
    after: str
    asking: Addresses
    is_counting: bool

    @property
    def before(self) -> str:
        """The word before it."""
        return self.behind[-1]


def _addressed(word: str, place: _Place) -> Addresses:
    """Whom a word addresses there; nobody where it is empty."""
    words = lexicon()
    if word in words.others and _is_a_verb(place):
        return words.anywhere.get(word, NOBODY)
    if word in words.others:
        is_open = place.after in OBJECTS and word not in words.never
        return _asked(word, place) if is_open else NOBODY
    if word in words.anywhere:
        return words.anywhere[word]
    if word in words.alike and _is_behind_another(place.behind):
        return frozenset({"usted"})
    if to := _asked(word, place):
        return to
    endings = () if word in words.alike else _ENDINGS  # "comparte" ends like "cortarte"
    return next((to for ending, to in endings if ending.fullmatch(word)), NOBODY)


def _asked(word: str, place: _Place) -> Addresses:
    """Whom a word asks there to do something."""
    words = lexicon()
    to = words.beginning.get(word, NOBODY)
    begins = place.before in (_ENDS if "tú" in to else words.before)
    goes_on = bool(place.asking) and place.before in words.before
    if place.before in _APART:  # "Pídala; abre a las 8:00."
        goes_on = goes_on and place.after in OBJECTS
    # "Si tenés dudas, comparte tu pantalla."
    goes_on |= place.before in (",", ":") and place.after in ("tu", "tus")
    return to if place.after in words.asked and (begins or goes_on) else NOBODY


def _is_a_verb(place: _Place) -> bool:
    """Whether a word that is mostly something else is a verb here."""
    known, behind = lexicon(), place.behind
    if place.before in known.verbal:
        return True
    if place.before in ("los", "las"):  # "El resto los cobras"; "el de las firmas" are things.
        is_noun = len(behind) > 2 and behind[-3] in _ARTICLES and behind[-2] not in known.nominal
        return is_noun and (place.after in known.asked | known.verbal or not place.after.isalpha())
    # "Si la pierde pagas 20 euros."
    is_behind_a_verb = place.before in known.alike | set(known.anywhere)
    return place.is_counting and is_behind_a_verb and bool({"si", "cuando"} & set(behind[-5:]))


def _is_behind_another(behind: Sequence[str]) -> bool:
    """Whether tú or vos stands before a verb as who does it: "tú puede"; "como tú", "con vos"."""
    leads = behind[-2] if len(behind) > 1 else ""
    return behind[-1] in ("tú", "vos") and leads in lexicon().before | lexicon().verbal
