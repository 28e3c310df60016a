"""A method of the Web API: what it needs, how often it may be called, what it does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from tests.fakes.slack.arguments import Arguments
from tests.fakes.slack.channels import FAMILIES, Channel
from tests.fakes.slack.errors import Json, RefusedError
from tests.fakes.slack.people import User
from tests.fakes.slack.team import Team
from tests.fakes.slack.tokens import Token
from tests.fakes.slack.world import World

Area = Literal["read", "history"]


@dataclass(frozen=True)
class Caller:
    """The app, in the workspace whose token it shows."""

    world: World
    team: Team
    token: Token

    @property
    def bot(self) -> str:
        """The id of its bot user."""
        return self.team.bot.user_id

    @property
    def now(self) -> float:
        """Seconds on the clock of the test."""
        return self.world.moments.now()

    def need(self, *scopes: str) -> None:
        """Any one of these scopes is needed.

        Raises:
            RefusedError: the token has none of them.
        """
        if scopes and not set(scopes) & set(self.token.scopes):
            provided = ",".join(self.token.scopes)
            raise RefusedError("missing_scope", needed=",".join(scopes), provided=provided)

    def channel(self, channel_id: str) -> Channel:
        """A channel that the app may know of: public ones, and those that it is in."""
        channel = self.team.channels.get(channel_id)
        if channel is None or (channel.kind != "public" and self.bot not in channel.members):
            raise RefusedError("channel_not_found")
        return channel

    def channel_for(self, area: Area, channel_id: str) -> Channel:
        """A channel that the app may read from, by the scope for its kind."""
        channel = self.channel(channel_id)
        self.need(f"{FAMILIES[channel.kind]}:{area}")
        if area == "history" and self.bot not in channel.members:
            raise RefusedError("not_in_channel")
        return channel

    def channel_to_write(self, channel_id: str) -> Channel:
        """A channel that the app may write to; for a person, the conversation with them."""
        if channel_id in self.team.users:
            return self.team.direct(self.team.users[channel_id])
        channel = self.channel(channel_id)
        if self.bot not in channel.members:
            raise RefusedError("not_in_channel")
        if channel.is_archived:
            raise RefusedError("is_archived")
        return channel

    def user(self, user_id: str) -> User:
        """Somebody of the workspace."""
        user = self.team.users.get(user_id)
        if user is None:
            raise RefusedError("user_not_found")
        return user


Run = Callable[[Caller, Arguments], Json]


@dataclass(frozen=True)
class Method:
    """One method.

    Attributes:
        scopes: any one of them is enough; methods that depend on a channel ask for more.
        tier: 1 to 4, as Slack's pages have it; None where others rules hold.
        is_per_channel: about one a second in each channel, in the place of a tier.
    """

    run: Run
    scopes: tuple[str, ...] = ()
    tier: int | None = 3
    is_per_channel: bool = False


Methods = Mapping[str, Method]


def page_of(items: list[Json], arguments: Arguments, name: str, *, limit: int = 100) -> Json:
    """One page of a list, with the cursor of the next one."""
    size = min(arguments.number("limit", limit) or limit, 1_000)
    cursor = arguments.text("cursor", "page:0")
    if not cursor.removeprefix("page:").isdecimal():
        raise RefusedError("invalid_cursor")
    begin = int(cursor.removeprefix("page:"))
    following = f"page:{begin + size}" if begin + size < len(items) else ""
    return {
        "ok": True,
        name: items[begin : begin + size],
        "has_more": bool(following),
        "response_metadata": {"next_cursor": following},
    }
