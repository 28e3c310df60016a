"""A server that fails several times in a row is left alone, and found again by one probe."""

import asyncio

import pytest

from pipelines.models.breaker import FAILURES, CircuitBreaker
from pipelines.models.errors import ModelMissingError, ModelUnavailableError


def fail(breaker: CircuitBreaker, times: int = FAILURES) -> None:
    for _ in range(times):
        with pytest.raises(ModelUnavailableError, match="oh"), breaker.watching():
            raise ModelUnavailableError("oh", what_to_do="wait")


def work(breaker: CircuitBreaker) -> None:
    with breaker.watching():
        pass


def end_by(error: BaseException, breaker: CircuitBreaker, *, is_heard: bool) -> None:
    with breaker.watching() as attempt:
        attempt.is_heard = is_heard
        raise error


def is_left_alone(breaker: CircuitBreaker) -> bool:
    try:
        work(breaker)
    except ModelUnavailableError:
        return True
    return False


def test_a_few_failures_are_no_reason_and_a_success_forgets_them() -> None:
    breaker = CircuitBreaker("there", pause_s=60)
    fail(breaker, FAILURES - 1)
    work(breaker)
    fail(breaker, FAILURES - 1)
    assert not is_left_alone(breaker)


def test_after_several_failures_nobody_asks() -> None:
    breaker = CircuitBreaker("there", pause_s=60)
    fail(breaker)
    assert is_left_alone(breaker)


def test_after_the_pause_one_asks_while_others_fail_at_once() -> None:
    breaker = CircuitBreaker("there", pause_s=0)
    fail(breaker)
    with breaker.watching():
        assert is_left_alone(breaker)
    assert not is_left_alone(breaker)


def test_a_probe_that_fails_makes_the_pause_longer() -> None:
    breaker = CircuitBreaker("there", pause_s=0)
    fail(breaker, FAILURES + 5)
    assert not is_left_alone(breaker)
    breaker = CircuitBreaker("there", pause_s=60)
    fail(breaker)
    assert is_left_alone(breaker)


def test_a_server_that_refuses_a_question_works() -> None:
    breaker = CircuitBreaker("there", pause_s=60)
    fail(breaker, FAILURES - 1)
    with pytest.raises(ModelMissingError), breaker.watching():
        raise ModelMissingError("no owl", what_to_do="pull")
    fail(breaker, FAILURES - 1)
    assert not is_left_alone(breaker)


@pytest.mark.parametrize(
    ("patience_s", "is_heard", "counts"),
    [(0.0, False, True), (0.0, True, False), (60, False, False)],
)
def test_who_gives_up_after_a_long_silence_counts_as_a_failure(
    patience_s: float, is_heard: bool, counts: bool
) -> None:
    breaker = CircuitBreaker("there", pause_s=60, patience_s=patience_s)
    for _ in range(FAILURES):
        with pytest.raises(asyncio.CancelledError):
            end_by(asyncio.CancelledError(), breaker, is_heard=is_heard)
    assert is_left_alone(breaker) is counts


def test_a_probe_that_is_cancelled_makes_room_for_the_next_one() -> None:
    breaker = CircuitBreaker("there", pause_s=0)
    fail(breaker)
    with pytest.raises(asyncio.CancelledError), breaker.watching():
        raise asyncio.CancelledError
    assert not is_left_alone(breaker)


@pytest.mark.parametrize("is_heard", [True, False])
def test_who_has_heard_enough_has_heard_a_server_that_works(is_heard: bool) -> None:
    breaker = CircuitBreaker("there", pause_s=60)
    fail(breaker, FAILURES - 1)
    with pytest.raises(GeneratorExit):
        end_by(GeneratorExit(), breaker, is_heard=is_heard)
    fail(breaker, 1)
    assert is_left_alone(breaker) is not is_heard
