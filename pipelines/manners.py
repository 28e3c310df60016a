"""What a persona adds to the prompt: how to speak, and examples of how it answers."""

import json
from collections.abc import Callable, Sequence
from functools import cache

from haystack.dataclasses import ChatMessage

from pipelines.personas.examples import Example
from pipelines.personas.voice import Voice
from pipelines.prompting import filled, harmless, prompt

LANGUAGE_NAMES = {"en": "English", "es": "Spanish"}
NOT_FOUND = "NOT FOUND"
"""What a model answers where no passage says it; an example may show that, too."""
PROMPT = "manners"
TITLE = "Example"

Asked = Callable[[object, str], ChatMessage]
"""The turn of somebody who asks: of evidence and the name of a language."""


@cache
def rules_of(voice: Voice) -> str:
    """How to speak, a rule a line; empty where the persona leaves it open."""
    return _filled(0, voice, "")


@cache
def reminder(voice: Voice, language: str) -> str:
    """How to speak, in a few words for the end of the prompt: small models heed the end.

    Args:
        voice: of the persona.
        language: the name of the one that is answered in.
    """
    return _filled(1, voice, language)


def _filled(place: int, voice: Voice, language: str) -> str:
    message = prompt(PROMPT)[place]
    return (filled([message], voice=voice, language=language)[0].text or "").strip()


def turns(examples: Sequence[Example], asked: Asked) -> list[ChatMessage]:
    """Each example as a question with its passage, and the answer.

    Only the prompt holds these passages: no sentence is ever compared with them, so that none
    is said or cited because of them.
    """
    found: list[ChatMessage] = []
    for one in examples:
        language = LANGUAGE_NAMES.get(one.language, LANGUAGE_NAMES["en"])
        passage = {"number": 1, "text": f"{TITLE}\n{one.passage}"}
        evidence = {
            "passages": [passage],
            "earlier": "",
            "question": one.question,
            "language": language,
        }
        sources = [] if one.answer == NOT_FOUND else [1]
        reply = json.dumps({"answer": one.answer, "sources": sources}, ensure_ascii=False)
        found += [asked(evidence, language), ChatMessage.from_assistant(str(harmless(reply)))]
    return found
