"""What holds in a channel: what the team has set there, and the language to speak."""

import asyncio
from contextlib import suppress

from bot.channels import Channel
from bot.desk import Desk
from bot.notices import language_for
from bot.platforms.slack.people import People
from bot.platforms.slack.spot import Spot
from knowledge.errors import TertuliaError

LOOK_UP_S = 1.0
"""Slack waits three seconds for what comes of a press."""


class Local:
    """Looks up what holds at a spot."""

    def __init__(self, desk: Desk, people: People) -> None:
        self._desk, self._people = desk, people

    def channel(self, spot: Spot) -> Channel:
        """What the team has set."""
        return self._desk.channel(*spot.channel_names)

    def locale(self, spot: Spot) -> str:
        """The channel's language, else the locale of the person; empty where neither is known."""
        return self.channel(spot).language or self._people.locale(spot.team, spot.user)

    def language(self, spot: Spot, text: str = "") -> str:
        """The language in which we speak to somebody."""
        return language_for(self.locale(spot), text)

    async def language_of(self, spot: Spot, text: str = "") -> str:
        """The same for somebody whom we may meet for the first time: Slack tells us if asked."""
        if not self.locale(spot):
            with suppress(TertuliaError, TimeoutError):
                async with asyncio.timeout(LOOK_UP_S):
                    await self._people.member(spot.team, spot.user)
        return self.language(spot, text)
