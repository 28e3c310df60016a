"""Methods by which the app shares files of its own: an address, the bytes, and then the post."""

from dataclasses import replace

from tests.fakes.slack.arguments import Arguments
from tests.fakes.slack.errors import Json, RefusedError
from tests.fakes.slack.files import StoredFile
from tests.fakes.slack.methods.chat import thread_in
from tests.fakes.slack.methods.method import Caller, Method, Methods

LONGEST_ALT = 1_000
MOST_BYTES = 2**30


def address(caller: Caller, arguments: Arguments) -> Json:
    """`files.getUploadURLExternal`."""
    length = arguments.number("length", 0)
    if not 0 < length <= MOST_BYTES:
        raise RefusedError("file_upload_size_restricted" if length else "invalid_arguments")
    if len(arguments.text("alt_txt", "")) > LONGEST_ALT:
        raise RefusedError("alt_txt_too_large")
    file = caller.team.expect(
        arguments.text("filename"), length=length, description=arguments.text("alt_txt", "")
    )
    return {"ok": True, "file_id": file.file_id, "upload_url": caller.world.url + file.upload_path}


def share(caller: Caller, arguments: Arguments) -> Json:
    """`files.completeUploadExternal`: all of these in one message, or private without a channel."""
    listed = arguments.items("files")
    if not listed:
        raise RefusedError("invalid_arguments")
    files = [_uploaded(caller, str(one.get("id"))) for one in listed]
    titled = [
        replace(file, title=str(one.get("title") or file.name))
        for one, file in zip(listed, files, strict=True)
    ]
    if "channel_id" in arguments:
        titled = _posted(caller, arguments, titled)
    caller.team.files |= {file.file_id: file for file in titled}
    return {"ok": True, "files": [{"id": one.file_id, "title": one.title} for one in titled]}


def _posted(caller: Caller, arguments: Arguments, files: list[StoredFile]) -> list[StoredFile]:
    """The files, once a message with them stands in the channel."""
    name = arguments.text("channel_id")
    if name in caller.team.users:  # unlike with messages, a person is no channel here
        raise RefusedError("channel_not_found")
    channel = caller.channel_to_write(name)
    thread = thread_in(channel, arguments)
    shared = [replace(one, channel_id=channel.channel_id) for one in files]
    message = caller.team.author.writes(
        channel,
        arguments.text("initial_comment", ""),
        thread=thread,
        files=[one.as_json(caller.world.url) for one in shared],
    )
    return [replace(one, ts=message.ts, thread_ts=thread or "") for one in shared]


def delete(caller: Caller, arguments: Arguments) -> Json:
    """`files.delete`; the message in which it was shared stays, and says that it is gone."""
    found = caller.team.files.get(arguments.text("file"))
    if found is None:
        raise RefusedError("file_not_found")
    if found.user_id != caller.bot:
        raise RefusedError("cant_delete_file")
    del caller.team.files[found.file_id]
    for message in caller.team.channels[found.channel_id].messages if found.channel_id else ():
        message.files = [
            {"id": one["id"], "mode": "tombstone"} if one["id"] == found.file_id else one
            for one in message.files
        ]
    return {"ok": True}


def _uploaded(caller: Caller, file_id: str) -> StoredFile:
    """A file of the app that has its bytes, and was not shared yet."""
    file = caller.team.files.get(file_id)
    if file is None or file.user_id != caller.bot or not file.content or file.title:
        raise RefusedError("file_not_found")
    return file


METHODS: Methods = {
    "files.getUploadURLExternal": Method(address, ("files:write",), 4),
    "files.completeUploadExternal": Method(share, ("files:write",), 4),
    "files.delete": Method(delete, ("files:write",), 3),
}
