"""Whether triage names the fault that was put in: nine kinds, thirty cases of each.

Each case is a question about a thing of its own, in a store with the real embedder, answered by the
real assistant. In the first table the model is a script that answers from what it is shown and
suffers from just one fault; so it measures the search, the forcing, the packing, the tools and the
verdict, and not how well a model reads. In the second one a small model reads. There a fault counts
only where the model answers rightly without it and wrongly with it; what it cannot do anyway is no
fault of ours. Goals: 90 of 100 right, and nothing that is missing is answered with training.

`python -m tests.benchmarks.bench_triage --count 3 --real 1` for development.
"""

import argparse
import asyncio
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from time import process_time

from bot.triaging import measured
from knowledge.confirmations import Confirmations
from knowledge.tool_calls import ToolCalls
from pipelines.learning.counterfactuals import Found, Laboratory, Parts
from pipelines.learning.triage import LEAST_RIGHT, Approved, Gold, Kind, judged
from pipelines.models import ChatModel, catalogue
from pipelines.models.embedded import embedded_chat_model
from pipelines.models.endpoints import Endpoint
from pipelines.models.openai_compatible import OpenAICompatibleChatModel, RemoteServer
from pipelines.tools import Broker
from tests.benchmarks.models import fetched_here
from tests.benchmarks.report import judged as beside_goal
from tests.benchmarks.report import table
from tests.benchmarks.triage_worlds import CURATOR, HELPDESK, THINGS, WORLDS, World, page, room_of
from tests.databases import opened
from tests.fakes.scripted_model import NAME, ScriptedModel, serving
from tests.pipelines.small_knowledge import reading_closely

COUNT, REAL_COUNT = 30, 3
MODEL = "qwen2.5-coder-0.5b"
GOAL = 0.9
TRAINED: tuple[Kind, ...] = ("tuning", "preference")
Confusion = dict[str, Counter[str]]
NO_EFFECT = "no effect"


def measure(count: int = COUNT, real_count: int = REAL_COUNT, name: str = MODEL) -> str:
    """The section of docs/benchmarks.md."""
    about = (__doc__ or "").split("\n\n", 1)[1].rsplit("\n\n", 1)[0].strip()
    begun = process_time()
    scripted = asyncio.run(_scripted(count))
    spent = process_time() - begun
    parts = [f"## Triage\n\n{about}", f"### A scripted model, {count} of each\n", _shown(scripted)]
    parts.append(f"{spent:.0f} CPU seconds.\n")
    if real_count:
        begun = process_time()
        real = asyncio.run(_real(real_count, name))
        parts += [f"### {name}, {real_count} of each\n", _shown(real)]
        parts.append(f"{process_time() - begun:.0f} CPU seconds.\n")
    return "\n\n".join(parts)


async def _scripted(count: int) -> Confusion:
    found: Confusion = {}
    with serving() as script:
        server = RemoteServer(Endpoint(script.url, "key"))
        model = OpenAICompatibleChatModel(f"openai:{NAME}", server, model=NAME, timeout_s=20)
        try:
            for world in WORLDS:
                found[world.fault] = await _of_world(world, THINGS[:count], model, script)
        finally:
            await model.stop()
    return found


async def _of_world(
    world: World, things: Sequence[str], model: ChatModel, script: ScriptedModel
) -> Counter[str]:
    verdicts = Counter[str]()
    for thing in things:
        script.thinks = world.model(thing)
        async with _parts(world, thing, model) as parts:
            verdicts[await _verdict(world, thing, parts)] += 1
    return verdicts


@asynccontextmanager
async def _parts(world: World, thing: str, model: ChatModel) -> AsyncIterator[Parts]:
    """What answers come from, in the world of one thing."""
    with tempfile.TemporaryDirectory() as folder:
        async with (
            reading_closely(Path(folder), world.pages(thing)) as retriever,
            opened(f"sqlite:///{folder}/calls.db") as engine,
        ):
            broker = Broker({"room_of": room_of}, ToolCalls(engine).add, Confirmations(engine))
            yield Parts(retriever, model, world.persona, HELPDESK, broker)


async def _verdict(world: World, thing: str, parts: Parts) -> str:
    laboratory = Laboratory(parts, curator=CURATOR)
    evidence, _ = await measured(world.failing(thing), laboratory, Approved())
    verdict = judged(evidence)
    sys.stderr.write(f"{world.fault}, {thing}: {verdict.kind} {dict(evidence.shares)}\n")
    return verdict.kind


async def _real(count: int, name: str) -> Confusion:
    found: Confusion = {}
    model = embedded_chat_model(catalogue.entry(name), await fetched_here(name))
    await model.start()
    try:
        able = [one async for one in _able(model, count)]
        for world in (one for one in WORLDS if one.is_for_real):
            found[world.fault] = Counter()
            for thing in able:
                async with _parts(world, thing, model) as parts:
                    verdict = await _verdict(world, thing, parts)
                is_fixed = verdict == "fixed" and world.kind != "fixed"
                found[world.fault][NO_EFFECT if is_fixed else verdict] += 1
    finally:
        await model.stop()
    return found


async def _able(model: ChatModel, count: int) -> AsyncIterator[str]:
    """Things of which the model answers rightly as long as nothing is wrong."""
    clean = World("nothing", "fixed", page)
    for thing in THINGS:
        if count <= 0:
            return
        async with _parts(clean, thing, model) as parts:
            share = await Laboratory(parts).share("unchanged", clean.failing(thing), Found(Gold()))
        if share >= LEAST_RIGHT:
            count -= 1
            yield thing


def _shown(found: Confusion) -> str:
    """A row for each fault, with what was said of it."""
    wanted = {world.fault: world.kind for world in WORLDS}
    said = sorted({kind for verdicts in found.values() for kind in verdicts})
    rows = [
        [fault, wanted[fault], *(verdicts[kind] or "" for kind in said)]
        for fault, verdicts in found.items()
    ]
    counted = [
        (verdicts[wanted[fault]], verdicts.total() - verdicts[NO_EFFECT])
        for fault, verdicts in found.items()
    ]
    right, of = (sum(numbers) for numbers in zip(*counted, strict=True))
    trained = sum(found["the page is missing"][kind] for kind in TRAINED)
    share = right / of if of else 0.0
    goal = beside_goal(share, at_least=GOAL)
    return (
        f"{table(['fault', 'right', *said], rows)}\n{right} of {of} are right: {share:.2f} "
        f"(goal {goal}). Missing knowledge answered with training: {trained} (goal 0).\n"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=COUNT, help="scripted cases of each kind")
    parser.add_argument("--real", type=int, default=REAL_COUNT, help="cases that a model reads")
    parser.add_argument("--model", default=MODEL)
    asked = parser.parse_args()
    sys.stdout.write(measure(asked.count, asked.real, asked.model))
