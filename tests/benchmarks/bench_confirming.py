"""How rarely somebody is asked to confirm who wanted nothing changed.

{count} questions of `routing_questions.jsonl`, in English and Spanish, by what they are about; the
model chooses among seventeen tools that ship, seven of which change something or draw. *Asked* are
turns that end with a question for a yes: for a change, or because something would leave the house
that nobody had said. Only who wants a reminder should be asked. Goal: at most 5 % of all turns.
"""

import argparse
import asyncio
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence

from knowledge.confirmations import Confirmations
from knowledge.tool_calls import ToolCalls
from pipelines.calling import ToolUse
from pipelines.models import ChatModel
from pipelines.tool_call import shown
from pipelines.tools import Broker
from tests.benchmarks.library import model_named, tell
from tests.benchmarks.report import judged, table
from tests.benchmarks.routing_ways import Question, mixed, questions
from tests.benchmarks.routing_world import ASK_FIRST, tools
from tests.databases import opened

MODEL = "embedded:qwen2.5-coder-1.5b"
CHANGING = (
    *ASK_FIRST,
    "cancel_reminder",
    "book",
    "cancel_booking",
    "create_ticket",
    "comment_ticket",
    "draw_image",
)
COUNTED = ("questions", "calls", "asked", "of them in vain")
COUNT, GOAL = 100, 0.05


def measure(count: int = COUNT, model: str = MODEL) -> str:
    """The section of docs/benchmarks.md."""
    about = (__doc__ or "").split("\n\n", 1)[1].strip().format(count=count)
    found = asyncio.run(_found(mixed(questions())[:count], model))
    head = ["about", *COUNTED, "share asked", "goal"]
    return f"## Asked to confirm\n\n{about}\n\n{table(head, _rows(found))}"


async def _found(some: Sequence[Question], name: str) -> Counter[tuple[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        async with opened(f"sqlite:///{folder}/calls.db") as engine, model_named(name) as model:
            await model.start()
            use = _use(model, Broker(tools(CHANGING), ToolCalls(engine).add, Confirmations(engine)))
            await use.start()
            counts = Counter[tuple[str, str]]()
            for one in some:
                counts += await _met(one, use)
            return counts


def _use(model: ChatModel, broker: Broker) -> ToolUse:
    return ToolUse(broker, model, tuple(tools(CHANGING)), time_limit_s=600)


async def _met(one: Question, use: ToolUse) -> Counter[tuple[str, str]]:
    outcomes = await use.outcomes(one.conversation)
    waiting = [shown(each.call) for each in outcomes if each.status == "unconfirmed"]
    wanted = not set(one.tools).isdisjoint(CHANGING)
    tell(f"{one.written_as}: {one.question} -> {len(outcomes)} calls, asked {waiting}")
    counts = (1, len(outcomes), int(bool(waiting)), int(bool(waiting) and not wanted))
    return Counter({(one.written_as, what): n for what, n in zip(COUNTED, counts, strict=True)})


def _rows(found: Counter[tuple[str, str]]) -> list[list[object]]:
    kinds = sorted({kind for kind, _ in found})
    rows = [[kind, *(found[kind, one] for one in COUNTED)] for kind in kinds]
    total = {one: sum(found[kind, one] for kind in kinds) for one in COUNTED}
    share = total["asked"] / total["questions"]
    of_all = [f"{share:.3f}", judged(share, at_most=GOAL)]
    return [*([*row, "", ""] for row in rows), ["all", *total.values(), *of_all]]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=COUNT, help="questions")
    parser.add_argument("--model", default=MODEL)
    wanted = parser.parse_args()
    sys.stdout.write(measure(wanted.count, wanted.model))
