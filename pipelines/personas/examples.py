"""Examples of a persona: a question and how it is answered, shown to the model as turns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from knowledge.language import language_of_question

MOST_CHARACTERS = 2_400
"""Of all examples together: some 600 tokens, which every answer reads."""
MOST_EXAMPLES = 12
_KEYS = ({"question", "answer"}, {"question", "answer", "passage"})


@dataclass(frozen=True, slots=True)
class Example:
    """A question as people ask it, and the answer in the persona's words.

    Attributes:
        passage: what the answer rests on; nobody is ever shown or cited it.
        language: that is answered in.
    """

    question: str
    answer: str
    passage: str
    language: str


def problem_with_examples(value: object) -> str:
    """Why this is no list of examples; empty where it is one."""
    if not isinstance(value, list) or not value:
        return "it is no list"
    for number, one in enumerate(value, 1):
        if not isinstance(one, Mapping) or set(one) not in _KEYS:
            return f"number {number} is no {{question: ..., answer: ...}}"
        if not all(isinstance(text, str) and text.strip() for text in one.values()):
            return f"number {number} has something that is no text"
    if len(value) > MOST_EXAMPLES:
        return f"{len(value)} examples; at most {MOST_EXAMPLES} are read"
    length = sum(len(text) for one in value for text in one.values())
    return f"{length} characters; at most {MOST_CHARACTERS}" if length > MOST_CHARACTERS else ""


def read_examples(value: list[Mapping[str, Any]], only_language: str = "") -> tuple[Example, ...]:
    """The examples; one without a passage rests on what it answers.

    Args:
        value: as the header has them.
        only_language: what is answered in; empty where that is the language of each question.
    """
    return tuple(
        Example(
            question=one["question"].strip(),
            answer=one["answer"].strip(),
            passage=str(one.get("passage", one["answer"])).strip(),
            language=only_language or language_of_question(one["question"], "en"),
        )
        for one in value
    )
