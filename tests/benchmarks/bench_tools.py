"""Whether the right tools are called with the right arguments, and what a call costs.

BFCL v4 (its AST rules: types, accepted values, what may be left out) and a hundred questions in
Spanish of our own; always the same sample of those that no prompt was worded with. `ours` is the
whole path: our choice step by step, the broker's check, functions that only record. `directly`
gives the same model the same tools in the protocol's own field with a bare prompt, once as its
server reads the calls and once read leniently: any JSON object with a name and arguments counts.
Both take turns, question by question. Goals: ours not more than .01 below the lenient reading,
nothing called where nothing is needed in .80 of the cases, no invalid arguments at any function.
Tokens are those read anew and written for one question, seconds are of this machine.

The last table is what a call takes beside the function itself: checked, run, worded, and written
into a database in a file; each repeat 200 calls.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import mean, median
from time import perf_counter, process_time
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.articles import Audience
from knowledge.confirmations import Confirmations
from knowledge.conversations import Conversation, Message
from knowledge.tool_calls import ToolCalls
from pipelines.calling import ToolUse
from pipelines.models import catalogue
from pipelines.models.embedded import embedded_chat_model
from pipelines.tool import Caller, Tool, tool
from pipelines.tools import Broker, Call
from tests.benchmarks.call_checking import all_right, is_valid
from tests.benchmarks.call_questions import TODAY, CallQuestion, sample
from tests.benchmarks.direct_calls import direct
from tests.benchmarks.metered import Metered
from tests.benchmarks.models import fetched_here
from tests.benchmarks.report import judged, spread, table
from tests.databases import opened

MODELS = ("qwen2.5-coder-1.5b", "qwen2.5-coder-0.5b")
COUNT = 25
NONE_NEEDED = ("irrelevance", "Spanish, none needed")
WORSE, QUIET, MOST_MS = 0.01, 0.80, 10.0
REPEATS, CALLS = 5, 200


@dataclass(slots=True)
class Tally:
    """What came of the questions of one kind; lists have a value for each question."""

    server: list[bool] = field(default_factory=list)
    lenient: list[bool] = field(default_factory=list)
    ours: list[bool] = field(default_factory=list)
    tokens: list[tuple[int, int]] = field(default_factory=list)
    seconds: list[tuple[float, float]] = field(default_factory=list)


class Recorder:
    """Functions that only record what they were called with.

    Attributes:
        tells: whether questions that went wrong are told on stderr.
        reached: calls that got through.
        invalid: how many of all calls had arguments that their schemas do not allow.
    """

    def __init__(self, *, tells: bool) -> None:
        self.tells = tells
        self.reached: list[Call] = []
        self.invalid = 0

    def taking(self, one: Tool) -> Tool:
        """A tool that does nothing else."""

        def record(**arguments: Any) -> str:  # noqa: ANN401 (whatever the schema says)
            self.reached.append(Call(one.name, arguments))
            self.invalid += not is_valid(arguments, one.parameters)
            return "Done, this is the result."

        return replace(one, function=record, arguments=None, takes_caller="")


def measure(
    count: int = COUNT,
    names: Sequence[str] = MODELS,
    *,
    tuning: bool = False,
    tells: bool = False,
) -> str:
    """The section of docs/benchmarks.md."""
    about = (__doc__ or "").split("\n\n", 1)[1].strip()
    parts = [f"## Calls of tools\n\n{about}"]
    questions = sample(count, tuning=tuning)
    parts += [asyncio.run(_of_model(name, questions, Recorder(tells=tells))) for name in names]
    parts.append(asyncio.run(_overhead()))
    return "\n\n".join(parts)


async def _of_model(name: str, questions: Sequence[CallQuestion], recorder: Recorder) -> str:
    entry = catalogue.entry(name)
    model = Metered(embedded_chat_model(entry, await fetched_here(name)))
    tallies = dict[str, Tally]()
    await model.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            async with opened(f"sqlite:///{folder}/calls.db") as engine:
                for one in questions:
                    tally = tallies.setdefault(one.kind, Tally())
                    await _asked(one, model, recorder, engine, tally)
    finally:
        await model.stop()
    head = [
        *("", "questions", "directly, by the server", "directly, leniently", "ours", "goal"),
        *("tokens directly", "tokens, ours", "s directly", "s, ours"),
    ]
    rows = [_row(kind, tally) for kind, tally in tallies.items()]
    invalid = f"Invalid arguments that reached a function: {recorder.invalid}; goal 0.\n"
    return f"### {name}\n\n{table(head, rows)}\n{invalid}"


async def _asked(
    one: CallQuestion, model: Metered, recorder: Recorder, engine: AsyncEngine, tally: Tally
) -> None:
    """One question, both ways."""
    begun, before = perf_counter(), model.read + model.wrote
    server, lenient = await direct(model, one.text, one.tools)
    middle, between = perf_counter(), model.read + model.wrote
    ours = await _our_way(one, model, recorder, engine)
    tally.tokens.append((between - before, model.read + model.wrote - between))
    tally.seconds.append((middle - begun, perf_counter() - middle))
    for right, calls in ((tally.server, server), (tally.lenient, lenient), (tally.ours, ours)):
        right.append(all_right(calls, one.wanted, one.tools))
    if recorder.tells and not tally.ours[-1]:
        sys.stderr.write(f"{one.text}\n  wanted {one.wanted}\n  ours {ours}\n  direct {lenient}\n")


async def _our_way(
    one: CallQuestion, model: Metered, recorder: Recorder, engine: AsyncEngine
) -> list[Call]:
    """The calls that reached a function."""
    recorder.reached = []
    tools = {name: recorder.taking(kept) for name, kept in one.tools.items()}
    broker = Broker(tools, ToolCalls(engine).add, Confirmations(engine))
    asked = Message("1", "terminal:ana", one.text, TODAY)
    conversation = Conversation("C1", (asked,), Audience.of("everyone"))
    await ToolUse(broker, model, tuple(tools), time_limit_s=600).outcomes(conversation)
    return recorder.reached


def _row(kind: str, tally: Tally) -> list[str]:
    server, lenient, ours = (mean(right) for right in (tally.server, tally.lenient, tally.ours))
    least = QUIET if kind in NONE_NEEDED else lenient - WORSE
    tokens = [f"{mean(values):.0f}" for values in zip(*tally.tokens, strict=True)]
    seconds = [f"{mean(values):.1f}" for values in zip(*tally.seconds, strict=True)]
    figures = [f"{value:.2f}" for value in (server, lenient, ours)]
    return [kind, str(len(tally.ours)), *figures, judged(ours, at_least=least), *tokens, *seconds]


@tool
def nothing(day: str, people: int = 1) -> str:
    """Does nothing."""
    return f"{day}{people}"


async def _overhead() -> str:
    """Milliseconds of ours for each call."""
    caller, call = Caller("terminal:ana", Audience.of("everyone")), Call("nothing", {"day": "x"})
    with tempfile.TemporaryDirectory() as folder:
        async with opened(f"sqlite:///{folder}/calls.db") as engine:
            broker = Broker({"nothing": nothing}, ToolCalls(engine).add, Confirmations(engine))
            await broker.call(call, caller, ["nothing"])
            times, cpu = list[float](), list[float]()
            for _ in range(REPEATS):
                begun, spent = perf_counter(), process_time()
                for _ in range(CALLS):
                    await broker.call(call, caller, ["nothing"])
                times.append((perf_counter() - begun) * 1000 / CALLS)
                cpu.append((process_time() - spent) * 1000 / CALLS)
    goal = judged(median(times), at_most=MOST_MS)
    rows = [["elapsed", spread(times), goal], ["CPU", spread(cpu), ""]]
    return table(["ms a call, beside the function", "ours", "goal"], rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=COUNT, help="questions of each kind")
    parser.add_argument("--model", action="append", choices=MODELS)
    parser.add_argument("--tuning", action="store_true", help="those that prompts are worded with")
    parser.add_argument("--verbose", action="store_true", help="tell what went wrong")
    wanted = parser.parse_args()
    names = wanted.model or MODELS
    text = measure(wanted.count, names, tuning=wanted.tuning, tells=wanted.verbose)
    sys.stdout.write(text)
