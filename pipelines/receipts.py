"""How an answer came about, written down for whoever asks."""

from collections.abc import Sequence

from knowledge.conversations import ChunkUse, Citation, Receipt
from pipelines.models import ChatModel
from pipelines.personas import Persona
from pipelines.progress import Watcher
from pipelines.retrieval import Retrieved
from pipelines.tool_call import Outcome
from pipelines.tool_results import used


def receipt(
    persona: Persona,
    model: ChatModel,
    watcher: Watcher,
    *,
    called: Sequence[Outcome] = (),
    citations: Sequence[Citation] = (),
    found: Retrieved | None = None,
) -> Receipt:
    """The receipt of an answer that is ready.

    Args:
        persona: who answered.
        model: with which model.
        watcher: which saw the steps of it.
        called: what came of tools.
        citations: of the answer.
        found: what the search found; None where nothing was searched.
    """
    watcher.mark("total")
    cited = {citation.chunk.id for citation in citations}
    return Receipt(
        persona=persona.name,
        prompt_version=persona.version,
        model=model.name,
        chunks=tuple(
            ChunkUse(
                article=r.chunk.article,
                position=r.chunk.position,
                score=r.score,
                used=r.chunk.id in cited,
                chunk=r.chunk.id,
                url=r.chunk.url,
            )
            for r in (found.chunks if found else ())
        ),
        knowledge=found.state if found else {},
        timings_s=watcher.timings_s,
        tokens=watcher.tokens,
        route=watcher.route,
        tools=used(called),
    )
