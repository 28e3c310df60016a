"""`learn run` makes a router, where tools are asked for with every question and few need one."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.learning_candidate import Bench
from bot.learning_material import material
from bot.learning_run import ROUTING, Wish, learn
from bot.measuring import measuring
from bot.regating import Regated, regate
from bot.routing_candidate import Routing
from bot.settings import Settings
from knowledge.candidate import Candidate
from knowledge.conversations import Feedback
from knowledge.history import History
from pipelines.current import ROUTER
from pipelines.learning.gate import KEPT_BY_ROUTER
from pipelines.learning.routing_evidence import SPARED
from pipelines.learning.routing_labels import Label
from pipelines.learning.sets import Wanted
from pipelines.routing import Weights
from tests.bot.faulty import chooses_calls
from tests.bot.team import Tertulia
from tests.fakes.loopback import Reply
from tests.fakes.scripted_model import NOT_FOUND, ScriptedModel, saying, writing
from tests.pipelines.test_routing import saying as deciding
from tests.weeks.office import CURATOR, PEOPLE, Fact, agree, approve, facts, write_pages

pytestmark = pytest.mark.timeout(1200)
FACTS = [one for one in facts(32) if not one.is_noted]
SUM = re.compile(r"What is (\d+) times (\d+)\?")
LATER = FACTS.pop()
FEW = {"fewest": 20}
LITTLE = {"answers es-kept", "latency"} | {f"{name}-count" for name in ("target", *KEPT_BY_ROUTER)}
"""Rules that an office with a few questions cannot keep, and seconds of a machine at work."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A sum, as people ask for it."""

    first: int
    second: int

    @property
    def question(self) -> str:
        """As they do."""
        return f"What is {self.first} times {self.second}?"

    @property
    def sentence(self) -> str:
        """What is right."""
        return f"{self.first} times {self.second} is {self.first * self.second}."


SUMS = [Counted(11 + n, 7 + 3 * n) for n in range(12)]


@dataclass(slots=True)
class Clerk:
    """The model: reads the passage on what is asked, and has sums calculated."""

    def __call__(self, asked: dict[str, Any]) -> Reply:
        """The reply to one request."""
        last = str(asked["messages"][-1]["content"])
        found = SUM.search(last)
        if chooses_calls(asked) is not None:
            calls = [] if found is None or "Results:" in last else [_call(found)]
            return writing(json.dumps({"calls": calls}))
        if found and str(int(found[1]) * int(found[2])) in last:
            return saying(Counted(int(found[1]), int(found[2])).sentence)
        for one in (*FACTS, LATER):
            if one.question in last and one.sentence in last:
                return saying(one.sentence)
        return saying(NOT_FOUND)


def _call(found: re.Match[str]) -> dict[str, Any]:
    return {"tool": "calculate", "arguments": {"expression": f"{found[1]} * {found[2]}"}}


@pytest.fixture
def office(empty_home: Path, model: ScriptedModel, tertulia: Tertulia) -> Path:
    """An office whose pages are read, and in which everybody agrees."""
    model.thinks = Clerk()
    write_pages(empty_home / "pages", [*FACTS, LATER])
    added = tertulia("source", "add", "office", "files", "--path", str(empty_home / "pages"))
    assert added.code == 0
    read = tertulia("refresh", "--wait")
    assert read.code == 0, read.err
    agree(empty_home)
    return empty_home


async def rated(some: Sequence[Fact | Counted]) -> None:
    """Colleagues ask somebody without tools, and put right what is not; all is approved."""
    async with App(Settings()) as app:
        history = History(await app.database())
        for n, one in enumerate(some):
            talk = await app.talk(PEOPLE[n % len(PEOPLE)], "helpdesk", f"c{n}")
            said = await talk.reply(one.question)
            assert said.answer, said.error
            is_right = one.sentence in said.answer.text
            better = "" if is_right else one.sentence
            rater, verdict = PEOPLE[(n + 1) % len(PEOPLE)], "up" if is_right else "down"
            await history.keep_feedback(
                Feedback(said.answer.reference, rater, verdict, better=better)  # type: ignore[arg-type]  # one of two words
            )
        await approve(app)


def mixed() -> list[Fact | Counted]:
    """Facts and sums, in turns."""
    pairs = zip(FACTS, [*SUMS, *SUMS], strict=False)
    return list(dict.fromkeys(one for pair in pairs for one in pair))


async def learnt(**wanted: Any) -> dict[str, Any]:  # noqa: ANN401 (fields of a wish)
    async with App(Settings()) as app:
        wish = Wish(
            CURATOR, **{"persona": "analyst", "tuning": FEW, **wanted}, count=1, ways=(ROUTING,)
        )
        return (await learn(app, wish, lambda _: None)).as_json()


async def judged(weights: Weights | None) -> set[str]:
    """The rules that do not hold for these weights, or for those that serve, once more."""
    async with App(Settings()) as app:
        known, now = await material(app, Wanted()), await app.cast.casting("analyst")
        found = weights or now.router
        assert found
        async with measuring(app, 1, lambda _: None, app.pace.pause) as (asker, asked):
            bench = Bench(app, CURATOR, known, asker, asked, now, lambda _: None, app.pace.pause)
            made = Routing(Candidate("router-test", ROUTER, ""), frozenset(), found)
            verdict, _ = await made.judged(bench)
        return {one.name for one in verdict.failed} - LITTLE


async def measured_anew() -> list[Regated]:
    async with App(Settings()) as app:
        return await regate(app, CURATOR, 1, lambda _: None)


def labels_of(made: dict[str, Any]) -> list[Label]:
    file = Path(made["report"]).parent / "router" / "labels.jsonl"
    return [Label(**json.loads(line)) for line in file.read_text("utf-8").splitlines()]


def asked(tertulia: Tertulia, one: Fact | Counted) -> dict[str, Any]:
    """The receipt of a right answer."""
    answered = tertulia("ask", one.question, "--persona", "analyst", "--json").value
    assert one.sentence.rstrip(".") in answered["answer"]
    receipt: dict[str, Any] = answered["receipt"]
    return receipt


def promoted(made: dict[str, Any], tertulia: Tertulia) -> None:
    """Have a candidate serve, whatever rules it breaks."""
    waived = [part for rule in made["failed"] for part in ("--waive", rule["name"])]
    assert tertulia("learn", "promote", made["name"], *waived).code == 0


def test_a_router_is_learnt_spares_what_choosing_takes_and_is_taken_back(
    office: Path, tertulia: Tertulia, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(rated(mixed()))
    (made,) = asyncio.run(learnt())["candidates"]
    failed = {rule["name"] for rule in made["failed"]}
    assert failed - LITTLE == set(), "few questions, none of them in Spanish, and nothing else"
    needs = Counter(one.needs for one in labels_of(made))
    assert (needs["knowledge"], needs["tools"]) == (11, 13)
    assert SPARED in Path(made["report"]).read_text("utf-8")
    assert "route" not in asked(tertulia, LATER), "the first one waits for a person"
    promoted(made, tertulia)
    model.prompts.clear()
    receipt = asked(tertulia, LATER)
    assert receipt["learnt"] == {ROUTER: made["name"]}
    assert receipt["route"]["needs"] == "knowledge"
    last = [str(said[-1]["content"]) for said in model.prompts]
    assert not [one for one in last if "Tools:" in one and LATER.question in one]
    receipt = asked(tertulia, Counted(31, 8))
    assert (receipt["route"]["needs"], receipt["chunks"]) == ("tools", [])
    refused(model)
    monkeypatch.setenv("ROUTER", "off")
    assert "route" not in asked(tertulia, LATER)
    assert "does nothing, since ROUTER=off" in tertulia("learn", "status").out
    monkeypatch.delenv("ROUTER")
    taken_back(made, tertulia)


def refused(model: ScriptedModel) -> None:
    """What serves now as its own successor, what takes tools away, and what was measured."""
    assert asyncio.run(judged(None)) == {"target-gain"}
    lost = asyncio.run(judged(deciding("knowledge"))) - {"target-gain", "length"}
    assert lost == {"tools-kept", "needed-kept"}
    model.prompts.clear()
    (reason,) = asyncio.run(learnt())["no_candidate_because"]
    assert "was measured already" in reason
    assert not model.prompts


def taken_back(made: dict[str, Any], tertulia: Tertulia) -> None:
    """By itself once somebody has changed its file; nobody else serves then."""
    weights = Path(made["report"]).parent / "router" / "weights.json"
    weights.write_text(weights.read_text("utf-8") + " ", encoding="utf-8")
    assert "route" not in asked(tertulia, LATER)
    (row,) = tertulia("learn", "status", "--json").value["candidates"]
    assert row["state"] == "quarantined"


def test_a_router_goes_back_as_any_other_candidate(office: Path, tertulia: Tertulia) -> None:
    asyncio.run(rated(mixed()))
    (made,) = asyncio.run(learnt(tuning={**FEW, "adapter": 8}))["candidates"]
    assert "- adapter: " in Path(made["report"]).read_text("utf-8"), "one was tried"
    promoted(made, tertulia)
    assert asked(tertulia, LATER)["learnt"] == {ROUTER: made["name"]}
    (again,) = asyncio.run(measured_anew())
    assert (again.name, again.is_taken_back, again.refuses_null) == (made["name"], False, True)
    assert tertulia("learn", "rollback", ROUTER).code == 0
    assert "route" not in asked(tertulia, LATER)


def test_an_adapter_is_for_routers_only(office: Path, tertulia: Tertulia) -> None:
    for ways in ((), ("--way", "search"), ("--way", "routing", "--way", "prompt")):
        refused = tertulia("learn", "run", "--adapter", "16", *ways)
        assert refused.code != 0
        assert "only for --way routing" in refused.err


def test_too_few_questions_and_nobody_with_tools_are_told_and_nothing_is_asked(
    office: Path, model: ScriptedModel
) -> None:
    asyncio.run(rated(mixed()[:4]))
    model.prompts.clear()
    (reason,) = asyncio.run(learnt(tuning={}))["no_candidate_because"]
    assert "of 3 questions of people it can be found out" in reason
    assert "27 more are wanted" in reason
    (reason,) = asyncio.run(learnt(persona="helpdesk"))["no_candidate_because"]
    assert "helpdesk has no tools" in reason
    assert model.prompts == []
