"""A workspace: its people, channels and files, and its installation of the app."""

import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass

from tests.fakes.slack.channels import Channel, Kind
from tests.fakes.slack.deliveries import Delivery
from tests.fakes.slack.events import Announcer
from tests.fakes.slack.files import StoredFile
from tests.fakes.slack.interactions import SLACKBOT
from tests.fakes.slack.messages import Message
from tests.fakes.slack.people import User
from tests.fakes.slack.responding import Bot
from tests.fakes.slack.tokens import Token
from tests.fakes.slack.views import View
from tests.fakes.slack.world import World

_PREFIXES: dict[Kind, str] = {"public": "C", "private": "C", "im": "D", "mpim": "C"}


@dataclass
class Group:
    """A user group, such as `@marketing`."""

    group_id: str
    handle: str
    members: list[str]


class Team:
    """One workspace.

    Attributes:
        bot: the app as a member of the workspace.
        author: the same, as the author of messages.
        announcer: tells the app what happens here.
        token: of the installation; None if the app is not installed.
    """

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.name = name
        self.domain = name.lower().replace(" ", "-")
        self.team_id = world.moments.new_id("T")
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.groups: dict[str, Group] = {}
        self.files: dict[str, StoredFile] = {}
        self.views: dict[str, View] = {}
        self.token: Token | None = None
        self._names = {SLACKBOT: "Slackbot"}
        self.bot = self.other_bot(world.app.name)
        self.announcer = Announcer(world, self.team_id, self.bot.user_id)
        self.author = Bot(
            self.bot.user_id,
            self.bot.bot_id,
            world.app.app_id,
            self.team_id,
            world.moments,
            self.announcer,
        )

    @property
    def bot_token(self) -> str:
        """What the app shows to act here."""
        if self.token is None:
            raise AssertionError(f"The app is not installed in {self.name}.")
        return self.token.text

    def install(self) -> Token:
        """Grant the app the scopes that it asks for now."""
        app = self.world.app
        self.take(self.world.tokens.give(self.team_id, app.scopes, rotates=app.rotates_tokens))
        return self.world.tokens.named(self.bot_token)

    def take(self, token: Token) -> None:
        """The app acts with this token from now on."""
        self.token = self.announcer.token = token

    async def uninstalls(self) -> list[Delivery]:
        """Throw the app out; it is told, and its tokens open nothing any more."""
        told = [
            self.announcer.send({"type": "app_uninstalled"}),
            self.announcer.send({"type": "tokens_revoked", "tokens": {"bot": [self.bot.user_id]}}),
        ]
        self.forget()
        return [delivery for delivery in told if delivery]

    def forget(self) -> None:
        """The installation is over."""
        self.world.tokens.revoke(self.team_id)
        self.token = self.announcer.token = None

    def user(self, name: str, *, locale: str = "en-US", email: str = "") -> User:
        """A new person; set the attributes of guests and strangers on what you get."""
        user_id = self.world.moments.new_id("U")
        email = email or f"{name.lower().replace(' ', '.')}@example.org"
        self._names[user_id] = name
        self.users[user_id] = User(self, user_id, name, locale=locale, email=email)
        return self.users[user_id]

    def other_bot(self, name: str) -> User:
        """A bot that says things like anybody else."""
        bot = self.user(name)
        bot.bot_id = self.world.moments.new_id("B")
        return bot

    def channel(
        self,
        name: str,
        members: Sequence[User] = (),
        *,
        kind: Kind = "public",
        with_bot: bool = True,
        is_external: bool = False,
    ) -> Channel:
        """A new channel."""
        ids = [user.user_id for user in members] + ([self.bot.user_id] if with_bot else [])
        channel_id = self.world.moments.new_id(_PREFIXES[kind])
        channel = Channel(channel_id, name, kind, self.team_id, ids, self._names, is_external)
        self.channels[channel_id] = channel
        return channel

    def group(self, handle: str, members: Sequence[User]) -> Group:
        """A new user group."""
        group_id = self.world.moments.new_id("S")
        self.groups[group_id] = Group(group_id, handle, [user.user_id for user in members])
        return self.groups[group_id]

    def direct(self, *users: User) -> Channel:
        """The conversation of these people with the bot; the same again for the same people."""
        ids = {user.user_id for user in users} | {self.bot.user_id}
        kind: Kind = "im" if len(ids) == 2 else "mpim"
        for channel in self.channels.values():
            if channel.kind == kind and set(channel.members) == ids:
                return channel
        return self.channel("-".join(user.name.lower() for user in users), users, kind=kind)

    def channel_of(self, message: Message) -> Channel:
        """Where a message stands."""
        return self.channels[message.channel]

    def expect(self, name: str, *, length: int, description: str) -> StoredFile:
        """A file that the app is about to bring."""
        file_id, now = self.world.moments.new_id("F"), self.world.moments.seconds()
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        about = (self.bot.user_id, self.team_id, "", now, length, "", description)
        self.files[file_id] = StoredFile(file_id, name, b"", kind, *about)
        return self.files[file_id]

    def store(
        self, user: User, channel: Channel, name: str, content: bytes, *, mimetype: str
    ) -> StoredFile:
        """Keep a file that somebody shares."""
        file_id = self.world.moments.new_id("F")
        now = self.world.moments.seconds()
        about = (user.user_id, self.team_id, channel.channel_id, now)
        self.files[file_id] = StoredFile(file_id, name, content, mimetype, *about)
        return self.files[file_id]
