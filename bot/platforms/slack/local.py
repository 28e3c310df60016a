"""What holds in a channel: what the team has set there, and the language to speak."""

import asyncio
from contextlib import suppress

import structlog

from bot.channels import Channel
from bot.desk import Desk
from bot.platforms.slack.people import People
from bot.platforms.slack.spot import Spot
from bot.source_entry import StructureError
from knowledge.errors import TertuliaError
from knowledge.language import language_of_question

LOOK_UP_S = 1.0
"""Slack waits three seconds for what comes of a press."""
log = structlog.get_logger(__name__)


class Local:
    """Looks up what holds at a spot."""

    def __init__(self, desk: Desk, people: People) -> None:
        self._desk, self._people = desk, people

    def channel(self, spot: Spot) -> Channel:
        """What the team has set; with a file that is written wrong, what holds without one.

        A message must not be lost because of a mistake in a file.
        """
        try:
            return self._desk.channel(*spot.channel_names)
        except StructureError:
            log.warning("left out what a file that is written wrong says of channels")
            return Channel()

    def locale(self, spot: Spot) -> str:
        """The channel's language, else the locale of the person; empty where neither is known."""
        return self.channel(spot).language or self._people.locale(spot.team, spot.user)

    def language(self, spot: Spot, text: str = "") -> str:
        """The language in which we speak to somebody."""
        return self.locale(spot)[:2] or language_of_question(text, "en")

    async def language_of(self, spot: Spot, text: str = "") -> str:
        """The same for somebody whom we may meet for the first time: Slack tells us if asked."""
        if not self.locale(spot):
            with suppress(TertuliaError, TimeoutError):
                async with asyncio.timeout(LOOK_UP_S):
                    await self._people.member(spot.team, spot.user)
        return self.language(spot, text)
