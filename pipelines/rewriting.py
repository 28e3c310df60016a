"""Asks the model for a follow-up question that can be understood alone.

"And abroad?" after "How many days of leave do I get?" finds nothing by itself. `follow_ups.py`
joins it with the turns before it, which brings in what is no longer asked; a model can say just
what is meant. Its wording is searched besides the joined turns, never instead of them, and only if
it invents nothing: a small model likes to answer, or to go on with another question.
"""

import asyncio
import json
import re
from collections.abc import Sequence
from typing import Any

import structlog

from knowledge.conversations import Conversation, Message
from knowledge.errors import TransientError
from knowledge.history import OURSELVES
from knowledge.language import language_of_question
from knowledge.words import terms
from pipelines.models import ChatModel, catalogue
from pipelines.particulars import exact_parts, names
from pipelines.prompting import filled, prompt

PROMPT = "rewrite_question"
MOST_MESSAGES = 5
"""How far back the model reads."""
CHARACTERS_A_MESSAGE = 240
LONGEST = 300
"""Characters of a question; what is longer is an answer."""
TIME_LIMIT_S = 8.0
FEWEST_BILLIONS = 3.0
"""Parameters of a model that is worth asking; smaller ones were measured to help nobody."""
OPTIONS: dict[str, Any] = {
    "temperature": 0.0,
    "max_tokens": 80,
    "response_format": {
        "type": "json_schema",
        "json_schema": {
            "name": "rewritten",
            "strict": True,
            "schema": {
                "type": "object",
                "properties": {"question": {"type": "string"}},
                "required": ["question"],
                "additionalProperties": False,
            },
        },
    },
}
NEW_WORDS = 0.34
"""The share of its content that may not stand in the conversation: "cost" for "how much"."""
_BILLIONS = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)b(?![a-z0-9])", re.IGNORECASE)
_MILLIONS = re.compile(r"(?<![\w.])\d+m(?![a-z0-9])", re.IGNORECASE)

log = structlog.get_logger(__name__)


def is_able(model: ChatModel) -> bool:
    """Whether a model is large enough to help, as far as its name tells; unknown ones are."""
    kind, _, name = model.name.partition(":")
    base = name.partition("+")[0]
    if kind == "embedded" and base in catalogue.models():
        return catalogue.models()[base].rewrites
    sizes = [float(size) for size in _BILLIONS.findall(name)]
    if sizes:
        return max(sizes) >= FEWEST_BILLIONS
    return not _MILLIONS.search(name)


async def rewritten(
    model: ChatModel, conversation: Conversation, *, time_limit_s: float = TIME_LIMIT_S
) -> str:
    """The last question in words that can be understood alone; empty where there are none.

    It is empty without anything said before, where the model is too slow or fails for now, and
    where what it writes is not that question.
    """
    if len(conversation.messages) < 2:
        return ""
    try:
        async with asyncio.timeout(time_limit_s):
            text = await asked(model, conversation)
    except (TimeoutError, TransientError) as error:
        log.info("question not rewritten", reason=type(error).__name__)
        return ""
    return text if is_faithful(text, conversation) else ""


async def asked(model: ChatModel, conversation: Conversation) -> str:
    """What the model writes, as one line; empty where it is not of the form that was asked for."""
    *before, last = conversation.messages
    messages = filled(prompt(PROMPT), earlier=told(before), question=one_line(last.text))
    outputs = await model.generator().run_async(messages, None, OPTIONS)
    try:
        text = json.loads(outputs["replies"][0].text or "")["question"]
    except (ValueError, TypeError, KeyError):
        return ""
    return one_line(text) if isinstance(text, str) else ""


def told(messages: Sequence[Message]) -> str:
    """The last messages, a line each."""
    lines = (
        f"{'You' if m.author == OURSELVES else 'They'}: {one_line(m.text)}"
        for m in messages[-MOST_MESSAGES:]
    )
    return "\n".join(line[:CHARACTERS_A_MESSAGE] for line in lines)


def one_line(text: str) -> str:
    """The text with single spaces, and no longer than a question is."""
    return " ".join(text.split())[:LONGEST]


def is_faithful(text: str, conversation: Conversation) -> bool:
    """Whether a text is the last question with what was said before, and nothing of its own.

    Numbers, codes and names stand in the conversation, most other words too; it is in the language
    of the question and goes on with it: something of the question is still in it.
    """
    question = conversation.question.text
    if not text or len(text) >= LONGEST:
        return False
    language = language_of_question(question) or language_of_question(text)
    if language_of_question(text, language) != language:
        return False
    whole = " ".join(message.text for message in conversation.messages)
    if exact_parts(text) - exact_parts(whole) or names(text) - _words(whole):
        return False
    content = set(terms(text, language))
    new = content.difference(terms(whole, language))
    return len(new) <= NEW_WORDS * len(content) and _goes_on(text, question, language)


def _goes_on(text: str, question: str, language: str) -> bool:
    """Whether what the question says itself is still asked."""
    own = set(terms(question, language))
    return not own or not own.isdisjoint(terms(text, language))


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_][\w'’-]*", text.casefold()))
