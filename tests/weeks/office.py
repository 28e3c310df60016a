"""An office with colleagues who ask, rate and put right; all of it from a seed.

The model is a scripted one with a weakness that only an example in its prompt puts right: it does
not understand questions in note form ("van 7: seats?") until it is shown how one is answered.
"""

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from bot.app import App
from bot.settings import Settings
from knowledge.conversations import Feedback
from knowledge.history import History
from knowledge.learning_examples import LearningExamples
from tests.bot.faulty import chooses_calls
from tests.bot.learning_team import AGREED
from tests.fakes.loopback import Reply
from tests.fakes.scripted_model import NOT_FOUND, saying, writing

THINGS = Path(__file__).with_name("things.txt").read_text("utf-8").split("\n")[:-1]
NOTE = re.compile(r"^(Question|Pregunta): [^\n?:]+: [^\n?]+\?$", re.MULTILINE)
PEOPLE = tuple(f"terminal:{name}" for name in ("ana", "ben", "eva", "gil", "ida", "leo"))
CURATOR = "terminal:carla"


@dataclass(frozen=True, slots=True)
class Fact:
    """What a page says of a thing.

    Attributes:
        is_noted: whether people ask for it in note form.
    """

    thing: str
    part: str
    count: int
    is_noted: bool

    @property
    def sentence(self) -> str:
        """As the page has it."""
        return f"The {self.thing} has {self.count} {self.part}."

    @property
    def question(self) -> str:
        """As people ask it."""
        if self.is_noted:
            return f"{self.thing}: {self.part}?"
        return f"How many {self.part} has the {self.thing}?"


def facts(count: int, seed: int = 7) -> list[Fact]:
    """So many facts, at most as many as there are things; half are asked for in note form."""
    random = Random(seed)
    found = []
    for number, words in enumerate(random.sample(THINGS, count)):
        thing, part = words.split(" ")
        found.append(Fact(thing, part, random.randint(12, 89), is_noted=number % 2 == 1))
    return found


def write_pages(folder: Path, some: Sequence[Fact]) -> None:
    """A page for each fact."""
    folder.mkdir(parents=True, exist_ok=True)
    for one in some:
        name = one.thing.replace(" ", "-")
        text = f"# {one.thing}\n\n{one.sentence} It is looked after by the office.\n"
        (folder / f"{name}.md").write_text(text, encoding="utf-8")


@dataclass(slots=True)
class Clerk:
    """The model: reads the passage on what is asked; note form only once it has seen some.

    Attributes:
        known: all facts that pages may state.
    """

    known: Sequence[Fact]

    def __call__(self, asked: dict[str, Any]) -> Reply:
        """The reply to one request."""
        if chooses_calls(asked) is not None:
            return writing(json.dumps({"calls": []}))
        messages = [str(one["content"]) for one in asked["messages"]]
        last = messages[-1]
        for one in self.known:
            if one.question in last and one.sentence in last:
                is_shown = any(NOTE.search(said) for said in messages[1:-1])
                return saying(NOT_FOUND if one.is_noted and not is_shown else one.sentence)
        return saying(NOT_FOUND)


def agree(home: Path, people: Sequence[str] = PEOPLE) -> None:
    """Everybody agrees to learning, for a day already."""
    structure = home / "tertulia.toml"
    structure.write_text(structure.read_text("utf-8") + AGREED, encoding="utf-8")

    async def note() -> None:
        async with App(Settings()) as app:
            kept = LearningExamples(await app.database())
            for person in people:
                await kept.agree(person, datetime.now(UTC) - timedelta(days=1))

    asyncio.run(note())


async def week(app: App, some: Sequence[Fact], number: int = 0) -> float:
    """Colleagues ask for these facts, like what is right, and put right what is not.

    Returns:
        the share of right answers.
    """
    history, right = History(await app.database()), 0
    for n, one in enumerate(some):
        author, rater = PEOPLE[n % len(PEOPLE)], PEOPLE[(n + 1) % len(PEOPLE)]
        talk = await app.talk(author, "helpdesk", f"week{number}-{n}")
        said = await talk.reply(one.question)
        if said.answer is None:
            raise AssertionError(said.error)
        is_right = f"{one.count} {one.part}" in said.answer.text
        right += is_right
        better = "" if is_right else one.sentence
        verdict = "up" if is_right else "down"
        await history.keep_feedback(
            Feedback(said.answer.reference, rater, verdict, better=better)  # type: ignore[arg-type]  # one of two words
        )
    return right / len(some)


async def approve(app: App) -> int:
    """The curator approves what waits; how many rows."""
    await app.learning.mine()
    kept = await app.learning.kept()
    waiting = await kept.all("waiting")
    for row in waiting:
        await app.learning.decide(row, "approved", CURATOR)
    return len(waiting)
