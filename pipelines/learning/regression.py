"""Questions that are the same for every candidate: what it was not made for, and must not lose.

An invented company brings its pages with it, so that neither the team's knowledge nor its rights
play a part: questions that its pages answer, in both languages; questions about another company,
and about things of its own of which no page says such a thing; and sums, for a tool.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, zip_longest
from pathlib import Path
from random import Random

from pipelines.evaluation.cases import Case
from pipelines.evaluation.ready_made import Company
from pipelines.particulars import names

PAGES_A_QUESTION = 10
"""Pages of an invented company for one question that is answered in one language."""
SEEDS, OTHER_SEEDS = ((7, 8), (9, 10))
"""Of the company that is asked about and of the other one, at first and when more is asked."""
SEED = 7
_OF_ALL = ("complete list", "qualified")
"""Kinds of questions that pages of every family answer."""
_UNLIKE = {
    "customers": "machines",
    "machines": "customers",
    "projects": "sites",
    "sites": "machines",
    "suppliers": "machines",
}
"""Another family of things for each, of which its questions are asked in vain."""
_SUMS = {
    "en": ("What is {} times {}?", "How much is {} plus {}?", "How much is {} minus {}?"),
    "es": ("¿Cuánto es {} por {}?", "¿Cuánto es {} más {}?", "¿Cuánto es {} menos {}?"),
}


@dataclass(frozen=True, slots=True)
class Questions:
    """What is asked of every candidate.

    Attributes:
        company: whose pages are read for it.
        answers: that the pages hold, English and Spanish by turns.
        refusals: that they do not; every other one about something that they know.
        sums: that a calculator knows.
    """

    company: Company
    answers: tuple[Case, ...]
    refusals: tuple[Case, ...]
    sums: tuple[Case, ...]


def questions(folder: Path, count: int, after: int = 0) -> Questions:
    """So many questions for each of what must be kept; those of answers in each language.

    Args:
        folder: for the pages of the invented companies, which are written once.
        count: of questions.
        after: so many of each were asked before; these are others, about another company.
    """
    pages = PAGES_A_QUESTION * count
    seed, other_seed = OTHER_SEEDS if after else SEEDS
    company = Company(folder / f"company-{pages}-{seed}", pages, seed=seed)
    other = Company(folder / f"company-{pages}-{other_seed}", pages, seed=other_seed)
    own = [case for case in company.cases().cases if case.expected == "answer"]
    strange = [case for case in other.cases().cases if case.expected == "answer"]
    by_language = [[case for case in own if case.language == one][:count] for one in ("en", "es")]
    answers = tuple(case for some in by_language for case in some)
    return Questions(company, answers, _refusals(own, strange, count), sums(count, after))


def _refusals(own: Sequence[Case], strange: Sequence[Case], count: int) -> tuple[Case, ...]:
    """By turns about what no page says of a thing that they know, and about one that they do not.

    For a name that no page has, the search ends before any model is asked: only by the others a
    model shows that it can still say that it does not know.
    """
    known = {name for case in own for name in names(case.question)}
    alone = (case for case in strange if case.kind not in _OF_ALL)
    asked = (_asked_of(_unlike(case, own, n), case) for n, case in enumerate(alone))
    unsaid = {case.question: case for case in asked if case}.values()
    half = list(unsaid)[: (count + 1) // 2]
    unknown = (case for case in strange if names(case.question) - known)
    by_turns = zip_longest(half, islice(unknown, count - len(half)))
    return tuple(
        replace(case, facts=(), sources=(), is_refused=True, kind="not found")
        for case in chain.from_iterable(by_turns)
        if case
    )


def _unlike(case: Case, own: Sequence[Case], number: int) -> str:
    """A thing of our own of which no page says what is asked; empty where there is none."""
    wanted = _UNLIKE[_family(case)]
    things = [_thing(one) for one in own if _family(one) == wanted]
    return things[number % len(things)] if things else ""


def _asked_of(thing: str, case: Case) -> Case | None:
    """The same question about this thing."""
    return replace(case, question=case.question.replace(_thing(case), thing)) if thing else None


def _thing(case: Case) -> str:
    """What it is about: `set:sites/0000/quinguzon-alfa.md` is the page of Quinguzon Alfa."""
    return Path(case.sources[0]).stem.replace("-", " ").title()


def _family(case: Case) -> str:
    return case.sources[0].partition(":")[2].partition("/")[0]


def sums(count: int, after: int = 0) -> tuple[Case, ...]:
    """So many sums, in English and Spanish by turns, too large to be known by heart.

    Args:
        count: of sums.
        after: the number of those that were asked before.
    """
    random = Random(SEED)  # noqa: S311 (nothing secret)
    made = []
    for number in range(after + count):
        language = ("en", "es")[number % 2]
        way = number // 2 % 3
        first, second = random.randint(2_000, 9_999), random.randint(20, 999)
        result = (first * second, first + second, first - second)[way]
        wordings = tuple(
            dict.fromkeys((str(result), f"{result:,}", f"{result:,}".replace(",", ".")))
        )
        question = _SUMS[language][way].format(first, second)
        made.append(Case(question=question, facts=(wordings,), language=language, kind="sum"))
    return tuple(made[after:])
