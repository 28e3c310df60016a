"""Methods about what hangs on messages: emoji and files."""

from tests.fakes.slack.arguments import Arguments
from tests.fakes.slack.errors import Json, RefusedError
from tests.fakes.slack.methods.method import Caller, Method, Methods


def react(caller: Caller, arguments: Arguments) -> Json:
    """`reactions.add`."""
    users = _reaction(caller, arguments)
    if caller.bot in users:
        raise RefusedError("already_reacted")
    users.append(caller.bot)
    return {"ok": True}


def unreact(caller: Caller, arguments: Arguments) -> Json:
    """`reactions.remove`."""
    users = _reaction(caller, arguments)
    if caller.bot not in users:
        raise RefusedError("no_reaction")
    users.remove(caller.bot)
    return {"ok": True}


def file(caller: Caller, arguments: Arguments) -> Json:
    """`files.info`; a file of a channel that the app is not in does not exist for it."""
    found = caller.team.files.get(arguments.text("file"))
    channel = caller.team.channels.get(found.channel_id) if found else None
    if found is None or channel is None or caller.bot not in channel.members:
        raise RefusedError("file_not_found")
    return {"ok": True, "file": found.as_json(caller.world.url)}


def _reaction(caller: Caller, arguments: Arguments) -> list[str]:
    channel = caller.channel_to_write(arguments.text("channel"))
    message = channel.message(arguments.text("timestamp"))
    return message.reactions.setdefault(arguments.text("name"), [])


METHODS: Methods = {
    "reactions.add": Method(react, ("reactions:write",), 3),
    "reactions.remove": Method(unreact, ("reactions:write",), 2),
    "files.info": Method(file, ("files:read",), 4),
}
