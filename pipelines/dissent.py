"""Says which pages contradict an answer: the newest counts, the conflict is shown."""

from collections.abc import Iterator, Sequence, Set

from knowledge.conversations import Citation, Dissent
from pipelines.citing import Cited
from pipelines.conflicts import Conflict, Side
from pipelines.particulars import exact_parts, names

MOST = 2
"""Pages that are named; more would bury the answer."""


def dissents(
    cited: Cited, conflicts: Sequence[Conflict]
) -> tuple[tuple[Citation, ...], tuple[Dissent, ...]]:
    """Citations of the pages that contradict what an answer says, and what they are.

    Only what the answer says counts: a page beside it that disagrees on something else is not
    worth a word.
    """
    others = list(_contradicting(cited, conflicts))[:MOST]
    first = len(cited.citations) + 1
    citations = tuple(
        Citation(n, side.chunk, side.quote, 1.0) for n, (side, _) in enumerate(others, first)
    )
    return citations, tuple(Dissent(n, older) for n, (_, older) in enumerate(others, first))


def still_open(
    citations: Sequence[Citation], found: Sequence[Dissent], open_now: Set[str]
) -> tuple[tuple[Citation, ...], tuple[Dissent, ...]]:
    """Those whose pages may still be shown, by the ids of the chunks that may."""
    left = tuple(citation for citation in citations if citation.chunk.id in open_now)
    numbers = {citation.n for citation in left}
    return left, tuple(dissent for dissent in found if dissent.n in numbers)


def _contradicting(cited: Cited, conflicts: Sequence[Conflict]) -> Iterator[tuple[Side, bool]]:
    """The other sides, each page once, and whether they are known to be older."""
    said = exact_parts(cited.text) | names(cited.text)
    quoted = {(citation.chunk.id, citation.quote) for citation in cited.citations}
    named = {citation.chunk.article for citation in cited.citations}
    for conflict in conflicts:
        for rested, other, is_older in _ways(conflict):
            is_said = (rested.chunk.id, rested.quote) in quoted and rested.values & said
            if is_said and other.chunk.article not in named:
                named.add(other.chunk.article)
                yield other, is_older


def _ways(conflict: Conflict) -> Iterator[tuple[Side, Side, bool]]:
    """The kept side against the other; where nobody knows which holds, also the other way round."""
    yield conflict.kept, conflict.other, conflict.is_older
    if not conflict.is_older:
        yield conflict.other, conflict.kept, False
