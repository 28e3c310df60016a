"""Methods that write: `chat.postMessage` and its like."""

from dataclasses import dataclass

from tests.fakes.slack.arguments import Arguments
from tests.fakes.slack.channels import Channel
from tests.fakes.slack.errors import Json, RefusedError
from tests.fakes.slack.limits import TEXT_OF_AN_UPDATE, check_blocks, check_markdown
from tests.fakes.slack.messages import Message
from tests.fakes.slack.methods.method import Caller, Method, Methods

_KEPT = ("unfurl_links", "unfurl_media", "link_names", "parse", "mrkdwn", "reply_broadcast")


@dataclass(frozen=True)
class Content:
    """What an app wants to be read."""

    text: str
    blocks: list[Json]


def post(caller: Caller, arguments: Arguments) -> Json:
    """`chat.postMessage`."""
    channel = caller.channel_to_write(arguments.text("channel"))
    content = _content(arguments)
    thread = thread_in(channel, arguments)
    metadata = arguments.mapping("metadata")
    message = caller.team.author.writes(
        channel, content.text, content.blocks, thread=thread, metadata=metadata
    )
    message.arguments = {name: arguments.flag(name) for name in _KEPT if name in arguments}
    return _written(channel, message)


def whisper(caller: Caller, arguments: Arguments) -> Json:
    """`chat.postEphemeral`."""
    channel = caller.channel_to_write(arguments.text("channel"))
    user = caller.user(arguments.text("user"))
    if user.user_id not in channel.members:
        raise RefusedError("user_not_in_channel")
    content = _content(arguments)
    thread = thread_in(channel, arguments)
    message = caller.team.author.writes(
        channel, content.text, content.blocks, thread=thread, only_for=user.user_id
    )
    return {"ok": True, "message_ts": message.ts}


def update(caller: Caller, arguments: Arguments) -> Json:
    """`chat.update`."""
    channel = caller.channel_to_write(arguments.text("channel"))
    message = channel.message(arguments.text("ts"))
    if message.author != caller.bot:
        raise RefusedError("cant_update_message")
    if message.stream and message.stream.state(caller.now) == "streaming":
        raise RefusedError("streaming_state_conflict")
    if len(arguments.text("text", "")) > TEXT_OF_AN_UPDATE:
        raise RefusedError("msg_too_long")
    content = _content(arguments)
    previous = message.as_json()
    keeps_blocks = "text" not in arguments and "blocks" not in arguments
    message.put(content.text, content.blocks)
    message.is_edited = not content.blocks and not keeps_blocks
    if "metadata" in arguments:
        message.metadata = arguments.mapping("metadata")
    if message.stream:
        message.stream.clear()
    caller.team.announcer.edited(channel, message, previous)
    return _written(channel, message) | {"text": message.text}


def delete(caller: Caller, arguments: Arguments) -> Json:
    """`chat.delete`."""
    channel = caller.channel_to_write(arguments.text("channel"))
    message = channel.message(arguments.text("ts"))
    if message.author != caller.bot:
        raise RefusedError("cant_delete_message")
    message.is_deleted = True
    caller.team.announcer.deleted(channel, message)
    return {"ok": True, "channel": channel.channel_id, "ts": message.ts}


def permalink(caller: Caller, arguments: Arguments) -> Json:
    """`chat.getPermalink`."""
    channel = caller.channel(arguments.text("channel"))
    ts = channel.message(arguments.text("message_ts")).ts
    link = f"https://{caller.team.domain}.slack.com/archives/{channel.channel_id}"
    return {
        "ok": True,
        "channel": channel.channel_id,
        "permalink": f"{link}/p{ts.replace('.', '')}",
    }


def thread_in(channel: Channel, arguments: Arguments) -> str | None:
    """The thread that is asked for, if there is such a one.

    Raises:
        RefusedError: nothing was ever said at that time, or it is itself a reply.
    """
    thread = arguments.optional("thread_ts")
    if thread is None:
        return None
    root = next((m for m in channel.messages if m.ts == thread and m.only_for is None), None)
    if root is None:
        raise RefusedError("thread_not_found")
    if root.root != thread:
        raise RefusedError("cannot_reply_to_message")
    return thread


def _content(arguments: Arguments) -> Content:
    """What is to be read, once it is seen to be well."""
    text, blocks = arguments.text("text", ""), arguments.items("blocks")
    if "markdown_text" in arguments:
        if text or blocks:
            raise RefusedError("markdown_text_conflict")
        markdown = arguments.text("markdown_text")
        check_markdown(markdown)
        return Content(markdown, [{"type": "markdown", "text": markdown}])
    check_blocks(blocks)
    if not text and not blocks and "attachments" not in arguments:
        raise RefusedError("no_text")
    return Content(text, blocks)


def _written(channel: Channel, message: Message) -> Json:
    return {
        "ok": True,
        "channel": channel.channel_id,
        "ts": message.ts,
        "message": message.as_json(),
    }


METHODS: Methods = {
    "chat.postMessage": Method(post, ("chat:write",), None, is_per_channel=True),
    "chat.postEphemeral": Method(whisper, ("chat:write",), 4),
    "chat.update": Method(update, ("chat:write",), 3),
    "chat.delete": Method(delete, ("chat:write",), 3),
    "chat.getPermalink": Method(permalink, (), None),
}
