"""Who would really be pinged by a message."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.fakes.discord import components
from tests.fakes.discord.permissions import Role, may

if TYPE_CHECKING:
    from tests.fakes.discord.errors import Json
    from tests.fakes.discord.messages import Message
    from tests.fakes.discord.people import Member, User

_CODE = re.compile(r"```.*?```|``.*?``|`[^`\n]*`", re.DOTALL)
_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_ALL = re.compile(r"@(everyone|here)\b")
EVERYTHING = {"parse": ["users", "roles", "everyone"], "replied_user": True}


@dataclass(frozen=True)
class Pinged:
    """Who hears of a message."""

    users: tuple[User, ...] = ()
    roles: tuple[int, ...] = ()
    names: tuple[str, ...] = ()


def pinged_by(message: Message, author: Member, allowed: Json | None) -> Pinged:
    """What the text names, as far as `allowed_mentions` and the author's rights let it through."""
    rules = EVERYTHING if allowed is None else allowed
    texts = [message.content, *components.texts_of(message.components)]
    text = _CODE.sub(" ", "\n".join(texts))
    users = _users(message, text, rules)
    roles = _roles(message, author, text, rules)
    names = [*(f"@{name}" for name in _all(message, author, text, rules))]
    names += [f"@{role.name}" for role in roles]
    names += [f"@{user.name}" for user in users]
    return Pinged(tuple(users), tuple(role.id for role in roles), tuple(names))


def _let_through(rules: Json, key: str, ids: list[int]) -> list[int]:
    if key in (rules.get("parse") or ()):
        return ids
    named = {int(each) for each in rules.get(key) or ()}
    return [each for each in ids if each in named]


def _users(message: Message, text: str, rules: Json) -> list[User]:
    ids = list(dict.fromkeys(int(each) for each in _USER.findall(text)))
    known = message.channel.world.users
    found = [known[each] for each in _let_through(rules, "users", ids) if each in known]
    replied = message.reference.author if message.reference else None
    if replied and rules.get("replied_user") and replied not in found:
        found.append(replied)
    return [user for user in found if user is not message.author]


def _roles(message: Message, author: Member, text: str, rules: Json) -> list[Role]:
    guild = message.channel.guild
    if guild is None:
        return []
    ids = list(dict.fromkeys(int(each) for each in _ROLE.findall(text)))
    known = {role.id: role for role in guild.roles}
    found = [known[each] for each in _let_through(rules, "roles", ids) if each in known]
    may_all = may(author, "mention_everyone", message.channel)
    return [role for role in found if may_all or role.is_mentionable]


def _all(message: Message, author: Member, text: str, rules: Json) -> list[str]:
    if message.channel.guild is None or "everyone" not in (rules.get("parse") or ()):
        return []
    if not may(author, "mention_everyone", message.channel):
        return []
    return list(dict.fromkeys(_ALL.findall(text)))
