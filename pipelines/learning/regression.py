"""Questions that are the same for every candidate: what it was not made for, and must not lose.

An invented company brings its pages with it, so that neither the team's knowledge nor its rights
play a part: questions that its pages answer, in both languages; questions about another company,
which they do not; and sums, for a tool.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from pipelines.evaluation.cases import Case
from pipelines.evaluation.ready_made import Company
from pipelines.particulars import names

PAGES_A_QUESTION = 10
"""Pages of an invented company for one question that is answered in one language."""
ANOTHER_SEED = 8
SEED = 7
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
        refusals: that they do not.
        sums: that a calculator knows.
    """

    company: Company
    answers: tuple[Case, ...]
    refusals: tuple[Case, ...]
    sums: tuple[Case, ...]


def questions(folder: Path, count: int) -> Questions:
    """So many questions for each of what must be kept; those of answers in each language.

    Args:
        folder: for the pages of the invented companies, which are written once.
        count: of questions.
    """
    pages = PAGES_A_QUESTION * count
    company = Company(folder / f"company-{pages}", pages)
    other = Company(folder / f"other-{pages}", pages, seed=ANOTHER_SEED)
    own = [case for case in company.cases().cases if case.expected == "answer"]
    known = {name for case in own for name in names(case.question)}
    strange = [
        replace(case, facts=(), sources=(), is_refused=True, kind="not found")
        for case in other.cases().cases
        if case.expected == "answer" and names(case.question) - known
    ]
    by_language = [[case for case in own if case.language == one][:count] for one in ("en", "es")]
    answers = tuple(case for some in by_language for case in some)
    return Questions(company, answers, tuple(strange[:count]), sums(count))


def sums(count: int) -> tuple[Case, ...]:
    """So many sums, in English and Spanish by turns, too large to be known by heart."""
    random = Random(SEED)  # noqa: S311 (nothing secret)
    made = []
    for number in range(count):
        language = ("en", "es")[number % 2]
        way = number // 2 % 3
        first, second = random.randint(2_000, 9_999), random.randint(20, 999)
        result = (first * second, first + second, first - second)[way]
        wordings = tuple(
            dict.fromkeys((str(result), f"{result:,}", f"{result:,}".replace(",", ".")))
        )
        question = _SUMS[language][way].format(first, second)
        made.append(Case(question=question, facts=(wordings,), language=language, kind="sum"))
    return tuple(made)
