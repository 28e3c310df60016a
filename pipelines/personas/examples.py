"""Examples of a persona: a question and how it is answered, shown to the model as turns."""

from collections.abc import Iterator, Mapping
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


def problems_with_examples(value: object) -> Iterator[str]:
    """All that keeps this from being a list of examples."""
    if not isinstance(value, list) or not value:
        yield "it is no list"
        return
    if len(value) > MOST_EXAMPLES:
        yield f"{len(value)} examples; at most {MOST_EXAMPLES} are read"
    for number, one in enumerate(value, 1):
        if not isinstance(one, Mapping) or set(one) not in _KEYS:
            yield f"number {number} is no {{question: ..., answer: ...}}"
        elif not all(isinstance(text, str) and text.strip() for text in one.values()):
            yield f"number {number} has something that is no text"
    texts = (text for one in value if isinstance(one, Mapping) for text in one.values())
    length = sum(len(text) for text in texts if isinstance(text, str))
    if length > MOST_CHARACTERS:
        yield f"{length} characters; at most {MOST_CHARACTERS}"


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
