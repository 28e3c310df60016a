"""The errors of the house, sorted by who must act.

Every error carries two sentences: what is wrong and where (`str(error)`), and what to do
(`what_to_do`). Packages subclass one of the three kinds beside the code that raises them; only
`bot/replying.py` words them for a chat.
"""

import re
from collections.abc import Iterable
from difflib import get_close_matches


class TertuliaError(Exception):
    """Something went wrong in a way that we understand."""

    def __init__(self, message: str, *, what_to_do: str) -> None:
        super().__init__(message)
        self.what_to_do = what_to_do

    @property
    def kind(self) -> str:
        """The class name in words: `ModelMissingError` is `model_missing`."""
        name = type(self).__name__.removesuffix("Error")
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


class AskerError(TertuliaError):
    """The person who asked can put it right by asking differently."""


class OperatorError(TertuliaError):
    """Whoever runs Tertulia must change a setting, a file or a server.

    Attributes:
        is_for_good: whether what was asked for is lost, whatever somebody changes.
    """

    is_for_good = True


class UsageError(OperatorError):
    """What stands on the command line, in a setting or in `tertulia.toml` cannot be meant."""


class TransientError(TertuliaError):
    """Nobody must act: the same request is expected to work later."""


def suggestion(wrong: str, right: Iterable[str]) -> str:
    """What to do about a wrong name: the nearest right one, and all there are."""
    names = list(right)
    near = get_close_matches(wrong, names, n=1, cutoff=0.5)
    start = f"Did you mean '{near[0]}'? " if near else ""
    return f"{start}There are: {', '.join(names)}."
