"""Leaves a server alone for some seconds after it has failed several times in a row.

Our own, because the libraries let everybody try at once after the pause, count a question that
was cancelled as a failure, and pause without a random part.
"""

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from knowledge.errors import TertuliaError, TransientError
from pipelines.models.errors import ModelUnavailableError

FAILURES = 3
"""As many in a row are no accident."""
LONGEST_PAUSE_S = 20.0
"""Who comes back is noticed within half a minute."""


@dataclass(slots=True)
class Attempt:
    """One question to the server.

    Attributes:
        is_heard: whether the server has begun to answer.
    """

    is_heard: bool = False


class CircuitBreaker:
    """Lets questions through while they succeed; after failures one now and then, as a probe.

    Args:
        place: the server, for people.
        pause_s: seconds without any question; doubled with every failed probe.
        patience_s: a question that is cancelled after so long a silence counts as a failure.
    """

    def __init__(self, place: str, *, pause_s: float = 4.0, patience_s: float = 60.0) -> None:
        self._place = place
        self._pause_s = pause_s
        self._patience_s = patience_s
        self._failures = 0
        self._closed_until = 0.0
        self._is_probing = False

    @contextmanager
    def watching(self) -> Iterator[Attempt]:
        """Ask the server in here; how it ends is remembered.

        Raises:
            ModelUnavailableError: the server is left alone just now, it was not asked.
        """
        self._admit()
        attempt, began = Attempt(), monotonic()
        try:
            yield attempt
        except TransientError:
            self._failed()
            raise
        except TertuliaError:
            self._worked()  # it answered, only not what was wanted
            raise
        except GeneratorExit:
            # Who listens has heard enough.
            if attempt.is_heard:
                self._worked()
            raise
        except asyncio.CancelledError:
            if not attempt.is_heard and monotonic() - began >= self._patience_s:
                self._failed()
            raise
        else:
            self._worked()
        finally:
            self._is_probing = False

    def _admit(self) -> None:
        if self._failures < FAILURES:
            return
        if self._is_probing or monotonic() < self._closed_until:
            raise ModelUnavailableError(
                f"The model server at {self._place} has failed {self._failures} times in a row "
                "and is left alone for some seconds.",
                what_to_do="Ask again in half a minute; `tertulia doctor` says what is wrong.",
            )
        self._is_probing = True

    def _failed(self) -> None:
        self._failures += 1
        pause_s = self._pause_s * 2.0 ** min(self._failures - FAILURES, 10)
        # Several of us shall not come back at the same moment.
        self._closed_until = monotonic() + min(pause_s, LONGEST_PAUSE_S) * random.uniform(0.8, 1.2)  # noqa: S311 (no secret)

    def _worked(self) -> None:
        self._failures = 0
