"""Whether the asker alone would be told more than everybody who reads along may know.

It is decided by the asker's own rights alone: what neither the asker nor the others may open plays
no part, so nobody learns of it. Who reads along learns that the asker knows more, and nothing else:
no title, no number, not even whether it is one page or a hundred.
"""

from dataclasses import replace

from knowledge.articles import Audience
from knowledge.conversations import Conversation
from pipelines.retrieval import Retrieved, Retriever

CLEARLY = 0.04
"""How far the best chunk must be ahead of what everybody may open, where that was an answer."""
LIKELY = 0.5
"""How likely the answer must stand in what was found, where there was none before."""


async def knows_more(retriever: Retriever, conversation: Conversation, *, answered: bool) -> bool:
    """Whether to tell the asker that there is more in private.

    Args:
        retriever: searches once more, with the asker's own rights.
        conversation: without `asker`, nobody is told anything.
        answered: whether the question was answered from what everybody here may open.
    """
    if not conversation.asker.principals:
        return False
    alone = replace(conversation, audience=conversation.asker, asker=Audience())
    found = await retriever.retrieve(alone)
    if not found.chunks or found.chunks[0].chunk.audience.admits(conversation.audience):
        return False
    if answered:
        return _lead(found, conversation.audience) >= CLEARLY
    return not found.answerability.uncovered and found.answerability.probability >= LIKELY


def _lead(found: Retrieved, everybody: Audience) -> float:
    """How far the best chunk is ahead of the best one that everybody may open."""
    scores = [one.score for one in found.chunks if one.chunk.audience.admits(everybody)]
    return found.chunks[0].score - max(scores, default=found.chunks[-1].score)
