"""What is wrong with a persona's file, all of it at once."""

from collections.abc import Sequence

from knowledge.errors import UsageError
from pipelines.mistakes import Mistake, joined


class PersonaError(UsageError):
    """A persona's file is missing or wrong."""


def told(mistakes: Sequence[Mistake]) -> PersonaError:
    """The error that names all of them, each once.

    Args:
        mistakes: at least one.
    """
    wrong, right = joined(mistakes)
    return PersonaError(wrong, what_to_do=right)
