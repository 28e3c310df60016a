"""What the app is told of what happens in a workspace."""

import re

from tests.fakes.slack.channels import FAMILIES, TYPES, Channel
from tests.fakes.slack.deliveries import Delivery
from tests.fakes.slack.errors import Json
from tests.fakes.slack.messages import Message
from tests.fakes.slack.tokens import Token
from tests.fakes.slack.world import World

# What a token must allow before Slack sends an event to its app.
_SCOPES = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "file_shared": "files:read",
    "agent_session_stopped": "chat:write",
}


class Announcer:
    """Tells the app, if it wants to know and may.

    Attributes:
        bot: id of the app's bot user in this workspace.
        token: what the workspace granted; without it nothing is told.
    """

    def __init__(self, world: World, team_id: str, bot: str) -> None:
        self.token: Token | None = None
        self._world = world
        self._team_id = team_id
        self._bot = bot

    def send(
        self, event: Json, *, name: str | None = None, is_external: bool = False
    ) -> Delivery | None:
        """Send an event; None if the app is not subscribed, not installed, or lacks the scope."""
        name = name or str(event["type"])
        scope = _SCOPES.get(name)
        if self.token is None or name not in self._world.app.events:
            return None
        if scope and scope not in self.token.scopes:
            return None
        callback = self._callback(event) | {"is_ext_shared_channel": is_external}
        return self._world.deliveries.send("events_api", callback)

    def message(self, channel: Channel, event: Json) -> Delivery | None:
        """Send an event of the family `message`, if the app is in the channel."""
        if self._bot not in channel.members:
            return None
        where = {"channel": channel.channel_id, "channel_type": TYPES[channel.kind]}
        name = f"message.{FAMILIES[channel.kind]}"
        told = {"type": "message", **event, **where}
        return self.send(told, name=name, is_external=channel.is_external)

    def said(self, channel: Channel, message: Message) -> list[Delivery]:
        """A new message: as a mention, if it is one, and as what it is."""
        event = message.as_json() | {"event_ts": message.ts}
        if message.author != self._bot and not message.bot_id:
            event |= {"client_msg_id": f"client-{message.ts}", "user_team": message.team_id}
        if message.thread_ts:
            roots = (m.author for m in channel.messages if m.ts == message.thread_ts)
            event["parent_user_id"] = next(roots, "")
        steps = [self._mention, self.message]
        if self._world.faults.are_mentions_last:
            steps.reverse()
        return [delivery for step in steps if (delivery := step(channel, event))]

    def edited(self, channel: Channel, message: Message, previous: Json) -> Delivery | None:
        """A message reads otherwise now."""
        now = self._world.moments.ts()
        told = message.as_json()
        if any(one.thread_ts == message.ts for one in channel.messages):
            told["thread_ts"] = message.ts  # so Slack has it, of what has replies
        event = {"subtype": "message_changed", "message": told, "hidden": True}
        return self.message(
            channel, event | {"previous_message": previous, "ts": now, "event_ts": now}
        )

    def deleted(self, channel: Channel, message: Message) -> Delivery | None:
        """A message is gone."""
        now = self._world.moments.ts()
        event = {"subtype": "message_deleted", "deleted_ts": message.ts, "hidden": True}
        previous = {"previous_message": message.as_json(), "ts": now, "event_ts": now}
        return self.message(channel, event | previous)

    def _mention(self, channel: Channel, event: Json) -> Delivery | None:
        names = re.findall(r"<@(\w+)", event["text"])
        is_told = channel.kind != "im" and self._bot in channel.members
        if not is_told or self._bot not in names or event["user"] == self._bot:
            return None
        told = event | {"type": "app_mention", "channel": channel.channel_id}
        return self.send(told, is_external=channel.is_external)

    def _callback(self, event: Json) -> Json:
        return {
            "token": "fake-verification-token",
            "team_id": self._team_id,
            "context_team_id": self._team_id,
            "api_app_id": self._world.app.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": self._world.moments.new_id("Ev"),
            "event_time": self._world.moments.seconds(),
            "authorizations": [
                {
                    "team_id": self._team_id,
                    "user_id": self._bot,
                    "is_bot": True,
                    "enterprise_id": None,
                }
            ],
            "event_context": f"4-{self._world.moments.new_id('')}",
        }
