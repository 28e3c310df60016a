"""What stands in the fake of Slack, as a page."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from tests.fakes.slack.messages import Message
from tests.fakes.slack.views import View
from tests.pictures.pages import Buttons, Choice, Entry, Piece, Said, Steps, Table, Text, Window

Json = Mapping[str, Any]


def said(message: Message, names: Mapping[str, str], *, depth: int = 0) -> Said:
    """One message, as it stands there now."""
    at = datetime.fromtimestamp(float(message.ts), UTC)
    return Said(
        names[message.author],
        f"{at:%H:%M}",
        tuple(_pieces(message, names)),
        is_app=bool(message.bot_id),
        depth=depth,
        only_for=names.get(message.only_for or "", ""),
    )


def window(view: View, filled: Mapping[str, str] | None = None) -> Window:
    """A window, with what somebody has filled in so far."""
    content = view.content
    pieces = tuple(piece for block in content["blocks"] for piece in _field(block, filled or {}))
    buttons = [content[key]["text"] for key in ("close", "submit") if key in content]
    return Window(content["title"]["text"], pieces, tuple(buttons))


def _pieces(message: Message, names: Mapping[str, str]) -> Iterator[Piece]:
    if message.stream and message.stream.tasks:
        tasks = message.stream.tasks.values()
        yield Steps(tuple((one["title"], one["status"] == "complete") for one in tasks))
    if message.stream and message.stream.text:
        yield Text(message.stream.text)
    if not message.blocks and not message.stream:
        yield Text(_read(message.text, names))
    for block in message.blocks:
        yield from _block(block)


def _block(block: Json) -> Iterator[Piece]:
    if block["type"] == "markdown":
        yield Text(block["text"].replace("&lt;", "<").replace("&amp;", "&"))
    elif block["type"] == "table":
        yield Table(tuple(tuple(cell["text"] for cell in row) for row in block["rows"]))
    elif block["type"] == "context_actions":
        sides = ("positive_button", "negative_button")
        yield Buttons(
            tuple(one[side]["text"]["text"] for one in block["elements"] for side in sides)
        )
    elif block["type"] == "actions":
        yield Buttons(tuple(one["text"]["text"] for one in block["elements"]))


def _field(block: Json, filled: Mapping[str, str]) -> Iterator[Piece]:
    if block["type"] == "rich_text":
        words = "".join(one["text"] for part in block["elements"] for one in part["elements"])
        yield Text(f"```\n{words}\n```")
        return
    element, label = block["element"], block["label"]["text"]
    text = filled.get(block["block_id"], "")
    if element["type"] == "radio_buttons":
        options = {one["value"]: one["text"]["text"] for one in element["options"]}
        yield Choice(label, tuple(options.values()), options.get(text, ""))
    else:
        yield Entry(label, text)


def _read(text: str, names: Mapping[str, str]) -> str:
    return re.sub(r"<@(\w+)>", lambda found: f"@{names[found[1]]}", text)
