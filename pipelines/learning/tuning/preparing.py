"""All that a job names, read and checked before anything large is loaded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pipelines.learning.trainers import Job, JobRefusedError
from pipelines.learning.tuning import base
from pipelines.learning.tuning.aims import Aim
from pipelines.learning.tuning.rendering import Rendered, template_hash
from pipelines.learning.tuning.rows import split
from pipelines.learning.tuning.settings import Settings


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a training begins with.

    Attributes:
        learnt, held_out: rows that are learnt, and rows that only measure.
        left_out: how many are too long for either.
        compared: held-out rows as they were asked, where a trainer compares answers itself.
        measured: figures that are known before anything is learnt.
    """

    settings: Settings
    looks: base.Looks
    tokenizer: Any
    learnt: Sequence[Rendered]
    held_out: Sequence[Rendered]
    left_out: int
    compared: Sequence[Rendered] = ()
    measured: Mapping[str, float] = field(default_factory=dict)

    def template(self) -> tuple[str, str]:
        """Of the training, and of what is served."""
        own = str(self.tokenizer.chat_template or "")
        return template_hash(own), template_hash(self.looks.template)


class Settles(Protocol):
    """Knows which settings depend on the size of a model."""

    @property
    def usual(self) -> Mapping[str, Any]:
        """Settings that differ from the usual ones."""

    def settled(self, settings: Settings, looks: base.Looks) -> Settings:
        """The settings, with what depends on the model's size."""


def prepare(job: Job, method: Settles, aim: Aim) -> Prepared:
    """Read and check all of it.

    Raises:
        JobRefusedError: base, rows or settings cannot be used.
    """
    settings = Settings.of(job, **method.usual)
    rows = aim.read(job, settings)
    base.check(job)
    looks = base.look(job.gguf)
    tokenizer = base.tokenizer_of(job)
    settings = method.settled(settings, looks)
    parts = split(rows, held_out=settings.held_out, seed=job.seed)
    learnt, held_out = (
        [row for row in aim.rendered(tokenizer, some, settings) if _fits(row, settings)]
        for some in (parts.learnt, parts.held_out)
    )
    if not learnt:
        raise JobRefusedError(
            f"Every row has more than {settings.longest} tokens.",
            what_to_do="Raise `longest`, or approve shorter examples.",
        )
    left_out = len(rows) - len(learnt) - len(held_out)
    learnt, held_out = aim.arranged(learnt), aim.arranged(held_out)
    return Prepared(settings, looks, tokenizer, learnt, held_out, left_out)


def _fits(row: Rendered, settings: Settings) -> bool:
    beside = len(row.beside.ids) if row.beside else 0
    return max(len(row.ids), beside) <= settings.longest
