"""Who asks and who reads along: what is not known for sure counts as a stranger's."""

import asyncio
from dataclasses import replace

from bot.desk import Desk
from bot.places import Person, Place
from bot.platforms import Whereabouts
from bot.platforms.slack import backfill
from bot.platforms.slack.attachments import Attachments
from bot.platforms.slack.local import LOOK_UP_S
from bot.platforms.slack.people import People
from bot.platforms.slack.spoken import unnamed, with_names
from bot.platforms.slack.spot import NAME, Spot
from bot.platforms.slack.workspaces import Workspaces
from bot.wording import say
from knowledge.conversations import Message
from knowledge.errors import TertuliaError


class Lookout:
    """Finds out who asks and who reads along, for each turn anew."""

    def __init__(
        self, desk: Desk, people: People, workspaces: Workspaces, attachments: Attachments
    ) -> None:
        self._desk, self._people = desk, people
        self._workspaces, self._attachments = workspaces, attachments

    async def whereabouts(self, spot: Spot) -> Whereabouts:
        """Who asks, and who reads the reply.

        Raises:
            SlackUnavailableError: Slack does not tell just now.
            SlackScopeError: Slack will not tell us.
        """
        place = None if spot.is_direct or spot.is_private else await self._place(spot)
        return Whereabouts(await self.person(spot), place)

    async def may_read(self, spot: Spot) -> bool:
        """Whether we may read what is said in a channel; so we take it where that is not told."""
        try:
            async with asyncio.timeout(LOOK_UP_S):
                about = await self._people.channel(spot.team, spot.channel)
        except (TertuliaError, TimeoutError):
            return True
        return bool(about) and about.get("is_member") is not False

    async def named(self, spot: Spot, text: str) -> str:
        """What somebody has said, with names in the place of ids as far as Slack tells them."""
        return with_names(text, await self._people.names(spot.team, unnamed([text])))

    async def with_texts(self, found: Whereabouts, spot: Spot, language: str) -> Whereabouts:
        """The same with what came with the question, and what was said before it."""
        attached, unread = await self._attachments.read(spot, language)
        if spot.reads_thread:
            title = say("this-thread", language)
            said = await backfill.thread(self._workspaces, self._people, spot, title)
            attached = (*attached, *([said] if said else []))
        earlier = await self._earlier(spot)
        return replace(found, attached=attached, unread=unread, earlier=earlier)

    async def _earlier(self, spot: Spot) -> tuple[Message, ...]:
        is_inside = spot.thread not in ("", spot.ts) and not spot.is_direct and not spot.is_private
        if not is_inside or await self._desk.remembers(spot.conversation):
            return ()
        return await backfill.said_before(self._workspaces, self._people, spot)

    async def person(self, spot: Spot) -> Person:
        """Whoever asks, with everything that holds for them."""
        member = await self._people.member(spot.team, spot.user)
        ids = filter(None, (spot.user, member.bot))
        names = {name for one in ids for name in spot.person_names(one)}
        if not spot.is_direct:
            names |= set(spot.channel_names)
        if not member.is_outsider:
            names |= await self._people.principals(spot.team, spot.user)
            names.add(f"{NAME}:{spot.team}")
        return Person(spot.author, frozenset(names), member.is_outsider)

    async def _place(self, spot: Spot) -> Place:
        first, *more = spot.channel_names
        has_outsiders = await self._people.has_outsiders(spot.team, spot.channel)
        also = more if has_outsiders else [*more, f"{NAME}:{spot.team}"]
        return Place(first, has_outsiders, frozenset(also))
