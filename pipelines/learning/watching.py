"""Whether people fare worse with something that was learnt: what rolls it back by itself.

It is compared with what people met without it: the same questions or other ones of the same time.
Each rule wants fifty cases and an interval, since what serves should not leave for bad luck.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from knowledge.history import ASKED_BACK
from knowledge.rated_answers import RatedAnswer
from pipelines.evaluation.intervals import interval, percentile_95, wilson

FEWEST = 50
"""Answers, or opinions, before anything is said of them."""
FEWEST_PEOPLE = 3
"""Who dislike it; one person's thumbs shall roll nothing back."""
MOST_DISLIKED = 0.05
"""Of the opinions, above what is usual."""
MOST_REFUSED = 0.10
"""Of the answers, above what is usual."""
MOST_SLOWER = 0.10
"""Of the slowest of twenty, as the gate has it."""
USUALLY_DISLIKED = 0.5
"""Where too few opinions are known of what there was before."""


@dataclass(slots=True)
class Heard:
    """What people met.

    Attributes:
        refused: of each answer, whether it said that it does not know.
        seconds: that each took.
        opinions: who rated, and whether they disliked it; the last word of each on each answer.
    """

    refused: list[bool] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    opinions: list[tuple[str, bool]] = field(default_factory=list)

    def add(self, reason: str | None, seconds: float) -> None:
        """One more answer."""
        self.refused.append(reason not in (None, ASKED_BACK))
        self.seconds.append(seconds)

    @property
    def disliked(self) -> int:
        """How many opinions are against it."""
        return sum(against for _, against in self.opinions)


def heard(answers: Iterable[RatedAnswer]) -> Heard:
    """What people met with these answers."""
    found = Heard()
    for one in answers:
        found.add(one.reason, one.recorded.receipt.timings_s.get("total", 0.0))
        last = {said.author: said.verdict == "down" for said in one.feedback}
        found.opinions += last.items()
    return found


def alarms(now: Heard, usual: Heard) -> list[str]:
    """Why it should not go on serving; mostly nothing.

    Args:
        now: what people met with it.
        usual: what they met without it.
    """
    return [*_disliked(now, usual), *_refused(now, usual), *_slower(now, usual)]


def _disliked(now: Heard, usual: Heard) -> Iterator[str]:
    people = {who for who, against in now.opinions if against}
    if len(now.opinions) < FEWEST or len(people) < FEWEST_PEOPLE:
        return
    low, _ = wilson(now.disliked, len(now.opinions))
    is_known = len(usual.opinions) >= FEWEST
    share = usual.disliked / len(usual.opinions) if is_known else USUALLY_DISLIKED
    if low > share + MOST_DISLIKED:
        yield (
            f"{now.disliked} of {len(now.opinions)} opinions are against its answers, "
            f"{share:.0%} is usual"
        )


def _refused(now: Heard, usual: Heard) -> Iterator[str]:
    if min(len(now.refused), len(usual.refused)) < FEWEST:
        return
    low, _ = wilson(sum(now.refused), len(now.refused))
    _, high = wilson(sum(usual.refused), len(usual.refused))
    share, before = _share(now.refused), _share(usual.refused)
    if low > high and share > before + MOST_REFUSED:
        yield f"it answers {share:.0%} of the questions with 'I do not know', {before:.0%} is usual"


def _slower(now: Heard, usual: Heard) -> Iterator[str]:
    if min(len(now.seconds), len(usual.seconds)) < FEWEST:
        return
    low, _ = interval(now.seconds, percentile_95)
    _, high = interval(usual.seconds, percentile_95)
    if low > (1 + MOST_SLOWER) * high:
        yield f"the slowest of twenty answers take more than {low:.1f} s, up to {high:.1f} is usual"


def _share(said: Sequence[bool]) -> float:
    return sum(said) / len(said)
