"""What stands in the fake of Discord, as a page."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from tests.fakes.discord.components import BUTTON, ROW, SEPARATOR, TEXT_DISPLAY
from tests.fakes.discord.messages import Message
from tests.pictures.pages import Buttons, Choice, Entry, Line, Piece, Said, Text, Window

Json = Mapping[str, Any]
INPUT = 4
OF_DISCORD = ("Cancelar", "Enviar")
"""What Discord itself writes below a form, for the person in the scene."""


def said(message: Message, names: Mapping[int, str], *, depth: int = 0) -> Said:
    """One message, as it stands there now."""
    at = datetime.fromtimestamp(message.channel.world.times.epoch_s(message.created_s), UTC)
    shown = tuple(piece for one in message.components for piece in _piece(one))
    return Said(
        message.author.name,
        f"{at:%H:%M}",
        shown or (Text(_read(message.content, names)),),
        is_app=message.author.is_bot,
        depth=depth,
        only_for=message.only_for.name if message.only_for else "",
    )


def window(modal: Json, filled: Mapping[str, str] | None = None) -> Window:
    """A form, with what somebody has filled in so far."""
    pieces = tuple(_field(one, filled or {}) for one in modal["components"])
    return Window(modal["title"], pieces, OF_DISCORD)


def _piece(component: Json) -> Iterator[Piece]:
    if component["type"] == TEXT_DISPLAY:
        yield Text(_plain(component["content"]))
    elif component["type"] == SEPARATOR:
        yield Line()
    elif component["type"] == ROW:
        yield Buttons(
            tuple(_label(one) for one in component["components"] if one["type"] == BUTTON)
        )


def _field(component: Json, filled: Mapping[str, str]) -> Piece:
    inner = component["component"]
    text = filled.get(inner["custom_id"], "")
    if inner["type"] == INPUT:
        return Entry(component["label"], text)
    options = {one["value"]: one["label"] for one in inner["options"]}
    return Choice(component["label"], tuple(options.values()), options.get(text, ""))


def _label(button: Json) -> str:
    emoji = (button.get("emoji") or {}).get("name", "")
    return " ".join(filter(None, (emoji, button.get("label"))))


def _plain(content: str) -> str:
    """Discord shows an address between angle brackets without a preview."""
    return re.sub(r"\]\(<([^>]*)>\)", r"](\1)", content)


def _read(text: str, names: Mapping[int, str]) -> str:
    return re.sub(r"<@!?(\d+)>", lambda found: f"@{names[int(found[1])]}", text)
