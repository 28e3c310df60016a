"""What a training wants of its rows: how they are read, and what a step makes smaller."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from pipelines.learning.row_files import Row
from pipelines.learning.trainers import Job
from pipelines.learning.tuning.checkpoints import Checkpoints
from pipelines.learning.tuning.rendering import Rendered, log_probabilities, rendered
from pipelines.learning.tuning.rows import read
from pipelines.learning.tuning.settings import Settings

if TYPE_CHECKING:
    from pipelines.learning.tuning.loop import Tuning
    from pipelines.learning.tuning.preparing import Prepared

LEARNT = 0.8
"""Of the loss that eight rows began with, this share at most is left when they can be learnt."""


class Aim(Protocol):
    """What is learnt from rows; the loop, its checkpoints and its end are the same for all."""

    @property
    def by_heart(self) -> float:
        """Of the loss that eight rows began with, the share that is left once they are learnt."""
        return LEARNT

    def read(self, job: Job, settings: Settings) -> list[Row]:
        """The rows of a job.

        Raises:
            JobRefusedError: a row is none, or nothing can be learnt from them as they are.
        """
        ...

    def rendered(self, tokenizer: Any, rows: Sequence[Row], settings: Settings) -> list[Rendered]:
        """Rows as the model sees them, in their order.

        Raises:
            JobRefusedError: the template of the model cannot be used.
        """
        ...

    def arranged(self, rows: Sequence[Rendered]) -> list[Rendered]:
        """Those that are short enough, with what depends on all of them."""
        return list(rows)

    def work(self, row: Rendered, settings: Settings) -> float:
        """What a row takes in one pass, in tokens that are read and learnt."""
        return float(len(row.ids))

    def count(self, rows: Sequence[Rendered]) -> int:
        """What the losses of rows are divided by."""
        return len(rows)

    def losses(self, tuning: "Tuning", rows: Sequence[Rendered]) -> Iterator[Any]:
        """The summed loss of each piece of a batch, piece by piece: one is in memory at a time."""
        ...

    def taught(
        self, tuning: "Tuning", prepared: "Prepared", checkpoints: Checkpoints | None
    ) -> "Prepared":
        """The rows that are learnt, where the model itself writes their answers.

        Args:
            tuning: the model, untouched.
            prepared: what was read.
            checkpoints: where answers are kept; None for a dry run, which needs but a few.

        Raises:
            JobRefusedError: what it writes is not worth to be learnt.
        """
        return prepared

    def measured(self, tuning: "Tuning", prepared: "Prepared") -> Mapping[str, float]:
        """Figures of the tuned model that tell whether the aim was reached.

        Raises:
            TrainingFailedError: it was not.
        """
        return {}


@dataclass(frozen=True, slots=True)
class Likelihood(Aim):
    """The approved answer becomes likelier, word by word.

    Attributes:
        reads: the rows of a job.
    """

    reads: Callable[[Job], list[Row]] = read

    def read(self, job: Job, settings: Settings) -> list[Row]:
        """As they stand there."""
        return self.reads(job)

    def rendered(self, tokenizer: Any, rows: Sequence[Row], settings: Settings) -> list[Rendered]:
        """One by one."""
        return [rendered(tokenizer, row.messages) for row in rows]

    def count(self, rows: Sequence[Rendered]) -> int:
        """Tokens that are learnt."""
        return sum(row.learnt for row in rows)

    def losses(self, tuning: "Tuning", rows: Sequence[Rendered]) -> Iterator[Any]:
        """The surprise at each token of the answers."""
        for some in tuning.pieces(rows):
            with tuning.precision():
                loss = -log_probabilities(tuning.model, tuning.tensors(some)).sum()
            yield loss
