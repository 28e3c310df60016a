"""The commands that the bot has registered, globally or for one guild."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.fakes.discord.errors import Json, RefusedError, check_count, check_length, invalid
from tests.fakes.discord.times import DAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.fakes.discord.guilds import Guild
    from tests.fakes.discord.world import World

SLASH, ON_USER, ON_MESSAGE = 1, 2, 3
SUB, GROUP = 1, 2
MOST = {SLASH: 100, ON_USER: 15, ON_MESSAGE: 15}
MOST_CREATES = 200
LOCALES = frozenset(
    (
        *(
            "id",
            "da",
            "de",
            "en-GB",
            "en-US",
            "es-ES",
            "es-419",
            "fr",
            "hr",
            "it",
            "lt",
            "hu",
            "nl",
        ),
        *("no", "pl", "pt-BR", "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi"),
        *("th", "zh-CN", "ja", "zh-TW", "ko"),
    )
)
_NAME = re.compile(r"[-_'\w]{1,32}")
_FIXED = {"contexts": None, "integration_types": [0], "nsfw": False, "dm_permission": True}


class Commands:
    """What is registered, by guild id; None stands for all places.

    Attributes:
        creates_s: when a command was created there that had not been before.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._registered: dict[int | None, list[Json]] = {}
        self.creates_s: dict[int | None, list[float]] = {}

    def of(self, guild_id: int | None) -> list[Json]:
        """What is registered for one guild, or globally."""
        return self._registered.get(guild_id, [])

    def overwrite(self, guild_id: int | None, wanted: object) -> list[Json]:
        """Register these in the place of all others; known ones keep their ids."""
        listed = check_count("commands", wanted, sum(MOST.values()))
        self._check(listed)
        kept = [self._kept(guild_id, command) for command in listed]
        self._registered[guild_id] = kept
        return kept

    def create(self, guild_id: int | None, command: Json) -> Json:
        """Register one more, or one of the same name anew."""
        others = [each for each in self.of(guild_id) if _key(each) != _key(command)]
        self._check([*others, command])
        kept = self._kept(guild_id, command)
        self._registered[guild_id] = [*others, kept]
        return kept

    def delete(self, guild_id: int | None, command_id: int) -> None:
        """Take a command away."""
        found = [each for each in self.of(guild_id) if each["id"] == str(command_id)]
        if not found:
            raise RefusedError(10063)
        self._registered[guild_id].remove(found[0])

    def shown(self, guild: Guild | None, kind: int) -> list[Json]:
        """What people are offered; those of the guild come before those for all places."""
        listed = self.of(guild.id if guild else None) + (self.of(None) if guild else [])
        return [each for each in listed if each["type"] == kind and _is_for(each, guild)]

    def _kept(self, guild_id: int | None, command: Json) -> Json:
        times = self._world.times
        known = next((c for c in self.of(guild_id) if _key(c) == _key(command)), None)
        if known is None:
            self._count_create(guild_id)
        fixed = {
            "id": known["id"] if known else str(times.snowflake()),
            "application_id": str(self._world.bot.id),
            "version": str(times.snowflake()),
            "type": command.get("type", SLASH),
        }
        place = {} if guild_id is None else {"guild_id": str(guild_id)}
        texts: Json = {"description": "", "default_member_permissions": None, "options": []}
        return {**_FIXED, **texts, **command, **fixed, **place}

    def _count_create(self, guild_id: int | None) -> None:
        now = self._world.times.now()
        recent = [at for at in self.creates_s.get(guild_id, []) if now - at < DAY]
        if len(recent) >= MOST_CREATES:
            raise RefusedError(30034)
        self.creates_s[guild_id] = [*recent, now]

    def _check(self, listed: list[Json]) -> None:
        keys = [_key(command) for command in listed]
        for place, command in enumerate(listed):
            if keys.index(keys[place]) != place:
                code = "APPLICATION_COMMANDS_DUPLICATE_NAME"
                raise invalid(str(place), code, "Application command names must be unique")
            _check_command(str(place), command)
        for kind, most in MOST.items():
            if sum(key[1] == kind for key in keys) > most:
                raise invalid("commands", "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer.")


def _key(command: Json) -> tuple[str, int]:
    return str(command.get("name")), int(command.get("type", SLASH))


def _is_for(command: Json, guild: Guild | None) -> bool:
    """Whether the command is offered in guilds, or in direct messages with the bot."""
    contexts = command["contexts"]
    if contexts is None:
        return guild is not None or bool(command["dm_permission"])
    return (0 if guild else 1) in contexts


def _check_command(where: str, command: Json) -> None:
    if command.get("type", SLASH) == SLASH:
        _check_named(where, command)
        _check_options(where, command.get("options", []))
        if sum(len(text) for text in _texts(command)) > 8000:
            raise invalid(where, "APPLICATION_COMMAND_TOO_LARGE", "Command exceeds maximum size")
    else:
        check_length(f"{where}.name", command.get("name"), 32, least=1)
        if command.get("description"):
            text = "Context menu commands cannot have description"
            raise invalid(where, "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION", text)
    _check_locales(where, command)


def _check_named(where: str, thing: Json) -> None:
    name = str(thing.get("name"))
    if not _NAME.fullmatch(name) or name != name.lower():
        text = "Command name is invalid"
        raise invalid(f"{where}.name", "APPLICATION_COMMAND_INVALID_NAME", text)
    check_length(f"{where}.description", thing.get("description"), 100, least=1)
    _check_locales(where, thing)


def _check_locales(where: str, thing: Json) -> None:
    for key in ("name_localizations", "description_localizations"):
        for locale, text in (thing.get(key) or {}).items():
            if locale not in LOCALES:
                code = "DICT_TYPE_CONVERT"
                raise invalid(f"{where}.{key}.{locale}", code, "Not a locale of Discord.")
            check_length(f"{where}.{key}.{locale}", text, 100 if "desc" in key else 32, least=1)


def _check_options(where: str, options: object) -> None:
    was_optional = False
    for place, option in enumerate(check_count(f"{where}.options", options, 25)):
        here = f"{where}.options.{place}"
        _check_named(here, option)
        _check_options(here, option.get("options", []))
        for number, choice in enumerate(check_count(here, option.get("choices") or [], 25)):
            check_choice(f"{here}.choices.{number}", choice)
        if option["type"] in (SUB, GROUP):
            continue
        if option.get("required") and was_optional:
            text = "Required options must be placed before non-required options"
            raise invalid(here, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", text)
        was_optional = not option.get("required")


def check_choice(where: str, choice: Json) -> None:
    """Refuse a choice that is too long."""
    check_length(f"{where}.name", choice.get("name"), 100, least=1)
    if isinstance(choice.get("value"), str):
        check_length(f"{where}.value", choice["value"], 100)


def _texts(thing: Json) -> Iterator[str]:
    """What counts towards the size of a command."""
    yield from (str(thing.get("name", "")), str(thing.get("description", "")))
    choices: Iterable[Json] = thing.get("choices") or ()
    for choice in choices:
        yield from (str(choice.get("name", "")), str(choice.get("value", "")))
    for option in thing.get("options") or ():
        yield from _texts(option)
