"""Asks a question again with one thing changed, of the same assistant that answers everybody.

    unchanged    as everybody is answered
    prompt       in the words of the usual rules, after the nearest answers that people corrected
    budget       the same passages, read to their end
    tool         one of the tools has to be called
    gold         the passages that hold the answer come first
    gold-budget  the same, read to their end
    alone        these passages and no others
    nothing      no passages; what tools say is left

Nothing is shown to anybody: a share of right answers is all that is left of it. Nor is anything
shown to the model that the asker may not read, and no tool is offered that changes something.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from knowledge.articles import Audience, Chunk
from pipelines.answering import Assistant, within
from pipelines.calling import ToolUse
from pipelines.choosers.probe import Probe
from pipelines.context import COUNT
from pipelines.evaluation.asking import Asker
from pipelines.evaluation.cases import Case
from pipelines.evaluation.judging import is_source, says
from pipelines.learning.corrections import Correction, nearest
from pipelines.learning.triage import SAMPLES, Gold, Test
from pipelines.models import ChatModel
from pipelines.personas import Persona
from pipelines.personas.body import Sections
from pipelines.retrieval import Retriever
from pipelines.routing import QuestionRouter, Weights
from pipelines.tools import Broker

TEMPERATURE = 0.3
"""Of a persona that leaves nothing to chance: its three answers would be one, three times."""
SEARCHES: tuple[Test, ...] = ("gold", "gold-budget", "alone")
PATIENT: tuple[Test, ...] = ("budget", "gold-budget")


@dataclass(frozen=True, slots=True)
class Failing:
    """A question that was answered wrongly, or that people disliked the answer of.

    Attributes:
        case: with what a right answer says.
        reader: what is true of all who read the reply.
        tool: that the right answer needs; empty where nobody has said.
        disliked: the answer that people disliked; empty where it is not kept.
    """

    case: Case
    reader: Audience
    tool: str = ""
    disliked: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """What an answer is made of.

    Attributes:
        usual: the persona that comes with Tertulia; its rules are what a prompt is tried with.
        probe: finds out how the model is asked for calls; None where it is asked for JSON.
        router: tells beforehand what a question needs; None where nothing does.
        deadline_s: for one answer.
    """

    retriever: Retriever
    model: ChatModel
    persona: Persona
    usual: Persona
    broker: Broker
    probe: Probe | None = None
    router: Weights | None = None
    deadline_s: float = 120.0

    @property
    def tools(self) -> tuple[str, ...]:
        """The tools of the persona that only look: a trial changes nothing and draws nothing."""
        known = self.broker.offered(self.persona.tools)
        return tuple(one.name for one in known if one.effect == "read" and not one.draws)

    def tool_use(self, search: Retriever) -> ToolUse | None:
        """What calls these tools; None where there are none.

        Args:
            search: finds what the router looks at.
        """
        if not self.tools:
            return None
        use = ToolUse(self.broker, self.model, self.tools, self.probe)
        if self.router:
            use.router = QuestionRouter(search, self.router)
        return use


@dataclass(frozen=True, slots=True)
class Found:
    """The passages that hold an answer, best first, and what is known of them."""

    gold: Gold
    chunks: tuple[Chunk, ...] = ()


@dataclass(frozen=True, slots=True)
class Laboratory:
    """Answers failing questions anew.

    Attributes:
        corrections: that a prompt may be made of.
        curator: what is true of whoever looks into it; decides what they may know to be closed.
        samples: answers for each test.
    """

    parts: Parts
    corrections: Sequence[Correction] = ()
    curator: Audience = field(default_factory=Audience)
    samples: int = SAMPLES

    async def found(self, failing: Failing) -> Found:
        """The passages that hold the answer, among the first ones that the asker's search finds."""
        own = within((), self.parts.persona.sources)
        ranking = await self._ranking(failing, failing.reader, own)
        chunks = gold(failing.case, ranking)
        if chunks:
            rank = next(n for n, one in enumerate(ranking) if one in chunks)
            return Found(Gold(rank, is_stated=states(failing.case, chunks)), chunks)
        beyond = await self._ranking(failing, self.curator, ())
        return Found(Gold(is_closed=bool(gold(failing.case, beyond))))

    async def _ranking(
        self, failing: Failing, reader: Audience, sources: tuple[str, ...]
    ) -> list[Chunk]:
        conversation = replace(_asker(failing, reader).conversation(failing.case), sources=sources)
        return await self.parts.retriever.ranking(conversation)

    def tests(self, found: Found, failing: Failing) -> list[Test]:
        """The tests that say something of this question, once it is known to be answered wrongly.

        Where no passage holds the answer, a tool is all that may still find it out.
        """
        wanted: list[Test] = []
        if found.chunks or failing.case.is_refused:
            wanted += ["prompt", "budget"]
        if self._required(failing):
            wanted.append("tool")
        if found.chunks:
            wanted += SEARCHES
        if found.chunks and self.parts.tools:
            wanted.append("nothing")  # without tools nothing would be left to answer from
        return wanted

    async def share(self, test: Test, failing: Failing, found: Found) -> float:
        """The share of right answers with this change.

        Raises:
            OperatorError: a setting or a server is wrong, so that no question can be answered.
        """
        persona = await self._persona(test, failing)
        asker = replace(
            _asker(failing, failing.reader),
            voice=persona.voice,
            only_language=persona.only_language,
        )
        right = 0.0
        for seed in range(1, self.samples + 1):
            assistant = self._assistant(test, replace(persona, seed=seed), failing, found)
            results = asker.answered([failing.case], assistant, deadline_s=self.parts.deadline_s)
            right += sum([one.scores.get("right", 0.0) async for one in results])
        return right / self.samples

    async def _persona(self, test: Test, failing: Failing) -> Persona:
        persona = self.parts.persona
        if test == "prompt":
            persona = await self._reworded(failing)
        return replace(persona, temperature=persona.temperature or TEMPERATURE)

    async def _reworded(self, failing: Failing) -> Persona:
        """The best prompt that can be had without a search for one."""
        persona, usual = self.parts.persona, self.parts.usual
        examples = await nearest(
            failing.case, failing.reader, self.corrections, self.parts.retriever.embedded
        )
        return replace(
            persona,
            prompt=usual.prompt,
            sections=Sections(),
            max_answer_tokens=max(usual.max_answer_tokens, persona.max_answer_tokens),
            answer_length=usual.answer_length,
            examples=examples or usual.examples,
        )

    def _assistant(self, test: Test, persona: Persona, failing: Failing, found: Found) -> Assistant:
        parts, search = self.parts, self.parts.retriever
        ids = [one.id for one in found.chunks]
        if test in SEARCHES:
            search = search.preferring(ids, only=ids if test == "alone" else None)
        elif test == "nothing":
            search = search.preferring((), only=())
        return Assistant(
            retriever=search,
            model=parts.model,
            persona=persona,
            coverage=search.coverage,
            tools=self._tools(test, failing),
            is_patient=test in PATIENT,
        )

    def _tools(self, test: Test, failing: Failing) -> ToolUse | None:
        parts = self.parts
        if test == "tool":
            return ToolUse(parts.broker, parts.model, self._required(failing), least=1)
        return parts.tool_use(parts.retriever)

    def _required(self, failing: Failing) -> tuple[str, ...]:
        """The tools of which one has to be called: the one that is known, else any."""
        named = tuple(one for one in self.parts.tools if one == failing.tool)
        return named or self.parts.tools


def _asker(failing: Failing, reader: Audience) -> Asker:
    """Puts the question for whoever has asked it, with the rights of these readers."""
    author = next(iter(failing.case.readers), "triage")
    return Asker(author, lambda _: reader)


def gold(case: Case, ranking: Sequence[Chunk]) -> tuple[Chunk, ...]:
    """The passages that hold the answer, in the order of a search; `COUNT` at most.

    By the means of the grader: they say something of what is expected, on a page that is named
    where one is; where none of them says it, those of the named page.
    """
    named = [one for one in ranking if not case.sources or _is_named(case, one)]
    stating = [one for one in named if any(says(one.text, fact) for fact in case.facts)]
    if stating:
        return tuple(stating[:COUNT])
    return tuple(named[:COUNT]) if case.sources else ()


def states(case: Case, chunks: Sequence[Chunk]) -> bool:
    """Whether these passages together say all that is expected."""
    return all(any(says(one.text, fact) for one in chunks) for fact in case.facts)


def says_all(case: Case, text: str) -> bool:
    """Whether a text says all that is expected."""
    return bool(case.facts) and all(says(text, fact) for fact in case.facts)


def _is_named(case: Case, one: Chunk) -> bool:
    return any(is_source(source, one.article, one.url) for source in case.sources)


def shares_told(shares: Mapping[Test, float]) -> str:
    """The shares of a case on one line, in the order in which they were measured."""
    return ", ".join(f"{test} {100 * share:.0f} %" for test, share in shares.items())
