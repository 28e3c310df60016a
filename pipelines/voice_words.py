"""What words tell of an address, and of whose English it is: `voices.yaml` and its verbs' forms."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import product
from typing import Any

import yaml

from pipelines.verb_forms import Forms, Verb, forms_of, imperatives_of, orders_of, rows_of

Addresses = frozenset[str]

NOBODY: Addresses = frozenset()


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What words tell.

    Attributes:
        anywhere: words that tell it wherever they stand.
        beginning: those that tell it where a clause begins and somebody is asked to do something.
        shared: those that verbs say to different people ("cree" of "crear", and of "creer"), with
            whom all of these address.
        orders: what somebody is asked to do, with pronouns and without.
        english: spellings.
        before: words and marks behind which a clause begins.
        asked: words that follow what somebody is asked to do.
        others: words that look like a form of a verb and mostly are none.
        verbal: words behind which they are one.
        nominal: words behind which they are none.
        never: words that end like one and are none.
        alike: forms of verbs that usted shares with a third person.
    """

    anywhere: dict[str, Addresses]
    beginning: dict[str, Addresses]
    shared: dict[str, Addresses]
    orders: Addresses
    english: dict[str, Addresses]
    before: Addresses
    asked: Addresses
    others: Addresses
    verbal: Addresses
    nominal: Addresses
    never: Addresses
    alike: Addresses


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
        shared=_shared(verbs(data)),
        orders=frozenset(beginning | _listed(data["imperatives"])).union(
            *map(orders_of, verbs(data))
        ),
        english=_english(data),
        before=frozenset(data["before"].split()) | {"\n"},
        asked=frozenset(data["asked"].split()),
        others=frozenset(data["others"].split()),
        verbal=frozenset(data["verbal"].split()),
        nominal=frozenset(data["nominal"].split()),
        never=frozenset(data["never"].split()),
        alike=frozenset(_alike(data)),
    )


def _alike(data: dict[str, Any]) -> Iterator[str]:
    rows = (row for verb in verbs(data) for row in rows_of(verb))
    yield from (row.forms["usted"] for row in rows if "usted" in set(row.forms) - row.tells)
    yield from data["alike"].values()


def _joined(verbs: Iterable[Forms]) -> dict[str, Addresses]:
    """The forms of all verbs: one that several have in common may address whom any of them does."""
    found: dict[str, Addresses] = {}
    for forms in verbs:
        for word, to in forms.items():
            found[word] = found.get(word, frozenset()) | to
    return found


def _shared(verbs: Iterable[Verb]) -> dict[str, Addresses]:
    found: dict[str, set[Addresses]] = defaultdict(set)
    for verb in verbs:
        for word, to in (*forms_of(verb).items(), *imperatives_of(verb).items()):
            found[word].add(frozenset(to))
    return {word: frozenset.intersection(*of) for word, of in found.items() if len(of) > 1}


def _listed(parts: Sequence[dict[str, Any]]) -> dict[str, Addresses]:
    return {word: frozenset(part["to"]) for part in parts for word in part["words"].split()}


@cache
def spellings(wanted: str) -> dict[str, str]:
    """From the spellings of one English to those of the other, with their endings.

    Args:
        wanted: `british` or `american`.
    """
    forms = [(british, american) for _, british, american in _spelled(listed()["english"])]
    return dict(forms) if wanted == "american" else {us: uk for uk, us in forms}


def _spelled(groups: Sequence[dict[str, Any]]) -> Iterator[tuple[str, str, str]]:
    """American words, and with each of their endings the British form with the American one."""
    for group in groups:
        for (british, american), end in product(
            group["words"].items(), ["", *group["ends"].split()]
        ):
            yield american, _with(british, end), _with(american, end)


def _with(word: str, end: str) -> str:
    is_dropped = word.endswith("e") and end.startswith(("a", "e", "i"))
    return (word[:-1] if is_dropped else word) + end


def _english(data: dict[str, Any]) -> dict[str, Addresses]:
    both, found = set(data["both"].split()), dict[str, Addresses]()
    for stem, british, american in _spelled(data["english"]):
        if british not in both:
            found[british] = frozenset({"british"})
        if not {stem, american} & both:
            found[american] = frozenset({"american"})
    return found
