"""What a row becomes: path, words, link, date and readers, or the reason why it cannot be read."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import quote, unquote

from knowledge.articles import Audience
from knowledge.sources.database.kinds import Kind
from knowledge.sources.database.positions import Position, moment_of, position_of
from knowledge.sources.database.template import Template

NO_KEY = "%no-key"
"""Where rows without a key are named; no key is written like this, since its % would be %25."""
EMPTY = ("It has no text.", "Fill the columns that `text` names, or leave the row out.")
_UNSAFE = re.compile(r"[%/\x00-\x1f\x7f]|^\s|\s$")
_LONGEST_KEY = 1000
_LONGEST_TEXT = 5_000_000
_LANGUAGE = re.compile(r"[a-z]{2}(?![a-z])")


@dataclass(frozen=True, slots=True)
class Row:
    """A row that will become an article, or cannot; its words are not cleaned yet.

    Attributes:
        stamp: changes with what the article says.
        failure: why it cannot be read, and what to do; None where it can.
        position: where to go on once this row is kept; None where this is no such place.
        audience: who may read it; None: whoever may read the source.
    """

    path: str
    stamp: str
    title: str
    text: str
    link: str
    language: str
    updated_at: datetime | None
    audience: Audience | None
    position: Position | None
    failure: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Reading:
    """How the rows of a kind are read.

    Attributes:
        default: who may read rows that do not say so; None: the source says it.
        fingerprint: of the kind, as a cursor keeps it.
    """

    kind: Kind
    default: Audience | None
    fingerprint: str

    def row(self, values: Mapping[str, Any]) -> Row:
        """One row of the query as an article, or with the reason why it is none."""
        kind = self.kind
        path = path_of(kind, values[kind.key])
        audience = Audience() if kind.readers else self.default
        try:
            title, text, link, language = _filled(kind, values)
            failure = _failure(kind, path, text)
            if kind.readers:
                audience = _readers(values[kind.readers])
        except UnicodeDecodeError as error:
            title, text, link, language = "", "", "", ""
            failure = _undecodable(error)
        date = str(values[kind.date]) if kind.date else ""
        return Row(
            path=path,
            stamp=_hash(title, text, link, language, date, *(failure or ())),
            title=title,
            text=text,
            link=link,
            language=language,
            updated_at=moment_of(values.get(kind.date or kind.changed)),
            audience=audience,
            position=self._position(values),
            failure=failure,
        )

    def _position(self, values: Mapping[str, Any]) -> Position | None:
        if not self.kind.is_incremental:
            return None
        return position_of(values[self.kind.changed], self.fingerprint)


def path_of(kind: Kind, key: object) -> str:
    """The path of the row with this key: `KIND/KEY`, or `KEY` where there is one kind."""
    try:
        written = _UNSAFE.sub(lambda sign: quote(sign[0], safe=""), _written(key))
    except UnicodeDecodeError:
        written = ""
    if not 0 < len(written.encode()) <= _LONGEST_KEY:
        written = NO_KEY
    return f"{kind.name}/{written}" if kind.name else written


def key_in(path: str) -> str:
    """The key in a path, as text; empty where it has none."""
    written = path.rpartition("/")[2]
    return "" if written == NO_KEY else unquote(written)


def _hash(*said: str) -> str:
    return sha256(json.dumps(said).encode()).hexdigest()[:32]


def _filled(kind: Kind, values: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Title, text, link and language."""
    needed = {name for template in kind.templates for name in template.columns()}
    words = {name: _written(values[name]) for name in needed}
    title = kind.title.filled(words)
    language = _LANGUAGE.match(kind.language.filled(words).strip().lower())
    return title, _text(kind.text, words), _link(kind.link, words), language[0] if language else ""


def _text(template: Template, words: Mapping[str, str]) -> str:
    """The words of an article; empty where the row has none, whatever stands around them."""
    if template.columns() and not any(words[name].strip() for name in template.columns()):
        return ""
    return template.filled(words).strip()


def _link(template: Template, words: Mapping[str, str]) -> str:
    """An address on the web; a value inside it stays a part of its path."""
    if template.is_one_column():
        link = template.filled(words).strip()
    else:
        link = template.filled(words, quoted=lambda value: quote(value, safe="/")).strip()
    return link if link.startswith(("http://", "https://")) else ""


def _written(value: object) -> str:
    """A value as text.

    Raises:
        UnicodeDecodeError: it is bytes that are no text.
    """
    if value is None:
        return ""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ", ".join(_written(part) for part in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _readers(value: object) -> Audience:
    """The principals in a column: a list, or names with commas between them; nobody if unsaid.

    Raises:
        UnicodeDecodeError: it is bytes that are no text.
    """
    names = _written(value).split(",")
    return Audience.of(*(name.strip() for name in names if name.strip()))


def _failure(kind: Kind, path: str, text: str) -> tuple[str, str] | None:
    if path.endswith(NO_KEY):
        return (
            f"A row has no key that can be used: its column '{kind.key}' is NULL, empty or too "
            "long.",
            "Fill it, or name another column as `key`. Other rows like it are left out, too.",
        )
    if not text:
        return EMPTY
    if len(text) > _LONGEST_TEXT:
        return (
            f"Its text has {len(text):,} characters; more than {_LONGEST_TEXT:,} are not read.",
            "Leave it out, or make several rows of it.",
        )
    return None


def _undecodable(error: UnicodeDecodeError) -> tuple[str, str]:
    return (
        f"It holds bytes that are no UTF-8 text (from byte {error.start + 1} of a value on).",
        "Correct the row, or convert the column in the query.",
    )
