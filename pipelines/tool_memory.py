"""What Tertulia remembers, for the tools of ours that look there.

    @tool
    async def my_reminders(caller: Caller, memory: Memory) -> list[str]: ...

A parameter of the type `Memory` is filled by us, like the caller: no model reads or writes it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from pipelines.tool_schema import ToolError

if TYPE_CHECKING:  # a tool that remembers nothing loads nothing of all this
    from knowledge.history import History, OpenNow
    from knowledge.reminders import Reminders
    from pipelines.retrieval import Retriever


@dataclass(frozen=True, slots=True)
class Memory:
    """Knowledge, conversations and reminders.

    Attributes:
        retriever: gives what finds chunks in the version of the index that is in use now.
        readable: tells which chunks may still be read.
        zone: in which the team lives: that of `[schedule]`, else of this machine.
    """

    retriever: "Callable[[], Awaitable[Retriever]]"
    history: "History"
    readable: "OpenNow"
    reminders: "Reminders"
    zone: Callable[[], tzinfo]

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: object) -> Any:  # noqa: ANN401 (pydantic asks so)
        """None: as a part of anything else, the model would say what is remembered."""
        raise ToolError(
            "A parameter has the memory inside another type.",
            what_to_do="Write `memory: Memory`, as a parameter of its own.",
        )
