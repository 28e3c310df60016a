"""What the gateway tells: to which sessions, how much of it, late, twice or in disorder."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.fakes.discord.channels import Channel
    from tests.fakes.discord.errors import Json
    from tests.fakes.discord.guilds import Guild
    from tests.fakes.discord.sessions import Session

GUILDS, MEMBERS, PRESENCES = 1 << 0, 1 << 1, 1 << 8
GUILD_MESSAGES, GUILD_REACTIONS, GUILD_TYPING = 1 << 9, 1 << 10, 1 << 11
DIRECT_MESSAGES, DIRECT_REACTIONS, DIRECT_TYPING = 1 << 12, 1 << 13, 1 << 14
MESSAGE_CONTENT = 1 << 15
EVERY_INTENT = (1 << 17) - 1 | 1 << 20 | 1 << 21 | 1 << 24 | 1 << 25
PRIVILEGED = {
    "members": MEMBERS,
    "presences": PRESENCES,
    "message_content": MESSAGE_CONTENT,
}
DIRECT_OF = {
    GUILD_MESSAGES: DIRECT_MESSAGES,
    GUILD_REACTIONS: DIRECT_REACTIONS,
    GUILD_TYPING: DIRECT_TYPING,
}


@dataclass(frozen=True)
class Event:
    """One thing to tell.

    Attributes:
        redacted: for sessions without the intent for message content.
        intent: the bit that a session must have asked for; 0 for none.
        guild_id: None for what happens in direct messages.
    """

    name: str
    data: Json
    redacted: Json | None = None
    intent: int = 0
    guild_id: int | None = None


class Events:
    """Brings events to sessions, and can be told to do so badly.

    Attributes:
        copies: how often each event is delivered.
        delay_s: how late, in seconds of the real clock.
        told: the names of all events so far.
    """

    def __init__(self) -> None:
        self.copies = 1
        self.delay_s = 0.0
        self.told: list[str] = []
        self.sessions: list[Session] = []
        self._held: list[Event] | None = None
        self._late: set[asyncio.TimerHandle] = set()

    def emit(
        self,
        name: str,
        data: Json,
        *,
        intent: int = 0,
        place: Channel | None = None,
        guild: Guild | None = None,
        redacted: Json | None = None,
    ) -> None:
        """Tell the sessions of this shard with this intent, if the bot sees the place."""
        guild = place.guild if place else guild
        if guild is not None and not guild.has_bot:
            return
        if place is not None and not place.world.bot_sees(place) and intent != GUILDS:
            return
        if guild is None:
            intent = DIRECT_OF.get(intent, intent)
        event = Event(name, data, redacted, intent, guild.id if guild else None)
        self.told.append(name)
        self._send(event)

    def again(self, name: str) -> None:
        """Deliver the last event of this name once more, as networks do."""
        for session in self.sessions:
            session.repeat(name)

    def hold(self) -> None:
        """Keep back what happens from now on."""
        self._held = []

    def release(self, *, backwards: bool = False) -> None:
        """Deliver what was kept back, in order or the other way round."""
        held, self._held = self._held or [], None
        for event in reversed(held) if backwards else held:
            self._send(event)

    def stop(self) -> None:
        """Deliver nothing any more."""
        for timer in self._late:
            timer.cancel()

    def _send(self, event: Event) -> None:
        if self._held is not None:
            self._held.append(event)
        elif self.delay_s:
            loop = asyncio.get_running_loop()
            self._late.add(loop.call_later(self.delay_s, self._deliver, event))
        else:
            self._deliver(event)

    def _deliver(self, event: Event) -> None:
        for session in self.sessions:
            if not session.wants(event):
                continue
            has_content = session.intents & MESSAGE_CONTENT
            data = event.data if has_content or event.redacted is None else event.redacted
            for _ in range(self.copies):
                session.tell(replace(event, data=data))
