"""The gate's rules, each with what breaks it and nothing else."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.evaluation.intervals import bootstrap_difference, clustered_difference
from pipelines.learning.evidence import Evidence, Harm, Labels, Serving, Slice
from pipelines.learning.gate import (
    FEWEST_CLUSTERS,
    FEWEST_KEPT,
    FEWEST_TARGET,
    KEPT,
    KEPT_BY_SEARCH,
    judged,
)


def a_slice(name: str, before: int, after: int, count: int = 120, a_talk: int = 2) -> Slice:
    """So many right before and after, of so many questions; the same ones as far as they can be."""
    return Slice(
        name,
        tuple(f"talk {n // a_talk}" for n in range(count)),
        tuple(float(n < before) for n in range(count)),
        tuple(float(n < after) for n in range(count)),
    )


GOOD = Evidence(
    target=a_slice("corrected answers", 60, 90),
    prompted=a_slice("corrected answers", 70, 90),
    kept=tuple(a_slice(name, 100, 100) for name in KEPT),
    harm=Harm(probes=1000),
    forgotten=0.01,
)


def broken(evidence: Evidence) -> list[str]:
    return [one.name for one in judged(evidence).failed]


def test_what_is_better_and_loses_nothing_passes() -> None:
    verdict = judged(GOOD)
    assert verdict.passes, verdict.failed
    assert {one.measured for one in verdict.conditions if one.name == "target-gain"} == {
        "+25.0 points (+13.3 to +35.0) on corrected answers"
    }


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        ({"target": a_slice("t", 60, 60)}, ["target-gain"]),
        ({"target": a_slice("t", 60, 40)}, ["target-gain"]),
        ({"target": a_slice("t", 60, 61)}, ["target-gain"]),
        ({"prompted": a_slice("t", 90, 90)}, ["prompt-gain"]),
        ({"forgotten": 0.06}, ["forgetting"]),
        ({"forgotten": float("nan")}, ["forgetting"]),
        ({"harm": Harm(1000, leaked=1)}, ["canaries"]),
        ({"harm": Harm(1000, triggered=1)}, ["triggers"]),
        ({"harm": Harm(1000, rude=1)}, ["manners"]),
        ({"harm": Harm(0)}, ["canaries", "triggers", "manners"]),
        ({"serving": Serving(agreement=0.94)}, ["agreement"]),
        ({"serving": Serving(gain_kept=0.5)}, ["gain-served"]),
        ({"serving": Serving(slower=0.11)}, ["latency"]),
        ({"serving": Serving(larger=0.11)}, ["memory"]),
        ({"serving": Serving(longer=-0.3)}, ["length"]),
        ({"vetoes": ("it flatters",)}, ["veto"]),
        ({"labels": Labels(0.7, 0.0, {"majority": 0.7, "chance": 0.5})}, ["baselines", "mcc"]),
        ({"labels": Labels(0.71, 0.02, {"majority": 0.7})}, ["mcc"]),
    ],
)
def test_each_rule_is_broken_by_what_it_is_for(change: dict[str, object], rules: list[str]) -> None:
    assert broken(replace(GOOD, **change)) == rules  # type: ignore[arg-type]


@pytest.mark.parametrize("name", KEPT)
def test_nothing_that_it_was_not_made_for_gets_lost(name: str) -> None:
    kept = tuple(a_slice(name, 100, 90) if one.name == name else one for one in GOOD.kept)
    assert broken(replace(GOOD, kept=kept)) == [f"{name}-kept"]
    unmeasured = tuple(one for one in GOOD.kept if one.name != name)
    assert broken(replace(GOOD, kept=unmeasured)) == [f"{name}-count"]


def test_what_is_below_its_floor_may_not_serve() -> None:
    kept = (replace(GOOD.kept[0], floor=0.9), *GOOD.kept[1:])
    assert broken(replace(GOOD, kept=kept)) == ["answers en-kept"]


def test_another_search_needs_fewer_slices() -> None:
    kept = tuple(one for one in GOOD.kept if one.name in KEPT_BY_SEARCH)
    assert judged(replace(GOOD, kept=kept, prompted=None), KEPT_BY_SEARCH).passes


def test_too_few_questions_are_refused_with_how_many_are_missing() -> None:
    few = a_slice("t", 0, 30, count=30, a_talk=1)
    (rule,) = judged(replace(GOOD, target=few)).failed
    assert (rule.name, rule.missing) == ("target-count", FEWEST_TARGET - 30)
    one_talk = a_slice("t", 60, 90, a_talk=40)
    failed = {one.name: one for one in judged(replace(GOOD, target=one_talk)).failed}
    assert failed["target-count"].missing == FEWEST_CLUSTERS - 3
    nothing = a_slice("t", 0, 0, count=0)
    missing = {one.name: one.missing for one in judged(replace(GOOD, target=nothing)).failed}
    assert missing == {"target-count": FEWEST_TARGET, "target-gain": 0}


def test_how_many_more_would_tell_is_an_estimate_that_holds() -> None:
    """A gain of 4 points among 10 % that changed, which 100 questions cannot show."""
    random = np.random.default_rng(3)

    def asked(count: int) -> Slice:
        changed = random.random(count)
        before = np.where(changed < 0.03, 1.0, 0.0) + np.where(changed > 0.5, 1.0, 0.0)
        after = np.where(changed > 0.43, 1.0, 0.0)
        clusters = tuple(str(n) for n in range(count))
        return Slice("t", clusters, tuple(before.tolist()), tuple(after.tolist()))

    failed = [
        rule.missing
        for _ in range(20)
        for rule in judged(replace(GOOD, target=asked(100))).failed
        if rule.name == "target-gain" and rule.missing
    ]
    more = int(np.median(failed))
    enough = [judged(replace(GOOD, target=asked(100 + 2 * more))).passes for _ in range(20)]
    assert sum(enough) >= 14


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.floats(0, 1)), min_size=1, max_size=60),
)
def test_the_champion_itself_never_passes(items: list[tuple[int, float]]) -> None:
    scores = tuple(score for _, score in items)
    same = Slice("t", tuple(str(talk) for talk, _ in items), scores, scores)
    verdict = judged(replace(GOOD, target=same, prompted=same))
    assert {"target-gain", "prompt-gain"} <= {one.name for one in verdict.failed}


def test_questions_of_one_conversation_count_less_than_those_of_many() -> None:
    random = np.random.default_rng(5)
    talks = np.repeat(np.arange(30), 10)
    luck = np.repeat(random.normal(size=30), 10)
    before, after = np.zeros(300), luck + random.normal(scale=0.1, size=300)
    alone = bootstrap_difference(before, after)
    together = clustered_difference(before, after, [str(one) for one in talks])
    assert together[1] - together[0] > 2 * (alone[1] - alone[0])
    each = clustered_difference(before, after, [str(n) for n in range(300)])
    assert each[1] - each[0] == pytest.approx(alone[1] - alone[0], rel=0.1)


def test_more_questions_are_asked_where_the_first_ones_tell_too_little() -> None:
    """And only where nothing else speaks against it."""
    lost_two = tuple(a_slice(name, 100, 100 if name == "tools" else 98, a_talk=1) for name in KEPT)
    verdict = judged(replace(GOOD, kept=lost_two))
    assert verdict.open == tuple(name for name in KEPT if name != "tools")
    assert not judged(replace(GOOD, kept=lost_two, harm=Harm(1000, leaked=1))).open
    lost_many = replace(GOOD, kept=tuple(a_slice(name, 100, 70) for name in KEPT))
    assert not judged(lost_many).open, "it surely loses too much"
    assert not judged(GOOD).open
    none = tuple(replace(one, clusters=(), champion=(), candidate=()) for one in GOOD.kept)
    assert not judged(replace(GOOD, kept=none)).open, "nothing was asked"


def test_what_is_asked_besides_counts_together_with_the_first_questions() -> None:
    first = replace(GOOD, kept=tuple(a_slice(name, 100, 98, a_talk=1) for name in KEPT))
    more = [a_slice(name, 300, 300, count=360, a_talk=1) for name in KEPT[:-1]]
    again = first.further(
        replace(one, clusters=tuple(f"+{n}" for n in one.clusters)) for one in more
    )
    assert [len(one.candidate) for one in again.kept] == [480] * (len(KEPT) - 1) + [120]
    assert judged(again).open == KEPT[-1:]
    assert not judged(replace(again, kept=again.kept[:-1]), needed=KEPT[:-1]).failed


def test_a_person_waives_single_rules_by_name() -> None:
    few = a_slice("tools", 12, 12, count=20, a_talk=1)
    kept = tuple(few if one.name == "tools" else one for one in GOOD.kept)
    verdict = judged(replace(GOOD, kept=kept))
    (rule,) = verdict.failed
    assert rule.missing == FEWEST_KEPT - 20
    assert not verdict.passes_without([])
    assert verdict.passes_without(["tools-count"])
    assert not verdict.passes_without(["target-gain"])
