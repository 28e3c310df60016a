"""The buttons below a reply; what they stand for is in their names, so that they outlive us."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Self

import discord
from discord import ui

from bot.posts import Post
from bot.wording import say

TEMPLATE = re.compile(
    r"tertulia:(?P<act>up|down|quotes|why|yes|no|stop):(?P<reference>[A-Z0-9-]*):(?P<mark>[0-9.]+)"
)
STOP, YES, NO = "stop", "yes", "no"
LOOKS = {
    "up": ("👍", "button-good"),
    "down": ("👎", "button-bad"),
    "quotes": ("📖", "button-quotes"),
    "why": ("🔍", "button-why"),
    YES: ("✅", "button-yes"),
    NO: ("✖️", "button-no"),
    STOP: ("⏹️", "button-stop"),
}
"""Emoji, and the key of the words, by what a button does; in the order in which they stand."""


@dataclass(frozen=True, slots=True)
class Press:
    """A button that somebody has pressed.

    Attributes:
        act: what it does.
        reference: of the answer that it stands below, or of what is to be confirmed there; empty
            for an answer that is not there yet.
        mark: of the turn that is answered there.
    """

    act: str
    reference: str
    mark: str


Pressed = Callable[[discord.Interaction, Press], Awaitable[None]]


class Button(ui.DynamicItem[ui.Button[Any]], template=TEMPLATE):
    """A button that works for as long as its message stands, also after a restart."""

    def __init__(self, press: Press, words: str = "") -> None:
        emoji = LOOKS[press.act][0]
        style = discord.ButtonStyle.secondary
        name = f"tertulia:{press.act}:{press.reference}:{press.mark}"
        super().__init__(ui.Button(style=style, label=words or None, emoji=emoji, custom_id=name))
        self.press = press

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction,
        item: ui.Item[Any],
        match: re.Match[str],
    ) -> Self:
        """The button that somebody has pressed."""
        del interaction, item  # all that we need is in the name
        return cls(Press(**match.groupdict()))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Hand the press on to whoever listens."""
        pressed: Pressed = interaction.client.pressed  # type: ignore[attr-defined]  # ours: client.py
        await pressed(interaction, self.press)


def stop_row(mark: str, language: str) -> ui.ActionRow[Any]:
    """The button that ends an answer in the making."""
    return ui.ActionRow(_button(Press(STOP, "", mark), language))


def answer_row(reference: str, mark: str, language: str, *, has_sources: bool) -> ui.ActionRow[Any]:
    """The buttons below an answer."""
    acts = ("up", "down", "quotes", "why") if has_sources else ("up", "down", "why")
    return ui.ActionRow(*(_button(Press(act, reference, mark), language) for act in acts))


def confirming_row(post: Post, mark: str) -> ui.ActionRow[Any]:
    """The buttons below what somebody is to confirm."""
    about = ((YES, post.confirmation), (NO, post.confirmation), ("why", post.reference))
    return ui.ActionRow(*(_button(Press(act, of, mark), post.language) for act, of in about))


def _button(press: Press, language: str) -> Button:
    return Button(press, say(LOOKS[press.act][1], language))


def presses(message: discord.Message) -> list[Press]:
    """The buttons that a message of ours has."""
    found = (TEMPLATE.fullmatch(name) for name in _names(message.components))
    return [Press(**match.groupdict()) for match in found if match]


def _names(components: Any) -> list[str]:  # noqa: ANN401 (discord.py has a union of twenty kinds)
    names: list[str] = []
    for one in components:
        names += [one.custom_id] if getattr(one, "custom_id", None) else []
        names += _names(getattr(one, "children", ()))
    return names
