"""Looks for a better prompt: no weights are touched, so that this is always tried first.

A candidate is a file of a persona that extends the one in use and says little more: some answers
that people corrected, as examples, or another length. All are asked some questions, the better
half of them more, until one is left. What finds the best is not what judges it: the gate asks
other questions.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import yaml

from knowledge.learning_examples import Example
from pipelines.evaluation.cases import Case
from pipelines.models import Vectors
from pipelines.personas import Persona
from pipelines.personas.examples import MOST_CHARACTERS, MOST_EXAMPLES
from pipelines.personas.header import LENGTHS

COUNTS = (2, 4, 8)
"""Examples in a prompt: each is some 60 tokens of every question."""
FEWEST_FIRST = 4
"""Questions of the first round; fewer would leave it to luck."""
Ask = Callable[["Variant", Sequence[Case]], Awaitable[Sequence[float]]]
"""The scores of a variant, from 0 to 1, for each of some questions."""
Embed = Callable[[Sequence[str]], Awaitable[Vectors]]


@dataclass(frozen=True, slots=True)
class Variant:
    """Another version of a persona.

    Attributes:
        name: what is different in it.
        header: the lines that it has besides those of the persona which it extends.
        rows: the ids of the rows that stand in it.
    """

    name: str
    header: Mapping[str, Any] = field(default_factory=dict)
    rows: tuple[str, ...] = ()

    def text(self, persona: str) -> str:
        """Its file."""
        header = {"extends": persona, **self.header}
        said = yaml.safe_dump(header, allow_unicode=True, sort_keys=False, width=100)
        return f"---\n{said}---\n"


async def variants(persona: Persona, rows: Sequence[Example], embed: Embed) -> list[Variant]:
    """What may be better than a persona as it is; that itself comes first.

    Args:
        persona: the one in use.
        rows: that everybody may read whom it answers, and that people approved.
        embed: turns texts into vectors of length 1.
    """
    kept = {"answer_length": persona.answer_length or persona.max_answer_tokens}
    lengths = [
        Variant(f"{length} answers", {"answer_length": length})
        for length, tokens in LENGTHS.items()
        if tokens != persona.max_answer_tokens
    ]
    taught = [one for one in rows if one.is_corrected] or list(rows)
    made = [_with_examples(persona, some, kept) for some in await _spread(taught, embed)]
    shown = list({one.name: one for one in made if one.rows}.values())  # long ones fill a file soon
    both = [
        Variant(f"{one.name}, {other.name}", {**one.header, **other.header}, one.rows)
        for one in shown[-1:]
        for other in lengths
    ]
    return [Variant("as it is"), *lengths, *shown, *both]


async def _spread(rows: Sequence[Example], embed: Embed) -> list[list[Example]]:
    """Some rows, then more of them, whose questions are as unlike as can be; each step differs."""
    if not rows:
        return []
    vectors = await embed([one.question for one in rows])
    order = [int(np.argmax(vectors @ vectors.mean(axis=0)))]
    while len(order) < min(len(rows), max(COUNTS)):
        nearness = (vectors @ vectors[order].T).max(axis=1)
        nearness[order] = np.inf
        order.append(int(np.argmin(nearness)))
    sizes = sorted({min(count, len(order)) for count in COUNTS})
    return [[rows[n] for n in order[:size]] for size in sizes]


def _with_examples(persona: Persona, rows: Sequence[Example], more: Mapping[str, Any]) -> Variant:
    """The examples that a persona has, and these: as many as its file may have."""
    own = [
        {"question": one.question, "answer": one.answer, "passage": one.passage}
        for one in persona.examples
    ]
    found, length = list(own), sum(len(text) for one in own for text in one.values())
    for row in rows:
        one = {"question": row.question.strip(), "answer": row.target.strip()}
        length += sum(map(len, one.values()))
        if length > MOST_CHARACTERS or len(found) == MOST_EXAMPLES:
            break
        found = [*found, one]
    ids = tuple(row.id for row in rows[: len(found) - len(own)])
    return Variant(f"{len(ids)} examples", {**more, "examples": found}, ids)


@dataclass(frozen=True, slots=True)
class Search:
    """What came of it.

    Attributes:
        best: the last one left; the persona as it is where nothing is better.
        scores: the share of right answers of each, over the questions that it was asked.
    """

    best: Variant
    scores: Mapping[str, float]


async def best(tried: Sequence[Variant], cases: Sequence[Case], ask: Ask) -> Search:
    """The best of several versions, by successive halving; of equals the one that says less.

    Args:
        tried: the versions, the one in use first.
        cases: questions with known answers.
        ask: has a version answer some of them.
    """
    scores: dict[str, list[float]] = {one.name: [] for one in tried}
    left, until = list(tried), min(len(cases), max(FEWEST_FIRST, len(cases) // max(1, len(tried))))
    begun = 0
    while len(left) > 1 and begun < len(cases):
        for one in left:
            scores[one.name] += await ask(one, cases[begun:until])
        ranked = sorted(left, key=lambda one: (-_mean(scores[one.name]), tried.index(one)))
        left = ranked[: max(1 if until == len(cases) else 2, len(ranked) // 2)]
        begun, until = until, min(len(cases), 2 * until)
    return Search(left[0], {name: _mean(found) for name, found in scores.items() if found})


def _mean(found: Sequence[float]) -> float:
    return sum(found) / len(found) if found else 0.0
