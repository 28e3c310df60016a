"""What is left of a day."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.free_time import Span, free_between, long_enough, rounded_up

START = datetime(2026, 5, 4, 8, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


def free(*busy: tuple[int, int], until: int = 60) -> list[tuple[int, int]]:
    spans = free_between([(at(a), at(b)) for a, b in busy], START, at(until))
    return [(int((a - START).seconds / 60), int((b - START).seconds / 60)) for a, b in spans]


def test_what_is_free_lies_between_what_is_not() -> None:
    assert free() == [(0, 60)]
    assert free((10, 20), (30, 40)) == [(0, 10), (20, 30), (40, 60)]
    assert free((30, 40), (10, 35), (15, 20)) == [(0, 10), (40, 60)]
    assert free((0, 10), (10, 60)) == []
    assert free((-90, 5), (50, 900), (70, 80)) == [(5, 50)]
    assert free(until=0) == []


@given(st.lists(st.tuples(st.integers(-60, 120), st.integers(0, 60))))
def test_no_minute_is_free_and_busy(written: list[tuple[int, int]]) -> None:
    busy = [(begin, begin + long) for begin, long in written]
    spans = free(*busy)
    for minute in range(60):
        is_busy = any(a <= minute < b for a, b in busy)
        assert is_busy != any(a <= minute < b for a, b in spans)


def test_only_what_is_long_enough_is_kept() -> None:
    spans: list[Span] = [(at(0), at(29)), (at(30), at(60))]
    assert long_enough(spans, timedelta(minutes=30)) == [spans[1]]


@pytest.mark.parametrize(("minute", "then"), [(0, 0), (0.5, 5), (5, 5), (56, 60)])
def test_things_begin_at_round_times(minute: float, then: int) -> None:
    assert rounded_up(START + timedelta(minutes=minute)) == at(then)
