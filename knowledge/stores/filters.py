"""Haystack's metadata filters become SQL over a JSON document; every value is bound."""

import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from haystack.dataclasses import Document
from haystack.errors import FilterError

_FIELDS = frozenset(each.name for each in fields(Document))
_ORDERS = frozenset((">", ">=", "<", "<="))
_JOINTS = {"AND": " AND ", "NOT": " AND ", "OR": " OR "}


@dataclass(frozen=True, slots=True)
class Condition:
    """A piece of SQL about the column `body`, and the values of its question marks."""

    sql: str
    values: tuple[Any, ...] = ()


def compiled(filters: dict[str, Any] | None) -> Condition:
    """The condition that these filters stand for; no filters hold for every document.

    Raises:
        FilterError: the filters are not as Haystack's documentation says.
    """
    if not filters:
        return Condition("1")
    return _comparison(filters) if "field" in filters else _joined(filters)


def _joined(filters: dict[str, Any]) -> Condition:
    operator, conditions = _needed(filters, "operator"), _needed(filters, "conditions")
    if operator not in _JOINTS:
        raise FilterError(f"There is no operator {operator!r}; there are {sorted(_JOINTS)}.")
    parts = [compiled(condition) for condition in conditions]
    sql = _JOINTS[operator].join(part.sql for part in parts) or str(int(operator != "OR"))
    values = tuple(value for part in parts for value in part.values)
    return _not(Condition(sql, values)) if operator == "NOT" else Condition(f"({sql})", values)


def _comparison(filters: dict[str, Any]) -> Condition:
    operator, value = _needed(filters, "operator"), _needed(filters, "value")
    path = _path(filters["field"])
    if operator in _ORDERS:
        return _ordered(path, operator, value)
    if operator not in _EQUALITIES:
        known = sorted(_ORDERS.union(_EQUALITIES))
        raise FilterError(f"There is no operator {operator!r}; there are {known}.")
    return _EQUALITIES[operator](path, value)


def _equal(path: str, value: Any) -> Condition:  # noqa: ANN401 (metadata hold any JSON)
    if isinstance(value, list | dict):
        return Condition("json_extract(body, ?) IS json(?)", (path, json.dumps(value)))
    if _is_date(value):
        same_moment = _ordered(path, "=", value)
        sql = f"(json_extract(body, ?) IS ? OR {same_moment.sql})"
        return Condition(sql, (path, value, *same_moment.values))
    return Condition("json_extract(body, ?) IS ?", (path, value))


def _in(path: str, value: Any) -> Condition:  # noqa: ANN401 (metadata hold any JSON)
    if not isinstance(value, list):
        raise FilterError(f"'in' and 'not in' need a list, not {type(value).__name__}.")
    parts = [_equal(path, each) for each in value]
    sql = " OR ".join(part.sql for part in parts) or "0"
    return Condition(f"({sql})", tuple(each for part in parts for each in part.values))


def _not(condition: Condition) -> Condition:
    # What is unknown about a document does not hold, so its opposite does.
    return Condition(f"NOT coalesce(({condition.sql}), 0)", condition.values)


def _ordered(path: str, operator: str, value: Any) -> Condition:  # noqa: ANN401 (metadata hold any JSON)
    if value is None:
        return Condition("0")
    if isinstance(value, int | float):
        sql = f"(json_type(body, ?) IN ('integer', 'real') AND json_extract(body, ?) {operator} ?)"
        return Condition(sql, (path, path, value))
    if not _is_date(value):
        raise FilterError(f"{operator!r} compares numbers and ISO dates, not {value!r}.")
    sql = (
        "(json_extract(body, ?) GLOB '????-??-??*' "
        f"AND julianday(json_extract(body, ?)) {operator} julianday(?))"
    )
    return Condition(sql, (path, path, str(value)))


_EQUALITIES: dict[str, Callable[[str, Any], Condition]] = {
    "==": _equal,
    "!=": lambda path, value: _not(_equal(path, value)),
    "in": _in,
    "not in": lambda path, value: _not(_in(path, value)),
}


def _path(name: str) -> str:
    """Where a field is in the JSON of a document; a bare name that is no field is metadata."""
    if '"' in name:
        raise FilterError(f"The field name {name!r} must not hold a quotation mark.")
    steps = name.split(".") if "." in name or name in _FIELDS else ["meta", name]
    return "$" + "".join(f'."{step}"' for step in steps)


def _needed(filters: dict[str, Any], key: str) -> Any:  # noqa: ANN401 (metadata hold any JSON)
    if key not in filters:
        raise FilterError(f"'{key}' is missing in {filters}.")
    return filters[key]


def _is_date(value: object) -> bool:
    if isinstance(value, datetime):
        return True
    try:
        return isinstance(value, str) and bool(datetime.fromisoformat(value))
    except ValueError:
        return False
