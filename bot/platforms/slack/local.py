"""What holds in a channel: what the team has set there, and the language to speak."""

from bot.channels import Channel
from bot.desk import Desk
from bot.notices import language_for
from bot.platforms.slack.people import People
from bot.platforms.slack.spot import Spot


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
