"""Whether a persona leaves a model able to follow instructions: prompts of IFEval.

{count} prompts, spread evenly over those whose instructions can be checked here, are put to the
model bare and behind what a persona says of itself: role, style and voice, as its prompt has them.
Passages, examples and the form of a reply are left out, since these prompts ask for nothing that a
page could hold. Strict accuracy: all instructions of a prompt are followed to the letter, at most
{tokens} tokens are written. The two take turns; the difference is paired, its 95 % interval from
bootstrap. Goal: the persona at least .98 of the bare model.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from haystack.dataclasses import ChatMessage

from pipelines import personas
from pipelines.evaluation.intervals import bootstrap_difference
from pipelines.manners import rules_of
from pipelines.models import ChatModel, catalogue
from pipelines.models.embedded import EmbeddedServer
from pipelines.models.openai_compatible import OpenAICompatibleChatModel
from pipelines.personas import Persona
from tests.benchmarks.datasets import SHARED
from tests.benchmarks.instructions import CHECKS, follows
from tests.benchmarks.library import tell
from tests.benchmarks.models import fetched_here
from tests.benchmarks.report import SkippedError, judged, table

PROMPTS = SHARED / "ifeval" / "input_data_dev.jsonl"
MODELS = ("embedded:qwen2.5-coder-0.5b",)
PERSONAS = ("helpdesk", "teacher", "editor")
COUNT, MOST_TOKENS = 60, 350
AT_ONCE, CONTEXT_TOKENS = 1 + len(PERSONAS), 1536
"""Replies that are written at once: one prompt in every way."""
GOAL = 0.98


def measure(count: int = COUNT, models: Sequence[str] = MODELS) -> str:
    """The section of docs/benchmarks.md."""
    rows = [row for name in models for row in asyncio.run(_rows(name, _prompts(count)))]
    about = (__doc__ or "").split("\n\n", 1)[1].strip().format(count=count, tokens=MOST_TOKENS)
    head = ["model", "persona", "bare", "through it", "of bare", "goal", "difference"]
    return f"## Instructions through a persona\n\n{about}\n\n{table(head, rows)}"


def _prompts(count: int) -> list[dict[str, Any]]:
    if not PROMPTS.is_file():
        raise SkippedError("there is no ifeval/input_data_dev.jsonl")
    rows = [json.loads(line) for line in PROMPTS.read_text(encoding="utf-8").splitlines()]
    able = [one for one in rows if set(one["instruction_id_list"]) <= set(CHECKS)]
    return able[:: max(1, len(able) // count)][:count]


async def _rows(name: str, prompts: Sequence[dict[str, Any]]) -> list[list[str]]:
    ways: dict[str, list[ChatMessage]] = {"": []}
    ways |= {one: [_said_of(personas.load(one, None))] for one in PERSONAS}
    async with _writing(name) as model:

        async def followed(one: dict[str, Any], before: list[ChatMessage]) -> float:
            text = await _replied(model, [*before, ChatMessage.from_user(one["prompt"])])
            return float(follows(text, one["instruction_id_list"], one["kwargs"]))

        right = {way: list[float]() for way in ways}
        for number, one in enumerate(prompts):
            found = await asyncio.gather(*(followed(one, before) for before in ways.values()))
            for way, share in zip(ways, found, strict=True):
                right[way].append(share)
            tell(f"{name}: {number + 1} of {len(prompts)}")
    return [_row(name, way, right[""], right[way]) for way in PERSONAS]


class _Server(EmbeddedServer):
    """As it ships, with room for several replies at once."""

    def _parameters(self, path: Path) -> Any:  # noqa: ANN401 (the library comes without types)
        parameters = super()._parameters(path)
        parameters.n_parallel = AT_ONCE
        parameters.n_ctx = AT_ONCE * self.context_tokens
        return parameters


@asynccontextmanager
async def _writing(name: str) -> AsyncIterator[ChatModel]:
    known = catalogue.entry(name.partition(":")[2])
    server = _Server(known, await fetched_here(known.name), context_tokens=CONTEXT_TOKENS)
    model = OpenAICompatibleChatModel(
        name, server, model=known.name, context_tokens=CONTEXT_TOKENS, timeout_s=600.0
    )
    await model.start()
    try:
        yield model
    finally:
        await model.stop()


def _said_of(persona: Persona) -> ChatMessage:
    """What stands in the prompt of a persona besides passages and the rules of citing."""
    parts = (persona.prompt, persona.sections.style, rules_of(persona.voice))
    return ChatMessage.from_system("\n\n".join(filter(None, parts)))


async def _replied(model: ChatModel, messages: list[ChatMessage]) -> str:
    options = {"temperature": 0.0, "max_tokens": MOST_TOKENS}
    outputs = await model.generator().run_async(messages, None, options)
    return outputs["replies"][0].text or ""


def _row(name: str, way: str, bare: Sequence[float], through: Sequence[float]) -> list[str]:
    share = mean(through) / mean(bare) if any(bare) else 1.0
    low, high = bootstrap_difference(np.array(bare), np.array(through))
    figures = [f"{mean(bare):.3f}", f"{mean(through):.3f}", f"{share:.2f}"]
    interval = f"{mean(through) - mean(bare):+.3f} ({low:+.3f} to {high:+.3f})"
    return [name, way, *figures, judged(share, at_least=GOAL), interval]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=COUNT, help="prompts")
    parser.add_argument("--model", action="append")
    wanted = parser.parse_args()
    sys.stdout.write(measure(wanted.count, wanted.model or MODELS))
