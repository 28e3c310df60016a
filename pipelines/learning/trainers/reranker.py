"""Tunes a model to tell which passages answer a question, so that it can put them in order.

The rows come from `pipelines/learning/passage_rows.py`; `RERANKER=tuned:MODEL` serves the result.
"""

from pipelines.learning.trainers import Trainer
from pipelines.learning.tuning.lora import Lora
from pipelines.learning.tuning.relevance import Relevance
from pipelines.learning.tuning.tuner import Tuner

# Passages of one question stand or fall together, so that fewer of them measure than it seems.
_HELD_OUT = 0.2


def build() -> Trainer:
    """The trainer."""
    return Tuner(Lora(usual={"held_out": _HELD_OUT}), Relevance())
