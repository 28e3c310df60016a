"""What a command, a click or a form begins: answered within 3 s, alive for 15 minutes."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.fakes.discord import components, posting
from tests.fakes.discord.commands import check_choice
from tests.fakes.discord.errors import Json, RefusedError, check_count, invalid
from tests.fakes.discord.messages import EPHEMERAL, SLASH_COMMAND, Message
from tests.fakes.discord.times import FIFTEEN_MINUTES, THREE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes.discord.channels import Channel
    from tests.fakes.discord.people import Member
    from tests.fakes.discord.posting import Draft
    from tests.fakes.discord.world import World

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
ALLOWED = {
    COMMAND: {MESSAGE, DEFERRED, MODAL},
    COMPONENT: {MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, MODAL},
    AUTOCOMPLETE: {CHOICES},
    MODAL_SUBMIT: {MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE},
}


@dataclass(eq=False, repr=False)
class Interaction:
    """One thing that a person did with the bot, and what came of it.

    Attributes:
        kind: 2 a command, 3 a click, 4 autocomplete, 5 a form.
        source: the message with the button, or that the form came from.
        response: the kind of the first response; None while there is none.
        responded_s: after how many seconds of the fake's clock.
        message: what was answered, deferred answers included; None if that is gone.
        modal: the form that the person sees.
    """

    world: World
    id: int
    token: str
    kind: int
    person: Member
    channel: Channel
    created_s: float
    data: Json
    source: Message | None = None
    response: int | None = None
    responded_s: float | None = None
    message: Message | None = None
    followups: list[Message] = field(default_factory=list)
    modal: Json | None = None
    choices: list[Json] | None = None

    @property
    def age_s(self) -> float:
        """Seconds since it began."""
        return self.world.times.now() - self.created_s

    @property
    def has_failed(self) -> bool:
        """Whether the person reads that the application did not respond."""
        return self.response is None and self.age_s >= THREE_SECONDS

    @property
    def text(self) -> str:
        """What the person reads as the answer; nothing while the bot is thinking."""
        return "" if self.message is None or self.message.is_loading else self.message.text

    async def responded(self, *, within: float = 5.0) -> Interaction:
        """Wait for the first response, in seconds of the real clock."""
        return await self._wait(lambda: self.response is not None, within)

    async def answered(self, *, within: float = 5.0) -> Interaction:
        """Wait until the person can read an answer, in seconds of the real clock."""
        return await self._wait(lambda: bool(self.text), within)

    async def _wait(self, is_so: Callable[[], bool], within: float) -> Interaction:
        deadline = time.monotonic() + within
        while not is_so():
            assert time.monotonic() < deadline, f"No answer within {within} s: {self.data}"
            await asyncio.sleep(0.005)
        return self


def find(world: World, token: str) -> Interaction:
    """The interaction of a token, while its webhook may be used."""
    found = world.interactions.get(token)
    if found is None:
        raise RefusedError(10015)
    if found.age_s >= FIFTEEN_MINUTES:
        raise RefusedError(50027)
    if found.response is None:
        raise RefusedError(10015)
    return found


def respond(asked: Interaction, kind: int, draft: Draft, body: Json) -> None:
    """The first response, if it comes in time and is of a kind that fits."""
    if asked.response is not None:
        raise RefusedError(40060)
    if asked.age_s >= THREE_SECONDS:
        raise RefusedError(10062)
    is_without_source = kind in (DEFERRED_UPDATE, UPDATE) and asked.source is None
    if kind not in ALLOWED[asked.kind] or is_without_source:
        raise invalid("type", "BASE_TYPE_CHOICES", "Not a response to this interaction.")
    _respond(asked, kind, draft, body)
    asked.response, asked.responded_s = kind, asked.age_s


def follow_up(asked: Interaction, draft: Draft) -> Message:
    """One more message; the first one fills in what had been deferred."""
    if asked.message is not None and asked.message.is_loading:
        change(asked, asked.message, draft)
        return asked.message
    message = _post(asked, draft)
    asked.followups.append(message)
    return message


def change(asked: Interaction, message: Message, draft: Draft) -> None:
    """Edit a message of this interaction; the answer that was deferred is filled in so."""
    if message.is_loading:
        posting.finish(message, draft, _author(asked))
    else:
        posting.edit(message, draft)


def message_of(asked: Interaction, name: str) -> Message:
    """`@original`, or a message of this interaction by its id."""
    known = [asked.message] if asked.message else []
    if name != "@original":
        known = [each for each in [*known, *asked.followups] if str(each.id) == name]
    if not known or known[0].is_deleted:
        raise RefusedError(10008)
    return known[0]


def _respond(asked: Interaction, kind: int, draft: Draft, body: Json) -> None:
    if kind == CHOICES:
        asked.choices = _checked_choices(body)
    elif kind == MODAL:
        components.check_modal(body)
        asked.modal = body | {"components": components.with_ids(body["components"])}
    elif kind in (DEFERRED_UPDATE, UPDATE):
        asked.message = asked.source
        if kind == UPDATE and asked.source:
            posting.edit(asked.source, draft)
    else:
        if kind == DEFERRED:  # it says nothing yet, and cannot carry the flag of Components V2
            draft.is_loading, draft.flags = True, (draft.flags or 0) & EPHEMERAL
        asked.message = _post(asked, draft)


def _checked_choices(body: Json) -> list[Json]:
    choices = check_count("data.choices", body.get("choices"), 25)
    for place, choice in enumerate(choices):
        check_choice(f"data.choices.{place}", choice)
    return choices


def _post(asked: Interaction, draft: Draft) -> Message:
    """A message of the bot that names its interaction; it needs no rights in the channel."""
    if (draft.flags or 0) & EPHEMERAL:
        draft.only_for = asked.person.user
    draft.interaction = {
        "id": str(asked.id),
        "type": asked.kind,
        "user": {"id": str(asked.person.id), "username": asked.person.name}
        | {"discriminator": "0", "avatar": None, "global_name": asked.person.name},
        "authorizing_integration_owners": {},
    }
    draft.kind = SLASH_COMMAND if asked.kind == COMMAND else None
    return posting.post(asked.channel, _author(asked), draft)


def _author(asked: Interaction) -> Member:
    guild = asked.channel.guild
    return guild.bot if guild else asked.person.guild.bot
