"""What questions need, found out by ablation: each is answered in every way, the cheapest first.

nothing     neither pages nor tools: only "I do not know" is right
pages       the pages that a search finds
tools       the persona's tools that only look
both        as without a router

The first way whose answer is right is what the question needs; a question that none answers needs
none of them. One grader for all, by known answers; no rule looks at the words of a question.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pipelines.adapter import Numbers
from pipelines.answering import Assistant
from pipelines.calling import ToolUse
from pipelines.learning.ablation import answering
from pipelines.learning.counterfactuals import Parts
from pipelines.learning.measuring import RIGHT
from pipelines.learning.search_evidence import Sought
from pipelines.routing import BOTH, KNOWLEDGE, OUT, TOOLS, QuestionRouter, Weights

WAYS: Mapping[str, str] = {"nothing": OUT, "pages": KNOWLEDGE, "tools": TOOLS, "both": BOTH}
"""The ways to answer, the cheapest first, with what a question needs that is answered so."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a question needs.

    Attributes:
        case: the id of the question, whose words are not kept.
        needs: one of `routing.NEEDS`.
        right: whether the answer was, by the ways that were tried.
    """

    case: str
    needs: str
    right: Mapping[str, bool]

    def as_json(self) -> dict[str, Any]:
        """A line of the file that is kept beside the candidate."""
        return asdict(self)


class Labelling:
    """Answers questions in every way.

    Args:
        parts: of whoever serves now; a router of theirs is left out.
        weights: any of the embedder, whose features are used.
    """

    def __init__(self, parts: Parts, weights: Weights) -> None:
        self._deadline_s = parts.deadline_s
        self._tools = ToolUse(parts.broker, parts.model, parts.tools, parts.probe)
        self._router = QuestionRouter(parts.retriever, weights)
        self._ways: dict[str, Assistant] = {
            name: answering(parts, pages=name in ("pages", "both"), tools=name in ("tools", "both"))
            for name in WAYS
        }

    async def label(self, one: Sought) -> Label:
        """What a question needs.

        Raises:
            OperatorError: a setting or a server is wrong, so that nothing can be answered.
        """
        right = {}
        for way, needs in WAYS.items():
            asked = one.asker.answered([one.case], self._ways[way], deadline_s=self._deadline_s)
            right[way] = [bool(result.scores.get(RIGHT)) async for result in asked] == [True]
            if right[way]:
                return Label(one.case.id, needs, right)
        return Label(one.case.id, OUT, right)

    async def row(self, one: Sought) -> Numbers:
        """What a router would decide on."""
        return await self._router.row(one.asker.conversation(one.case), self._tools.offered()[0])
