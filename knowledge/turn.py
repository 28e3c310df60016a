"""One message that wants an answer, and how it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, Column, Integer, String, Table

from knowledge.columns import Written
from knowledge.conversations import now
from knowledge.instants import Instant
from knowledge.schema import METADATA

State = Literal["received", "running", "answered", "posted", "told", "withdrawn", "dead", "over"]
"""`answered` is stored and not yet posted; `told` was told why there is no answer; `dead` could not
be told, either; `over` was over a limit."""
OPEN: tuple[State, ...] = ("received", "running", "answered")
WORDS = "words"
"""The part of a place that holds what people wrote, such as the names of files."""
TOO_MUCH, NOT_FOR_THEM = 1, 2
"""Why a turn is refused; 0 where it is not."""
FREE_EDITS = 2
"""So often a question may be put right; whoever edits it more often has asked once more."""

NOBODY = ""
"""The author of what nobody asks for just then, such as a reminder."""

TURNS = Table(
    "turns",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("platform", String, nullable=False),
    Column("conversation", String, nullable=False, index=True),
    Column("author", String, nullable=False),
    Column("text", Written, nullable=False),
    Column("place", JSON, nullable=False),
    Column("locale", String, nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("state", String, nullable=False, index=True),
    Column("tries", Integer, nullable=False),
    Column("owner", String, nullable=False),
    Column("post", JSON),
    Column("posted_as", String, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("channel", String, nullable=False, server_default="", index=True),
    Column("edits", Integer, nullable=False, server_default="0"),
    Column("refused", Integer, nullable=False, server_default="0"),
    Column("decision", JSON(none_as_null=True)),
)
KEYS = Table(
    "turn_keys",
    METADATA,
    Column("key", String, primary_key=True),
    Column("turn", Integer, nullable=False, index=True),
)


@dataclass(frozen=True, slots=True)
class Turn:
    """One message that wants an answer.

    Attributes:
        platform: the name of the platform's file.
        keys: what the platform calls it; a message may come several times under several names.
        conversation: one turn at a time is answered in it.
        author: the principal of whoever asks.
        place: where the reply goes, as its platform writes it; JSON. What people wrote stands
            under `WORDS`: it is forgotten with the text.
        locale: the asker's, such as `es-ES`; empty where it is not known.
        channel: the principal of the channel, its threads included, by which it is counted.
        decision: what a `Decision` holds besides its moment, where the message is one; JSON.
    """

    platform: str
    keys: tuple[str, ...]
    conversation: str
    author: str
    text: str
    place: Mapping[str, Any] = field(default_factory=dict)
    locale: str = ""
    sent_at: datetime = field(default_factory=now)
    channel: str = ""
    decision: Mapping[str, Any] | None = None

    def is_of(self, conversation: str, author: str, key: str = "") -> bool:
        """Whether somebody has asked it there, as the message of this name if there is one."""
        is_named = not key or key in self.keys
        return is_named and (self.conversation, self.author) == (conversation, author)


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """A turn as it stands.

    Attributes:
        tries: how often its answer was begun.
        owner: the process that answers it.
        post: what is to be posted, or was; None as long as there is nothing.
        is_taken_over: whether another process may have shown something for it.
        posted_as: what the platform calls the posted message.
        edits: how often what was asked had been edited when it read like this.
        is_refused: whether more was asked than may be, or by somebody who may not ask there.
    """

    number: int
    turn: Turn
    state: State
    tries: int
    owner: str
    post: Mapping[str, Any] | None
    posted_as: str
    edits: int = 0
    is_refused: bool = False
    is_taken_over: bool = False

    @property
    def message(self) -> str:
        """What the history calls the message."""
        return f"turn:{self.number}"

    @property
    def is_open(self) -> bool:
        """Whether somebody still waits."""
        return self.state in OPEN

    @property
    def is_counted(self) -> bool:
        """Whether it is a question of its own, rather than one that was put right, or a yes."""
        return not self.turn.decision and not 1 <= self.edits <= FREE_EDITS


def kept_turn(row: Any, keys: tuple[str, ...]) -> KeptTurn:  # noqa: ANN401 (a row of the table)
    """The turn that stands in a row, with its names."""
    turn = Turn(
        platform=row.platform,
        keys=keys,
        conversation=row.conversation,
        author=row.author,
        text=row.text,
        place=row.place,
        locale=row.locale,
        sent_at=row.sent_at,
        channel=row.channel,
        decision=row.decision,
    )
    stands = (row.state, row.tries, row.owner, row.post, row.posted_as)
    return KeptTurn(row.number, turn, *stands, row.edits, bool(row.refused))
