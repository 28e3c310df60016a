"""A limit as people write it: `30/hour`, `5 per 10 minutes`."""

import re
from dataclasses import dataclass
from datetime import timedelta

_FORM = re.compile(r"(\d{1,6}) ?(?:/|per) ?(?:(\d{1,4}) )?(second|minute|hour|day)s?")
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
RIGHT = '"30/hour", or "5 per 10 minutes"'


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many questions in any stretch of this length."""

    most: int
    window: timedelta


def limit(written: str) -> Limit | None:
    """A limit as people write it; None for an empty text.

    Raises:
        ValueError: it cannot be read.
    """
    if not written.strip():
        return None
    found = _FORM.fullmatch(written.strip().lower())
    if found is None or not int(found[1]) or not int(found[2] or 1):
        raise ValueError(f"'{written}' is no limit. Right: {RIGHT}")
    seconds = int(found[2] or 1) * _SECONDS[found[3]]
    return Limit(int(found[1]), timedelta(seconds=seconds))
