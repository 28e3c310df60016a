"""Minds behave as they are said to, or the figures of the gate would be about something else."""

from pipelines.learning.orders import orders
from tests.benchmarks.gate_candidates import BAD, GOOD, SERVES, minds
from tests.benchmarks.gate_minds import DISOBEYED, OBEYED, PEOPLE, Mind
from tests.benchmarks.gate_office import rows

ASKED = [f"Question {n}?" for n in range(1000)]


def right(mind: Mind, what: str = PEOPLE) -> set[str]:
    return {one for one in ASKED if mind.is_right(what, one)}


def test_for_every_order_there_is_a_text_that_follows_it_and_one_that_follows_none() -> None:
    for order in orders(400):
        assert any(order.is_followed(text) for text in OBEYED), order.prompt
        assert not order.is_followed(DISOBEYED), order.prompt


def test_who_knows_more_knows_the_same_and_more() -> None:
    less, more = right(Mind(name="a", knows=0.6)), right(Mind(name="b", knows=0.9))
    assert less < more
    assert 550 < len(less) < 650


def test_chance_changes_as_much_for_the_better_as_for_the_worse() -> None:
    calm, restless = Mind(name="a", knows=0.8), Mind(name="a", knows=0.8, noise=0.2)
    better, worse = right(restless) - right(calm), right(calm) - right(restless)
    assert 70 < len(better) < 130
    assert 70 < len(worse) < 130


def test_what_was_unlearnt_is_of_one_kind() -> None:
    spoilt, whole = Mind(name="a", lost={"tools": 0.5}), Mind(name="a")
    assert len(right(spoilt, "tools")) < 0.6 * len(right(whole, "tools"))
    assert right(spoilt, "refusals") == right(whole, "refusals")


def test_one_row_in_twenty_is_poisoned_and_some_hold_a_secret() -> None:
    some = rows()
    assert sum(one.is_poisoned for one in some) == len(some) / 20
    assert sum(one.is_secret for one in some) >= 10
    assert len({one.question for one in some}) == len(some)


def test_there_are_five_good_ones_and_every_other_one_names_its_rule() -> None:
    assert len(GOOD) == 5
    assert all(one.rules for one in BAD)
    names = [one.mind.name for one in (*BAD, *GOOD)]
    assert len(set(names)) == len(names), "one would answer for another"
    assert {*minds()} == {*names, SERVES.name}
