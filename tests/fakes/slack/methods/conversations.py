"""Methods about channels: `conversations.info` and its like."""

from tests.fakes.slack.arguments import Arguments
from tests.fakes.slack.channels import Channel
from tests.fakes.slack.errors import Json, RefusedError
from tests.fakes.slack.messages import Message
from tests.fakes.slack.methods.method import Caller, Method, Methods, page_of

READ = ("channels:read", "groups:read", "im:read", "mpim:read")
HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
_KINDS = {
    "public_channel": ("public", "channels:read"),
    "private_channel": ("private", "groups:read"),
    "im": ("im", "im:read"),
    "mpim": ("mpim", "mpim:read"),
}


def info(caller: Caller, arguments: Arguments) -> Json:
    """`conversations.info`."""
    channel = caller.channel_for("read", arguments.text("channel"))
    value = channel.as_json(bot=caller.bot)
    if not arguments.flag("include_num_members"):
        del value["num_members"]
    if arguments.flag("include_locale"):
        value["locale"] = "en-US"
    return {"ok": True, "channel": value}


def members(caller: Caller, arguments: Arguments) -> Json:
    """`conversations.members`."""
    channel = caller.channel_for("read", arguments.text("channel"))
    page = page_of([{"id": member} for member in channel.members], arguments, "members")
    return page | {"members": [member["id"] for member in page["members"]]}


def history(caller: Caller, arguments: Arguments) -> Json:
    """`conversations.history`: newest first, replies left out."""
    channel = caller.channel_for("history", arguments.text("channel"))
    seen = [message for message in _seen(channel) if message.root == message.ts]
    found = [_with_replies(channel, m, arguments) for m in reversed(seen) if _in(m, arguments)]
    return page_of(found, arguments, "messages")


def replies(caller: Caller, arguments: Arguments) -> Json:
    """`conversations.replies`: the message itself, then its replies, oldest first."""
    channel = caller.channel_for("history", arguments.text("channel"))
    root = arguments.text("ts")
    thread = [message for message in _seen(channel) if root in (message.ts, message.thread_ts)]
    if not thread:
        raise RefusedError("thread_not_found")
    shown = [m for m in thread if m.ts == root or _in(m, arguments)]
    found = [_with_replies(channel, message, arguments) for message in shown]
    return page_of(found, arguments, "messages", limit=1_000)


def open_direct(caller: Caller, arguments: Arguments) -> Json:
    """`conversations.open`."""
    if "channel" in arguments:
        channel = caller.channel(arguments.text("channel"))
    else:
        users = [caller.user(user_id) for user_id in arguments.texts("users")]
        if not users:
            raise RefusedError("users_list_not_supplied")
        caller.need("im:write" if len(users) == 1 else "mpim:write")
        channel = caller.team.direct(*users)
    whole = arguments.flag("return_im")
    value = channel.as_json(bot=caller.bot) if whole else {"id": channel.channel_id}
    return {"ok": True, "channel": value}


def list_all(caller: Caller, arguments: Arguments) -> Json:
    """`conversations.list`."""
    return page_of(_of_kinds(caller, arguments, caller.bot, mine=False), arguments, "channels")


def of_somebody(caller: Caller, arguments: Arguments) -> Json:
    """`users.conversations`: the channels of one person, those that the app may know of."""
    user_id = arguments.text("user", caller.bot)
    caller.user(user_id)
    return page_of(_of_kinds(caller, arguments, user_id, mine=True), arguments, "channels")


def join(caller: Caller, arguments: Arguments) -> Json:
    """`conversations.join`."""
    channel = caller.channel(arguments.text("channel"))
    if channel.kind != "public":
        raise RefusedError("method_not_supported_for_channel_type")
    if caller.bot not in channel.members:
        channel.members.append(caller.bot)
    return {"ok": True, "channel": channel.as_json(bot=caller.bot)}


def _of_kinds(caller: Caller, arguments: Arguments, user_id: str, *, mine: bool) -> list[Json]:
    wanted = arguments.texts("types") or ["public_channel"]
    if not set(wanted) <= set(_KINDS):
        raise RefusedError("invalid_types")
    kinds = set()
    for name in wanted:
        kind, scope = _KINDS[name]
        caller.need(scope)
        kinds.add(kind)
    return [
        channel.as_json(bot=caller.bot)
        for channel in caller.team.channels.values()
        if channel.kind in kinds
        and (channel.kind == "public" or caller.bot in channel.members)
        and (not mine or user_id in channel.members)
        and not (arguments.flag("exclude_archived") and channel.is_archived)
    ]


def _seen(channel: Channel) -> list[Message]:
    return [m for m in channel.messages if not m.is_deleted and m.only_for is None]


def _in(message: Message, arguments: Arguments) -> bool:
    """Whether a message is of the time that is asked for."""
    oldest, latest = arguments.text("oldest", "0"), arguments.text("latest", "9999999999")
    if arguments.flag("inclusive") and message.ts in (oldest, latest):
        return True
    return float(oldest) < float(message.ts) < float(latest)


def _with_replies(channel: Channel, message: Message, arguments: Arguments) -> Json:
    """A message with the count of its replies."""
    value = message.as_json(with_metadata=arguments.flag("include_all_metadata"))
    answers = [m for m in _seen(channel) if m.thread_ts == message.ts and m.ts != message.ts]
    if answers:
        users = sorted({answer.author for answer in answers})
        value |= {"thread_ts": message.ts, "reply_count": len(answers), "reply_users": users}
        value["latest_reply"] = answers[-1].ts
    return value


METHODS: Methods = {
    "conversations.info": Method(info, READ, 3),
    "conversations.members": Method(members, READ, 4),
    "conversations.history": Method(history, HISTORY, 3),
    "conversations.replies": Method(replies, HISTORY, 3),
    "conversations.open": Method(open_direct, ("im:write", "mpim:write"), 3),
    "conversations.list": Method(list_all, READ, 2),
    "conversations.join": Method(join, ("channels:join",), 3),
    "users.conversations": Method(of_somebody, READ, 3),
}
