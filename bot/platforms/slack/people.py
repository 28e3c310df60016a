"""Who is who in a workspace: guests, strangers, groups, and who is in which channel."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.platforms.slack.calling import Calls
from bot.platforms.slack.errors import SlackRefusedError, SlackScopeError
from bot.platforms.slack.memory import Memory
from bot.platforms.slack.spot import NAME
from bot.platforms.slack.workspaces import Workspaces
from knowledge.sources.website.pace import Clock

FRESH_S = 45.0
"""Who belongs to what may be so old: a right that is withdrawn ends within a minute."""
PAGE = 1000
MOST_PAGES = 100
KINDS = "public_channel,private_channel"
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody as Slack knows them.

    Attributes:
        is_outsider: a guest, somebody of another organisation, a bot, or unknown.
        locale: such as `es-ES`; empty where Slack does not tell.
        bot: the other id of a bot, by which Slack shows it to people; empty for people.
    """

    is_outsider: bool
    locale: str = ""
    bot: str = ""


class People:
    """Asks Slack who is who, at most once within a while."""

    def __init__(self, workspaces: Workspaces, clock: Clock) -> None:
        self._workspaces = workspaces
        self._members: Memory[Member] = Memory(clock, FRESH_S)
        self._rosters: Memory[frozenset[str]] = Memory(clock, FRESH_S)
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
            is_of = _is_of(user_, team) and not user_.get("deleted") and not user_.get("is_bot")
            bot = (user_.get("profile") or {}).get("bot_id") or ""
            return Member(not is_of, user_.get("locale") or "", str(bot))

        return await self._members.get((team, user), ask)

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
            pages = self._pages(team, "conversations_members", "members", channel=name)
            return frozenset([member async for member in pages])

        about = await self.channel(team, name)
        if not about or any(about.get(f"is_{kind}shared") for kind in ("", "ext_", "org_")):
            return True
        members = await self._lists.get((team, "members", name), ask)
        return not members <= await self._insiders(team)

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

    async def _insiders(self, team: str) -> frozenset[str]:
        """Everybody of the team, guests left out.

        The apps that the workspace has installed are of it: those who let them in gave them what
        they may read. Else one calendar app would close a channel. What asks for itself is judged
        by `member`: no bot is told what is for the team.
        """

        async def ask() -> frozenset[str]:
            pages = self._pages(team, "users_list", "members")
            # Who has left reads nothing any more, whoever that was.
            return frozenset(
                [one["id"] async for one in pages if one.get("deleted") or _is_of(one, team)]
            )

        return await self._rosters.get(team, ask)

    async def _channels_of(self, team: str, user: str) -> frozenset[str]:
        async def ask() -> frozenset[str]:
            pages = self._pages(team, "users_conversations", "channels", user=user, types=KINDS)
            return frozenset([one["id"] async for one in pages])

        return await self._lists.get((team, "channels", user), ask)

    async def _groups_of(self, team: str, user: str) -> frozenset[str]:
        async def ask() -> Mapping[str, frozenset[str]]:
            return await _groups(await self._workspaces.calls(team))

        try:
            groups = await self._groups.get(team, ask)
        except SlackScopeError:  # groups are worth a scope only where a source names some
            return frozenset()
        return frozenset(name for name, users in groups.items() if user in users)

    async def _pages(
        self, team: str, method: str, what: str, **arguments: object
    ) -> AsyncIterator[Any]:
        calls = await self._workspaces.calls(team)
        cursor = ""
        for _ in range(MOST_PAGES):
            more = {"cursor": cursor} if cursor else {}
            said = await calls.surely(method, limit=PAGE, **arguments, **more)
            for one in said[what]:
                yield one
            cursor = (said.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                return


async def _groups(calls: Calls) -> Mapping[str, frozenset[str]]:
    said = await calls.surely("usergroups_list", include_users=True)
    return {one["id"]: frozenset(one.get("users", ())) for one in said["usergroups"]}


def _is_of(user: Json, team: str) -> bool:
    """Whether somebody is of the team: no guest, and of no other organisation."""
    guests = ("is_restricted", "is_ultra_restricted", "is_stranger")
    return user.get("team_id") == team and not any(user.get(kind) for kind in guests)
