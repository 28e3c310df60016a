"""Conversation in, answer out: search, prompt, model and cite, as one Haystack pipeline.

    search ──evidence──> prompt ──messages──> model ──replies──> cite
                         ^   └────────────evidence───────────────┘ │
                         └───────────────wider─────────────────────┘

Where the search finds nothing useful the model is not asked at all. It reads little first, which
is quick and leaves it less to mix up; where nothing that it says holds, it reads once more.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

from haystack import Pipeline
from haystack.core.errors import PipelineRuntimeError

from knowledge.conversations import Answer, ChunkUse, Citation, Conversation, Receipt
from knowledge.errors import TertuliaError
from pipelines.calling import ToolUse
from pipelines.citing import NOTHING, Coverage
from pipelines.dissent import still_open
from pipelines.in_private import knows_more
from pipelines.models import ChatModel
from pipelines.personas import Persona
from pipelines.progress import OnProgress, Watcher
from pipelines.retrieval import Retrieved, Retriever
from pipelines.steps import Cite, Draft, Prompt, Search
from pipelines.tool_results import results, used
from pipelines.tools import Outcome

PROMPT = "grounded_answer"
WITHDRAWN = "rights-changed"
MOST_NEAREST = 3
REPLY_FORMAT = {
    "type": "json_schema",
    "json_schema": {
        "name": "reply",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {
                "answer": {"type": "string"},
                "sources": {"type": "array", "items": {"type": "integer"}, "maxItems": 4},
            },
            "required": ["answer", "sources"],
            "additionalProperties": False,
        },
    },
}
"""What the model writes: the answer first, so that it can be streamed, its sources after it."""


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
    """

    def __init__(
        self,
        *,
        retriever: Retriever,
        model: ChatModel,
        persona: Persona,
        coverage: Coverage,
        tools: ToolUse | None = None,
    ) -> None:
        self._tools = tools
        self._retriever = retriever
        self._model = model
        self._persona = persona
        self._search = Search(retriever, model)
        self._prompt = Prompt(PROMPT, persona)
        self._cite = Cite(coverage, model)
        self._pipeline: Pipeline | None = None
        self._starting = asyncio.Lock()

    async def start(self) -> None:
        """Load the model and read the fixed part of the prompt into its cache."""
        await self._ready()

    async def _ready(self) -> Pipeline:
        async with self._starting:
            if self._pipeline is None:
                await self._model.start()
                pipeline = self._assembled()
                await pipeline.warm_up_async()
                await self._model.read_ahead(self._prompt.fixed())
                self._pipeline = pipeline
            return self._pipeline

    def _assembled(self) -> Pipeline:
        pipeline = Pipeline()
        pipeline.add_component("search", self._search)
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
        watcher = Watcher(on_progress)
        await watcher.searching()
        pipeline = await self._ready()
        called = await self._called(conversation, watcher)
        conversation = replace(conversation, results=results(called, conversation.audience))
        outputs = await self._run(pipeline, conversation, watcher)
        found: Retrieved = outputs["search"]["found"]
        draft: Draft = outputs["cite"]["draft"] if "cite" in outputs else Draft(NOTHING, why(found))
        more = await knows_more(self._retriever, conversation, answered=not draft.reason)
        found, draft = await self._still_open(found, draft, conversation)
        said = NOTHING if draft.reason else draft.cited
        against, dissents = ((), ()) if draft.reason else draft.against
        citations = (*said.citations, *against)
        watcher.mark("total")
        return Answer(
            reference="",
            text=said.text,
            language=found.language,
            citations=citations,
            receipt=replace(self._receipt(citations, found, watcher), tools=used(called)),
            abstained=draft.reason is not None,
            reason=draft.reason,
            nearest=nearest_titles(found) if draft.reason else (),
            more_in_private=more,
            dissents=dissents,
        )

    async def _called(self, conversation: Conversation, watcher: Watcher) -> tuple[Outcome, ...]:
        """What came of the tools that this question needs; mostly nothing."""
        if self._tools is None:
            return ()
        outcomes = await self._tools.outcomes(conversation)
        watcher.mark("tools")
        return outcomes

    async def _still_open(
        self, found: Retrieved, draft: Draft, conversation: Conversation
    ) -> tuple[Retrieved, Draft]:
        """What may still be shown: answering takes seconds, in which rights may be withdrawn."""
        ids = [r.chunk.id for r in found.chunks]
        open_now = await self._retriever.readable(ids, conversation.audience)
        open_now |= {chunk.id for chunk in (*conversation.attached, *conversation.results)}
        if not draft.reason and not {c.chunk.id for c in draft.cited.citations} <= open_now:
            draft = Draft(NOTHING, WITHDRAWN)
        left = replace(draft, against=still_open(*draft.against, open_now))
        return found.only(open_now), left

    async def _run(
        self, pipeline: Pipeline, conversation: Conversation, watcher: Watcher
    ) -> dict[str, Any]:
        inputs = {
            "search": {"conversation": conversation, "watcher": watcher},
            "model": {
                "streaming_callback": watcher.take,
                "generation_kwargs": generation_options(self._persona),
            },
        }
        try:
            return await pipeline.run_async(inputs, include_outputs_from={"search"})
        except PipelineRuntimeError as error:
            if isinstance(error.__cause__, TertuliaError):
                raise error.__cause__ from error
            raise

    def _receipt(
        self, citations: Sequence[Citation], found: Retrieved, watcher: Watcher
    ) -> Receipt:
        used = {citation.chunk.id for citation in citations}
        return Receipt(
            persona=self._persona.name,
            prompt_version=self._persona.version,
            model=self._model.name,
            chunks=tuple(
                ChunkUse(
                    article=r.chunk.article,
                    position=r.chunk.position,
                    score=r.score,
                    used=r.chunk.id in used,
                    chunk=r.chunk.id,
                    url=r.chunk.url,
                )
                for r in found.chunks
            ),
            knowledge=found.state,
            timings_s=watcher.timings_s,
            tokens=watcher.tokens,
        )


def generation_options(persona: Persona) -> dict[str, Any]:
    """How the model is run with a persona, in the words of the OpenAI protocol."""
    options: dict[str, Any] = {
        "response_format": REPLY_FORMAT,
        "temperature": persona.temperature,
        "max_tokens": persona.max_answer_tokens,
    }
    if persona.think is not None:
        # What llama.cpp and vLLM understand; a service may refuse it, so it is sent on demand.
        options["extra_body"] = {"chat_template_kwargs": {"enable_thinking": persona.think}}
    return options


def why(found: Retrieved) -> str:
    """The reason for saying nothing without asking the model."""
    is_empty = not found.chunks and found.state.get("is_empty")
    return "no-knowledge" if is_empty else "i-do-not-know"


def nearest_titles(found: Retrieved) -> tuple[str, ...]:
    """The titles of the articles that come nearest to the question."""
    titles = dict.fromkeys(ranked.chunk.title for ranked in found.chunks)
    return tuple(titles)[:MOST_NEAREST]
