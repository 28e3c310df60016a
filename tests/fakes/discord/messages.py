"""What stands in a channel: messages, files, reactions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.fakes.discord import components

if TYPE_CHECKING:
    from tests.fakes.discord.channels import Channel
    from tests.fakes.discord.errors import Json
    from tests.fakes.discord.people import User

SUPPRESS_EMBEDS = 1 << 2
HAS_THREAD = 1 << 5
EPHEMERAL = 1 << 6
LOADING = 1 << 7
COMPONENTS_V2 = 1 << 15
REPLY = 19
SLASH_COMMAND = 20
THREAD_STARTER = 21
CONTEXT_MENU = 23
_LINK = re.compile(r"(?<!<)\bhttps?://[^\s<>)\]]+")


@dataclass(eq=False)
class Attachment:
    """A file, kept by the loopback CDN."""

    id: int
    filename: str
    content: bytes
    content_type: str
    description: str | None = None


@dataclass(eq=False, repr=False)
class Message:
    """One message as it stands now.

    Attributes:
        pings: who hears of it: `@everyone`, `@here`, `@` and the name of a role or a person.
        mentioned: the people that it names and reaches.
        only_for: the one who sees it, where it is ephemeral.
        is_looked_up: whether Discord shows it along with what replies to it, as it mostly does.
        versions: what people could read, one text for the first version and for each edit.
        created_s: on the clock of the fake.
    """

    id: int
    channel: Channel
    author: User
    created_s: float
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    flags: int = 0
    kind: int = 0
    attachments: list[Attachment] = field(default_factory=list)
    reference: Message | None = None
    reactions: dict[str, list[User]] = field(default_factory=dict)
    pings: tuple[str, ...] = ()
    mentioned: tuple[User, ...] = ()
    mentioned_roles: tuple[int, ...] = ()
    nonce: str | int | None = None
    edited_s: float | None = None
    interaction: Json | None = None
    only_for: User | None = None
    thread: Channel | None = None
    is_deleted: bool = False
    is_looked_up: bool = True
    versions: list[str] = field(default_factory=list)

    @property
    def is_v2(self) -> bool:
        """Whether it is made of components alone."""
        return bool(self.flags & COMPONENTS_V2)

    @property
    def is_loading(self) -> bool:
        """Whether people see that the bot is thinking."""
        return bool(self.flags & LOADING)

    @property
    def text(self) -> str:
        """All that people read of it: content, embeds, components, names of files."""
        if self.is_loading:
            return "…"
        parts = [self.content]
        parts += [line for embed in self.embeds for line in _lines_of(embed)]
        parts += components.lines_of(self.components)
        parts += [f"({file.filename})" for file in self.attachments]
        return "\n".join(part for part in parts if part)

    @property
    def previews(self) -> list[str]:
        """The links for which people see a preview."""
        if self.flags & SUPPRESS_EMBEDS or self.is_loading:
            return []
        return _LINK.findall("\n".join([self.content, *components.texts_of(self.components)]))


def _lines_of(embed: Json) -> list[str]:
    fields = [f"{each['name']}: {each['value']}" for each in embed.get("fields", [])]
    footer = (embed.get("footer") or {}).get("text", "")
    author = (embed.get("author") or {}).get("name", "")
    return [author, embed.get("title", ""), embed.get("description", ""), *fields, footer]
