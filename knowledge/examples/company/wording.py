"""The words of a company, read from the TOML files of this folder."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from knowledge.examples.company.questions import LANGUAGES, Language

ValueKind = Literal["code", "person", "amount", "days", "date"]
Variants = Mapping[Language, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing a page tells about its subject, and how it is told and asked."""

    kind: ValueKind
    label: Mapping[Language, str]
    says: Variants
    asks: Variants
    rephrased: Variants


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of thing that pages are about, such as suppliers."""

    folder: str
    intro: Variants
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A sentence with two values, each for a condition of its own."""

    kind: ValueKind
    says: Mapping[Language, str]
    first: Variants
    second: Variants


@dataclass(frozen=True, slots=True)
class NameList:
    """A sentence that introduces a list of names."""

    says: Mapping[Language, str]
    asks: Variants


@dataclass(frozen=True, slots=True)
class Versions:
    """How a page says that it replaces another one, or was replaced."""

    current: Variants
    older: Variants
    asks: Variants


@cache
def words(file: str) -> dict[str, Any]:
    """The content of one word file."""
    return tomllib.loads((Path(__file__).parent / f"{file}.toml").read_text(encoding="utf-8"))


@cache
def subjects() -> tuple[Subject, ...]:
    """Everything that pages can be about."""
    return tuple(
        Subject(found["folder"], _in_both(found, "intro"), tuple(map(_fact, found["facts"])))
        for found in words("subjects")["subjects"]
    )


@cache
def rules() -> tuple[Rule, ...]:
    """The qualified statements."""
    return tuple(
        Rule(found["kind"], *(_in_both(found, key) for key in ("says", "first", "second")))
        for found in words("rules")["qualified"]
    )


@cache
def name_lists() -> tuple[NameList, ...]:
    """The statements that end in a list of people."""
    return tuple(
        NameList(_in_both(found, "says"), _in_both(found, "asks"))
        for found in words("rules")["lists"]
    )


@cache
def versions() -> Versions:
    """The words around an older version of a page."""
    found = words("rules")["versions"]
    return Versions(*(_in_both(found, key) for key in ("current", "older", "asks")))


def _fact(found: dict[str, Any]) -> Fact:
    keys = ("label", "says", "asks", "rephrased")
    return Fact(found["kind"], *(_in_both(found, key) for key in keys))


def _in_both(found: dict[str, Any], key: str) -> dict[Language, Any]:
    return {language: found[language][key] for language in LANGUAGES}
