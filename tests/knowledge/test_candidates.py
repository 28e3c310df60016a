"""Candidates and who serves where, on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from itertools import product

import pytest

from knowledge.candidate import NEXT, Candidate
from knowledge.candidates import Candidates, StateError, UnknownCandidateError
from tests.databases import opened

ANA = "terminal:ana"


@pytest.fixture
async def candidates(database_url: str) -> AsyncIterator[Candidates]:
    """None yet, in an empty database of each kind."""
    async with opened(database_url) as engine:
        yield Candidates(engine)


async def gated(candidates: Candidates, name: str, place: str = "model") -> Candidate:
    """A new one that has passed."""
    one = Candidate(name, place, f"embedded:{name}", {"a.gguf": "00ff"}, {"seed": 7}, "gated")
    await candidates.add(one, by=ANA, reason="a test")
    return one


async def serving(candidates: Candidates, place: str = "model") -> str:
    found = await candidates.champion(place)
    return found.name if found else ""


async def test_what_was_made_is_kept_with_how_it_came_about(candidates: Candidates) -> None:
    one = await gated(candidates, "m1")
    assert await candidates.one("m1") == one
    await candidates.describe("m1", {"mcc": 0.5})
    await candidates.move("m1", "shadow", by="schedule", reason="to see")
    found = await candidates.one("m1")
    assert (found.state, found.about) == ("shadow", {"seed": 7, "mcc": 0.5})
    changes = [(one.state, one.by, one.reason) for one in await candidates.changes("m1")]
    assert changes == [("gated", ANA, "a test"), ("shadow", "schedule", "to see")]


async def test_one_serves_at_a_time_and_each_rollback_goes_one_further_back(
    candidates: Candidates,
) -> None:
    for name in ("m1", "m2", "m3"):
        await gated(candidates, name)
        await candidates.crown(name, by=ANA, reason="passed")
    assert [one.state for one in await candidates.all("model")] == [
        "retired",
        "retired",
        "champion",
    ]
    for name in ("m2", "m1", ""):
        gone, back = await candidates.roll_back("model", by=ANA, reason="worse")
        assert gone.state == "champion"
        assert (back.name if back else "") == name == await serving(candidates)
    with pytest.raises(StateError, match="Nothing that was learnt"):
        await candidates.roll_back("model", by=ANA, reason="worse")


async def test_who_served_may_come_back_and_goes_back_to_who_served_between(
    candidates: Candidates,
) -> None:
    for name in ("m1", "m2"):
        await gated(candidates, name)
        await candidates.crown(name, by=ANA, reason="passed")
    await candidates.crown("m1", by=ANA, reason="missed")
    assert await serving(candidates) == "m1"
    _, back = await candidates.roll_back("model", by=ANA, reason="once more")
    assert back
    assert back.name == "m2"


async def test_what_is_quarantined_does_not_come_back(candidates: Candidates) -> None:
    for name in ("m1", "m2", "m3"):
        await gated(candidates, name)
        await candidates.crown(name, by=ANA, reason="passed")
    await candidates.move("m2", "quarantined", by=ANA, reason="it leaked")
    _, back = await candidates.roll_back("model", by="alarm", reason="errors", to="quarantined")
    assert back
    assert back.name == "m1"
    assert (await candidates.one("m3")).state == "quarantined"
    for name in ("m2", "m3"):
        with pytest.raises(StateError):
            await candidates.crown(name, by=ANA, reason="all the same")
        await candidates.move(name, "retired", by=ANA, reason="looked at")
        with pytest.raises(StateError, match="may come back"):
            await candidates.crown(name, by=ANA, reason="all the same")


async def test_each_place_has_its_own(candidates: Candidates) -> None:
    await gated(candidates, "m1")
    await gated(candidates, "p1", "prompt:helpdesk")
    await candidates.crown("m1", by=ANA, reason="passed")
    assert await serving(candidates, "prompt:helpdesk") == ""
    await candidates.crown("p1", by=ANA, reason="passed")
    await candidates.roll_back("model", by=ANA, reason="worse")
    assert await serving(candidates, "prompt:helpdesk") == "p1"


async def test_only_the_known_ways_lead_from_state_to_state(candidates: Candidates) -> None:
    for before, after in product(NEXT, NEXT):
        name = f"{before} {after}"
        await candidates.add(Candidate(name, name, "x", state=before), by=ANA, reason="")
        if after in NEXT[before] and "champion" not in {before, after}:
            await candidates.move(name, after, by=ANA, reason="")
            assert (await candidates.one(name)).state == after
        else:
            with pytest.raises(StateError):
                await candidates.move(name, after, by=ANA, reason="")
            assert (await candidates.one(name)).state == before


async def test_one_at_a_time_is_tried_in_a_place(candidates: Candidates) -> None:
    for name, place in (("m1", "model"), ("m2", "model"), ("p1", "prompt:helpdesk")):
        await gated(candidates, name, place)
    await candidates.move("m1", "shadow", by=ANA, reason="")
    await candidates.move("m1", "canary", by=ANA, reason="")
    await candidates.move("p1", "shadow", by=ANA, reason="")
    with pytest.raises(StateError, match="m1 is tried as model already"):
        await candidates.move("m2", "shadow", by=ANA, reason="")
    assert [one.name for one in await candidates.being("shadow", "canary")] == ["m1", "p1"]


async def test_of_several_that_are_crowned_at_once_one_serves(candidates: Candidates) -> None:
    names = [f"m{n}" for n in range(6)]
    for name in names:
        await gated(candidates, name)
    await asyncio.gather(*(candidates.crown(name, by=ANA, reason="") for name in names))
    states = {one.name: one.state for one in await candidates.all("model")}
    assert [name for name in names if states[name] == "champion"] == [await serving(candidates)]


async def test_a_wrong_name_is_told_with_the_nearest(candidates: Candidates) -> None:
    with pytest.raises(UnknownCandidateError) as none:
        await candidates.one("m1")
    assert none.value.what_to_do == "Make some: tertulia learn run"
    await gated(candidates, "model-1")
    with pytest.raises(UnknownCandidateError) as near:
        await candidates.crown("modell-1", by=ANA, reason="")
    assert "Did you mean 'model-1'?" in near.value.what_to_do
