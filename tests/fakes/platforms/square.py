"""A platform for tests: questions are files in a folder, and posts are lines of a file.

The folder `square` in the current folder is the square: `NAME.json` in it is a message of somebody,
`posts.jsonl` is what was posted, `signs.jsonl` what was shown before.
"""

import asyncio
import json
from datetime import datetime
from pathlib import Path

from bot.channels import Channel
from bot.desk import Desk
from bot.places import Person
from bot.platforms import Whereabouts
from bot.posts import Post
from knowledge.turn import KeptTurn, Turn
from pipelines.progress import Progress

SQUARE = Path("square")


def build(desk: Desk) -> "Square":
    """The square in the current folder."""
    return Square(desk)


class Square:
    """A place where people put their questions down as files."""

    name = "square"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def run(self) -> None:
        """Take every message in, again and again: the same one is answered once."""
        while True:
            for turn in await asyncio.to_thread(_said):
                await self._desk.take(turn)
            await asyncio.sleep(0.02)

    def sink(self, turn: Turn) -> "Lines":
        """Where a turn is shown: a line each time."""
        return Lines(turn.keys[0])

    def must_reply(self, turn: Turn) -> bool:
        """Nobody sees that one is to come."""
        del turn
        return False

    def later(self, turn: Turn, number: int, at: datetime) -> Turn:
        """One more line."""
        del number, at
        return turn

    def at(self, channel: str) -> dict[str, str]:
        """Wherever it is."""
        return {"channel": channel}

    async def whereabouts(self, turn: Turn) -> Whereabouts:
        """Whoever asks here is alone."""
        return Whereabouts(Person(turn.author), None)

    def channel(self, turn: Turn) -> Channel:
        """There is one."""
        del turn
        return self._desk.channel("square:here")

    async def tell_alone(self, turn: Turn, text: str) -> None:
        """Note what only the asker shall read."""
        _add("asides.jsonl", key=turn.keys[0], text=text)

    async def remove(self, turn: Turn, posted_as: str) -> None:
        """Note that nothing is left of it."""
        _add("removed.jsonl", key=turn.keys[0], id=posted_as)

    async def posted(self, kept: KeptTurn) -> str:
        """The line that says so, where there is one."""
        lines = _lines("posts.jsonl")
        return next((one["id"] for one in lines if one["key"] == kept.turn.keys[0]), "")


class Lines:
    """Writes what is shown and posted as lines."""

    def __init__(self, key: str) -> None:
        self._key = key

    async def waiting(self, position: int) -> None:
        """Note how many are before it."""
        _add("signs.jsonl", key=self._key, position=position)

    async def show(self, progress: Progress) -> None:
        """Note the step."""
        _add("signs.jsonl", key=self._key, stage=progress.stage)

    def take_up(self) -> None:
        """Lines stay as they are."""

    async def let_go(self) -> None:
        """Lines stay as they are."""

    async def finish(self, post: Post) -> str:
        """Note the post."""
        _add("posts.jsonl", key=self._key, id=f"{self._key}!", **post.as_json())
        return f"{self._key}!"


def _said() -> list[Turn]:
    """All messages in the square."""
    SQUARE.mkdir(exist_ok=True)
    return [
        _turn(file.stem, json.loads(file.read_text())) for file in sorted(SQUARE.glob("*.json"))
    ]


def _turn(name: str, said: dict[str, str]) -> Turn:
    return Turn(
        platform="square",
        keys=(f"square:{name}",),
        conversation=said.get("conversation", name),
        author=said.get("author", "terminal:ana"),
        text=said["text"],
        locale=said.get("locale", ""),
        channel="square:here",
    )


def _add(name: str, **said: object) -> None:
    with (SQUARE / name).open("a") as lines:
        lines.write(json.dumps(said) + "\n")


def _lines(name: str) -> list[dict[str, str]]:
    file = SQUARE / name
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
