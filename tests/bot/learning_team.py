"""A team that agrees to learning: its tertulia.toml, and what people ask and rate."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.app import App
from bot.settings import Settings
from knowledge.conversations import Feedback
from knowledge.history import History
from knowledge.learning_examples import LearningExamples

AGREED = """
[learning]
consent = true
curators = ["terminal:carla"]
probation_days = 0

[channels."terminal:chat"]
learns = true
"""
BETTER = "19 weeks, and all of it is paid."
PEOPLE = ("terminal:ana", "terminal:ben", "terminal:eva")


def write_down(home: Path, more: str = AGREED) -> None:
    """Have the file say this besides what it says."""
    write(home / "tertulia.toml", more)


async def all_agree(*people: str) -> None:
    """Have these people agree, for a day already."""
    async with App(Settings()) as app:
        kept = LearningExamples(await app.database())
        for person in people or PEOPLE:
            await kept.agree(person, datetime.now(UTC) - timedelta(days=1))


async def rate(reference: str, author: str, verdict: str, **more: str) -> None:
    """Say what somebody thinks of an answer, as a platform hands it in."""
    async with App(Settings()) as app:
        opinion = Feedback(reference, author, "up" if verdict == "up" else "down", **more)  # type: ignore[arg-type]  # a fault is one of a few words
        await History(await app.database()).keep_feedback(opinion)


def agree(*people: str) -> None:
    """The same as `all_agree`, for tests that are no coroutines."""
    asyncio.run(all_agree(*people))


def say(reference: str, author: str, verdict: str, **more: str) -> None:
    """The same as `rate`, for tests that are no coroutines."""
    asyncio.run(rate(reference, author, verdict, **more))


def agreed(chat: str, curator: str, terms: str) -> str:
    """What `tertulia.toml` says where everybody but the people have agreed."""
    return (
        f'\n[learning]\nconsent = true\ncurators = ["{curator}"]\nterms = [{terms}]\n'
        f'probation_days = 0\n[channels."{chat}"]\nlearns = true\n'
    )


def write(structure: Path, more: str) -> None:
    """Add to a `tertulia.toml`."""
    structure.write_text(structure.read_text(encoding="utf-8") + more, encoding="utf-8")
