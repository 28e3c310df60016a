"""What a training has taken so far, stops and new starts included."""

import resource
import sys
from dataclasses import dataclass, field
from time import monotonic, process_time

from pipelines.learning.trainers import Cost

_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


def peak_mb() -> float:
    """The most resident memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT / 1e6


@dataclass(slots=True)
class Meter:
    """Counts from its making on.

    Attributes:
        before: what was taken by processes that were stopped.
    """

    before: Cost = field(default_factory=lambda: Cost(0.0, 0.0, 0.0, 0))
    _cpu_s: float = field(default_factory=process_time)
    _began: float = field(default_factory=monotonic)

    def taken(self, file_bytes: int = 0) -> Cost:
        """All of it until now."""
        return Cost(
            cpu_s=self.before.cpu_s + process_time() - self._cpu_s,
            seconds=self.before.seconds + monotonic() - self._began,
            peak_mb=max(self.before.peak_mb, peak_mb()),
            file_bytes=file_bytes,
        )
