"""What tools said, as pieces that an answer can rest on: cited like pages, for one question."""

from collections.abc import Sequence

from knowledge.articles import RESULT, Audience, Chunk
from knowledge.conversations import ToolUsed
from knowledge.language import language_of
from pipelines.context import CHARACTERS_A_TOKEN, Passage
from pipelines.tools import Outcome, shown


def results(outcomes: Sequence[Outcome], readers: Audience) -> tuple[Chunk, ...]:
    """A piece for each call that gave something.

    Args:
        outcomes: of the calls.
        readers: everybody who will read the reply.
    """
    return tuple(
        Chunk(
            id=f"{RESULT}{number}",
            article=f"{RESULT}{one.call.tool}",
            position=number,
            title=shown(one.call),
            text=one.text,
            language=language_of(one.text),
            audience=readers,
        )
        for number, one in enumerate(outcomes)
        if one.status == "done" and one.text
    )


def passages_of(chunks: Sequence[Chunk], *, max_tokens: int) -> list[Passage]:
    """What tools said, as the first passages of a prompt: whole where all of it fits.

    Args:
        chunks: made by `results`.
        max_tokens: of all passages together, shared out evenly.
    """
    most = int(max_tokens * CHARACTERS_A_TOKEN / max(1, len(chunks)))
    return [
        Passage(number, chunk, f"{chunk.title}\n{chunk.text}"[:most])
        for number, chunk in enumerate(chunks, 1)
    ]


def used(outcomes: Sequence[Outcome]) -> tuple[ToolUsed, ...]:
    """The calls, for the receipt."""
    return tuple(ToolUsed(shown(o.call), o.status, o.effect, o.seconds) for o in outcomes)
