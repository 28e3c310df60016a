"""A kind of article: its query, and which columns become what."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from hashlib import sha256

from knowledge.errors import suggestion
from knowledge.sources.database.template import Template, WrongOptionError

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
# What stands in quotes or behind comment signs is no part of a statement's shape.
_COMMENT = r"--[^\n]*|/\*.*?\*/"
_QUOTED = r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\$(\w*)\$.*?\$\1\$"""
_QUIET = re.compile(f"{_COMMENT}|{_QUOTED}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of article.

    Attributes:
        name: the first part of its articles' paths; empty where a source has just one kind.
        query: one SELECT, without a `;` at its end.
        key: the column that tells its rows apart for ever.
        text, title, link, language: templates.
        changed: the column that grows with every change; empty: every row is looked at each time.
        date: the column with the date to show; empty: it is `changed`.
        readers: the column that says who may read a row; empty: whoever may read the source.
    """

    name: str
    query: str
    text: Template
    key: str
    title: Template
    link: Template
    language: Template
    changed: str
    date: str
    readers: str

    @property
    def is_incremental(self) -> bool:
        """Whether only changes have to be looked at.

        Where rows say who may read them, all are: a right can be withdrawn in another table, and
        no column of the row changes with it.
        """
        return bool(self.changed) and not self.readers

    @property
    def columns(self) -> dict[str, str]:
        """The options that are columns, with their columns."""
        return {name: getattr(self, name) for name in ("key", "changed", "date", "readers")}

    @property
    def templates(self) -> tuple[Template, ...]:
        """Everything that is filled with values."""
        return (self.title, self.text, self.link, self.language)

    def fingerprint(self, readers: Iterable[str]) -> str:
        """Of all that decides what its rows become; with another one, all are looked at anew."""
        described = [str(getattr(self, field.name)) for field in fields(self)]
        return sha256(json.dumps([described, sorted(readers)]).encode()).hexdigest()[:16]

    def check(self, found: list[str]) -> None:
        """Refuse columns that the query does not give.

        Raises:
            WrongOptionError: names the nearest right one.
        """
        twice = sorted({name for name in found if found.count(name) > 1})
        if twice:
            raise WrongOptionError(
                f"{self.said} has two columns named '{twice[0]}'.",
                what_to_do=f"Give one of them another name: SELECT ... AS other_{twice[0]}",
            )
        for option, name in self.columns.items():
            if name and name not in found:
                raise WrongOptionError(
                    f"{self.said} gives no column '{name}', which the option '{option}' names.",
                    what_to_do=suggestion(name.lower(), found),
                )
        for template in self.templates:
            template.check(found)

    @property
    def said(self) -> str:
        """What to call its query in a sentence."""
        return f"The query of the kind '{self.name}'" if self.name else "The query"


OPTIONS = tuple(field.name for field in fields(Kind) if field.name != "name")


def kinds_of(single: Mapping[str, str], kinds: Mapping[str, Mapping[str, str]]) -> list[Kind]:
    """The kinds of a source: one without a name, or several.

    Raises:
        WrongOptionError: an option is wrong or missing, or both are there.
    """
    if kinds and single:
        raise WrongOptionError(
            f"The option '{next(iter(single))}' stands beside the kinds.",
            what_to_do="Write it into each kind: [sources.NAME.kinds.KIND].",
        )
    if not kinds:
        return [kind_of("", single)]
    return [kind_of(name, options) for name, options in kinds.items()]


def kind_of(name: str, options: Mapping[str, str]) -> Kind:
    """A kind as its options describe it.

    Raises:
        WrongOptionError: one is wrong or missing; says which, and what would be right.
    """
    if name and not _NAME.fullmatch(name):
        raise WrongOptionError(
            f"'{name}' cannot be the name of a kind.",
            what_to_do="Take the characters a-z, 0-9, '-' and '_'.",
        )
    called = f"The kind '{name}'" if name else "It"
    for option in options:
        if option not in OPTIONS:
            raise WrongOptionError(
                f"{called} has no option '{option}'.", what_to_do=suggestion(option, OPTIONS)
            )
    for needed, example in (("query", "SELECT id, name, notes FROM items"), ("text", "{notes}")):
        if not options.get(needed, "").strip():
            raise WrongOptionError(
                f"{called} needs the option '{needed}'.",
                what_to_do=f'Such as: {needed} = "{example}" in tertulia.toml, or '
                f"--option '{needed}={example}'",
            )
    key = options.get("key") or "id"
    title = options.get("title") or f"{name} {{{key}}}".strip()
    return Kind(
        name=name,
        query=_one_select(options["query"], called),
        text=Template(options["text"]),
        key=key,
        title=Template(title),
        link=Template(options.get("link", "")),
        language=Template(options.get("language", "")),
        changed=options.get("changed", ""),
        date=options.get("date", ""),
        readers=options.get("readers", ""),
    )


def check_seconds(timeout_s: float) -> None:
    """Refuse a time in which nothing could be read.

    Raises:
        WrongOptionError: says what would be right.
    """
    if not 0 < timeout_s <= 1_000_000:
        raise WrongOptionError(
            "timeout_s is not above 0, or too large.", what_to_do="Right: timeout_s = 60"
        )


def _one_select(query: str, called: str) -> str:
    text = single_select(query)
    if not text:
        raise WrongOptionError(
            f"{called} has a query that is not one single SELECT.",
            what_to_do="Write one SELECT (it may begin with WITH), and no other statement.",
        )
    return text


def single_select(query: str) -> str:
    """The query without comments and the `;` at its end; empty where it is not one SELECT.

    Slips are caught here. What keeps a query from changing anything is the transaction.
    """
    text = _QUIET.sub(lambda found: " " if found[0].startswith(("--", "/*")) else found[0], query)
    text = text.strip().rstrip("; \n\t")
    bare = unquoted(text)
    first = re.match(r"[(\s]*(\w*)", bare)
    is_one = first and first[1].lower() in {"select", "with"} and ";" not in bare
    return text if is_one else ""


def unquoted(query: str) -> str:
    """A query with nothing in its quotes and comments: what is left are its own words."""
    return _QUIET.sub("''", query)
