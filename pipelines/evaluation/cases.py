"""A question with what is expected of its answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

Expected = Literal["answer", "refusal", "anything"]


@dataclass(frozen=True, slots=True)
class Said:
    """Something that was said before the question: by people, or by us."""

    text: str
    is_ours: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question of a set.

    Attributes:
        facts: what a right answer says, each in all wordings that count: `(("25 days",),)`.
        sources: ids, paths or addresses of articles; a right answer cites one of them.
        is_refused: whether our knowledge has no answer, so that only "I do not know" is right.
        language: that the answer must be in; empty where nobody said.
        readers: principals of everybody who reads along; empty is whoever runs the set.
        kind: of question, to see which ones are hard.
        before: what was said before, oldest first.
    """

    question: str
    facts: tuple[tuple[str, ...], ...] = ()
    sources: tuple[str, ...] = ()
    is_refused: bool = False
    language: str = ""
    readers: tuple[str, ...] = ()
    kind: str = ""
    before: tuple[Said, ...] = ()

    @property
    def id(self) -> str:
        """The same for the same question in the same place: it pairs the results of two runs."""
        parts = (self.question, *self.readers, "", *(said.text for said in self.before))
        return sha256("\n".join(parts).encode()).hexdigest()[:12]

    @property
    def expected(self) -> Expected:
        """What the question wants; without facts and sources only its manners are measured."""
        if self.is_refused:
            return "refusal"
        return "answer" if self.facts or self.sources else "anything"


@dataclass(frozen=True, slots=True)
class CaseSet:
    """A set of questions.

    Attributes:
        name: for people, in reports and charts.
        fingerprint: changes whenever a question or what is expected of it does.
    """

    name: str
    cases: tuple[Case, ...]

    @property
    def fingerprint(self) -> str:
        """A short hash of everything in the set."""
        return sha256(repr(self.cases).encode()).hexdigest()[:12]

    def sample(self, most: int) -> "CaseSet":
        """So many of the questions, evenly from first to last; all where there are no more."""
        count = min(most, len(self.cases))
        chosen = (self.cases[n * len(self.cases) // count] for n in range(count))
        return CaseSet(self.name, tuple(chosen))


def distinct(cases: Sequence[Case]) -> tuple[Case, ...]:
    """Each question once, the first one of several that are the same."""
    return tuple({case.id: case for case in reversed(cases)}.values())[::-1]
