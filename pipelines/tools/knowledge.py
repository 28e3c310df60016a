"""Knowledge: a search with other words than those of the question, or in one source alone."""

from typing import Annotated

from knowledge.conversations import Conversation, Message
from pipelines.tool import Caller, CannotError, Pages, tool
from pipelines.tool_memory import Memory

MOST = 5
"""Pieces of pages: a model reads no more of them for one answer."""


@tool
async def search_knowledge(
    query: Annotated[
        str, "other words than those of the question: names, terms, the other language"
    ],
    caller: Caller,
    memory: Memory,
    source: Annotated[str, "the name of one source, only if the question names it"] = "",
) -> Pages:
    """Searches the team's own pages once more, with other words or in one source alone.

    The question itself has been searched already. Use it for a second thing that is asked for, or
    for what the question calls by another name.
    """
    if not query.strip():
        raise CannotError("There is nothing to search for.")
    wanted = caller.sources
    if source.strip():
        wanted = (source.strip().casefold(),)
        if caller.sources and wanted[0] not in caller.sources:
            raise CannotError("There is no such source here.")
    asked = Message(id=caller.conversation, author=caller.person, text=query, sent_at=caller.at)
    conversation = Conversation(caller.conversation, (asked,), caller.audience, sources=wanted)
    found = await (await memory.retriever()).retrieve(conversation, most=MOST)
    if not found.chunks:
        raise CannotError("Nothing was found that everybody here may read.")
    return Pages(tuple(one.chunk for one in found.chunks))
