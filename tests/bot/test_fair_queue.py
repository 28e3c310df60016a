"""Who is answered next is fair between people and keeps the order within a conversation."""

from hypothesis import given
from hypothesis import strategies as st

from bot.fair_queue import FairQueue

PEOPLE = st.sampled_from("abcd")
PLACES = st.sampled_from("wxyz")


def filled(*turns: tuple[str, str]) -> FairQueue:
    """A queue in which these people wait in these conversations, numbered from 1."""
    queue = FairQueue(100, 100)
    for number, (author, conversation) in enumerate(turns, 1):
        assert queue.put(number, author, conversation)
    return queue


def begun(queue: FairQueue) -> list[int]:
    """All turns in the order in which they are answered, one after the other."""
    order = []
    while (number := queue.begin()) is not None:
        order.append(number)
        queue.end(number)
    return order


def test_who_asks_once_comes_before_the_second_question_of_somebody_else() -> None:
    queue = filled(("ana", "1"), ("ana", "2"), ("ana", "3"), ("zoe", "4"))
    assert begun(queue) == [1, 4, 2, 3]


def test_who_comes_next_is_known_before_it_begins() -> None:
    queue = filled(("ana", "1"), ("ana", "2"), ("ana", "3"), ("zoe", "4"))
    assert queue.first(2) == [1, 4]
    assert queue.begin() == 1
    assert queue.first(9) == [4, 2, 3]
    assert [queue.position(number) for number in queue.first(9)] == [1, 2, 3]


def test_in_a_conversation_one_turn_at_a_time_is_answered() -> None:
    queue = filled(("ana", "1"), ("zoe", "1"), ("eva", "2"))
    assert queue.begin() == 1
    assert queue.begin() == 3
    assert queue.begin() is None
    queue.end(1)
    assert queue.begin() == 2


def test_the_position_tells_how_many_come_before() -> None:
    queue = filled(("ana", "1"), ("ana", "2"), ("zoe", "3"))
    assert [queue.position(n) for n in (1, 2, 3, 9)] == [0, 2, 1, 0]
    queue.begin()
    assert [queue.position(n) for n in (1, 2, 3)] == [0, 2, 1]


def test_no_more_wait_than_may() -> None:
    queue = FairQueue(3, 2)
    assert [queue.put(n, "ana", str(n)) for n in range(3)] == [True, True, False]
    assert [queue.put(n, "zoe", str(n)) for n in range(3, 5)] == [True, False]


def test_somebody_who_always_asks_more_keeps_nobody_waiting_for_ever() -> None:
    queue = filled(("ana", "1"), ("ana", "2"))
    others = 0
    for number in range(3, 40):
        queue.put(number, f"other{number}", str(number))
        first = queue.begin()
        assert first is not None
        queue.end(first)
        others += first > 2
        if first == 2:
            break
    assert others <= 3


@given(st.lists(st.tuples(PEOPLE, PLACES), max_size=30))
def test_everybody_is_answered_once_and_in_order(turns: list[tuple[str, str]]) -> None:
    order = begun(filled(*turns))
    assert sorted(order) == list(range(1, len(turns) + 1))
    for place in "wxyz":
        own = [n for n in order if turns[n - 1][1] == place]
        assert own == sorted(own)


@given(st.lists(st.tuples(PEOPLE, PLACES), max_size=30))
def test_positions_are_a_row_without_gaps(turns: list[tuple[str, str]]) -> None:
    queue = filled(*turns)
    numbers = range(1, len(turns) + 1)
    assert sorted(queue.position(n) for n in numbers) == list(range(len(turns)))
