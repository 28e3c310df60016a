"""Conversation in, answer out: search, prompt, model and cite, as one Haystack pipeline.

    search ──evidence──> prompt ──messages──> model ──replies──> cite
                         ^   └────────────evidence───────────────┘ │
                         └───────────────wider─────────────────────┘

A persona that fills in a form has one step in place of the last three. Where the search finds
nothing useful the model is not asked at all. It reads little first, which is quick and leaves it
less to mix up; where nothing that it says holds, it reads once more.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

from haystack import Pipeline
from haystack.core.errors import PipelineRuntimeError

from knowledge.articles import is_attached
from knowledge.conversations import Answer, Conversation, Decision
from knowledge.errors import TertuliaError
from knowledge.language import language_of_question
from pipelines import plain_answers
from pipelines.calling import ToolUse
from pipelines.citing import NOTHING, Coverage
from pipelines.dissent import still_open
from pipelines.forms import FillForm
from pipelines.in_private import knows_more
from pipelines.meanings import offered, settled
from pipelines.models import ChatModel
from pipelines.personas import Persona
from pipelines.progress import OnProgress, Watcher
from pipelines.receipts import receipt
from pipelines.respeaking import respoken
from pipelines.retrieval import Retrieved, Retriever
from pipelines.run_options import generation_options
from pipelines.small_talk import returned, small_talk_in
from pipelines.steps import Cite, Draft, Prompt, Search
from pipelines.tool_call import Call, Outcome
from pipelines.tool_results import acted, acts, not_drawn, pictures, results, unhelpful

PROMPT = "grounded_answer"
WITHDRAWN = "rights-changed"
MOST_NEAREST = 3
NO_SOURCE = ("",)
"""No source has such a name; an empty list would mean all of them."""


class Answering(Protocol):
    """Conversation in, answer out."""

    async def start(self) -> None:
        """Make ready for the first question."""

    async def answer(
        self, conversation: Conversation, *, on_progress: OnProgress | None = None
    ) -> Answer:
        """Answer the last message of a conversation, or say why not."""


class Assistant:
    """Answers questions with one persona and one model.

    Args:
        retriever: finds chunks; the one place that keeps out what the readers may not open.
        coverage: compares what the model says with what the chunks say.
        tools: those that the persona has; None where it has none.
        is_patient: whether the best chunks are read to their end, however long that takes.
    """

    def __init__(
        self,
        *,
        retriever: Retriever,
        model: ChatModel,
        persona: Persona,
        coverage: Coverage,
        tools: ToolUse | None = None,
        is_patient: bool = False,
    ) -> None:
        self._tools = tools
        self._retriever = retriever
        self._model = model
        self._persona = persona
        self._receipt = partial(receipt, persona, model)
        self._search = Search(
            retriever,
            model,
            always=persona.schema is not None,
            only_language=persona.only_language,
            is_patient=is_patient,
        )
        self._prompt = Prompt(PROMPT, persona)
        self._cite = Cite(coverage, model)
        self._form = FillForm(model, persona, persona.schema) if persona.schema else None
        self._pipeline: Pipeline | None = None
        self._starting = asyncio.Lock()

    async def start(self) -> None:
        """Load the model and read the fixed parts of the prompts into its cache."""
        await self._ready()

    async def _ready(self) -> Pipeline:
        async with self._starting:
            if self._pipeline is None:
                await self._model.start()
                pipeline = self._assembled()
                await pipeline.warm_up_async()
                await self._model.read_ahead((self._form or self._prompt).fixed())
                if self._tools:
                    await self._tools.start()  # last: it is what the first question begins with
                self._pipeline = pipeline
            return self._pipeline

    def _assembled(self) -> Pipeline:
        pipeline = Pipeline()
        pipeline.add_component("search", self._search)
        if self._form is not None:
            pipeline.add_component("form", self._form)
            pipeline.connect("search.evidence", "form.evidence")
            return pipeline
        pipeline.add_component("prompt", self._prompt)
        pipeline.add_component("model", self._model.generator())
        pipeline.add_component("cite", self._cite)
        pipeline.connect("search.evidence", "prompt.evidence")
        pipeline.connect("prompt.messages", "model.messages")
        pipeline.connect("prompt.evidence", "cite.evidence")
        pipeline.connect("model.replies", "cite.replies")
        pipeline.connect("cite.wider", "prompt.evidence")
        return pipeline

    async def answer(
        self, conversation: Conversation, *, on_progress: OnProgress | None = None
    ) -> Answer:
        """Answer the last message of a conversation, or say why not.

        Raises:
            TertuliaError: the model or the store failed; whatever was shown so far is void.
        """
        read = within(conversation.sources, self._persona.sources)
        asked = replace(conversation, sources=read)
        conversation = settled(asked)
        watcher = Watcher(on_progress)
        if conversation.decision:
            return await self._decided(conversation, conversation.decision, watcher)
        await watcher.searching()
        pipeline = await self._ready()
        if self._persona.small_talk and (language := small_talk_in(conversation.question.text)):
            return await self._returned(conversation.question.text, language, watcher)
        # As it was written: a page's title, which says what was meant, chooses no calls.
        called = await self._called(asked, watcher)
        language = language_of_question(asked.question.text, "en")
        if to_do := acts(called):
            return plain_answers.to_do(
                to_do, called, language, self._receipt(watcher, called=called)
            )
        conversation = replace(conversation, results=results(called, conversation.audience))
        if not conversation.results and (pictures(called) or not_drawn(called)):
            return plain_answers.drawn(called, language, self._receipt(watcher, called=called))
        outputs = await self._found_out(pipeline, conversation, watcher)
        return await self._answered(outputs, conversation, called, watcher)

    async def _answered(
        self,
        outputs: dict[str, Any],
        conversation: Conversation,
        called: Sequence[Outcome],
        watcher: Watcher,
    ) -> Answer:
        """The answer that the steps of the pipeline have come to."""
        found: Retrieved = outputs["search"]["found"]
        ends = drafts(outputs)
        if found.meanings and not ends:
            citations = offered(found.meanings)
            receipt = self._receipt(watcher, called=called, citations=citations, found=found)
            return plain_answers.asked_back(found, receipt)
        draft: Draft = ends[0] if ends else Draft(NOTHING, why(found))
        more = await knows_more(self._retriever, conversation, answered=not draft.reason)
        found, draft = await self._still_open(found, draft, conversation)
        made = pictures(called)
        said = NOTHING if draft.reason else draft.cited
        against, dissents = ((), ()) if draft.reason else draft.against
        citations = (*said.citations, *against)
        return Answer(
            reference="",
            text=self._respoken(said.text, found.language),
            language=found.language,
            citations=citations,
            receipt=self._receipt(watcher, called=called, citations=citations, found=found),
            abstained=draft.reason is not None and not made,
            reason=None if made else draft.reason,
            about=draft.about,
            nearest=nearest_titles(found) if draft.reason and not (self._form or made) else (),
            more_in_private=more,
            dissents=dissents,
            pictures=made,
            not_drawn=not_drawn(called),
            unhelpful=unhelpful(called) if draft.reason and not made else None,
        )

    def _respoken(self, text: str, asked_in: str) -> str:
        """What the model said, in the voice of the persona."""
        return respoken(text, self._persona.voice, self._persona.only_language or asked_in)

    async def _returned(self, text: str, language: str, watcher: Watcher) -> Answer:
        """Small talk in return; nothing is searched for it."""
        said = await returned(
            text, language, model=self._model, persona=self._persona, watcher=watcher
        )
        said = self._respoken(said, language)
        return plain_answers.returned(said, language, self._receipt(watcher))

    async def _called(self, conversation: Conversation, watcher: Watcher) -> tuple[Outcome, ...]:
        """What came of the tools that this question needs; mostly nothing."""
        if not (self._tools and self._tools.names):
            return ()
        if route := await self._tools.route(conversation):
            watcher.route = route.told()
            watcher.reads_pages = route.may_need_pages
            watcher.mark("route")
            if not route.may_need_tools:
                return ()
        outcomes = await self._tools.outcomes(conversation)
        watcher.mark("tools")
        return outcomes

    async def _decided(
        self, conversation: Conversation, decision: Decision, watcher: Watcher
    ) -> Answer:
        """What came of a call that somebody was asked to confirm."""
        outcome = Outcome(Call("?"), "refused", "")
        if self._tools:
            outcome = await self._tools.decided(conversation, decision)
        receipt = self._receipt(watcher, called=[outcome])
        return plain_answers.to_do([acted(outcome)], [outcome], decision.language, receipt)

    async def _still_open(
        self, found: Retrieved, draft: Draft, conversation: Conversation
    ) -> tuple[Retrieved, Draft]:
        """What may still be shown: answering takes seconds, in which rights may be withdrawn."""
        beside = {one.id: one for one in (*conversation.attached, *conversation.results)}
        passing = {id_ for id_, one in beside.items() if is_attached(one.article)}
        ids = [*(r.chunk.id for r in found.chunks), *(beside.keys() - passing)]
        open_now = passing | await self._retriever.readable(ids, conversation.audience)
        needed = {citation.chunk.id for citation in draft.cited.citations} | draft.rests_on
        if not draft.reason and not needed <= open_now:
            draft = Draft(NOTHING, WITHDRAWN)
        left = replace(draft, against=still_open(*draft.against, open_now))
        return found.only(open_now), left

    async def _found_out(
        self, pipeline: Pipeline, conversation: Conversation, watcher: Watcher
    ) -> dict[str, Any]:
        """What the steps come to; no page is looked for where what tools say was enough."""
        if conversation.results and not watcher.reads_pages:
            without = replace(conversation, sources=NO_SOURCE)
            outputs = await self._run(pipeline, without, watcher)
            if any(not draft.reason for draft in drafts(outputs)):
                return outputs
            await watcher.reading_more()
        return await self._run(pipeline, conversation, watcher)

    async def _run(
        self, pipeline: Pipeline, conversation: Conversation, watcher: Watcher
    ) -> dict[str, Any]:
        inputs: dict[str, Any] = {"search": {"conversation": conversation, "watcher": watcher}}
        if self._form is None:
            inputs["model"] = {
                "streaming_callback": watcher.take,
                "generation_kwargs": generation_options(self._persona),
            }
        try:
            return await pipeline.run_async(inputs, include_outputs_from={"search"})
        except PipelineRuntimeError as error:
            if isinstance(error.__cause__, TertuliaError):
                raise error.__cause__ from error
            raise


def drafts(outputs: dict[str, Any]) -> list[Draft]:
    """What may be said after the check; none where the search was the end."""
    return [outputs[step]["draft"] for step in ("cite", "form") if step in outputs]


def within(channel: tuple[str, ...], persona: tuple[str, ...] | None) -> tuple[str, ...]:
    """The sources that may be read: those that both the channel and the persona name.

    Args:
        channel: the names of those that are read there; all where none is named.
        persona: the names of those that it answers from, which may be none; None is all.

    Returns:
        Their names; none where all may be read, and `NO_SOURCE` where none may.
    """
    if persona is None:
        return channel
    return tuple(name for name in persona if not channel or name in channel) or NO_SOURCE


def why(found: Retrieved) -> str:
    """The reason for saying nothing without asking the model."""
    is_empty = not found.chunks and found.state.get("is_empty")
    return "no-knowledge" if is_empty else "i-do-not-know"


def nearest_titles(found: Retrieved) -> tuple[str, ...]:
    """The titles of the articles that come nearest to the question."""
    titles = dict.fromkeys(ranked.chunk.title for ranked in found.chunks)
    return tuple(titles)[:MOST_NEAREST]
