"""Ways to have a model choose which tools to call next; `probe.py` finds out which suits it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from haystack.dataclasses import ChatMessage

from pipelines.said_days import in_words
from pipelines.tool import Tool
from pipelines.tool_call import Call, Outcome

MOST_AT_ONCE = 4
"""Calls in one step."""
MOST_TOKENS = 300
"""Of what a model writes in one step."""
LONGEST_QUESTION, LONGEST_RESULT = 1_500, 600
"""Characters."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What calls are chosen from, besides the tools.

    Attributes:
        earlier: the last exchange of the conversation, a line each; empty at its beginning.
        done: what came of the calls so far.
    """

    question: str
    at: datetime
    earlier: str = ""
    done: Sequence[Outcome] = ()

    @property
    def today(self) -> str:
        """The day, in words that models know from texts."""
        return in_words(self.at)

    @property
    def line(self) -> str:
        """The question on one line."""
        return line(self.question, LONGEST_QUESTION)


class Chooser(Protocol):
    """One way to ask a model for calls; what it writes is unchecked, the broker checks it.

    Attributes:
        name: of the way.
    """

    name: str

    def told(self, one: Tool) -> str:
        """A tool as the model reads it."""

    def fixed(self, tools: Sequence[Tool]) -> list[ChatMessage]:
        """The beginning of every prompt with these tools; empty where it cannot be read ahead."""

    async def calls(self, choice: Choice, tools: Sequence[Tool]) -> list[Call]:
        """The calls that are needed next; none where no tool is needed, or nothing sound came.

        Raises:
            TertuliaError: the model cannot be used.
        """


def line(text: str, longest: int) -> str:
    """A text on one line: what looks like a line of the prompt is none."""
    return " ".join(text.split())[:longest]
