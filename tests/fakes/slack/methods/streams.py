"""Methods that write little by little: `chat.startStream` and its like."""

from tests.fakes.slack.arguments import Arguments
from tests.fakes.slack.channels import Channel, Session
from tests.fakes.slack.errors import Json, RefusedError
from tests.fakes.slack.limits import BLOCKS, MARKDOWN, check_blocks, check_markdown
from tests.fakes.slack.messages import Message, Stream, with_names
from tests.fakes.slack.methods.chat import thread_in
from tests.fakes.slack.methods.method import Caller, Method, Methods

_TASK_STATES = {"pending", "in_progress", "complete", "error"}
_DISPLAYS = {"timeline", "plan", "dense"}
SESSION_STATES = {"active", "processing", "suspended", "closed"}


def start(caller: Caller, arguments: Arguments) -> Json:
    """`chat.startStream`."""
    channel = caller.channel_to_write(arguments.text("channel"))
    arguments.text("thread_ts")
    thread = thread_in(channel, arguments)
    _check_recipient(caller, channel, arguments)
    display = arguments.text("task_display_mode", "timeline")
    if display not in _DISPLAYS:
        raise RefusedError("invalid_arguments")
    stream = Stream(caller.now, arguments.optional("recipient_user_id"), display)
    _grow(stream, _chunks(arguments))
    message = Message(
        channel.channel_id,
        caller.team.team_id,
        caller.world.moments.ts(),
        caller.bot,
        bot_id=caller.team.bot.bot_id,
        app_id=caller.world.app.app_id,
        thread_ts=thread,
        stream=stream,
    )
    channel.add(message)
    return {"ok": True, "channel": channel.channel_id, "ts": message.ts}


def append(caller: Caller, arguments: Arguments) -> Json:
    """`chat.appendStream`."""
    message, stream = _open(caller, arguments)
    chunks = _chunks(arguments)
    if not chunks:
        raise RefusedError("no_text")
    _grow(stream, chunks)
    return {"ok": True, "channel": message.channel, "ts": message.ts}


def stop(caller: Caller, arguments: Arguments) -> Json:
    """`chat.stopStream`."""
    message, stream = _open(caller, arguments)
    blocks = arguments.items("blocks")
    check_blocks(blocks)
    _grow(stream, _chunks(arguments))
    message.put("", blocks)
    message.metadata = arguments.mapping("metadata")
    stream.ended = "completed"
    if "session_status" in arguments:
        status = arguments.text("session_status")
        if status not in SESSION_STATES:
            raise RefusedError("invalid_arguments")
        channel = caller.channel(message.channel)
        channel.sessions.setdefault(message.root, Session(status)).status = status
    return {
        "ok": True,
        "channel": message.channel,
        "ts": message.ts,
        "message": message.as_json(),
    }


def _check_recipient(caller: Caller, channel: Channel, arguments: Arguments) -> None:
    """In channels, Slack wants to know for whom it is."""
    if channel.kind != "im":
        for name in ("recipient_user_id", "recipient_team_id"):
            if name not in arguments:
                raise RefusedError(f"missing_{name}")
    if "recipient_user_id" in arguments:
        caller.user(arguments.text("recipient_user_id"))


def _open(caller: Caller, arguments: Arguments) -> tuple[Message, Stream]:
    """A stream that still takes something."""
    channel = caller.channel_to_write(arguments.text("channel"))
    message = channel.message(arguments.text("ts"))
    if message.author != caller.bot:
        raise RefusedError("message_not_owned_by_app")
    state = message.stream.state(caller.now) if message.stream else "completed"
    if state == "stopped":
        raise RefusedError("stopped_by_user")
    if message.stream is None or state != "streaming":
        raise RefusedError("message_not_in_streaming_state")
    return message, message.stream


def _chunks(arguments: Arguments) -> list[Json]:
    """What is to be added, a plain text among it; all of it is checked."""
    chunks = arguments.items("chunks")
    text = arguments.text("markdown_text", "")
    if text:
        chunks = [{"type": "markdown_text", "text": text}, *chunks]
    for chunk in chunks:
        _check(chunk)
    return chunks


def _check(chunk: Json) -> None:
    kind = chunk.get("type")
    if kind == "markdown_text" and isinstance(chunk.get("text"), str):
        check_markdown(chunk["text"])
    elif kind == "blocks" and isinstance(chunk.get("blocks"), list):
        check_blocks(chunk["blocks"])
    elif kind == "task_update" and chunk.get("id") and chunk.get("title"):
        if chunk.get("status", "pending") not in _TASK_STATES:
            raise RefusedError("invalid_chunks")
    elif kind != "plan_update" or not chunk.get("title"):
        raise RefusedError("invalid_chunks")


def _grow(stream: Stream, chunks: list[Json]) -> None:
    """Add all of the chunks, or none of them."""
    texts = [chunk["text"] for chunk in chunks if chunk["type"] == "markdown_text"]
    blocks = [block for chunk in chunks if chunk["type"] == "blocks" for block in chunk["blocks"]]
    if len(stream.text) + sum(map(len, texts)) > MARKDOWN:
        raise RefusedError("msg_blocks_too_long")
    if len(stream.blocks) + len(blocks) > BLOCKS:
        raise RefusedError("msg_blocks_too_many")
    stream.text += "".join(texts)
    stream.blocks = with_names([*stream.blocks, *blocks])
    stream.chunks.extend(chunks)
    for chunk in chunks:
        if chunk["type"] == "task_update":
            stream.tasks[chunk["id"]] = stream.tasks.get(chunk["id"], {}) | chunk
        elif chunk["type"] == "plan_update":
            stream.plan = chunk["title"]


METHODS: Methods = {
    "chat.startStream": Method(start, ("chat:write",), 2),
    "chat.appendStream": Method(append, ("chat:write",), 4),
    "chat.stopStream": Method(stop, ("chat:write",), 2),
}
