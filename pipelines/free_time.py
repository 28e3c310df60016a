"""What is free between things that are not."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

Span = tuple[datetime, datetime]
"""From a moment until another one, both in UTC."""


def free_between(busy: Iterable[Span], start: datetime, end: datetime) -> Iterator[Span]:
    """What is left of the time between two moments, in order.

    Args:
        busy: in any order; may overlap, and reach beyond both moments.
        start: the first moment.
        end: the last one.
    """
    for begins, ends in sorted(busy):
        if begins >= end:
            break
        if begins > start:
            yield start, begins
        start = max(start, ends)
    if start < end:
        yield start, end


def long_enough(spans: Iterable[Span], least: timedelta) -> list[Span]:
    """Those of them that something of this length fits into."""
    return [(start, end) for start, end in spans if end - start >= least]


def rounded_up(moment: datetime, minutes: int = 5) -> datetime:
    """The next moment at which something could begin."""
    step = timedelta(minutes=minutes)
    whole = moment.replace(minute=0, second=0, microsecond=0)
    return whole + -(-(moment - whole) // step) * step
