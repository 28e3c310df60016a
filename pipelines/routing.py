"""What a question needs, before any model is asked: pages, tools, both, or neither of them.

Choosing tools costs a call of the model, also where none is needed, and a small model then calls
some all the same. So a classifier looks first: a regression over the question's vector, which the
search needs anyway, and a few numbers that mean the same in every team, such as how near the
question is to a tool's name and to the nearest page. It was fitted to what came of asking
questions in every way (`tests/benchmarks/routing_ways.py`), not to rules. Where it is not sure,
all goes on as without it.

It decides whether tools are offered, and whether pages are read besides what tools say. Where no
tool is needed the pages are searched, whatever it says: what nobody knew yesterday may stand on a
page today. Where tools come to nothing, they are searched as well.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.conversations import Conversation
from knowledge.errors import OperatorError
from knowledge.words import words
from pipelines.adapter import Adapter, Numbers, softmax
from pipelines.context import OTHER_LANGUAGE
from pipelines.follow_ups import points_back
from pipelines.particulars import exact_parts
from pipelines.retrieval import Retriever, Sight
from pipelines.tool import Tool

WEIGHTS = Path(__file__).with_name("routing.json")
"""Made by `python -m tests.benchmarks.bench_routing --train`."""
KNOWLEDGE, TOOLS, BOTH, TALK, OUT = NEEDS = ("knowledge", "tools", "both", "talk", "out")
WITHOUT_TOOLS = frozenset({KNOWLEDGE, TALK, OUT})
NAMES = (
    "cosine of the nearest tool's name",
    "its distance from the median of all tools",
    "cosine of the nearest chunk",
    "its distance from the mean of the next ones",
    "logarithm of the number of words",
    "sentences and halves of sentences",
    "numbers, dates and codes",
    "a question mark",
    "goes on with what was said before",
)
FURTHEST = 0.7
"""A cosine that no page of any subject falls below, where nothing is known."""
_HALVES = re.compile(
    r"[?!.;](?:\s|$)|,? (?:and|y|also|too|as well|también|además)\b", re.IGNORECASE
)


class WeightsError(OperatorError):
    """The file of weights is not what was written."""

    kind = "routing_weights"


@dataclass(frozen=True, slots=True)
class Route:
    """What a question needs.

    Attributes:
        needs: one of `NEEDS`; empty where nobody can tell, so that everything is tried.
        confidence: 0 to 1, in the likeliest of them.
        edition: of the weights.
    """

    needs: str
    confidence: float
    edition: str

    @property
    def may_need_tools(self) -> bool:
        """Whether tools are offered to the model."""
        return self.needs not in WITHOUT_TOOLS

    @property
    def may_need_pages(self) -> bool:
        """Whether pages are read besides what tools say."""
        return self.needs != TOOLS

    def told(self) -> dict[str, Any]:
        """The same for a receipt."""
        confidence = round(self.confidence, 2)
        return {"needs": self.needs, "confidence": confidence, "edition": self.edition}


@dataclass(frozen=True, slots=True)
class Weights:
    """A multinomial logistic regression, tempered.

    Attributes:
        embedder: the model that vectors come from; those of another one say nothing here.
        mean, scale: shape (dimensions + len(NAMES),); what is subtracted, and divided by.
        matrix: shape (len(NEEDS), dimensions + len(NAMES)).
        bias: shape (len(NEEDS),).
        temperature: above 0; what makes a probability of .9 right nine times out of ten.
        least: of confidence; below it nobody can tell.
        trained_on: how many questions, and the hash of them.
        adapter: of the vector, once it is scaled; mostly none.
    """

    embedder: str
    mean: Numbers
    scale: Numbers
    matrix: Numbers
    bias: Numbers
    temperature: float
    least: float
    trained_on: str
    adapter: Adapter | None = None
    _hashed: list[str] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def edition(self) -> str:
        """A hash of all of it, made once: that takes far longer than a decision."""
        if not self._hashed:
            text = json.dumps(_value(self), sort_keys=True)
            self._hashed.append(sha256(text.encode()).hexdigest()[:12])
        return self._hashed[0]

    def probabilities(self, rows: Numbers) -> Numbers:
        """Of each need: shape (len(rows), len(NEEDS)).

        Args:
            rows: shape (examples, dimensions + len(NAMES)), as `features` makes them.
        """
        return softmax(self.logits(rows) / self.temperature)

    def logits(self, rows: Numbers) -> Numbers:
        """The same, not tempered."""
        scaled = (rows - self.mean) / self.scale
        found: Numbers = (self.adapter.of(scaled) if self.adapter else scaled) @ self.matrix.T
        return found + self.bias

    def route(self, row: Numbers) -> Route:
        """The decision for one question."""
        shares = self.probabilities(row[None, :])[0]
        best = int(shares.argmax())
        is_sure = shares[best] >= self.least
        return Route(NEEDS[best] if is_sure else "", float(shares[best]), self.edition)


@dataclass(slots=True)
class QuestionRouter:
    """Decides for each question whether tools are worth asking for, and pages besides.

    Attributes:
        weights: ours, or those that were trained on the team's own questions.
    """

    retriever: Retriever
    weights: Weights
    _named: dict[str, Numbers] = field(default_factory=dict)

    async def route(self, conversation: Conversation, tools: Sequence[Tool]) -> Route | None:
        """What the last message needs; None where the weights are for another embedder."""
        if self.retriever.embedder != self.weights.embedder:
            return None
        return self.weights.route(await self.row(conversation, tools))

    async def row(self, conversation: Conversation, tools: Sequence[Tool]) -> Numbers:
        """What is decided on: see `features`."""
        sight = await self.retriever.sight(conversation)
        return features(conversation.question.text, sight, await self.named(tools))

    async def named(self, tools: Sequence[Tool]) -> Numbers:
        """The names of tools as vectors: shape (len(tools), dimensions).

        As questions, which they resemble more than pages. Of what was tried on the questions to
        train with, names alone told most: with descriptions and parameters .88 were right
        instead of .90.
        """
        texts = [one.name.replace("_", " ") for one in tools]
        new = [text for text in texts if text not in self._named]
        if new:
            made = await self.retriever.embedded(new)
            self._named |= dict(zip(new, made.astype(np.float64), strict=True))
        return np.array([self._named[text] for text in texts])


def features(question: str, sight: Sight, tools: Numbers) -> Numbers:
    """The question's vector, and the numbers that `NAMES` names: shape (dimensions + 9,).

    Args:
        question: as it was asked.
        sight: of it.
        tools: shape (tools, dimensions).
    """
    vector = sight.vector.astype(np.float64)
    likeness = tools @ vector if len(tools) else np.array([FURTHEST])
    near = sorted((*sight.own, *(one + OTHER_LANGUAGE for one in sight.other)), reverse=True)
    near = near or [FURTHEST]
    behind = float(np.mean(near[1:])) if len(near) > 1 else near[0]
    tool, page = float(likeness.max()), float(near[0])
    numbers = [
        *(tool, tool - float(np.median(likeness)), page, page - behind),
        float(np.log1p(len(words(question)))),
        float(len(_HALVES.findall(question))),
        float(len(exact_parts(question))),
        float("?" in question),
        float(points_back(question)),
    ]
    return np.concatenate([vector, numbers])


def save(weights: Weights, path: Path = WEIGHTS) -> None:
    """Write weights with their hash."""
    value = {"edition": rounded(weights).edition, **_value(rounded(weights))}
    path.write_text(json.dumps(value, separators=(",", ":")) + "\n", encoding="utf-8")


def rounded(weights: Weights) -> Weights:
    """The same as it is written."""
    return _read(_value(weights))


@cache
def load(path: Path = WEIGHTS) -> Weights:
    """Read weights; whoever changes one by hand writes another hash, too.

    Raises:
        WeightsError: there are none, or they are not those that were written.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        weights = _read(value)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(
            f"{path}: cannot be read as weights of the router: {error}.", what_to_do=TRAIN
        ) from error
    if value.get("edition") != weights.edition:
        raise WeightsError(f"{path}: was changed after it was written.", what_to_do=TRAIN)
    return weights


TRAIN = "Install Tertulia again, or set ROUTER=none."
_ARRAYS = ("mean", "scale", "matrix", "bias")
_OF_ADAPTER = ("down", "offset", "up")


def _value(weights: Weights) -> dict[str, Any]:
    plain: dict[str, Any] = {"needs": NEEDS, "features": NAMES, "embedder": weights.embedder}
    # Weights without an adapter keep the edition that they had before there were any.
    if adapter := weights.adapter:
        plain |= {"adapter": _figures(adapter, _OF_ADAPTER)}
    return {
        **plain,
        **_figures(weights, _ARRAYS),
        "temperature": round(weights.temperature, 3),
        "least": round(weights.least, 3),
        "trained_on": weights.trained_on,
    }


def _figures(holder: Weights | Adapter, names: Sequence[str]) -> dict[str, Any]:
    return {name: np.round(getattr(holder, name), 4).tolist() for name in names}


def _read(value: Mapping[str, Any]) -> Weights:
    if tuple(value["needs"]) != NEEDS or tuple(value["features"]) != NAMES:
        raise ValueError("they are for other needs or features")
    return Weights(
        embedder=value["embedder"],
        temperature=float(value["temperature"]),
        least=float(value["least"]),
        trained_on=value["trained_on"],
        adapter=_adapter(value),
        **_arrays(value, _ARRAYS),
    )


def _adapter(value: Mapping[str, Any]) -> Adapter | None:
    if "adapter" not in value:
        return None
    found = Adapter(**_arrays(value["adapter"], _OF_ADAPTER))
    if len(found.down) != len(value["mean"]) - len(NAMES):
        raise ValueError("their adapter is for other vectors")
    return found


def _arrays(value: Mapping[str, Any], names: Sequence[str]) -> dict[str, Numbers]:
    return {name: np.array(value[name], dtype=np.float64) for name in names}
