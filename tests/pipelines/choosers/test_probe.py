"""Each model is asked a few questions once; where it is the same, it is asked our way."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from knowledge.conversations import now
from knowledge.ledger import Ledger
from knowledge.sources import Notes, NotesInMemory
from pipelines.choosers.probe import NOTES, Probe, exam
from pipelines.models import catalogue
from pipelines.models.embedded import embedded_chat_model
from pipelines.models.endpoints import Endpoint
from pipelines.models.openai_compatible import OpenAICompatibleChatModel, RemoteServer
from pipelines.tools import Call
from tests.databases import opened
from tests.fakes.loopback import LoopbackServer, Reply, Request
from tests.fakes.scripted_model import ScriptedModel, silence, writing
from tests.pipelines.choosers.test_native import REFUSED, called, function

Answer = Callable[[tuple[Call, ...]], Reply]


def natively(calls: tuple[Call, ...]) -> Reply:
    """A right reply of a model that calls by itself."""
    functions = (function(one.tool, json.dumps(one.arguments)) for one in calls)
    return called(*functions) if calls else writing("no")


def our_way(calls: tuple[Call, ...]) -> Reply:
    """A right reply to our prompt."""
    said = [{"tool": one.tool, "arguments": one.arguments} for one in calls]
    return writing(json.dumps({"calls": said}))


class Examinee(ScriptedModel):
    """Answers the questions of the probe.

    Attributes:
        count: of what it was asked.
    """

    def __init__(self, router: Answer, native: Answer) -> None:
        super().__init__()
        self.router, self.native, self.count = router, native, 0

    def respond(self, request: Request) -> Reply:
        if not request.path.endswith("/completions"):
            return super().respond(request)
        self.count += 1
        asked: dict[str, Any] = request.json()
        last = str(asked["messages"][-1]["content"])
        wanted = next(calls for text, calls in exam()[1] if text in last)
        return self.native(wanted) if "tools" in asked else self.router(wanted)


class Kept(NotesInMemory):
    """Notes whose keys can be seen."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: set[str] = set()

    async def put(self, notes: Mapping[str, str]) -> None:
        self.keys |= set(notes)
        await super().put(notes)


@pytest.fixture
async def notes(tmp_path: Path) -> AsyncIterator[Notes]:
    async with opened(f"sqlite:///{tmp_path}/notes.db") as engine:
        yield Ledger(engine).notes(NOTES)


async def found(examinee: Examinee, notes: Notes, **options: float) -> tuple[str, str]:
    """The way that a model is asked, and what is told of it."""
    async with LoopbackServer(examinee.respond) as server:
        place = RemoteServer(Endpoint(f"{server.url}/v1"))
        model = OpenAICompatibleChatModel("openai:owl", place, model="owl", timeout_s=20)
        try:
            probe = Probe(notes, **options)
            said = await probe.told(model)
            count = examinee.count
            chooser = await Probe(notes).best(model)
            assert examinee.count == count  # what was found out is remembered
            return chooser.name, said
        finally:
            await model.stop()


async def test_a_model_that_calls_better_by_itself_does_so(notes: Notes) -> None:
    way, said = await found(Examinee(lambda _: our_way(()), natively), notes)
    assert way == "native"
    assert said == (
        "is asked for calls natively (6 of 6 right natively, 0 of 6 right with our own prompt)"
    )


async def test_a_model_that_is_right_our_way_is_not_asked_the_other(notes: Notes) -> None:
    examinee = Examinee(our_way, natively)
    way, said = await found(examinee, notes)
    assert (way, examinee.count) == ("router", 6)
    assert said == "is asked for calls with our own prompt (6 of 6 right with our own prompt)"


async def test_where_both_ways_are_the_same_a_model_is_asked_ours(notes: Notes) -> None:
    way, _ = await found(Examinee(lambda _: our_way(()), lambda _: writing("no")), notes)
    assert way == "router"


async def test_a_server_that_refuses_tools_is_asked_our_way(notes: Notes) -> None:
    way, said = await found(Examinee(lambda _: our_way(()), lambda _: REFUSED), notes)
    assert way == "router"
    assert "natively" not in said


async def test_a_model_that_is_too_slow_is_asked_our_way_and_measured_again_later(
    notes: Notes,
) -> None:
    slow = Examinee(lambda _: silence(), lambda _: silence())
    way, said = await found(slow, notes, time_limit_s=0.3)
    assert (way, said) == (
        "router",
        "is asked for calls with our own prompt (too slow to be measured)",
    )


async def test_what_could_not_be_measured_is_measured_again_a_day_later() -> None:
    examinee, kept = Examinee(our_way, natively), Kept()
    async with LoopbackServer(examinee.respond) as server:
        place = RemoteServer(Endpoint(f"{server.url}/v1"))
        model = OpenAICompatibleChatModel("openai:owl", place, model="owl", timeout_s=20)
        probe = Probe(kept)
        await probe.best(model)
        (key,) = kept.keys
        old = {"of": 6, "router": None, "native": None}
        for age, count in ((timedelta(hours=1), 6), (timedelta(days=2), 12)):
            await kept.put({key: json.dumps({**old, "at": (now() - age).isoformat()})})
            await probe.best(model)
            assert examinee.count == count
        await kept.put({key: "no JSON"})
        await probe.best(model)
        assert examinee.count == 18
        await model.stop()


async def test_models_of_our_catalogue_are_not_asked(tmp_path: Path) -> None:
    model = embedded_chat_model(catalogue.entry("qwen2.5-coder-1.5b"), tmp_path)
    probe = Probe(NotesInMemory())
    assert (await probe.best(model)).name == "router"
    assert "as was measured" in await probe.told(model)
