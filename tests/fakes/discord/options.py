"""What people fill in, options of commands and fields of forms, as far as Discord lets them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tests.fakes.discord import components, views
from tests.fakes.discord.channels import Channel
from tests.fakes.discord.commands import GROUP, SUB
from tests.fakes.discord.errors import Json, NotPossibleError
from tests.fakes.discord.messages import Attachment
from tests.fakes.discord.permissions import Role

if TYPE_CHECKING:
    from tests.fakes.discord.people import Member

STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, FILE = range(3, 12)
PLAIN: dict[int, tuple[type, ...]] = {
    STRING: (str,),
    INTEGER: (int,),
    BOOLEAN: (bool,),
    NUMBER: (int, float),
}


def named(things: list[Json], name: str, locale: str) -> Json:
    """The command or option of this name, in English or as this person reads it."""
    for thing in things:
        if name in (thing["name"], (thing.get("name_localizations") or {}).get(locale)):
            return thing
    known = ", ".join(thing["name"] for thing in things) or "none"
    raise NotPossibleError(f"Nothing is called {name!r} here; there are: {known}.")


def find_command(listed: list[Json], path: str, locale: str) -> tuple[Json, list[Json]]:
    """A command, and the (sub) command groups and commands that lead to the options."""
    first, *rest = path.split()
    command = named(listed, first, locale)
    steps = [command]
    for step in rest:
        steps.append(named(steps[-1].get("options", []), step, locale))
    if any(option["type"] in (SUB, GROUP) for option in steps[-1].get("options", [])):
        raise NotPossibleError(f"{path!r} is not a whole command.")
    return command, steps


def fill(
    steps: list[Json], values: Mapping[str, object], person: Member
) -> tuple[list[Json], Json]:
    """The options with these values, wrapped in the steps that lead to them, and `resolved`."""
    resolved: Json = {}
    wanted = steps[-1].get("options", [])
    filled = [
        _filled(named(wanted, name, person.user.locale), value, resolved, person)
        for name, value in values.items()
    ]
    for step in reversed(steps[1:]):
        filled = [{"name": step["name"], "type": step["type"], "options": filled}]
    return filled, resolved


def demand_whole(steps: list[Json], filled: list[Json]) -> None:
    """Refuse to send a command while something required is missing."""
    for _ in steps[1:]:
        filled = filled[0]["options"]
    given = {option["name"] for option in filled}
    for option in steps[-1].get("options", []):
        if option.get("required") and option["name"] not in given:
            raise NotPossibleError(f"The option {option['name']!r} is required.")


def _filled(option: Json, value: object, resolved: Json, person: Member) -> Json:
    kind = option["type"]
    if kind in PLAIN:
        _check_plain(option, value)
        sent = value
    else:
        sent = _resolve(value, resolved, person)
    return {"name": option["name"], "type": kind, "value": sent}


def _check_plain(option: Json, value: object) -> None:
    name, kind = option["name"], option["type"]
    if not isinstance(value, PLAIN[kind]) or (isinstance(value, bool) and kind != BOOLEAN):
        raise NotPossibleError(f"{value!r} does not fit the option {name!r}.")
    choices = [choice["value"] for choice in option.get("choices") or ()]
    if choices and value not in choices:
        raise NotPossibleError(f"{name!r} is one of {choices}.")
    size = len(value) if isinstance(value, str) else value
    unit = "length" if kind == STRING else "value"
    if isinstance(size, int | float) and not isinstance(size, bool):
        least, most = option.get(f"min_{unit}"), option.get(f"max_{unit}")
        if (least is not None and size < least) or (most is not None and size > most):
            raise NotPossibleError(f"{name!r} must be between {least} and {most}.")


def _resolve(value: object, resolved: Json, person: Member) -> str:
    """The id of a person, a role, a channel or a file; what it is stands in `resolved`."""
    if isinstance(value, Channel):
        shown = views.channel(value) | {
            "permissions": views.member_here(person, value)["permissions"]
        }
        resolved.setdefault("channels", {})[str(value.id)] = shown
    elif isinstance(value, Role):
        resolved.setdefault("roles", {})[str(value.id)] = views.role(value)
    elif isinstance(value, Attachment):
        shown = views.attachment(value, person.world.cdn.url(value))
        resolved.setdefault("attachments", {})[str(value.id)] = shown
    else:
        resolve_member(value, resolved)
    number = getattr(value, "id", None)
    if number is None:
        raise NotPossibleError(f"{value!r} cannot be chosen.")
    return str(number)


def resolve_member(who: object, resolved: Json) -> None:
    """Somebody who was chosen, as account and as member."""
    user, number = getattr(who, "user", None), str(getattr(who, "id", ""))
    if user is not None:
        resolved.setdefault("users", {})[number] = views.user(user)
        shown = views.member(who, with_user=False)  # type: ignore[arg-type]  # has a user
        resolved.setdefault("members", {})[number] = shown | {"permissions": "0"}


def fill_form(modal: Json, values: Mapping[str, object], person: Member) -> tuple[list[Json], Json]:
    """The components of a form as they are sent: with what the person wrote and chose."""
    fields = [each for each in components.every(modal["components"]) if "custom_id" in each]
    unknown = set(values) - {each["custom_id"] for each in fields}
    if unknown:
        raise NotPossibleError(f"The form has no field {', '.join(sorted(unknown))}.")
    resolved: Json = {}
    sent = [_sent(each, values, resolved, person) for each in modal["components"]]
    return sent, resolved


def _sent(part: Json, values: Mapping[str, object], resolved: Json, person: Member) -> Json:
    kind, head = part["type"], {"type": part["type"], "id": part["id"]}
    if kind == components.ROW:
        inner = [_sent(each, values, resolved, person) for each in part["components"]]
        return head | {"components": inner}
    if kind == components.LABEL:
        return head | {"component": _sent(part["component"], values, resolved, person)}
    if "custom_id" not in part:
        return head
    head["custom_id"] = part["custom_id"]
    value = values.get(part["custom_id"])
    if not value and part.get("required", kind != components.CHECKBOX):
        raise NotPossibleError(f"The field {part['custom_id']!r} is required.")
    return head | _value_of(part, value, resolved, person)


def _value_of(part: Json, value: object, resolved: Json, person: Member) -> Json:
    kind = part["type"]
    if kind == components.TEXT_INPUT:
        return {"value": _text(part, value)}
    if kind == components.CHECKBOX:
        return {"value": bool(value)}
    if kind == components.RADIO_GROUP:
        return {"value": None if value is None else _chosen(part, [value])[0]}
    if value is None:
        return {"values": []}
    listed = value if isinstance(value, list | tuple) else [value]
    if part.get("options"):
        return {"values": _chosen(part, listed)}
    return {"values": [_resolve(each, resolved, person) for each in listed]}


def _text(part: Json, value: object) -> str:
    text = "" if value is None else str(value)
    if text and not (part.get("min_length") or 0) <= len(text) <= (part.get("max_length") or 4000):
        raise NotPossibleError(f"The text for {part['custom_id']!r} is too short or too long.")
    return text


def _chosen(part: Json, values: list[object] | tuple[object, ...]) -> list[object]:
    known = [option["value"] for option in part.get("options", ())]
    if known and not set(values) <= set(known):
        raise NotPossibleError(f"{part['custom_id']!r} offers {known}.")
    return list(values)
