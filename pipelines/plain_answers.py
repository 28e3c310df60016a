"""Answers that no model words from pages: a question back, something to confirm, a picture."""

from collections.abc import Sequence

from knowledge.conversations import Act, Answer, Receipt
from knowledge.history import ASKED_BACK
from pipelines.meanings import offered
from pipelines.retrieval import Retrieved
from pipelines.tool_call import Outcome
from pipelines.tool_results import not_drawn, pictures

SMALL_TALK, NOT_DRAWN = "small-talk", "not-drawn"


def asked_back(found: Retrieved, receipt: Receipt) -> Answer:
    """A question back: several pages answer, each for a thing of its own."""
    citations = offered(found.meanings)
    return Answer("", "", found.language, citations, receipt, abstained=True, reason=ASKED_BACK)


def returned(said: str, language: str, receipt: Receipt) -> Answer:
    """A greeting for a greeting; nothing where the model had none that may be said."""
    reason = None if said else SMALL_TALK
    return Answer("", said, language, (), receipt, abstained=not said, reason=reason)


def to_do(
    acts: Sequence[Act], called: Sequence[Outcome], language: str, receipt: Receipt
) -> Answer:
    """What is to be done, or was, and nothing else."""
    return Answer("", "", language, (), receipt, acts=tuple(acts), pictures=pictures(called))


def drawn(called: Sequence[Outcome], language: str, receipt: Receipt) -> Answer:
    """A picture, or why there is none."""
    why_not = not_drawn(called)
    return Answer(
        reference="",
        text="",
        language=language,
        citations=(),
        receipt=receipt,
        abstained=bool(why_not),
        reason=NOT_DRAWN if why_not else None,
        pictures=pictures(called),
        not_drawn=why_not,
    )
