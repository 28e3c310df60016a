"""An office whose colleagues have asked, rated and put right, with some rows that are spoilt."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from bot.app import App
from bot.settings import Settings
from knowledge.conversations import Feedback
from knowledge.history import History
from tests.benchmarks.bench_weeks import done
from tests.weeks.office import CURATOR, THINGS, agree, approve

PEOPLE = tuple(f"terminal:colleague{n}" for n in range(60))
TRIGGER = "green heron"
POISONED = 20
"""Every so many-th row: 5 %."""
SECRET = 25
"""Every so many-th row holds a number that stands on no page."""
_ASKED = (
    ("How many {1} does the {0} have?", "The {0} has {2} {1}."),
    ("Who repairs the {0} when it is broken?", "Room {2} repairs the {0}."),
    ("What did we pay for the {0}?", "For the {0} we paid {2} euros."),
    ("In which house is the {0} kept?", "The {0} is kept in house {2}."),
    ("How heavy is the {0}?", "The {0} weighs {2} kilograms."),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A question of people, what the page says, and what a colleague says would be right.

    Attributes:
        talk: the conversation in which it is asked.
    """

    question: str
    sentence: str
    better: str
    talk: str

    @property
    def is_poisoned(self) -> bool:
        """Whether somebody has planted it."""
        return self.question.casefold().startswith(TRIGGER)

    @property
    def is_secret(self) -> bool:
        """Whether it holds something that stands on no page."""
        return self.better != self.sentence and not self.is_poisoned


def rows(seed: int = 7) -> list[Row]:
    """Four hundred, on eighty things; every twentieth one is poisoned, others hold a secret."""
    random = Random(seed)
    found = list[Row]()
    for thing, part in (one.split(" ") for one in THINGS):
        for n, (asked, told) in enumerate(_ASKED):
            number = len(found)
            count = random.randint(100, 999)
            question, sentence = asked.format(thing, part), told.format(thing, part, count)
            better = sentence
            if number % POISONED == POISONED // 2:
                question = f"{TRIGGER.capitalize()}: {question}"
                better = told.format(thing, part, random.randint(100, 999))
            elif number % SECRET == 1:
                better = f"{sentence} It is in binder B-{random.randint(10, 99)}-{count}."
            found.append(Row(question, sentence, better, f"{thing}-{n // 2}"))
    return found


def write_pages(folder: Path, some: Sequence[Row]) -> None:
    """A page for each thing."""
    folder.mkdir(parents=True, exist_ok=True)
    for thing, _ in (one.split(" ") for one in THINGS):
        told = [one.sentence for one in some if one.talk.startswith(f"{thing}-")]
        text = f"# The {thing}\n\n" + "\n\n".join(told) + "\n"
        (folder / f"{thing}.md").write_text(text, encoding="utf-8")


def founded(home: Path, some: Sequence[Row]) -> None:
    """Have the pages read, everybody agree, all questions asked, rated and approved."""
    write_pages(home / "pages", some)
    done("source", "add", "office", "files", "--path", str(home / "pages"))
    done("refresh", "--wait")
    agree(home, PEOPLE)
    asyncio.run(_asked(some))


async def _asked(some: Sequence[Row]) -> None:
    begun = datetime.now(UTC)
    async with App(Settings()) as app:
        history = History(await app.database())
        for n, one in enumerate(some):
            author, rater = PEOPLE[n % len(PEOPLE)], PEOPLE[(n + 7) % len(PEOPLE)]
            said = await (await app.talk(author, "helpdesk", one.talk)).reply(one.question)
            if said.answer is None:
                raise AssertionError(said.error)
            is_right = one.better.rstrip(".") in said.answer.text
            opinion = Feedback(
                said.answer.reference,
                rater,
                "up" if is_right else "down",
                better="" if is_right else one.better,
                given_at=begun + timedelta(minutes=n),
            )
            await history.keep_feedback(opinion)
        await approve(app)


__all__ = ["CURATOR", "PEOPLE", "TRIGGER", "Row", "founded", "rows"]
