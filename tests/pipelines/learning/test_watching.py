"""When something that was learnt is taken back by itself, and when not."""

import pytest

from pipelines.learning.watching import Heard, alarms


def met(
    count: int = 100, *, refused: int = 0, seconds: float = 2.0, ups: int = 0, downs: int = 0
) -> Heard:
    """Answers, each of which took a little longer than the one before."""
    found = Heard()
    for n in range(count):
        found.add("no-answer" if n < refused else None, seconds * (1 + n / count))
    found.opinions = [(f"p{n % 5}", n < downs) for n in range(ups + downs)]
    return found


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (met(), ""),
        (met(refused=12), ""),
        (met(refused=40), "'I do not know', 5% is usual"),
        (met(49, refused=40), ""),
        (met(seconds=2.05), ""),
        (met(seconds=3.0), "the slowest of twenty"),
        (met(ups=36, downs=14), ""),
        (met(ups=10, downs=50), "50 of 60 opinions are against its answers, 20% is usual"),
        (met(ups=0, downs=49), ""),
    ],
)
def test_what_people_fare_worse_with_is_taken_back(now: Heard, said: str) -> None:
    found = alarms(now, met(refused=5, ups=48, downs=12))
    assert bool(found) == bool(said)
    assert said in "".join(found)


def test_one_person_alone_takes_nothing_back() -> None:
    now = met()
    now.opinions = [("ana", True)] * 80
    assert alarms(now, met(ups=60)) == []


def test_asking_back_is_no_refusal() -> None:
    now = Heard()
    for _ in range(100):
        now.add("which-meaning", 2.0)
    assert alarms(now, met()) == []


def test_where_nothing_is_known_of_before_most_must_dislike_it() -> None:
    assert alarms(met(ups=30, downs=30), met()) == []
    assert alarms(met(ups=10, downs=60), met())
