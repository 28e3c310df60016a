"""What people do with the bot becomes an interaction that it is told of."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from tests.fakes.discord import components, interactions, options, views
from tests.fakes.discord.channels import GROUP
from tests.fakes.discord.commands import ON_MESSAGE, ON_USER, SLASH
from tests.fakes.discord.errors import Json, NotPossibleError
from tests.fakes.discord.interactions import Interaction
from tests.fakes.discord.limits import FILE_BYTES
from tests.fakes.discord.permissions import ALL, BITS, in_channel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.fakes.discord.channels import Channel
    from tests.fakes.discord.messages import Message
    from tests.fakes.discord.people import Member


def run(person: Member, path: str, place: Channel, values: Mapping[str, object]) -> Interaction:
    """Run a slash command; what is required must be there."""
    command, steps = _command(person, path, place)
    filled, resolved = options.fill(steps, values, person)
    options.demand_whole(steps, filled)
    return _begin(person, place, interactions.COMMAND, _called(command, filled, resolved))


async def complete(
    person: Member, path: str, place: Channel, values: Mapping[str, object]
) -> list[str]:
    """What the bot offers for the last of the values."""
    command, steps = _command(person, path, place)
    filled, resolved = options.fill(steps, values, person)
    typed = filled
    for _ in steps[1:]:
        typed = typed[0]["options"]
    option = options.named(steps[-1]["options"], typed[-1]["name"], person.user.locale)
    if not option.get("autocomplete"):
        raise NotPossibleError(f"Nothing is offered for {option['name']!r}.")
    typed[-1]["focused"] = True
    data = _called(command, filled, resolved)
    asked = await _begin(person, place, interactions.AUTOCOMPLETE, data).responded()
    return [_in_words_of(person, choice) for choice in asked.choices or ()]


def use_on_message(person: Member, message: Message, name: str) -> Interaction:
    """Use a context menu on a message; the bot is given all of it."""
    command = _menu(person, message.channel, ON_MESSAGE, name)
    resolved = {"messages": {str(message.id): views.message(message)}}
    data = _called(command, [], resolved) | {"target_id": str(message.id)}
    return _begin(person, message.channel, interactions.COMMAND, data)


def use_on_member(person: Member, target: Member, name: str) -> Interaction:
    """Use a context menu on somebody, in the first channel of the guild."""
    place = next(each for each in person.guild.channels if person.sees(each))
    command = _menu(person, place, ON_USER, name)
    resolved: Json = {}
    options.resolve_member(target, resolved)
    data = _called(command, [], resolved) | {"target_id": str(target.id)}
    return _begin(person, place, interactions.COMMAND, data)


def click(
    person: Member, message: Message, custom_id: str, *, values: Sequence[str] | None = None
) -> Interaction:
    """Press a button, or choose in a menu."""
    parts = [
        each for each in components.every(message.components) if each.get("custom_id") == custom_id
    ]
    if not parts or parts[0].get("disabled"):
        shown = [each.get("custom_id") for each in components.every(message.components)]
        raise NotPossibleError(f"{custom_id!r} cannot be pressed; there are: {shown}.")
    data: Json = {"custom_id": custom_id, "component_type": parts[0]["type"], "id": parts[0]["id"]}
    if values is not None:
        offered = [option["value"] for option in parts[0].get("options", ())]
        if not set(values) <= set(offered):
            raise NotPossibleError(f"{custom_id!r} offers {offered}.")
        data["values"] = list(values)
    return _begin(person, message.channel, interactions.COMPONENT, data, source=message)


def submit(person: Member, asked: Interaction, values: Mapping[str, object]) -> Interaction:
    """Fill in and send a form."""
    if asked.modal is None or asked.person is not person:
        raise NotPossibleError(f"{person.name} has no form to fill in.")
    filled, resolved = options.fill_form(asked.modal, values, person)
    modal, asked.modal = asked.modal, None
    data = {"custom_id": modal["custom_id"], "components": filled, "resolved": resolved}
    kind = interactions.MODAL_SUBMIT
    return _begin(person, asked.channel, kind, data, source=asked.source)


def _command(person: Member, path: str, place: Channel) -> tuple[Json, list[Json]]:
    shown = _offered(person, place, SLASH)
    return options.find_command(shown, path, person.user.locale)


def _menu(person: Member, place: Channel, kind: int, name: str) -> Json:
    return options.named(_offered(person, place, kind), name, person.user.locale)


def _offered(person: Member, place: Channel, kind: int) -> list[Json]:
    """The commands that this person is offered here, by rights."""
    if place.guild and not place.guild.has_bot:
        return []
    rights = in_channel(person, place) if place.guild else BITS["send_messages"]
    shown = person.world.commands.shown(place.guild, kind)
    return [each for each in shown if _may_use(each["default_member_permissions"], rights)]


def _may_use(needed: str | None, rights: int) -> bool:
    """Whether these rights are enough; `0` lets administrators alone."""
    if needed is None or rights == ALL:
        return True
    return bool(int(needed)) and rights & int(needed) == int(needed)


def _called(command: Json, filled: list[Json], resolved: Json) -> Json:
    head = {key: command[key] for key in ("id", "name", "type")}
    place = {"guild_id": command["guild_id"]} if "guild_id" in command else {}
    return {**head, **place, "options": filled, "resolved": resolved}


def _in_words_of(person: Member, choice: Json) -> str:
    localized = choice.get("name_localizations") or {}
    return str(localized.get(person.user.locale, choice["name"]))


def _begin(
    person: Member, place: Channel, kind: int, data: Json, *, source: Message | None = None
) -> Interaction:
    """Keep the interaction, and tell the bot of it."""
    world = person.world
    token = secrets.token_urlsafe(60)
    begun = Interaction(
        world, world.times.snowflake(), token, kind, person, place, world.times.now(), data, source
    )
    world.interactions[token] = begun
    world.events.emit("INTERACTION_CREATE", _payload(begun), guild=place.guild)
    return begun


def _payload(begun: Interaction) -> Json:
    person, place, guild = begun.person, begun.channel, begun.channel.guild
    seen: Json = {
        "id": str(begun.id),
        "application_id": str(begun.world.bot.id),
        "type": begun.kind,
        "data": begun.data,
        "token": begun.token,
        "version": 1,
        "channel": views.channel(place),
        "channel_id": str(place.id),
        "locale": person.user.locale,
        "entitlements": [],
        "attachment_size_limit": FILE_BYTES,
        "context": 0 if guild else 2 if place.kind == GROUP else 1,
        "authorizing_integration_owners": {"0": str(guild.id) if guild else "0"},
        "app_permissions": str(in_channel(guild.bot, place)) if guild else "0",
    }
    if begun.source:
        seen["message"] = views.message(begun.source)
    if guild is None:
        return seen | {"user": views.user(person.user)}
    brief = {"id": str(guild.id), "locale": guild.locale, "features": []}
    more = {"guild_id": str(guild.id), "guild": brief, "guild_locale": guild.locale}
    return seen | more | {"member": views.member_here(person, place)}
