"""The formats of values that a form may ask for, such as a date: those that are really checked."""

from datetime import datetime, time
from urllib.parse import urlsplit

from jsonschema import FormatChecker

FORMATS = FormatChecker(("date", "email", "ipv4", "ipv6", "uuid"))


def _is_instant(value: object) -> bool:
    """With its zone, as RFC 3339 wants it."""
    is_whole = isinstance(value, str) and "T" in value
    return not isinstance(value, str) or (is_whole and bool(datetime.fromisoformat(value).tzinfo))


def _is_time(value: object) -> bool:
    return not isinstance(value, str) or time.fromisoformat(value) is not None


def _is_address(value: object) -> bool:
    parts = urlsplit(value) if isinstance(value, str) else None
    return parts is None or bool(parts.scheme and (parts.netloc or parts.path))


FORMATS.checks("date-time", raises=ValueError)(_is_instant)
FORMATS.checks("time", raises=ValueError)(_is_time)
FORMATS.checks("uri", raises=ValueError)(_is_address)
