"""Triage: which change is the cheapest that puts a wrong answer right.

A question whose right answer is known was answered again several times, each time with one thing
changed, and one grader looked at all of it. Here is only judged: rules with numbers, the same for
everybody; who measures hands in `Evidence`. What is missing in the knowledge is never answered with
training: a model that learns facts which it has not read learns to invent. Sources of the bars:
docs/triage.md.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pipelines.context import COUNT
from pipelines.evaluation.cases import Expected
from pipelines.learning.poisoning import FEWEST_LABELS, FEWEST_VOTERS

Test = Literal["unchanged", "prompt", "budget", "tool", "gold", "gold-budget", "alone", "nothing"]
"""What is changed: nothing at all; the best prompt; all of the passages is read; a tool has to be
called; the passages that hold the answer come first; these, and all of them is read; these alone;
no search."""
Kind = Literal[
    "fixed", "rights", "knowledge", "prompt", "budget", "tool", "retrieval", "distractors",
    "tuning", "preference", "weak",
]  # fmt: skip
"""What was wrong, from what needs nothing to what nothing helps."""
Way = Literal["prompt", "retrieval", "tools", "tuning"]
"""The four ways to make answers better."""

SAMPLES = 3
"""Answers for each test: one may be luck."""
LEAST_RIGHT = 2 / SAMPLES
"""Of them; then a change fixes what was wrong, and what is so without a change is not wrong."""
FEWEST_CORRECTIONS = 50
"""Approved ones of the same kind, below which a model learns the rows and not the manner."""
MANY_OF_A_PROMPT = 20
"""Cases that a prompt fixes, from which it is worth to teach the model what the prompt says."""

CHEAPEST: tuple[tuple[Test, Kind], ...] = (
    ("prompt", "prompt"),
    ("budget", "budget"),
    ("tool", "tool"),
    ("gold", "retrieval"),
    ("gold-budget", "budget"),
    ("alone", "distractors"),
    ("nothing", "distractors"),
)
"""Tests with what they find, the cheapest change first: words, a setting, a tool's description, a
reranker; and only then rows to learn from."""
WAYS: Mapping[Kind, Way] = {
    "prompt": "prompt",
    "budget": "retrieval",
    "retrieval": "retrieval",
    "distractors": "retrieval",
    "tool": "tools",
    "tuning": "tuning",
    "preference": "tuning",
}
"""Which of the four ways leads to the change; the other kinds need something else."""
STEPS: Mapping[Kind, tuple[str, ...]] = {
    "prompt": ("prompt",),
    "budget": ("packing", "chunking"),
    "tool": ("tool description", "router"),
    "retrieval": ("reranker", "retriever"),
    "distractors": ("adaptive retrieval", "raft"),
    "tuning": ("sft_lora",),
    "preference": ("preference",),
    "knowledge": ("ingest",),
    "rights": ("audience",),
    "weak": ("larger model",),
}
"""What is to be tried, first things first."""


@dataclass(frozen=True, slots=True)
class Approved:
    """What people have said so far, of all answers.

    Attributes:
        corrections: approved ones of the same kind as the case.
        labels: opinions, good and bad.
        voters: people who gave them.
    """

    corrections: int = 0
    labels: int = 0
    voters: int = 0


@dataclass(frozen=True, slots=True)
class Gold:
    """The passages that hold the answer, as far as the asker's own search finds them.

    Attributes:
        rank: of the first of them, from 0; None where there is none.
        is_stated: whether their text says all that is expected; else only the page is known.
        is_closed: whether whoever looks into it finds some that the asker may not read.
    """

    rank: int | None = None
    is_stated: bool = False
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that was measured of one case.

    Attributes:
        expected: whether the right answer is an answer, or that there is none.
        shares: of right answers, by what was changed; tests that say nothing here are missing.
        was_right: whether the answer that people disliked was right all the same.
    """

    expected: Expected
    gold: Gold
    shares: Mapping[Test, float]
    approved: Approved = field(default_factory=Approved)
    was_right: bool = False

    def is_right(self, test: Test) -> bool:
        """Whether the answers are right with this change."""
        return self.shares.get(test, 0.0) >= LEAST_RIGHT

    @property
    def rank(self) -> int | None:
        """Where the first gold passage stands; None where there is none, or none is wanted."""
        return self.gold.rank if self.expected == "answer" else None

    @property
    def lacks_knowledge(self) -> bool:
        """Whether an answer is expected that no passage holds which the asker may read."""
        return self.expected == "answer" and self.gold.rank is None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with an answer, and why we think so.

    Attributes:
        by: the test that fixed it; empty where none did.
        missing: what is needed before anything is trained, and how much more of it.
    """

    kind: Kind
    by: Test | Literal[""] = ""
    missing: Mapping[str, int] = field(default_factory=dict)

    @property
    def way(self) -> Way | None:
        """Which of the four ways helps here; None where none does, or not yet."""
        return None if self.missing else WAYS.get(self.kind)

    @property
    def steps(self) -> tuple[str, ...]:
        """What is to be tried, first things first."""
        return () if self.missing and self.kind == "preference" else STEPS.get(self.kind, ())


def judged(evidence: Evidence) -> Verdict:
    """The cheapest change that fixes a case; the same evidence always gives the same verdict."""
    if evidence.lacks_knowledge and evidence.gold.is_closed:
        return Verdict("rights")
    if evidence.is_right("unchanged"):
        return _liked(evidence)
    if evidence.lacks_knowledge:
        # What a tool finds out stands on no page.
        return Verdict("tool", "tool") if evidence.is_right("tool") else Verdict("knowledge")
    for test, kind in CHEAPEST:
        if evidence.is_right(test):
            return Verdict(_placed(kind, evidence.rank), test)
    return _learnt(evidence)


def _liked(evidence: Evidence) -> Verdict:
    """What is to be done where the answer is right: nothing, or people want it in another way."""
    if not evidence.was_right:
        return Verdict("fixed", "unchanged")
    approved = evidence.approved
    few = {"labels": FEWEST_LABELS - approved.labels, "voters": FEWEST_VOTERS - approved.voters}
    return Verdict("preference", "unchanged", _above_zero(few))


def _placed(kind: Kind, rank: int | None) -> Kind:
    """What was read already was found: then it was others that led the model astray."""
    is_read = rank is not None and rank < COUNT
    return "distractors" if kind == "retrieval" and is_read else kind


def _learnt(evidence: Evidence) -> Verdict:
    """What is left where no change fixes it: examples, if there are enough; a better model.

    What no passage states word for word may be missing, whatever page was named: then nobody is
    taught to say it.
    """
    if evidence.expected == "answer" and not evidence.gold.is_stated:
        return Verdict("weak")
    few = _above_zero({"corrections": FEWEST_CORRECTIONS - evidence.approved.corrections})
    return Verdict("weak", missing=few) if few else Verdict("tuning")


def _above_zero(missing: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in missing.items() if count > 0}


@dataclass(frozen=True, slots=True)
class Summary:
    """What many verdicts come to.

    Attributes:
        kinds: how many of each; those without any are missing.
        ways: how many each of the four ways would put right now.
    """

    kinds: Mapping[Kind, int]
    ways: Mapping[Way, int]

    @property
    def failing(self) -> int:
        """Cases that are wrong, or right and disliked."""
        return sum(self.kinds.values()) - self.kinds.get("fixed", 0)

    @property
    def best(self) -> tuple[Way, ...]:
        """The way that would help most; several that would help as much; none where none would."""
        most = max(self.ways.values(), default=0)
        return tuple(way for way, count in self.ways.items() if count == most > 0)

    @property
    def may_distil(self) -> bool:
        """Whether so much is said by prompts that the model could learn it instead."""
        return self.kinds.get("prompt", 0) >= MANY_OF_A_PROMPT


def summed_up(verdicts: Sequence[Verdict]) -> Summary:
    """How many verdicts of each kind there are, and which of the four ways they call for."""
    kinds = Counter(one.kind for one in verdicts)
    ways = Counter(one.way for one in verdicts if one.way)
    return Summary(dict(kinds.most_common()), dict(ways.most_common()))
