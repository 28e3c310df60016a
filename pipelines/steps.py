"""The steps of answering that are ours, as Haystack components: search, prompt and cite."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from haystack import component
from haystack.core.component.types import GreedyVariadic
from haystack.dataclasses import ChatMessage

from knowledge.conversations import Citation, Conversation, Dissent, Message
from knowledge.history import OURSELVES
from knowledge.language import language_of_part, language_of_question
from pipelines import context
from pipelines.answer_checks import adds_something, has_the_form, strange_names
from pipelines.citing import NOTHING, Cited, Coverage, cite
from pipelines.complete_lists import asks_for_all
from pipelines.context import Passage
from pipelines.dissent import dissents
from pipelines.manners import LANGUAGE_NAMES, reminder, rules_of, turns
from pipelines.models import ChatModel
from pipelines.particulars import folded
from pipelines.personas import Persona
from pipelines.progress import Watcher
from pipelines.prompting import filled, prompt
from pipelines.retrieval import RETURNED, Retrieved, Retriever
from pipelines.rewriting import is_able, rewritten
from pipelines.self_check import LEAST_AGREEMENT, agreement
from pipelines.streaming import reply_fields
from pipelines.tool_results import passages_of

FIRST_WORD_S = 10.0
"""Reading the passages may take the asker this long; a faster machine reads more of them."""
SEARCH_S = 1.5
"""What of that goes to the search and to the question itself."""
LEAST_TOKENS = 150
"""Fewer are of no use, however slow the machine is."""
FIRST_TOKENS = 300
"""Of the passages that are read first: two questions out of three need no more of them."""
FEWEST_TOKENS, MOST_TOKENS = 450, 650
"""Of all passages together, where the first ones were not enough."""
LIST_TOKENS = 1300
"""Of all passages where everything of a kind is wanted and the machine is fast enough."""
LIST_CHUNKS = 20
"""Chunks that are then looked for."""
UNMEASURED_TOKENS_PER_S = 50.0
NO_SUPPORT = "i-found-no-support"
NOT_FOUND = ("not found", "no found", "no encontrado", "not_found")
EARLIER_CHARACTERS = 300
MOST_TITLES = 3


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the prompt and the check of the answer are made from.

    Attributes:
        earlier: the last exchange of the conversation, cut short; empty at its beginning.
        language: the name of the language that the reply must be in.
        reply_in: its code; empty where it could not be told.
        most_tokens: of passages that this machine reads in time.
        at: when the question was written.
        is_all: whether the passages are all that will be read.
    """

    question: str
    language: str
    earlier: str
    passages: tuple[Passage, ...]
    found: Retrieved
    watcher: Watcher
    most_tokens: int
    reply_in: str
    at: datetime
    is_all: bool = False

    def widened(self) -> "Evidence":
        """The same with more passages behind those that were not enough."""
        more = context.select(self.found, max_tokens=self.most_tokens, after=self.passages)
        return replace(self, passages=tuple(more), is_all=True)

    def __deepcopy__(self, memo: dict[int, Any]) -> "Evidence":
        """Itself: nothing in it changes, and Haystack copies what goes to two steps."""
        return self


@component
class Search:
    """Finds what the answer will rest on; the pipeline ends here without anything useful.

    It does as well where what was asked may mean two things.

    Args:
        always: whether it goes on all the same: what is said may be enough for a form.
        only_language: the code of the one that is replied in; empty where that of the question is.
        is_patient: whether the best chunks are read to their end, however long that takes.
    """

    def __init__(
        self,
        retriever: Retriever,
        model: ChatModel,
        *,
        always: bool = False,
        only_language: str = "",
        is_patient: bool = False,
    ) -> None:
        self._is_patient = is_patient
        self._retriever = retriever
        self._always = always
        self._only_language = only_language
        self._model = model
        self._rewrites = is_able(model)

    @component.output_types(evidence=Evidence, found=Retrieved)
    def run(self, conversation: Conversation, watcher: Watcher) -> dict[str, Any]:
        """Not for use: everything here is asynchronous."""
        raise NotImplementedError

    @component.output_types(evidence=Evidence, found=Retrieved)
    async def run_async(self, conversation: Conversation, watcher: Watcher) -> dict[str, Any]:
        """Search, and choose the sentences that are read first."""
        reworded = await rewritten(self._model, conversation) if self._rewrites else ""
        question = conversation.question.text
        is_list = asks_for_all(question)
        found = await self._retriever.retrieve(
            conversation, reworded=reworded, most=LIST_CHUNKS if is_list else RETURNED
        )
        titles = dict.fromkeys(ranked.chunk.title for ranked in found.chunks[:MOST_TITLES])
        await watcher.found(tuple(titles), found.language)
        in_time, fits = self._in_time(), self._model.context_tokens // 2
        wanted = LIST_TOKENS if is_list else MOST_TOKENS
        most = fits if self._is_patient else max(FEWEST_TOKENS, min(in_time, wanted, fits))
        said = passages_of(conversation.results, max_tokens=min(LIST_TOKENS, fits))
        is_useless = not found.chunks or _asks_for_strangers(question, found)
        is_unclear = bool(found.meanings) and not is_list
        if not said and (is_useless or is_unclear) and not self._always:
            return {"found": found}
        if said:
            first = said  # pages follow where that is not enough
        elif is_list or self._is_patient:
            count = context.MOST if is_list else context.COUNT
            first = context.select_whole(found, max_tokens=most, count=count)
        else:
            first = context.select(found, max_tokens=min(FIRST_TOKENS, in_time))
        reply_in = self._only_language or found.language
        evidence = Evidence(
            question=question,
            language=LANGUAGE_NAMES.get(reply_in, "the language of the question"),
            earlier=earlier(conversation),
            passages=tuple(first),
            found=found,
            watcher=watcher,
            most_tokens=most,
            reply_in=reply_in,
            at=conversation.question.sent_at,
        )
        return {"evidence": evidence, "found": found}

    def _in_time(self) -> int:
        """Tokens of passages that this machine reads before the asker grows impatient."""
        speed = self._model.prompt_tokens_per_s or UNMEASURED_TOKENS_PER_S
        return max(LEAST_TOKENS, int(speed * (FIRST_WORD_S - SEARCH_S)))


def _asks_for_strangers(question: str, found: Retrieved) -> bool:
    """Whether the question names somebody or something that no page found knows.

    Neither by its letters nor, for what has another name in the other language, by its meaning.
    """
    texts = [f"{r.chunk.article} {r.chunk.searchable_text}" for r in found.chunks]
    strange = strange_names(question, texts)
    return bool(strange & {folded(word) for word in found.answerability.uncovered})


def earlier(conversation: Conversation) -> str:
    """The last exchange before the question, for a follow-up such as "and abroad?"."""
    lines = [
        f"{'You' if m.author == OURSELVES else 'They'}: {' '.join(m.text.split())}"
        for m in read_before(conversation)
    ]
    return "\n".join(line[:EARLIER_CHARACTERS] for line in lines)


def read_before(conversation: Conversation) -> tuple[Message, ...]:
    """The messages before the question that a model reads."""
    return conversation.messages[-3:-1]


@component
class Prompt:
    """Fills question and passages into the prompt; the beginning of it never changes."""

    def __init__(self, name: str, persona: Persona) -> None:
        self._messages = prompt(name)
        self._persona = persona

    def fixed(self) -> list[ChatMessage]:
        """The part that is the same for every question."""
        rules = filled(
            self._messages[:-1], persona=self._persona, manners=rules_of(self._persona.voice)
        )
        return [*rules, *turns(self._persona.examples, self._asked)]

    @component.output_types(messages=list[ChatMessage], evidence=Evidence)
    def run(self, evidence: GreedyVariadic[Evidence]) -> dict[str, Any]:
        """The messages for the model, and what they were made from.

        Args:
            evidence: one, from whoever comes first: the search, or the check that wants more.
        """
        (one,) = evidence
        return {"messages": [*self.fixed(), self._asked(one, one.language)], "evidence": one}

    def _asked(self, evidence: object, language: str) -> ChatMessage:
        """The turn of somebody who asks."""
        manner = reminder(self._persona.voice, language)
        return filled(self._messages[-1:], evidence=evidence, manner=manner)[0]


@dataclass(frozen=True, slots=True)
class Draft:
    """What may be said after the check.

    Attributes:
        reason: the key of the reason why nothing is said; None where something is.
        agreement: how sure the model was, asked again, that this answers the question.
        against: citations of pages that say otherwise, and what they are.
        rests_on: the ids of all chunks that it may rest on, where they are more than the cited.
        about: what the reason speaks of, such as fields of a form.
    """

    cited: Cited
    reason: str | None
    agreement: float = 0.0
    against: tuple[tuple[Citation, ...], tuple[Dissent, ...]] = ((), ())
    rests_on: frozenset[str] = frozenset()
    about: str = ""

    def __deepcopy__(self, memo: dict[int, Any]) -> "Draft":
        """Itself, as above."""
        return self


@component
class Cite:
    """Checks each sentence of the reply against the chunks; where none holds, once more is read."""

    def __init__(self, coverage: Coverage, model: ChatModel) -> None:
        self._coverage = coverage
        self._model = model

    @component.output_types(draft=Draft, wider=Evidence)
    def run(self, replies: list[ChatMessage], evidence: Evidence) -> dict[str, Any]:
        """Not for use: everything here is asynchronous."""
        raise NotImplementedError

    @component.output_types(draft=Draft, wider=Evidence)
    async def run_async(self, replies: list[ChatMessage], evidence: Evidence) -> dict[str, Any]:
        """Keep what holds; where nothing does, ask for more passages, or say so."""
        evidence.watcher.count(replies[0])
        text, _ = reply_fields(replies[0].text or "")
        draft = await self._checked(text, evidence)
        if draft.reason is None or evidence.is_all:
            return {"draft": draft}
        wider = evidence.widened()
        if len(wider.passages) == len(evidence.passages):
            return {"draft": draft}
        await evidence.watcher.reading_more()
        return {"wider": wider}

    async def _checked(self, text: str, evidence: Evidence) -> Draft:
        chunks = list(dict.fromkeys(passage.chunk for passage in evidence.passages))
        if says_nothing(text) or not _has_right_form(text, evidence):
            return Draft(NOTHING, NO_SUPPORT)
        cited = await cite(text, question=evidence.question, chunks=chunks, coverage=self._coverage)
        if not cited.text:
            return Draft(NOTHING, NO_SUPPORT)
        sure = await agreement(self._model, evidence.question, cited.evidence)
        if sure < LEAST_AGREEMENT:
            return Draft(NOTHING, NO_SUPPORT, sure)
        return Draft(cited, None, sure, dissents(cited, evidence.found.conflicts))


def says_nothing(text: str) -> bool:
    """Whether the model said that the passages do not tell."""
    return not text or text.casefold().strip(' ."') in NOT_FOUND


def _has_right_form(text: str, evidence: Evidence) -> bool:
    question, language = evidence.question, evidence.reply_in
    if _is_in_another_language(text, language, evidence.found.language):
        return False
    return adds_something(text, question, language) and has_the_form(text, question)


def _is_in_another_language(text: str, wanted: str, asked_in: str) -> bool:
    if wanted == asked_in:
        return language_of_part(text, wanted) != wanted
    # Models follow the question sooner than a rule, so that short sentences are looked at, too.
    return language_of_question(text, wanted) in LANGUAGE_NAMES.keys() - {wanted}
