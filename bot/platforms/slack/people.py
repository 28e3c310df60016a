"""Who is who in a workspace: guests, strangers, groups, and who is in which channel."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from bot.egress import cleaned
from bot.platforms.slack.calling import Calls
from bot.platforms.slack.errors import SlackRefusedError, SlackScopeError
from bot.platforms.slack.memory import Memory
from bot.platforms.slack.roster import PAGE, Json, Roster, is_harmless, is_of
from bot.platforms.slack.spot import NAME
from bot.platforms.slack.workspaces import Workspaces
from knowledge.errors import TertuliaError
from knowledge.sources.website.pace import Clock

FRESH_S = 45.0
"""Who belongs to what may be so old: a right that is withdrawn ends within a minute."""
FEW = 30
"""So many members of a channel are asked for one by one where the team is large."""
MOST_NAMED, NAMED_WITHIN_S = 50, 3.0
"""So many people of a text are called by their names, if Slack tells these soon."""
LONGEST_NAME = 80
KINDS = "public_channel,private_channel"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody as Slack knows them.

    Attributes:
        is_outsider: a guest, somebody of another organisation, a bot, or unknown.
        closes_channels: whether what is for the team is not said where they read along: not before
            guests and strangers; an app was let in, and who has left reads nothing any more.
        locale: such as `es-ES`; empty where Slack does not tell.
        bot: the other id of a bot, by which Slack shows it to people; empty for people.
        name: what others call them, in one line; empty where Slack does not tell.
    """

    is_outsider: bool
    locale: str = ""
    bot: str = ""
    closes_channels: bool = True
    name: str = ""


class People:
    """Asks Slack who is who, at most once within a while."""

    def __init__(self, workspaces: Workspaces, clock: Clock) -> None:
        self._workspaces = workspaces
        self._members: Memory[Member] = Memory(clock, FRESH_S)
        self._roster = Roster(workspaces, clock, FRESH_S)
        self._lists: Memory[frozenset[str]] = Memory(clock, FRESH_S)
        self._channels: Memory[Json] = Memory(clock, FRESH_S)
        self._groups: Memory[Mapping[str, frozenset[str]]] = Memory(clock, FRESH_S)

    async def member(self, team: str, user: str) -> Member:
        """Somebody who has written here."""

        async def ask() -> Member:
            calls = await self._workspaces.calls(team)
            try:
                said = await calls.surely("users_info", user=user, include_locale=True)
            except SlackScopeError:
                raise
            except SlackRefusedError:
                return Member(is_outsider=True)
            user_ = said["user"]
            is_ours = is_of(user_, team) and not user_.get("deleted") and not user_.get("is_bot")
            bot = (user_.get("profile") or {}).get("bot_id") or ""
            locale, closes = user_.get("locale") or "", not is_harmless(user_, team)
            return Member(not is_ours, locale, str(bot), closes, _name(user_))

        return await self._members.get((team, user), ask)

    async def names(self, team: str, users: Iterable[str]) -> dict[str, str]:
        """What people are called, bots and strangers too; without those whom Slack does not tell.

        Nobody is asked for before a message is acknowledged: that may take seconds.
        """
        asked = list(dict.fromkeys(users))[:MOST_NAMED]
        found = await asyncio.gather(*(self._name_of(team, one) for one in asked))
        return {user: name for user, name in zip(asked, found, strict=True) if name}

    async def _name_of(self, team: str, user: str) -> str:
        with suppress(TertuliaError, TimeoutError):
            async with asyncio.timeout(NAMED_WITHIN_S):
                return (await self.member(team, user)).name
        return ""

    def locale(self, team: str, user: str) -> str:
        """The locale of somebody, if it is known already."""
        known = self._members.known((team, user))
        return known.locale if known else ""

    async def channel(self, team: str, name: str) -> Json:
        """A channel as `conversations.info` has it; empty where Slack does not tell."""

        async def ask() -> Json:
            calls = await self._workspaces.calls(team)
            try:
                said: Json = (await calls.surely("conversations_info", channel=name))["channel"]
            except SlackScopeError:
                raise
            except SlackRefusedError:
                return {}
            return said

        return await self._channels.get((team, name), ask)

    async def has_outsiders(self, team: str, name: str) -> bool:
        """Whether anybody but the team can read a channel, or that cannot be told."""

        async def ask() -> frozenset[str]:
            calls = await self._workspaces.calls(team)
            asked = {"channel": name, "limit": PAGE}
            found = calls.pages("conversations_members", "members", asked)
            return frozenset([member async for member in found])

        about = await self.channel(team, name)
        if not about or any(about.get(f"is_{kind}shared") for kind in ("", "ext_", "org_")):
            return True
        members = await self._lists.get((team, "members", name), ask)
        return not await self._are_harmless(team, members)

    async def principals(self, team: str, user: str) -> frozenset[str]:
        """The channels and groups that somebody of the team is in.

        In their short form as well, but where there are several workspaces: it would be anybody's.
        """
        channels, groups = await self._channels_of(team, user), await self._groups_of(team, user)
        found = {f"{NAME}:{team}:user:{user}"}
        found |= {f"{NAME}:{team}:chan:{one}" for one in channels}
        found |= {f"{NAME}:{team}:group:{one}" for one in groups}
        if not self._workspaces.are_many:
            found |= {f"{NAME}:{one}" for one in channels | groups}
        return frozenset(found)

    async def _are_harmless(self, team: str, members: frozenset[str]) -> bool:
        """Whether what is for the team may be said before all of these.

        Nobody waits until all the people of a large team are read, but once.
        """
        roster = await self._roster.at_once(team)
        if roster is not None:
            return members <= roster
        unknown = members if len(members) <= FEW else members - await self._roster.whole(team)
        if len(unknown) > FEW:
            return False
        found = await asyncio.gather(*(self.member(team, one) for one in unknown))
        return not any(one.closes_channels for one in found)

    async def _channels_of(self, team: str, user: str) -> frozenset[str]:
        async def ask() -> frozenset[str]:
            calls = await self._workspaces.calls(team)
            asked = {"user": user, "types": KINDS, "limit": PAGE}
            found = calls.pages("users_conversations", "channels", asked)
            return frozenset([one["id"] async for one in found])

        return await self._lists.get((team, "channels", user), ask)

    async def _groups_of(self, team: str, user: str) -> frozenset[str]:
        async def ask() -> Mapping[str, frozenset[str]]:
            try:
                return await _groups(await self._workspaces.calls(team))
            except SlackRefusedError:
                # Without the scope, which only sources that name groups are worth, or where the
                # workspace pays for none.
                return {}

        groups = await self._groups.get(team, ask)
        return frozenset(name for name, users in groups.items() if user in users)


def _name(user: Json) -> str:
    """As clients of Slack show it; it is chosen freely."""
    profile = user.get("profile") or {}
    found = (profile.get("display_name"), profile.get("real_name"), user.get("name"))
    line = next((" ".join(cleaned(str(one)).split()) for one in found if one), "")
    return line[:LONGEST_NAME].strip()


async def _groups(calls: Calls) -> Mapping[str, frozenset[str]]:
    said = await calls.surely("usergroups_list", include_users=True)
    return {one["id"]: frozenset(one.get("users", ())) for one in said["usergroups"]}
