"""What people see in a channel."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.fakes.slack.errors import Json
from tests.fakes.slack.limits import words_of
from tests.fakes.slack.messages import Message

_INTERACTIVE = {"actions", "context_actions", "input"}


@dataclass(frozen=True)
class Said:
    """One message as people see it.

    Attributes:
        text: all that can be read, blocks included, as it was sent; buttons apart.
        buttons: their labels.
        tasks: title and status of each task card.
        only_for: the name of the one person who sees it.
    """

    who: str
    text: str
    message: Message
    replies: tuple["Said", ...] = ()
    buttons: tuple[str, ...] = ()
    tasks: tuple[tuple[str, str], ...] = ()
    is_edited: bool = False
    only_for: str | None = None


@dataclass(frozen=True)
class Transcript:
    """A channel, read from top to bottom.

    Attributes:
        messages: what all see; replies stand in the message that they answer.
        whispers: what only one person sees, in order.
    """

    messages: tuple[Said, ...]
    whispers: tuple[Said, ...]
    names: dict[str, str]

    def texts(self) -> list[str]:
        """The texts that all see, replies behind the message that they answer."""
        return [said.text for top in self.messages for said in (top, *top.replies)]

    def __str__(self) -> str:
        return "\n".join(
            line for said in (*self.messages, *self.whispers) for line in self._of(said)
        )

    def _of(self, said: Said, indent: str = "") -> Iterator[str]:
        text = re.sub(
            r"<@(\w+)>", lambda found: f"@{self.names.get(found[1], found[1])}", said.text
        )
        only = f" (only for {said.only_for})" if said.only_for else ""
        edited = " (edited)" if said.is_edited else ""
        first, *rest = text.splitlines() or [""]
        yield f"{indent}{said.who}{only}: {first}{edited}"
        yield from (f"{indent}  {line}" for line in rest)
        if said.buttons:
            yield f"{indent}  {' '.join(f'[{label}]' for label in said.buttons)}"
        for reply in said.replies:
            yield from self._of(reply, indent + "  ")


def read(messages: list[Message], names: dict[str, str]) -> Transcript:
    """What people see of these messages."""
    seen = [message for message in messages if not message.is_deleted]
    public = [message for message in seen if message.only_for is None]
    tops = [message for message in public if message.root == message.ts]
    replies: dict[str, list[Message]] = {message.ts: [] for message in tops}
    shown: list[Message] = []
    for message in public:
        # A reply to a message that is gone still stands there: Slack keeps such threads.
        is_reply = message.root != message.ts and message.root in replies
        (replies[message.root] if is_reply else shown).append(message)

    def said(message: Message) -> Said:
        below = replies.get(message.ts, [])
        return _said(message, names, tuple(_said(reply, names) for reply in below))

    whispers = [_said(message, names) for message in seen if message.only_for]
    return Transcript(tuple(said(message) for message in shown), tuple(whispers), names)


def _said(message: Message, names: dict[str, str], replies: tuple[Said, ...] = ()) -> Said:
    tasks = message.stream.tasks.values() if message.stream else ()
    return Said(
        names.get(message.author, message.author),
        text_of(message),
        message,
        replies,
        tuple(_labels(message.blocks)),
        tuple((task.get("title", ""), task.get("status", "")) for task in tasks),
        message.is_edited,
        names.get(message.only_for, message.only_for) if message.only_for else None,
    )


def text_of(message: Message) -> str:
    """All that can be read in a message; blocks take the place of its text."""
    streamed = message.stream.text if message.stream else ""
    inner = message.stream.blocks if message.stream else []
    read = [streamed, *(_shown(block) for block in (*inner, *message.blocks))]
    shown = "\n".join(text for text in read if text)
    return shown or message.text


def _shown(block: Json) -> str:
    kind = str(block.get("type"))
    if kind in _INTERACTIVE:
        return ""
    return _READ.get(kind, _words)(block)


def _words(block: Json) -> str:
    """The words of a block, those on buttons left out."""
    parts = {key: value for key, value in block.items() if key != "accessory"}
    return "\n".join(words_of(parts))


def _table(block: Json) -> str:
    return "\n".join(" | ".join("".join(words_of(cell)) for cell in row) for row in block["rows"])


def _rich_text(block: Json) -> str:
    return "\n".join("".join(words_of(part)) for part in block["elements"])


_READ: dict[str, Callable[[Json], str]] = {"table": _table, "rich_text": _rich_text}


def _labels(blocks: list[Json]) -> Iterator[str]:
    for block in blocks:
        pressed = [block.get("accessory"), *block.get("elements", [])]
        if block["type"] == "rich_text":
            continue
        for element in pressed:
            if element and element.get("type") not in ("mrkdwn", "plain_text", "image"):
                yield from words_of(element)
