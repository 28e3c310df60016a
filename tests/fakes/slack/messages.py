"""A message as Slack keeps it, and as it tells apps of it."""

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Literal

from tests.fakes.slack.errors import Json
from tests.fakes.slack.limits import TEXT_CUT

StreamState = Literal["streaming", "completed", "expired", "stopped"]
STREAM_LIFE_S = 300.0


@dataclass
class Stream:
    """What makes a message a streamed one.

    Attributes:
        started_at: seconds on the clock of the test; five minutes later Slack closes it.
        tasks: task cards by id, each as the app has described it last.
        blocks: what came in chunks; the message's own blocks are those of its end.
        chunks: everything that came, in order, for a look at what was sent.
    """

    started_at: float
    recipient: str | None = None
    display: str = "timeline"
    ended: StreamState = "streaming"
    text: str = ""
    plan: str = ""
    tasks: dict[str, Json] = field(default_factory=dict)
    blocks: list[Json] = field(default_factory=list)
    chunks: list[Json] = field(default_factory=list)

    def state(self, now: float) -> StreamState:
        """What Slack makes of it at this time."""
        if self.ended == "streaming" and now >= self.started_at + STREAM_LIFE_S:
            self.ended = "expired"
        return self.ended

    def clear(self) -> None:
        """Something else was written in its place; what came is still in `chunks`."""
        self.text = self.plan = ""
        self.tasks, self.blocks = {}, []


@dataclass
class Message:
    """Something that stands, or stood, in a channel.

    Attributes:
        author: id of the person or bot user.
        bot_id: of a bot, empty for people.
        thread_ts: of a reply, the time stamp of the message that it answers.
        only_for: id of the one person who sees it, for ephemeral messages.
        arguments: with what an app posted it, such as `unfurl_links`.
    """

    channel: str
    team_id: str
    ts: str
    author: str
    text: str = ""
    bot_id: str = ""
    app_id: str = ""
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    metadata: Json | None = None
    files: list[Json] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    only_for: str | None = None
    is_edited: bool = False
    edited_ts: str = ""
    is_deleted: bool = False
    stream: Stream | None = None
    arguments: Json = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.put(self.text, self.blocks)

    def put(self, text: str, blocks: list[Json]) -> None:
        """Give it this text and these blocks; Slack cuts long texts, and names nameless blocks."""
        self.text = text[:TEXT_CUT]
        self.blocks = with_names(blocks)

    @property
    def root(self) -> str:
        """The time stamp of the thread that it is in, or would begin."""
        return self.thread_ts or self.ts

    def as_json(self, *, with_metadata: bool = True) -> Json:
        """The message as histories and events have it."""
        value: Json = {
            "type": "message",
            "user": self.author,
            "ts": self.ts,
            "text": self.stream.text if self.stream else self.text,
            "team": self.team_id,
            "blocks": [*(self.stream.blocks if self.stream else ()), *self.blocks],
        }
        if self.bot_id:
            value |= {"bot_id": self.bot_id, "app_id": self.app_id}
        if self.thread_ts:
            value["thread_ts"] = self.thread_ts
        if self.files:
            value |= {"files": self.files, "subtype": "file_share", "upload": False}
        if self.is_edited:
            value["edited"] = {"user": self.author, "ts": self.edited_ts or self.ts}
        if self.metadata and with_metadata:
            value["metadata"] = self.metadata
        if self.reactions:
            value["reactions"] = [
                {"name": name, "users": users, "count": len(users)}
                for name, users in self.reactions.items()
            ]
        return value


def with_names(blocks: list[Json]) -> list[Json]:
    """The blocks with a `block_id` each, and an `action_id` for each thing to press."""
    named = []
    for number, block in enumerate(deepcopy(blocks)):
        copy = {**block, "block_id": block.get("block_id") or f"b{number}"}
        if isinstance(copy.get("elements"), list) and copy["type"] != "rich_text":
            copy["elements"] = [
                {**element, "action_id": element.get("action_id") or f"a{number}.{place}"}
                if element.get("type") not in ("mrkdwn", "plain_text", "image")
                else element
                for place, element in enumerate(copy["elements"])
            ]
        named.append(copy)
    return named
