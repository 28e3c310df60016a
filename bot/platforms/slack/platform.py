"""Slack as a platform: the parts, put together."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from bot.channels import Channel
from bot.desk import Desk
from bot.keeping_up import KeepingUp
from bot.notices import language_of
from bot.platforms import Sink, Whereabouts
from bot.platforms.slack.attachments import Attachments
from bot.platforms.slack.catching_up import CatchingUp
from bot.platforms.slack.commands import Commands
from bot.platforms.slack.connecting import app_of, connected
from bot.platforms.slack.errands import Errands
from bot.platforms.slack.examining import check
from bot.platforms.slack.home import Home
from bot.platforms.slack.installing import Installing
from bot.platforms.slack.line import Line
from bot.platforms.slack.listening import Listening
from bot.platforms.slack.local import Local
from bot.platforms.slack.looking_again import LookingAgain
from bot.platforms.slack.people import People
from bot.platforms.slack.posting import fingerprint
from bot.platforms.slack.pressing import Pressing
from bot.platforms.slack.reception import Reception
from bot.platforms.slack.rotating import Installed
from bot.platforms.slack.spot import NAME, Spot
from bot.platforms.slack.threads import Threads
from bot.platforms.slack.tokens import tokens_of
from bot.platforms.slack.whereabouts import Lookout
from bot.platforms.slack.whisper import WhisperSink
from bot.platforms.slack.workspaces import Workspaces
from bot.posts import from_json
from knowledge.sources.website.pace import Clock
from knowledge.turn import KeptTurn, Turn


class Slack:
    """The workspaces of the settings.

    Args:
        clock: by which we wait and pace ourselves.

    Raises:
        SlackTokenError: a token is missing.
    """

    name = NAME

    def __init__(self, desk: Desk, clock: Clock | None = None) -> None:
        clock = clock or Clock()
        self._settings = desk.settings.slack
        tokens = tokens_of(self._settings, desk, clock)
        self._workspaces = Workspaces(tokens, self._settings.slack_api_url, clock)
        self._pages = (
            Installing(self._settings, self._workspaces.app, tokens).pages
            if isinstance(tokens, Installed)
            else []
        )
        self._errands = Errands()
        people = People(self._workspaces, clock)
        self._local = local = Local(desk, people)
        self._threads = Threads(self._workspaces, self._errands, clock)
        attachments = Attachments(
            self._workspaces, urlsplit(self._settings.slack_api_url).hostname or ""
        )
        self._lookout = Lookout(desk, people, self._workspaces, attachments)
        listening = Listening(desk, local, self._threads)
        self._again = LookingAgain(desk, self._workspaces, listening)
        missed = CatchingUp(desk, self._workspaces, listening, self._again, clock)
        self._line = Line(self._began)
        self._keeping_up = KeepingUp(desk, NAME, missed.places, missed.read, self._line.is_up)
        self._app = app_of(
            self._workspaces,
            Reception(
                self._workspaces,
                listening,
                Commands(desk, local, self._lookout),
                Pressing(desk, local, self._lookout, self._workspaces, self._errands),
                Home(desk, local, self._lookout, self._workspaces, self._errands),
            ),
        )

    def _began(self) -> None:
        """Slack reaches us, maybe not for the first time."""
        self._again.began()
        self._keeping_up.began()

    async def run(self) -> None:
        """Take in what Slack sends until cancelled."""
        try:
            await check(self._workspaces, self._settings)
            async with self._keeping_up.beside():
                await connected(self._app, self._settings, self._pages, self._line)
        finally:
            self._threads.close()
            await self._errands.close()
            await self._workspaces.close()

    def sink(self, turn: Turn) -> Sink:
        """Where a turn is shown: in its thread, or to the person alone."""
        spot = Spot.of(turn.place)
        if spot.is_private:
            begins_with = "doing" if turn.decision and turn.decision["is_yes"] else ""
            language = language_of(turn)
            return WhisperSink(self._workspaces, spot, language, begins_with=begins_with)
        return self._threads.sink(turn)

    def channel(self, turn: Turn) -> Channel:
        """What the team has set for a turn's channel."""
        return self._local.channel(Spot.of(turn.place))

    def must_reply(self, turn: Turn) -> bool:
        """To a command: we have said that we have the question."""
        return Spot.of(turn.place).is_private

    def later(self, turn: Turn, number: int, at: datetime) -> Turn:
        """The same for a message of its own below the question."""
        return replace(turn, place=Spot.of(turn.place).later(number, at).place)

    def at(self, channel: str) -> dict[str, Any]:
        """The channel itself, below no message."""
        return Spot.alone(channel, is_one_of_many=self._workspaces.are_many).place

    async def whereabouts(self, turn: Turn) -> Whereabouts:
        """Who asks and who reads along."""
        await self._again.at(turn)
        spot = Spot.of(turn.place)
        found = await self._lookout.whereabouts(spot)
        found = replace(found, text=await self._lookout.named(spot, turn.text))
        return await self._lookout.with_texts(found, spot, self._local.language(spot, turn.text))

    async def tell_alone(self, turn: Turn, text: str) -> None:
        """Say something in the thread that nobody else sees there."""
        spot = Spot.of(turn.place)
        await self._threads.whisper(spot, text, self._local.language(spot, turn.text))

    async def remove(self, turn: Turn, posted_as: str) -> None:
        """Take away what is being written for a turn, and these messages."""
        self._threads.remove(Spot.of(turn.place), posted_as)

    async def posted(self, kept: KeptTurn) -> str:
        """The messages of an answer that stands there in full; what only one person saw is gone."""
        spot = Spot.of(kept.turn.place)
        if spot.is_private or kept.post is None:
            return ""
        await self._again.at(kept.turn)
        found = await self._threads.found(spot)
        return found.of(spot, fingerprint(from_json(kept.post))).posted_as
