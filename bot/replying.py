"""One message in, one reply or a stated reason out: the one place that words failures."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from textwrap import shorten

import structlog

from bot.acts import acts_text, fenced, shown_in_full
from bot.egress import cleaned
from bot.notices import language_for
from bot.wording import say
from knowledge.conversations import Answer, Conversation, Missing
from knowledge.errors import AskerError, OperatorError, TertuliaError, TransientError
from knowledge.history import ASKED_BACK, History
from pipelines.answering import Answering
from pipelines.plain_answers import NOT_DRAWN
from pipelines.progress import Progress

MOST_CHARACTERS = 20_000
MOST_QUOTED = 160
"""Characters of a page that says otherwise."""
NO_KNOWLEDGE, NOT_KNOWN = "no-knowledge", "i-do-not-know"
LATER = "Ask again, or give it more time in ANSWER_DEADLINE_S."
SENTENCES = {
    "empty_question": "error-empty",
    "question_too_long": "error-too-long",
    "deadline": "error-deadline",
    "midway": "error-midway",
    "unexpected": "error-unexpected",
    "broken_off": "error-unexpected",
}
"""How the errors of this file are worded; all others by who must act."""

log = structlog.get_logger(__name__)


class EmptyQuestionError(AskerError):
    """There is nothing in the message."""


class QuestionTooLongError(AskerError):
    """The message is longer than anybody would read."""


class DeadlineError(TransientError):
    """The answer was not ready in time."""


class MidwayError(DeadlineError):
    """The same with something that was confirmed: nobody knows whether it is done."""


class UnexpectedError(TransientError):
    """A fault of ours; its cause is in the log."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What is posted: the text, and the answer or the error behind it.

    Attributes:
        aside: what is for whoever asked alone, where others read along; often empty.
    """

    text: str
    language: str
    answer: Answer | None = None
    error: TertuliaError | None = None
    aside: str = ""

    @property
    def whole(self) -> str:
        """All of it, for a place that only the asker reads."""
        return " ".join(filter(None, (self.text, self.aside)))


def to_confirm(reply: Reply) -> str:
    """The name of what whoever asked may confirm; empty where there is nothing."""
    acts = reply.answer.acts if reply.answer else ()
    return next((act.confirmation for act in acts if act.confirmation), "")


async def reply(
    conversation: Conversation,
    *,
    assistant: Answering,
    history: History,
    deadline_s: float,
    locale: str = "",
    on_progress: Callable[[Progress], Awaitable[None]] | None = None,
) -> Reply:
    """Answer the last message of a conversation; whatever happens, there is something to post.

    An answer is in the language of the question; why there is none is told in that of the locale.
    """
    language = language_for(locale, conversation.question.text)
    try:
        check(conversation.question.text)
        async with asyncio.timeout(deadline_s):
            answer = shown_in_full(await assistant.answer(conversation, on_progress=on_progress))
        answer = await history.keep(conversation, replace(answer, text=worded(answer)))
    except TimeoutError:
        decision = conversation.decision
        return late(deadline_s, language, is_midway=bool(decision and decision.is_yes))
    except QuestionTooLongError as error:
        length = len(conversation.question.text)
        return failed(error, language, length=length, limit=MOST_CHARACTERS)
    except TertuliaError as error:
        return failed(error, language)
    except Exception as error:  # noqa: BLE001 (whoever asked is told, whatever it was)
        return failed(unexpected(error), language)
    log.info(
        "answered",
        reference=answer.reference,
        abstained=answer.abstained,
        citations=len(answer.citations),
        seconds=round(answer.receipt.timings_s.get("total", 0.0), 2),
    )
    aside = say("more-in-private", answer.language) if answer.more_in_private else ""
    return Reply(answer.text, answer.language, answer, aside=aside)


def late(deadline_s: float, language: str, *, is_midway: bool = False) -> Reply:
    """The reply where there was no answer in time.

    Args:
        deadline_s: how long it had.
        language: of the reply.
        is_midway: whether something was confirmed, which a tool may have begun, and goes on with:
            who only hears that there was no answer would ask for it again.
    """
    kind = MidwayError if is_midway else DeadlineError
    error = kind(f"There was no answer within {deadline_s:g} s.", what_to_do=LATER)
    return failed(error, language, seconds=f"{deadline_s:g}")


def unexpected(error: Exception) -> UnexpectedError:
    """A fault of ours, with its place in the code for the log."""
    log.error("failed unexpectedly", error=type(error).__name__, exc_info=error)
    wrapped = UnexpectedError(
        f"Something unexpected happened: {type(error).__name__}: {error}",
        what_to_do="Run it again with --debug and tell us what it prints.",
    )
    wrapped.__cause__ = error
    return wrapped


def check(text: str) -> None:
    """Refuse what cannot be a question.

    Raises:
        EmptyQuestionError, QuestionTooLongError: with the words for a person.
    """
    if not text.strip():
        raise EmptyQuestionError("The question is empty.", what_to_do="Ask something.")
    if len(text) > MOST_CHARACTERS:
        raise QuestionTooLongError(
            f"The question has {len(text):,} characters; at most {MOST_CHARACTERS:,} are read.",
            what_to_do="Shorten it, or add the long text as a source.",
        )


def worded(answer: Answer) -> str:
    """The answer's text, or the words for why there is none."""
    if answer.acts:
        said = acts_text(answer.acts, answer.language)
        return "\n\n".join(filter(None, (said, _of_pictures(answer))))
    if answer.reason == ASKED_BACK:
        return cleaned(_which(answer))
    text = "\n\n".join(filter(None, (answer.text, " ".join(_otherwise(answer)))))
    if answer.abstained and answer.reason != NOT_DRAWN:
        text = say(_reason(answer), answer.language, about=answer.about)
    if answer.nearest:
        titles = ", ".join(f"“{title}”" for title in answer.nearest)
        text += " " + say("nearest", answer.language, titles=titles)
    more = (_of_pictures(answer), _of_tool(answer.unhelpful, answer.language))
    return cleaned("\n\n".join(filter(None, (text, *more))))


def _reason(answer: Answer) -> str:
    """The key of the sentence why there is no answer."""
    if answer.unhelpful and answer.reason == NO_KNOWLEDGE:
        return NOT_KNOWN  # that pages are missing is not why: a tool was to know it
    return answer.reason or NOT_KNOWN


def _of_tool(missing: Missing | None, language: str) -> str:
    """Why a tool that was asked has not helped; what it says itself is shown as it is."""
    if missing is None:
        return ""
    if missing.fault:
        about = say("tool-fault", language, fault=missing.fault)
        return say("tool-no-help", language, tool=missing.tool, about=about)
    said = say("tool-no-help-said", language, tool=missing.tool)
    return f"{said}\n\n{fenced(missing.text)}"


def _of_pictures(answer: Answer) -> str:
    """That there are pictures, or why one is missing; mostly nothing."""
    if answer.pictures:
        return say("picture", answer.language, number=len(answer.pictures))
    missing = answer.not_drawn
    if missing is None or (answer.abstained and answer.reason != NOT_DRAWN):
        return ""
    if missing.fault:
        about = say("tool-fault", answer.language, fault=missing.fault)
        return say("not-drawn", answer.language, about=about)
    return say("not-drawn-said", answer.language, about=missing.text)


def _which(answer: Answer) -> str:
    """A question back: which of these pages was meant."""
    *titles, last = (f"“{one.chunk.title}” [{one.n}]" for one in answer.citations)
    return say("which-meaning", answer.language, titles=", ".join(titles), last=last)


def _shortened(text: str) -> str:
    """One line of a quote, cut at a word."""
    return shorten(" ".join(text.strip("|").split()), MOST_QUOTED, placeholder=" …")


def _otherwise(answer: Answer) -> Iterator[str]:
    """A sentence for each page that says otherwise than the answer."""
    by_number = {citation.n: citation for citation in answer.citations}
    for dissent in answer.dissents:
        citation = by_number[dissent.n]
        yield say(
            "older-page-says" if dissent.is_older else "other-page-says",
            answer.language,
            title=citation.chunk.title,
            quote=_shortened(citation.quote),
            n=f"[{dissent.n}]",
        )


def failed(error: TertuliaError, language: str, **values: object) -> Reply:
    """The reply for an error, sorted by who must act."""
    log.warning("failed to answer", kind=error.kind, error=type(error).__name__)
    return Reply(
        cleaned(say(key_of(error), language, kind=error.kind, **values)), language, None, error
    )


def key_of(error: TertuliaError) -> str:
    """The key of the sentence that words an error."""
    if error.kind in SENTENCES:
        return SENTENCES[error.kind]
    if isinstance(error, OperatorError):
        return "error-operator"
    return "error-model" if "model" in error.kind else "error-knowledge"
