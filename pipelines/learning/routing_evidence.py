"""What the gate is shown of a router: the same questions, answered whole, with it and without any.

What it is made for are model tokens, of reading and of writing: on the same pages with the same
model they are the same tomorrow, which seconds and CPU time of a shared machine are not. Beside
what serves now it has to take fewer of them; beside no router at all no answer may be lost.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from knowledge.conversations import Answer, Conversation
from knowledge.language import language_of_question
from pipelines.answering import Answering
from pipelines.evaluation.results import Result
from pipelines.learning.ablation import answering
from pipelines.learning.counterfactuals import Parts
from pipelines.learning.evidence import Evidence, Slice
from pipelines.learning.gate import KEPT_BY_ROUTER, Condition, Verdict, judged
from pipelines.learning.measuring import HOLD, RIGHT, Measured, harm, serving
from pipelines.learning.search_evidence import Sought
from pipelines.models.tally import tallied
from pipelines.progress import OnProgress
from pipelines.routing import TOOLS, WITHOUT_TOOLS, Weights
from pipelines.routing_training import LEAST_WRONG

SPARED = "model tokens, of questions that people rated"
SUM = "sum"
"""The kind of a question that a calculator knows."""


@dataclass(frozen=True, slots=True)
class World:
    """Pages and tools, with questions to them; of people, whose answers stand in no report."""

    questions: Sequence[Sought]
    parts: Parts
    is_of_people: bool


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a question.

    Attributes:
        tokens: that the model read anew and wrote, choosing tools included.
        needs: what the question was taken to need; empty where nobody could tell.
        has_called: whether a tool was called.
    """

    asked: Sought
    is_of_people: bool
    result: Result
    tokens: int
    needs: str
    has_called: bool


async def came(
    worlds: Sequence[World], router: Weights | None, between: Callable[[], Awaitable[None]]
) -> list[Came]:
    """All questions answered with a router, or without any; `between` is awaited after each.

    Raises:
        OperatorError: a setting or a server is wrong, so that no question can be answered.
    """
    found = []
    for world in worlds:
        parts = replace(world.parts, router=router)
        somebody = _Watched(answering(parts, pages=True, tools=True))
        await somebody.start()
        for one in world.questions:
            found.append(await _asked(one, somebody, world))
            await between()
    return found


async def _asked(one: Sought, somebody: "_Watched", world: World) -> Came:
    # Once beforehand: what is read closely for the first time takes longer, whoever asks for it.
    async for _ in one.asker.searched([one.case], world.parts.retriever):
        somebody.heard.clear()
    with tallied() as tally:
        results = one.asker.answered([one.case], somebody, deadline_s=world.parts.deadline_s)
        (result,) = [each async for each in results]
    receipt = somebody.heard[0].receipt if somebody.heard else None
    needs = str(receipt.route.get("needs", "")) if receipt else ""
    has_called = bool(receipt and any(used.outcome == "done" for used in receipt.tools))
    return Came(one, world.is_of_people, result, tally.tokens, needs, has_called)


class _Watched:
    """Somebody who answers, with what was said."""

    def __init__(self, inner: Answering) -> None:
        self._inner = inner
        self.heard: list[Answer] = []

    async def start(self) -> None:
        """As whoever answers."""
        await self._inner.start()

    async def answer(
        self, conversation: Conversation, *, on_progress: OnProgress | None = None
    ) -> Answer:
        """As whoever answers."""
        said = await self._inner.answer(conversation, on_progress=on_progress)
        self.heard.append(said)
        return said


def verdict_of(without: Sequence[Came], now: Sequence[Came], after: Sequence[Came]) -> Verdict:
    """What the gate says.

    Args:
        without: answers without any router.
        now: with what serves now; the same where nothing does.
        after: with the candidate; all to the same questions in the same order.
    """
    before, later = invented(without), invented(after)
    evidence = Evidence(
        target=spared(without, now, after),
        prompted=None,  # no prompt tells beforehand what a question needs
        kept=tuple(_kept(name, without, after) for name in KEPT_BY_ROUTER),
        harm=harm(before, later, ()),
        serving=serving(before, later, agreement=1.0, larger=0.0),
    )
    rules = judged(evidence, KEPT_BY_ROUTER).conditions
    return Verdict((*rules, _needed(without, after)))


def invented(some: Sequence[Came]) -> Measured:
    """The answers to an invented company, which may stand in a report."""
    return Measured(answers=[one.result for one in some if not one.is_of_people])


def spared(without: Sequence[Came], now: Sequence[Came], after: Sequence[Came]) -> Slice:
    """The share of what is taken without a router that each leaves out."""
    pairs = [
        (one.asked.cluster, one.tokens, two.tokens)
        for one, two in zip(now, after, strict=True)
        if one.is_of_people
    ]
    usual = float(np.mean([one.tokens for one in without if one.is_of_people] or [1])) or 1.0
    return Slice(
        SPARED,
        tuple(cluster for cluster, _, _ in pairs),
        tuple(1 - tokens / usual for _, tokens, _ in pairs),
        tuple(1 - tokens / usual for _, _, tokens in pairs),
    )


def _kept(name: str, without: Sequence[Came], after: Sequence[Came]) -> Slice:
    """The questions of a slice; where nothing was said, nothing was cited wrongly."""
    score, missing = (HOLD, 1.0) if name == "citations" else (RIGHT, 0.0)
    pairs = [(one, two) for one, two in zip(without, after, strict=True) if name in slices_of(one)]
    return Slice(
        name,
        tuple(one.asked.cluster for one, _ in pairs),
        tuple(one.result.scores.get(score, missing) for one, _ in pairs),
        tuple(two.result.scores.get(score, missing) for _, two in pairs),
    )


def slices_of(one: Came) -> tuple[str, ...]:
    """The slices that a question counts in, by what came of it without a router."""
    case = one.asked.case
    if case.is_refused:
        return ("refusals",)
    if case.kind == SUM or (one.has_called and not case.sources):
        return ("tools",)
    return (f"answers {case.language or language_of_question(case.question, 'en')}", "citations")


def _needed(without: Sequence[Came], after: Sequence[Came]) -> Condition:
    """The rule of what is lost because something was kept from a question that needed it."""
    right = [
        (one, two) for one, two in zip(without, after, strict=True) if one.result.scores.get(RIGHT)
    ]
    lost = [
        two
        for one, two in right
        if not two.result.scores.get(RIGHT)
        and (two.needs == TOOLS or (one.has_called and two.needs in WITHOUT_TOOLS))
    ]
    rule = f"at most {LEAST_WRONG:.0%} of right answers are lost to what a question was kept from"
    measured = f"{len(lost)} of {len(right)}"
    holds = bool(right) and len(lost) <= LEAST_WRONG * len(right)
    return Condition("needed-kept", rule, measured, holds)
