"""What a job sets of its trainer: names that there are, to values that can be."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, TypeVar

from knowledge.errors import suggestion
from pipelines.learning.trainers import Job, JobRefusedError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Chosen = TypeVar("Chosen", bound="DataclassInstance")
_KINDS = {bool: "yes or no", str: "text", int: "a number, int", float: "a number, float"}


def chosen(usual: Chosen, job: Job, least: Mapping[str, float]) -> Chosen:
    """What the job sets, over what is usual.

    Args:
        usual: what each setting is mostly, whose type is that of its values.
        job: of any trainer.
        least: of numbers that may be less than 1, or than just above 0 where they have a fraction.

    Raises:
        JobRefusedError: it sets what there is not, or to a value that cannot be.
    """
    known = {one.name: type(getattr(usual, one.name)) for one in fields(usual)}
    for name, value in job.settings.items():
        if name not in known:
            raise JobRefusedError(
                f"The trainer '{job.trainer}' has no setting '{name}'.",
                what_to_do=suggestion(name, known),
            )
        kind = known[name]
        if not _is(value, kind, least.get(name, 1 if kind is int else 1e-9)):
            raise JobRefusedError(
                f"The setting '{name}' of the trainer '{job.trainer}' cannot be {value!r}.",
                what_to_do=f"It is {_KINDS[kind]}.",
            )
    return replace(usual, **job.settings)


def _is(value: object, kind: type, least: float) -> bool:
    if kind in (bool, str):
        return isinstance(value, kind)
    numbers = (int,) if kind is int else (int, float)
    return isinstance(value, numbers) and not isinstance(value, bool) and value >= least
