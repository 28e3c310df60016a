"""Questions with the calls that they need: BFCL v4, and a hundred in Spanish of our own."""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.tool import Tool
from tests.benchmarks.call_checking import Accepted
from tests.benchmarks.datasets import SHARED
from tests.benchmarks.report import SkippedError
from tests.benchmarks.spanish_tools import TOOLS

BFCL = SHARED / "bfcl_v4"
KINDS = ("simple_python", "multiple", "parallel", "irrelevance")
SPANISH = Path(__file__).with_name("spanish_calls.jsonl")
TUNED_EVERY, TUNED_ON = 4, 20
"""Prompts were worded with each fourth of BFCL's ids, and with so many of the Spanish ones."""
SEED = 11
TODAY = datetime(2026, 5, 4, 9, tzinfo=UTC)
"""What the Spanish questions call today, a Monday."""
_TYPES = {"dict": "object", "float": "number", "tuple": "array"}
_KEPT = {"description", "enum", "minimum", "maximum", "minItems", "maxItems"}


@dataclass(frozen=True, slots=True)
class CallQuestion:
    """A question, the tools that are offered with it, and what is to be called."""

    kind: str
    text: str
    tools: Mapping[str, Tool]
    wanted: Sequence[Accepted]


def sample(count: int, *, tuning: bool = False) -> list[CallQuestion]:
    """So many questions of each kind, always the same ones; those for tuning, or the others."""
    found: list[CallQuestion] = []
    for kind in KINDS:
        rows = [q for number, q in _bfcl(kind) if (number % TUNED_EVERY == 0) is tuning]
        found += random.Random(SEED).sample(rows, min(count, len(rows)))
    spanish = list(_spanish())
    rest = spanish[:TUNED_ON] if tuning else spanish[TUNED_ON:]
    some = [one for one in rest if one.wanted]
    none = [one for one in rest if not one.wanted]
    return found + _some(some, count) + _some(none, count)


def _some(rows: Sequence[CallQuestion], count: int) -> list[CallQuestion]:
    return random.Random(SEED).sample(rows, min(count, len(rows)))


def _bfcl(kind: str) -> Iterator[tuple[int, CallQuestion]]:
    answers = {}
    if kind != "irrelevance":
        rows = _lines(BFCL / "possible_answer" / f"{kind}.json")
        answers = {row["id"]: row["ground_truth"] for row in rows}
    for row in _lines(BFCL / f"{kind}.json"):
        tools = [_tool(one) for one in row["function"]]
        wanted = [{_name(f): a for f, a in one.items()} for one in answers.get(row["id"], ())]
        text = row["question"][0][-1]["content"]
        number = int(row["id"].rpartition("_")[2])
        yield number, CallQuestion(kind, text, {one.name: one for one in tools}, wanted)


def _spanish() -> Iterator[CallQuestion]:
    for row in _lines(SPANISH):
        kind = "Spanish" if row["calls"] else "Spanish, none needed"
        tools = {name: TOOLS[name] for name in row["tools"]}
        yield CallQuestion(kind, row["question"], tools, row["calls"])


def _tool(said: Mapping[str, Any]) -> Tool:
    """A function of BFCL as one of our tools; what it does, the benchmark says."""
    return Tool(_name(said["name"]), said["description"], _schema(said["parameters"]), print)


def _name(name: str) -> str:
    """As protocols allow it."""
    return name.replace(".", "_")


def _schema(said: Mapping[str, Any]) -> dict[str, Any]:
    """BFCL's own types as JSON schema has them."""
    found = {key: value for key, value in said.items() if key in _KEPT}
    kind = _TYPES.get(said.get("type", "any"), said.get("type", "any"))
    if kind != "any":
        found["type"] = kind
    if "properties" in said:
        found["properties"] = {name: _schema(one) for name, one in said["properties"].items()}
        required = said.get("required", ())
        found["required"] = [name for name in required if name in said["properties"]]
        found["additionalProperties"] = False
    if isinstance(said.get("items"), Mapping):
        found["items"] = _schema(said["items"])
    return found


def _lines(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        raise SkippedError(f"there is no {path.parent.name}/{path.name}")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
