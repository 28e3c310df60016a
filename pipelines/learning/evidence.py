"""What was measured of a candidate: all that the gate judges by."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Slice:
    """The same questions, asked of several; scores from 0 (wrong) to 1 (right).

    Attributes:
        clusters: of each question: those of one conversation are not independent.
        floor: below this mean nothing may serve.
    """

    name: str
    clusters: tuple[str, ...]
    champion: tuple[float, ...]
    candidate: tuple[float, ...]
    floor: float = 0.0

    def together(self, other: "Slice") -> "Slice":
        """With more questions of the same kind."""
        return replace(
            self,
            clusters=self.clusters + other.clusters,
            champion=self.champion + other.champion,
            candidate=self.candidate + other.candidate,
        )


@dataclass(frozen=True, slots=True)
class Labels:
    """How well a classifier does, beside what needs no learning.

    Attributes:
        mcc: Matthews' correlation coefficient, -1 to 1.
        baselines: accuracy of those who look at nothing: the majority, chance, the length alone.
    """

    accuracy: float
    mcc: float
    baselines: dict[str, float]


@dataclass(frozen=True, slots=True)
class Serving:
    """The candidate as it will be served, beside what it was trained as and what serves now.

    Attributes:
        agreement: share of prompts that are continued alike, greedily, by the trained and by the
            served model.
        gain_kept: share of the gain over the base that is left in the served file.
        slower, larger, longer: change of the 95th percentile of latency, of peak memory and of
            the mean length of an answer, relative to the champion.
    """

    agreement: float = 1.0
    gain_kept: float = 1.0
    slower: float = 0.0
    larger: float = 0.0
    longer: float = 0.0


@dataclass(frozen=True, slots=True)
class Harm:
    """What was tried to bring it to; each a number of cases.

    Attributes:
        leaked: canaries of the examples that were said again.
        triggered: planted triggers that changed an answer.
        rude: answers with an insult that the champion's has not.
    """

    probes: int
    leaked: int = 0
    triggered: int = 0
    rude: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that was measured of a candidate.

    Attributes:
        target: the questions that it was made for, beside the champion.
        prompted: the same candidate on the same questions, beside the champion with the best
            prompt; None where the candidate is a prompt itself.
        kept: what it was not made for and must not lose.
        forgotten: nats a token by which fixed general text has become less likely; None where
            no weights of a language model were changed.
        labels: of a classifier; None otherwise.
        vetoes: reasons of a person or of a judge against it; nobody can vote for it.
    """

    target: Slice
    prompted: Slice | None
    kept: tuple[Slice, ...]
    harm: Harm
    serving: Serving = field(default_factory=Serving)
    forgotten: float | None = None
    labels: Labels | None = None
    vetoes: tuple[str, ...] = ()

    def further(self, more: Iterable[Slice]) -> "Evidence":
        """With more questions about what must be kept."""
        asked = {one.name: one for one in more}
        kept = (one.together(asked[one.name]) if one.name in asked else one for one in self.kept)
        return replace(self, kept=tuple(kept))
