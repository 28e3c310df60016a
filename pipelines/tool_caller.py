"""What a tool may know and give besides its arguments and a text: who asks, pages, a refusal."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from knowledge.articles import Audience, Chunk
from knowledge.conversations import now
from knowledge.errors import AskerError
from pipelines.tool_schema import ToolError


class CannotError(AskerError):
    """What a tool raises where it cannot do what was asked for; the model reads why."""

    def __init__(self, message: str) -> None:
        super().__init__(message, what_to_do="Ask for something else.")


class NothingDoneError(CannotError):
    """The same where it is certain that nothing was done: nobody was reached, or they said no."""


class PerhapsDoneError(Exception):
    """After an error that is one of these, nobody knows whether what was asked for is done."""


class CutShortError(CannotError, PerhapsDoneError):
    """What a tool raises that has begun to change something, and does not know whether it has."""


@contextmanager
def once_sent() -> Iterator[None]:
    """Around what is done once others may have begun: who fails there may have changed something.

    Raises:
        NothingDoneError: as it was raised.
        CutShortError: in place of any other `CannotError`.
    """
    try:
        yield
    except (NothingDoneError, CutShortError):
        raise
    except CannotError as error:
        raise CutShortError(str(error)) from error


@dataclass(frozen=True, slots=True)
class Caller:
    """For whom a tool runs: everything in it comes from us.

    Attributes:
        person: the principal of whoever asks.
        audience: what is true of all who read the reply.
        conversation: where it is asked.
        language: of the question.
        at: when it is asked.
        sources: the names of those that are read there; all where none is named.
    """

    person: str
    audience: Audience
    conversation: str = ""
    language: str = "en"
    at: datetime = field(default_factory=now)
    sources: tuple[str, ...] = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: object) -> Any:  # noqa: ANN401 (pydantic asks so)
        """None: as a part of anything else, the model would say who asks."""
        raise ToolError(
            "A parameter has the caller inside another type.",
            what_to_do="Write `caller: Caller`, as a parameter of its own.",
        )


@dataclass(frozen=True, slots=True)
class Pages:
    """What a tool of ours found in our knowledge: cited as the pages that they are.

    Attributes:
        chunks: all of them open to everybody who reads the reply.
    """

    chunks: tuple[Chunk, ...]

    def __str__(self) -> str:
        return "\n\n".join(f"{chunk.label}:\n{chunk.text}" for chunk in self.chunks)
