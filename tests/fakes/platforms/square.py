"""A platform for tests: it asks one question of its own, notes the reply and waits for the end."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.talking import Talk

NOTES = Path("square")


def build(talks: Callable[..., Awaitable[Talk]]) -> "Square":
    """The square, which keeps its notes in the current folder."""
    return Square(talks)


class Square:
    """A place where one question is asked."""

    name = "square"

    def __init__(self, talks: Callable[..., Awaitable[Talk]]) -> None:
        self._talks = talks

    async def run(self) -> None:
        """Ask, note, wait."""
        talk = await self._talks("terminal:ana", "helpdesk")
        reply = await talk.reply("How many weeks of parental leave are there?")
        _note(reply.text)
        try:
            await asyncio.Event().wait()
        finally:
            _note("closed")


def _note(text: str) -> None:
    NOTES.write_text(text)
