"""The forms of a Spanish verb by whom they address: tú, vos, usted, vosotros or ustedes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

CLITICS = ("me", "te", "se", "nos", "os", "lo", "la", "los", "las", "le", "les")
PAIRS = tuple(
    "".join(pair) for pair in product(("me", "te", "se", "nos"), ("lo", "la", "los", "las"))
)
OWN = {"tú": "te", "vos": "te", "usted": "se", "ustedes": "se", "vosotros": "os"}
"""The clitic that means whoever is addressed."""
IRREGULAR = {
    "tener": "ten",
    "poner": "pon",
    "hacer": "haz",
    "decir": "di",
    "venir": "ven",
    "salir": "sal",
}
_ACUTE = dict(zip("aeiou", "áéíóú", strict=True))
_PLAIN = {acute: plain for plain, acute in _ACUTE.items()}
Forms = dict[str, set[str]]


@dataclass(frozen=True, slots=True)
class Row:
    """One tense or mood of a verb.

    Attributes:
        forms: by whom they address.
        tells: the addresses whose form is said of nobody else.
    """

    forms: dict[str, str]
    tells: frozenset[str]


_CLOSE = frozenset({"tú", "vos", "vosotros"})
_ALL = frozenset(OWN)


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb as it is looked up.

    Attributes:
        infinitive: such as `tener`.
        stressed: its stem under stress (tienes), that of the infinitive unless given.
        asked: the stem of what is asked of usted (tenga), the stressed one unless given.
    """

    infinitive: str
    stressed: str = ""
    asked: str = ""

    @property
    def stem(self) -> str:
        """What stands before the ending."""
        return self.infinitive[:-2]

    @property
    def ending(self) -> str:
        """The vowel of the ending, without its accent."""
        return _PLAIN.get(self.infinitive[-2], self.infinitive[-2])

    @property
    def strong(self) -> str:
        """The stem under stress."""
        return self.stressed or self.stem

    @property
    def theme(self) -> str:
        """The stem with the vowel of the ending under stress: tené."""
        return self.stem + _ACUTE[self.ending]

    @property
    def wished(self) -> str:
        """What is asked of usted: with the other vowel, written so that it sounds the same."""
        if self.ending != "a":
            return f"{self.asked or self._softened()}a"
        stem = self.asked or self.strong
        for end, soft in (("gu", "gü"), ("c", "qu"), ("g", "gu"), ("z", "c")):
            if stem.endswith(end):
                return f"{stem[: -len(end)]}{soft}e"
        return f"{stem}e"

    def _softened(self) -> str:
        """The stem of a verb in -ger or -gir before an a."""
        is_soft = self.infinitive[-3] == "g" and self.strong.endswith("g")
        return f"{self.strong[:-1]}j" if is_soft else self.strong


def rows_of(verb: Verb) -> Iterator[Row]:
    """The forms that may stand anywhere, a row each; not what is asked without a clitic."""
    strong = verb.strong + ("a" if verb.ending == "a" else "e")
    future = f"{verb.stem}{verb.ending}r"
    past = f"{verb.stem}{'aste' if verb.ending == 'a' else 'iste'}"
    several = f"{verb.theme}s" if verb.ending == "i" else f"{verb.theme}is"
    present = {"tú": f"{strong}s", "vos": f"{verb.theme}s", "usted": strong, "vosotros": several}
    yield Row(present, _CLOSE)
    yield _row(f"{verb.wished}s", verb.wished)
    yield _row(past, f"{verb.stem}ó" if verb.ending == "a" else "", f"{past}is")
    yield _row(f"{future}ás", f"{future}á", f"{future}éis")
    yield _row(f"{future}ías", f"{future}ía", f"{future}íais")
    # "Conectarte" may be `se` or `le` for usted, so that it has no form there.
    yield _row(f"{future}te", "", f"{future}os")
    asked = what_is_asked(verb)
    for clitic in (*CLITICS, *PAIRS):
        forms = {
            to: _joined(form, to, clitic)
            for to, form in asked.items()
            if not clitic.startswith(("te", "se", "os"))
        }
        if clitic.startswith("se"):
            rest = clitic[2:]
            forms = {to: _joined(form, to, OWN[to] + rest) for to, form in asked.items()}
            if rest:  # "díselo": to somebody else
                yield Row({to: _joined(f, to, clitic) for to, f in asked.items()}, _ALL)
        if forms:
            yield Row(forms, _ALL)


def _row(close: str, usted: str, vosotros: str = "") -> Row:
    """A row in which tú and vos say the same."""
    forms = {"tú": close, "vos": close, "usted": usted, "vosotros": vosotros}
    return Row({to: form for to, form in forms.items() if form}, _CLOSE)


def forms_of(verb: Verb) -> Forms:
    """The forms that tell whom they address wherever they stand."""
    asked = what_is_asked(verb)
    rows = [*rows_of(verb), Row(asked, frozenset({"vos", "vosotros"}))]
    return _by_form((row.forms[to], to) for row in rows for to in row.tells & set(row.forms))


def imperatives_of(verb: Verb) -> Forms:
    """What tells it only where somebody is asked to do something: "consulta", "consulte"."""
    told = ("tú", "usted", "ustedes")
    return _by_form((form, to) for to, form in what_is_asked(verb).items() if to in told)


def orders_of(verb: Verb) -> set[str]:
    """All imperatives, with pronouns and without."""
    rows = (row.forms for row in rows_of(verb) if row.tells == _ALL)
    return {form for forms in (what_is_asked(verb), *rows) for form in forms.values()}


def _by_form(pairs: Iterable[tuple[str, str]]) -> Forms:
    found: Forms = defaultdict(set)
    for form, to in pairs:
        found[form].add(to)
    return found


def what_is_asked(verb: Verb) -> dict[str, str]:
    """The imperatives."""
    strong = verb.strong + ("a" if verb.ending == "a" else "e")
    return {
        "tú": IRREGULAR.get(verb.infinitive, strong),
        "vos": verb.theme,
        "usted": verb.wished,
        "ustedes": f"{verb.wished}n",
        "vosotros": f"{verb.stem}{verb.ending}d",
    }


def _joined(form: str, to: str, clitic: str) -> str:
    """An imperative with its pronouns: dímelo, contame, fíjese, fijaos."""
    is_one = clitic in CLITICS
    if to == "vos":
        return (form[:-1] + _PLAIN[form[-1]] if is_one else form) + clitic
    if to == "vosotros":
        if clitic == "os":
            return f"{form[:-2]}íos" if form[-2] == "i" else f"{form[:-1]}os"
        return (form if is_one else f"{form[:-2]}{_ACUTE[form[-2]]}d") + clitic
    is_short = sum(letter in "aeiouáéíóú" for letter in form) == 1
    return (form if is_short and is_one else _stressed(form)) + clitic


def _stressed(form: str) -> str:
    """The form with the accent that it needs when more is written behind it."""
    if any(letter in _PLAIN for letter in form):
        return form
    places = [n for n, letter in enumerate(form) if letter in _ACUTE]
    place = places[-2] if len(places) > 1 else places[-1]
    is_silent = form[place] == "u" and form[place - 1] in "qg" and form[place + 1] in "eiéí"
    if is_silent and len(places) > 2:
        place = places[-3]
    return form[:place] + _ACUTE[form[place]] + form[place + 1 :]
