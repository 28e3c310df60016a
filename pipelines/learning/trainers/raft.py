"""Tunes a model to read: questions with passages that were really found, also with none that tell.

The rows come from `pipelines/learning/reading_rows.py`; each says with `gold` whether its passages
hold the answer. Where they do not, the refusal is learnt.
"""

from pipelines.learning.row_files import Row
from pipelines.learning.trainers import Job, JobRefusedError, Trainer
from pipelines.learning.tuning.aims import Likelihood
from pipelines.learning.tuning.lora import Lora
from pipelines.learning.tuning.rows import bad, objects, read
from pipelines.learning.tuning.tuner import Tuner

LEAST_WITHOUT, MOST_WITHOUT = 0.1, 0.3
"""Shares of rows without gold: with fewer a model always answers, with more it never does."""


def read_passages(job: Job) -> list[Row]:
    """The rows, some of them without gold.

    Raises:
        JobRefusedError: a row does not say whether it has any, or too few or many have none.
    """
    rows, known = read(job), objects(job)
    for said, where, _ in known:
        if not isinstance(said.get("gold"), bool):
            raise bad(where, "does not say with `gold` whether its passages hold the answer")
    without = sum(not said["gold"] for said, _, _ in known)
    if not LEAST_WITHOUT <= without / len(rows) <= MOST_WITHOUT:
        raise JobRefusedError(
            f"Of {len(rows)} rows {without} have passages that do not hold the answer; it has to "
            f"be {100 * LEAST_WITHOUT:.0f} to {100 * MOST_WITHOUT:.0f} %.",
            what_to_do="Have the rows built anew: they are made with 20 %.",
        )
    return rows


def build() -> Trainer:
    """The trainer."""
    return Tuner(Lora(), Likelihood(read_passages))
