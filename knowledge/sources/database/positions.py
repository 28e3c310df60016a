"""How far a refresh got in each kind: a value of the column that grows with every change."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

_AGAIN = timedelta(minutes=5)
"""Rows are stamped when their transaction begins and seen when it ends: so long we look back."""
_AHEAD = timedelta(days=1)
"""Clocks and zones differ by less; a later time is a mistake, and would hide all that follows."""
_ISO = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d.*)?")


class Unbounded(str):
    """A time that Python has no number for, such as `infinity`."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Position:
    """A value of the column, as text, with its type; the fingerprint of the kind it belongs to."""

    fingerprint: str
    type: str
    value: str

    def bound(self) -> Any:  # noqa: ANN401 (whatever the column holds)
        """The value from which on rows are looked at; those that have just this one are, too."""
        return _BOUNDS[self.type](self.value)


def position_of(value: object, fingerprint: str) -> Position | None:
    """The position of a row; None where one cannot go on from it."""
    if isinstance(value, Unbounded | bool) or _is_ahead(value):
        return None
    if isinstance(value, str) and _ISO.fullmatch(value):
        return Position(fingerprint, "written time", value)
    if type(value).__name__ in _BOUNDS:
        return Position(fingerprint, type(value).__name__, str(value))
    return None


def packed(positions: Mapping[str, Position]) -> str:
    """The positions of all kinds as a cursor."""
    kept = {kind: [p.fingerprint, p.type, p.value] for kind, p in sorted(positions.items())}
    return json.dumps(kept, separators=(",", ":"), ensure_ascii=False)


def unpacked(cursor: str) -> dict[str, Position]:
    """The positions in a cursor, by kind; none in a cursor of another kind of source."""
    try:
        return {kind: Position(*kept) for kind, kept in json.loads(cursor).items()}
    except (ValueError, TypeError, AttributeError):
        return {}


def moment_of(value: object) -> datetime | None:
    """A point in time as a column holds it; without a zone it is taken as UTC."""
    if isinstance(value, str) and _ISO.fullmatch(value):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return None


def _is_ahead(value: object) -> bool:
    moment = moment_of(value)
    return moment is not None and moment > datetime.now(UTC) + _AHEAD


def _written_bound(text: str) -> str:
    """Some minutes before a time that a database without times keeps as text."""
    moment = moment_of(text)
    if moment is None or len(text) == len("2024-05-02"):
        return text
    earlier = _earlier(moment).replace(tzinfo=None)
    return earlier.isoformat(sep=text[10], timespec="seconds")


def _earlier(moment: datetime) -> datetime:
    try:
        return moment - _AGAIN
    except OverflowError:  # the year 1, which some programs write instead of nothing
        return moment


_BOUNDS: dict[str, Callable[[str], Any]] = {
    "datetime": lambda text: _earlier(datetime.fromisoformat(text)),
    "date": date.fromisoformat,
    "int": int,
    "float": float,
    "Decimal": Decimal,
    "str": str,
    "written time": _written_bound,
}
