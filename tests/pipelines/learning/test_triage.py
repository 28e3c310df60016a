"""The verdict over evidence: each kind by what it is for; no training for what is missing."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.context import COUNT
from pipelines.learning.poisoning import FEWEST_LABELS, FEWEST_VOTERS
from pipelines.learning.triage import (
    CHEAPEST,
    FEWEST_CORRECTIONS,
    MANY_OF_A_PROMPT,
    SAMPLES,
    WAYS,
    Approved,
    Evidence,
    Gold,
    Kind,
    Test,
    Verdict,
    judged,
    summed_up,
)

READ, LATE, MISSING = Gold(0, is_stated=True), Gold(COUNT, is_stated=True), Gold()
CLOSED = Gold(is_closed=True)
PLENTY = Approved(FEWEST_CORRECTIONS, FEWEST_LABELS, FEWEST_VOTERS)
TESTS: tuple[Test, ...] = get_args(Test)
GOLDS = st.builds(
    Gold,
    rank=st.none() | st.integers(0, 199),
    is_stated=st.booleans(),
    is_closed=st.booleans(),
)
SHARES = st.dictionaries(
    st.sampled_from(TESTS), st.sampled_from([n / SAMPLES for n in range(SAMPLES + 1)])
)
EVIDENCE = st.builds(
    Evidence,
    expected=st.sampled_from(["answer", "refusal"]),
    gold=GOLDS,
    shares=SHARES,
    approved=st.builds(Approved, st.integers(0, 100), st.integers(0, 400), st.integers(0, 20)),
    was_right=st.booleans(),
)


def evidence(gold: Gold, *right: Test, approved: Approved = PLENTY, **more: object) -> Evidence:
    """What comes of it if only these changes put it right."""
    shares = {test: 1.0 if test in right else 0.0 for test in TESTS}
    return Evidence("answer", gold, shares, approved, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "kind", "by"),
    [
        (evidence(CLOSED), "rights", ""),
        (evidence(CLOSED, *TESTS), "rights", ""),
        (evidence(MISSING), "knowledge", ""),
        (evidence(MISSING, "prompt", "budget", "gold", "alone", "nothing"), "knowledge", ""),
        (evidence(MISSING, "tool"), "tool", "tool"),
        (evidence(READ, *TESTS), "fixed", "unchanged"),
        (evidence(MISSING, "unchanged"), "fixed", "unchanged"),
        (evidence(READ, "unchanged", was_right=True), "preference", "unchanged"),
        (evidence(READ, *TESTS[1:]), "prompt", "prompt"),
        (evidence(READ, *TESTS[2:]), "budget", "budget"),
        (evidence(READ, *TESTS[3:]), "tool", "tool"),
        (evidence(LATE, *TESTS[4:]), "retrieval", "gold"),
        (evidence(READ, *TESTS[4:]), "distractors", "gold"),
        (evidence(LATE, *TESTS[5:]), "budget", "gold-budget"),
        (evidence(LATE, *TESTS[6:]), "distractors", "alone"),
        (evidence(READ, "nothing"), "distractors", "nothing"),
        (evidence(READ), "tuning", ""),
        (evidence(replace(READ, is_stated=False)), "weak", ""),
        (evidence(READ, approved=Approved()), "weak", ""),
    ],
)
def test_each_kind_is_told_by_what_fixes_it(one: Evidence, kind: Kind, by: str) -> None:
    verdict = judged(one)
    assert (verdict.kind, verdict.by) == (kind, by)


def test_two_of_three_are_enough_and_one_is_luck() -> None:
    shares: dict[Test, float] = {"unchanged": 1 / SAMPLES, "prompt": 1 / SAMPLES}
    one = Evidence("answer", READ, {**shares, "budget": 2 / SAMPLES}, PLENTY)
    assert judged(one).kind == "budget"
    assert judged(replace(one, shares={"unchanged": 2 / SAMPLES})).kind == "fixed"


def test_too_few_opinions_and_corrections_are_told_with_how_many_are_missing() -> None:
    few = Approved(FEWEST_CORRECTIONS - 1, FEWEST_LABELS - 20, FEWEST_VOTERS - 3)
    disliked = judged(evidence(READ, "unchanged", approved=few, was_right=True))
    assert disliked == Verdict("preference", "unchanged", {"labels": 20, "voters": 3})
    assert disliked.way is None
    assert disliked.steps == ()
    assert judged(evidence(READ, approved=few)) == Verdict("weak", missing={"corrections": 1})


def test_a_refusal_that_is_wanted_needs_no_page() -> None:
    shares: dict[Test, float] = {"unchanged": 0.0, "prompt": 1.0}
    assert judged(Evidence("refusal", MISSING, shares, PLENTY)).kind == "prompt"
    assert judged(Evidence("refusal", MISSING, {"unchanged": 0.0}, PLENTY)).kind == "tuning"


@given(EVIDENCE)
def test_what_no_passage_holds_is_never_answered_with_training(one: Evidence) -> None:
    missing = replace(one, expected="answer", gold=replace(one.gold, rank=None))
    verdict = judged(missing)
    if not missing.is_right("unchanged"):
        assert verdict.kind in ("knowledge", "rights", "tool")
        assert verdict.way != "tuning"


@given(EVIDENCE)
def test_what_no_passage_states_is_never_tuned(one: Evidence) -> None:
    unstated = replace(one, expected="answer", gold=replace(one.gold, is_stated=False))
    assert judged(unstated).kind != "tuning"


@given(EVIDENCE)
def test_the_cheapest_change_that_fixes_it_is_named(one: Evidence) -> None:
    verdict = judged(one)
    order = [test for test, _ in CHEAPEST]
    if verdict.by in order:
        earlier = order[: order.index(verdict.by)]
        assert one.is_right(verdict.by)
        assert not one.is_right("unchanged")
        assert one.lacks_knowledge or not any(one.is_right(test) for test in earlier)
    assert judged(one) == verdict


@given(EVIDENCE, st.sampled_from(TESTS))
def test_a_change_that_helps_more_never_makes_it_worse(one: Evidence, test: Test) -> None:
    """One more test that comes out right never turns a remedy into none."""
    before, after = judged(one), judged(replace(one, shares={**one.shares, test: 1.0}))
    if before.kind in WAYS and before.way and before.kind not in ("tuning", "preference"):
        assert after.kind in (*WAYS, "fixed")


def test_the_way_that_helps_most_is_named_and_equals_are_equals() -> None:
    some = [Verdict("retrieval"), Verdict("budget"), Verdict("prompt"), Verdict("knowledge")]
    summary = summed_up([*some, Verdict("fixed"), Verdict("preference", missing={"voters": 3})])
    assert summary.failing == 5
    assert summary.best == ("retrieval",)
    assert summary.ways == {"retrieval": 2, "prompt": 1}
    assert set(summed_up(some[1:]).best) == {"retrieval", "prompt"}
    assert summed_up([Verdict("weak"), Verdict("knowledge")]).best == ()
    assert summed_up([]).best == ()
    assert not summary.may_distil
    assert summed_up([Verdict("prompt")] * MANY_OF_A_PROMPT).may_distil


def test_every_kind_has_something_to_be_done_but_what_is_right() -> None:
    kinds: tuple[Kind, ...] = get_args(Kind)
    assert [kind for kind in kinds if not Verdict(kind).steps] == ["fixed"]
