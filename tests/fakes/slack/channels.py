"""A place where people talk: public, private, direct, or a direct one of several."""

from dataclasses import dataclass, field
from typing import Literal

from tests.fakes.slack.errors import Json, RefusedError
from tests.fakes.slack.messages import Message
from tests.fakes.slack.transcript import Transcript, read

Kind = Literal["public", "private", "im", "mpim"]
STATUS_LIFE_S = 120.0

# How Slack names a kind: in `channel_type`, in the names of message events, and in scopes.
TYPES = {"public": "channel", "private": "group", "im": "im", "mpim": "mpim"}
FAMILIES = {"public": "channels", "private": "groups", "im": "im", "mpim": "mpim"}


@dataclass
class Status:
    """What an assistant says it is doing, such as `is thinking...`."""

    text: str
    since: float
    loading: list[str] = field(default_factory=list)


@dataclass
class Session:
    """An agent's session in a thread."""

    status: str
    title: str = ""


@dataclass
class Channel:
    """A channel and everything that was said in it.

    Attributes:
        members: ids of people and bots.
        names: ids of everybody with their names, shared with the workspace.
        is_external: people of another organisation are in it (Slack Connect).
        statuses: by thread.
        sessions: by thread.
        prompts: suggestions that an assistant has put up, by thread.
        titles: of assistant threads.
    """

    channel_id: str
    name: str
    kind: Kind
    team_id: str
    members: list[str]
    names: dict[str, str]
    is_external: bool = False
    is_archived: bool = False
    messages: list[Message] = field(default_factory=list)
    statuses: dict[str, Status] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    prompts: dict[str, list[Json]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    status_log: list[tuple[str, Status]] = field(default_factory=list)

    def transcript(self) -> Transcript:
        """What people see, in order."""
        return read(self.messages, self.names)

    def add(self, message: Message) -> Message:
        """Somebody has said something; a status in its thread is over with it."""
        self.messages.append(message)
        if message.bot_id and message.only_for is None:
            self.statuses.pop(message.root, None)
        return message

    def message(self, ts: str) -> Message:
        """The message with this time stamp, ephemeral ones left out.

        Raises:
            RefusedError: there is none any more.
        """
        for message in reversed(self.messages):
            if message.ts == ts and not message.is_deleted and message.only_for is None:
                return message
        raise RefusedError("message_not_found")

    def status(self, thread: str, now: float) -> str:
        """What people see below a thread at this time; empty after two minutes."""
        status = self.statuses.get(thread)
        if status is None or now >= status.since + STATUS_LIFE_S:
            return ""
        return status.text

    def as_json(self, *, bot: str) -> Json:
        """The channel as `conversations.info` has it."""
        value: Json = {
            "id": self.channel_id,
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": self.kind == "public",
            "is_group": self.kind == "private",
            "is_im": self.kind == "im",
            "is_mpim": self.kind == "mpim",
            "is_private": self.kind != "public",
            "is_archived": self.is_archived,
            "is_general": self.name == "general",
            "is_shared": self.is_external,
            "is_ext_shared": self.is_external,
            "is_org_shared": False,
            "is_member": bot in self.members,
            "context_team_id": self.team_id,
            "num_members": len(self.members),
            "topic": {"value": "", "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
        }
        if self.kind == "im":
            value["user"] = next((member for member in self.members if member != bot), "")
        return value
