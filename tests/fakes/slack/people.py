"""Somebody in a workspace: what they do, and what the app is told of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.fakes.slack import interactions
from tests.fakes.slack.channels import Channel
from tests.fakes.slack.deliveries import Delivery
from tests.fakes.slack.errors import Json
from tests.fakes.slack.escapes import escaped
from tests.fakes.slack.messages import Message
from tests.fakes.slack.views import View

if TYPE_CHECKING:
    from tests.fakes.slack.team import Team


@dataclass(eq=False)
class User:
    """A person or a bot.

    Everything that a person does is awaited, and is told to the app without waiting for it.

    Attributes:
        bot_id: of bots; empty for people.
        is_restricted: a guest of several channels.
        is_ultra_restricted: a guest of one channel.
        is_stranger: from another organisation, met in a shared channel.
        home_team: id of the workspace of strangers; empty for one's own.
        modals: what is open, the uppermost last.
        home: what the app shows on its home tab.
    """

    team: "Team"
    user_id: str
    name: str
    locale: str = "en-US"
    email: str = ""
    timezone: str = "Europe/Madrid"
    bot_id: str = ""
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    home_team: str = ""
    is_admin: bool = False
    is_deactivated: bool = False
    modals: list[View] = field(default_factory=list)
    home: View | None = None

    @property
    def modal(self) -> View | None:
        """The view that they have before them."""
        return self.modals[-1] if self.modals else None

    async def says(
        self,
        channel: Channel,
        text: str,
        *,
        thread: Message | None = None,
        blocks: Sequence[Json] = (),
        files: Sequence[Json] = (),
    ) -> Message:
        """Write a message into a channel or a thread; mentions and links are typed as `<...>`."""
        message = Message(
            channel.channel_id,
            self.home_team or self.team.team_id,
            self.team.world.moments.ts(),
            self.user_id,
            escaped(text),
            bot_id=self.bot_id,
            blocks=list(blocks),
            thread_ts=thread.root if thread else None,
            files=list(files),
        )
        channel.add(message)
        self.team.announcer.said(channel, message)
        await asyncio.sleep(0)  # what was just said is on its way before more is said
        return message

    async def mentions(
        self, channel: Channel, text: str, *, thread: Message | None = None
    ) -> Message:
        """Write a message that begins with the bot's name."""
        return await self.says(channel, f"<@{self.team.bot.user_id}> {text}", thread=thread)

    async def writes_to_bot(self, text: str, *, thread: Message | None = None) -> Message:
        """Write the bot a direct message."""
        return await self.says(self.team.direct(self), text, thread=thread)

    async def edits(self, message: Message, text: str) -> None:
        """Change a message of one's own."""
        previous = message.as_json()
        message.put(escaped(text), [])
        message.is_edited = True
        message.edited_ts = f"{self.team.world.moments.seconds()}.000000"  # Slack tells the second
        self.team.announcer.edited(self.team.channel_of(message), message, previous)
        await asyncio.sleep(0)

    async def deletes(self, message: Message) -> None:
        """Take a message back."""
        message.is_deleted = True
        self.team.announcer.deleted(self.team.channel_of(message), message)
        await asyncio.sleep(0)

    async def uploads(
        self,
        channel: Channel,
        name: str,
        content: bytes,
        *,
        mimetype: str = "text/plain",
        text: str = "",
        thread: Message | None = None,
    ) -> Message:
        """Share a file in a channel, with some words."""
        stored = self.team.store(self, channel, name, content, mimetype=mimetype)
        file = stored.as_json(self.team.world.url)
        message = await self.says(channel, text, thread=thread, files=[file])
        shared: Json = {"type": "file_shared", "file_id": stored.file_id, "user_id": self.user_id}
        self.team.announcer.send(
            shared | {"channel_id": channel.channel_id, "event_ts": message.ts}
        )
        return message

    async def reacts(self, message: Message, name: str) -> Delivery | None:
        """Put an emoji on a message."""
        message.reactions.setdefault(name, []).append(self.user_id)
        return self._tell_reaction("reaction_added", message, name)

    async def unreacts(self, message: Message, name: str) -> Delivery | None:
        """Take it away again."""
        message.reactions[name].remove(self.user_id)
        return self._tell_reaction("reaction_removed", message, name)

    async def runs(self, command: str, text: str, channel: Channel) -> Delivery:
        """Use a slash command; its answer appears when the app acknowledges."""
        return interactions.command(self, command, text, channel)

    async def clicks(
        self, place: Message | View, action_id: str, choice: object = None
    ) -> Delivery:
        """Press a button, or pick something, in a message or a view.

        Args:
            place: where it stands.
            action_id: of the button.
            choice: the value of an option; `positive` or `negative` for feedback buttons.
        """
        return interactions.click(self, place, action_id, choice)

    async def submits(self, view: View, values: Json) -> Delivery:
        """Send a modal; await `settled()` to see what the app made of it."""
        return interactions.submit(self, view, values)

    async def closes(self, view: View) -> Delivery | None:
        """Close a modal; the app is told if it asked for that."""
        return interactions.close(self, view)

    async def uses_shortcut(self, callback_id: str, message: Message | None = None) -> Delivery:
        """Use a shortcut, on a message or from anywhere."""
        return interactions.shortcut(self, callback_id, message)

    async def presses_stop(self, message: Message) -> Delivery:
        """Stop the agent in the thread of a message.

        Raises:
            AssertionError: there is no stop button, because nothing is under way or the app is
                not subscribed to `agent_session_stopped`.
        """
        return interactions.stop(self, self.team.channel_of(message), message.root)

    async def opens_app(self, tab: str = "messages") -> Delivery | None:
        """Look at the app: `messages` or `home`."""
        event: Json = {"type": "app_home_opened", "user": self.user_id, "tab": tab}
        channel = self.team.direct(self).channel_id
        now = self.team.world.moments.ts()
        if self.home:
            event["view"] = self.home.as_json()
        return self.team.announcer.send(event | {"channel": channel, "event_ts": now})

    async def looks_at(self, channel: Channel) -> Delivery | None:
        """Look at a channel beside the app."""
        entity = {"type": "slack#/entities/channel", "value": channel.channel_id}
        event: Json = {"type": "app_context_changed", "user": self.user_id}
        context = {"entities": [entity | {"team_id": self.team.team_id}]}
        now = self.team.world.moments.ts()
        return self.team.announcer.send(event | {"context": context, "event_ts": now})

    async def joins(self, channel: Channel) -> Delivery | None:
        """Become a member."""
        channel.members.append(self.user_id)
        return self._tell_membership("member_joined_channel", channel)

    async def leaves(self, channel: Channel) -> Delivery | None:
        """Be a member no more."""
        channel.members.remove(self.user_id)
        return self._tell_membership("member_left_channel", channel)

    def _tell_reaction(self, name: str, message: Message, emoji: str) -> Delivery | None:
        item = {"type": "message", "channel": message.channel, "ts": message.ts}
        event: Json = {"type": name, "user": self.user_id, "reaction": emoji, "item": item}
        if self.team.bot.user_id not in self.team.channel_of(message).members:
            return None
        more = {"item_user": message.author, "event_ts": self.team.world.moments.ts()}
        return self.team.announcer.send(event | more)

    def _tell_membership(self, name: str, channel: Channel) -> Delivery | None:
        is_told = self.team.bot.user_id in (self.user_id, *channel.members)
        event: Json = {
            "type": name,
            "user": self.user_id,
            "channel": channel.channel_id,
            "channel_type": "C" if channel.kind == "public" else "G",
            "team": self.team.team_id,
            "event_ts": self.team.world.moments.ts(),
        }
        return self.team.announcer.send(event) if is_told else None

    def as_json(self, *, with_locale: bool = False) -> Json:
        """The person as `users.info` has them."""
        profile = {"real_name": self.name, "display_name": self.name, "email": self.email}
        value: Json = {
            "id": self.user_id,
            "team_id": self.home_team or self.team.team_id,
            "name": self.name.lower(),
            "real_name": self.name,
            "deleted": self.is_deactivated,
            "tz": self.timezone,
            "profile": profile | ({"bot_id": self.bot_id} if self.bot_id else {}),
            "is_admin": self.is_admin,
            "is_owner": False,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": self.is_ultra_restricted,
            "is_bot": bool(self.bot_id),
            "is_app_user": False,
        }
        if self.is_stranger:
            value["is_stranger"] = True
        return value | ({"locale": self.locale} if with_locale else {})
