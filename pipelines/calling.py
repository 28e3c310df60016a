"""Has the model choose which tools to call, step by step, and has the broker call them."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from knowledge.conversations import Conversation, Decision
from knowledge.errors import TransientError
from knowledge.history import OURSELVES
from knowledge.language import language_of_question
from pipelines.choosers import MOST_AT_ONCE, Choice, Chooser
from pipelines.choosers.probe import Probe
from pipelines.choosers.router import Router
from pipelines.choosers.signatures import budget, fitting
from pipelines.models import ChatModel
from pipelines.models.errors import ContextTooLongError
from pipelines.outward import OUR_ANSWERS, Heard
from pipelines.routing import QuestionRouter, Route
from pipelines.steps import earlier, read_before
from pipelines.tool import Caller, Tool
from pipelines.tools import Broker, Call, Outcome

MOST_STEPS, MOST_CALLS = 5, 8
TIME_LIMIT_S = 45.0
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class ToolUse:
    """Calls what a question needs of the tools that a persona has.

    Attributes:
        names: of these tools.
        probe: finds out how this model is best asked; without one it is asked for JSON.
        time_limit_s: for choosing, all steps together; what is done by then is used.
        router: tells questions that need no tool, without asking the model; None where all are
            chosen for.
        least: calls that have to be chosen; with 0 the model may do without.
    """

    broker: Broker
    model: ChatModel
    names: tuple[str, ...]
    probe: Probe | None = None
    time_limit_s: float = TIME_LIMIT_S
    router: QuestionRouter | None = None
    least: int = 0
    _chooser: Chooser = field(init=False)

    def __post_init__(self) -> None:
        self._chooser = Router(self.model, least=self.least)

    async def start(self) -> None:
        """Have the model read what is the same for every question; say which tools do not fit.

        Raises:
            TertuliaError: the model cannot be used.
        """
        await self.find_a_way()
        fit, left_out = self.offered()
        if left_out:
            log.warning("tools do not fit into the prompt", tools=[one.name for one in left_out])
        if fit and (beginning := self._chooser.fixed(fit)):
            await self.model.read_ahead(beginning)

    async def find_a_way(self) -> None:
        """Learn how this model is best asked: known from before, or found out with questions.

        Raises:
            TertuliaError: the model cannot be used.
        """
        if self.probe and not self.least and self.broker.offered(self.names):
            self._chooser = await self.probe.best(self.model)

    def offered(self) -> tuple[list[Tool], list[Tool]]:
        """The tools that the model may choose from, and those that its prompt has no room for."""
        tools = self.broker.offered(self.names)
        return fitting(tools, self._chooser.told, budget(self.model.context_tokens))

    async def route(self, conversation: Conversation) -> Route | None:
        """What the last message needs, where somebody can tell that before it is tried."""
        tools = self.offered()[0]
        return await self.router.route(conversation, tools) if self.router and tools else None

    async def outcomes(self, conversation: Conversation) -> tuple[Outcome, ...]:
        """What came of the calls that the last message needs; most messages need none."""
        caller, (tools, _) = _caller(conversation), self.offered()
        done: list[Outcome] = []
        end = asyncio.get_running_loop().time() + self.time_limit_s
        for _ in range(MOST_STEPS if tools else 0):
            choice = Choice(conversation.question.text, caller.at, earlier(conversation), done)
            heard = _heard(conversation).after(done, self.broker.offered(self.names))
            calls, later = self._one_asked(await self._next(choice, tools, end), heard)
            called = (self.broker.call(call, caller, self.names, heard) for call in calls)
            done += (step := await asyncio.gather(*called))
            if not step or any(_ends_it(one) for one in step):
                done += later
                break
        return tuple(done)

    def _one_asked(self, calls: Sequence[Call], heard: Heard) -> tuple[list[Call], list[Outcome]]:
        """The calls without those that somebody must confirm, but the first; and these, put off.

        Whoever asked confirms one thing at a time, and sees what came of it.
        """
        asked = [one for one in calls if self.broker.asks_first(one, self.names, heard)]
        later = [Outcome(call, "postponed", "") for call in asked[1:]]
        return [call for call in calls if call not in asked[1:]], later

    async def decided(self, conversation: Conversation, decision: Decision) -> Outcome:
        """What comes of what somebody has decided, who was asked to confirm a call."""
        return await self.broker.confirmed(decision, _caller(conversation), self.names)

    async def _next(self, choice: Choice, tools: Sequence[Tool], end: float) -> list[Call]:
        """Calls that do not depend on each other, at the same time; none twice, none too late."""
        try:
            # Only the choice: what has been called is heard to its end, which the broker sets.
            async with asyncio.timeout_at(end):
                chosen = await self._chooser.calls(choice, tools)
        except (TimeoutError, TransientError, ContextTooLongError) as error:
            log.info("chose no further tools", reason=type(error).__name__)
            return []
        known = {_same(one.call) for one in choice.done}
        new = {_same(call): call for call in chosen if _same(call) not in known}
        return list(new.values())[: MOST_CALLS - len(choice.done)][:MOST_AT_ONCE]


def _caller(conversation: Conversation) -> Caller:
    """Whoever has said the last message; a model has no say in that."""
    question = conversation.question
    return Caller(
        person=question.author,
        audience=conversation.audience,
        conversation=conversation.id,
        language=language_of_question(question.text, "en"),
        at=question.sent_at,
        sources=conversation.sources,
    )


def _heard(conversation: Conversation) -> Heard:
    """What a model knows before it calls anything: what people said, and answers of ours."""
    people = [one.text for one in conversation.messages if one.author != OURSELVES]
    ours = [one.text for one in read_before(conversation) if one.author == OURSELVES]
    read = {OUR_ANSWERS: " ".join(ours)} if ours else {}
    return Heard(" ".join(people), read, conversation.question.sent_at)


def _ends_it(one: Outcome) -> bool:
    """Whether nothing more is called: somebody is to confirm this, or it has drawn a picture.

    A model that is asked again would draw the same in other words, and each picture costs.
    """
    return one.status == "unconfirmed" or one.picture is not None


def _same(call: Call) -> str:
    """What two calls share that ask for the same."""
    return f"{call.tool} {json.dumps(call.arguments, sort_keys=True)}"
