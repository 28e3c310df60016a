"""This conversation: what was said in it so far, for whoever wants to know what it was about."""

from knowledge.conversations import Message, transcript
from knowledge.history import OURSELVES
from pipelines.tool import Caller, CannotError, tool
from pipelines.tool_memory import Memory

MOST = 200
"""Messages that are looked at, the last ones."""
LONGEST, SHORTEST = 3_600, 120
"""Characters of all messages together; of one, where there are many, at least."""
FOR_A_NAME = 40
FIRST = 3
"""Messages at the beginning that say what it is about, and are never left out."""


@tool
async def summarise_thread(caller: Caller, memory: Memory) -> str:
    """What people said in this conversation before, to be summed up for whoever asks.

    Use it for what this thread was about, what was decided in it, what is open.
    """
    said = await memory.history.earlier(
        caller.conversation, caller.audience, MOST, open_now=memory.readable
    )
    if not said:
        raise CannotError("Nothing was said here before that everybody here may read.")
    return f"Messages: {len(said)}\n\n{_fitting(said)}"


def _fitting(said: list[Message]) -> str:
    """All of it where that fits; else each message cut, and those in the middle left out."""
    each = max(SHORTEST, LONGEST // len(said) - FOR_A_NAME)
    lines = [transcript([(_name(one.author), _cut(one.text, each))]) for one in said]
    whole = [transcript([(_name(one.author), one.text)]) for one in said]
    if sum(map(len, whole)) <= LONGEST:
        return "\n\n".join(whole)
    left = lines[FIRST:]
    while left and sum(map(len, (*lines[:FIRST], *left))) > LONGEST:
        left.pop(0)
    gone = len(lines[FIRST:]) - len(left)
    middle = [f"({gone} messages left out)"] if gone else []
    return "\n\n".join((*lines[:FIRST], *middle, *left))


def _cut(text: str, longest: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[:longest]} …"


def _name(author: str) -> str:
    return "Tertulia" if author == OURSELVES else author.rpartition(":")[2]
