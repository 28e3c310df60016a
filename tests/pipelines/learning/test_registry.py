"""Who may serve: what passed, and what a person has said."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from knowledge.candidate import Candidate
from knowledge.candidates import Candidates, StateError
from pipelines.learning.evidence import Evidence
from pipelines.learning.gate import judged
from pipelines.learning.registry import WAIVED, NotAllowedError, Registry, conditions
from tests.databases import opened
from tests.pipelines.learning.test_gate import GOOD, a_slice

ANA = "terminal:ana"
FEW = replace(
    GOOD,
    kept=tuple(
        a_slice("tools", 12, 12, count=20, a_talk=1) if one.name == "tools" else one
        for one in GOOD.kept
    ),
)
WORSE = replace(GOOD, target=a_slice("t", 60, 40))


@pytest.fixture
async def candidates(database_url: str) -> AsyncIterator[Candidates]:
    """None yet, in an empty database of each kind."""
    async with opened(database_url) as engine:
        yield Candidates(engine)


async def trained(candidates: Candidates, name: str, evidence: Evidence | None) -> Registry:
    registry = Registry(candidates)
    one = Candidate(name, "model", f"embedded:{name}", state="trained")
    await candidates.add(one, by="schedule", reason="trained")
    if evidence:
        await registry.judge(name, judged(evidence), by="schedule")
    return registry


async def test_the_first_to_serve_needs_a_person_and_the_next_ones_do_not(
    candidates: Candidates,
) -> None:
    registry = await trained(candidates, "m1", GOOD)
    with pytest.raises(NotAllowedError, match="nothing learnt has served") as refused:
        await registry.promote("m1", by="schedule", is_person=False)
    assert refused.value.what_to_do.endswith("tertulia learn promote m1")
    assert await registry.promote("m1", by=ANA, is_person=True) is None
    await trained(candidates, "m2", GOOD)
    before = await registry.promote("m2", by="schedule", is_person=False)
    assert before
    assert before.name == "m1"


async def test_what_the_gate_refused_stays_out_with_its_numbers(candidates: Candidates) -> None:
    registry = await trained(candidates, "m1", WORSE)
    found = await candidates.one("m1")
    assert found.state == "trained"
    broken = {one.name: one.measured for one in conditions(found.about) if not one.holds}
    assert list(broken) == ["target-gain"]
    assert broken["target-gain"].startswith("-16.7 points")
    with pytest.raises(NotAllowedError, match="has not passed the gate: target-gain") as refused:
        await registry.promote("m1", by=ANA, is_person=True)
    assert "--waive 'target-gain'" in refused.value.what_to_do
    assert await candidates.champion("model") is None


async def test_a_person_waives_single_rules_and_it_is_written_down(candidates: Candidates) -> None:
    registry = await trained(candidates, "m1", FEW)
    with pytest.raises(NotAllowedError, match="nothing to waive in canaries"):
        await registry.promote("m1", by=ANA, is_person=True, waived=["tools-count", "canaries"])
    with pytest.raises(NotAllowedError):
        await registry.promote("m1", by="schedule", is_person=False, waived=["tools-count"])
    await registry.promote("m1", by=ANA, is_person=True, waived=["tools-count"])
    found = await candidates.one("m1")
    assert found.about[WAIVED] == {"rules": ["tools-count"], "by": ANA}
    assert [one.reason for one in await candidates.changes("m1")][1:] == [
        "waived: tools-count",
        "promoted",
    ]
    await trained(candidates, "m2", FEW)
    with pytest.raises(NotAllowedError, match="rules were waived"):
        await registry.promote("m2", by="schedule", is_person=False, waived=["tools-count"])


async def test_what_the_gate_has_not_seen_serves_nobody(candidates: Candidates) -> None:
    registry = await trained(candidates, "m1", None)
    with pytest.raises(StateError, match="the gate has not seen it"):
        await registry.promote("m1", by=ANA, is_person=True)


async def test_who_served_comes_back_as_it_passed(candidates: Candidates) -> None:
    registry = await trained(candidates, "m1", GOOD)
    await trained(candidates, "m2", GOOD)
    for name in ("m1", "m2", "m1"):
        await registry.promote(name, by=ANA, is_person=True)
    champion = await candidates.champion("model")
    assert champion
    assert champion.name == "m1"
