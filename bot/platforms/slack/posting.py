"""What is posted: the one place through which every text goes to Slack."""

import json
from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256
from typing import Any

import structlog

from bot.egress import Egress
from bot.egress.tool_calls import is_tool_call
from bot.platforms.slack import blocks
from bot.platforms.slack.calling import Answer, Calls
from bot.platforms.slack.errors import SlackRefusedError
from bot.platforms.slack.spot import Spot
from bot.platforms.slack.tables import pieces
from bot.platforms.slack.uploading import Upload, is_file, shared_as
from bot.posts import Link, Post
from bot.splitting import split
from bot.wording import say

LONGEST = 10_500
"""Characters of one part of a text: Slack takes 12,000 in all blocks of a message."""
FULL = 11_800
"""Characters of all texts of one message, with room for what is put between them."""
SUMMARY = 150
EVENT = "tertulia_answer"
Json = Mapping[str, Any]
log = structlog.get_logger(__name__)
_MARKDOWN, _WORDS = Egress("slack"), Egress("terminal")
_QUIET = {"unfurl_links": False, "unfurl_media": False}
_GONE = ("message_not_found", "cant_update_message", "edit_window_closed")
_GROWING = "streaming_state_conflict"
"""What says that a message is still a stream: that of a process that was killed, for instance."""
_UNREADABLE_BLOCKS = ("invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long")


def outgoing(
    text: str, *, links: Collection[str] = (), language: str = "en", limit: int = LONGEST
) -> list[str]:
    """A Markdown text as it may be shown, in as many parts as it takes. Everything goes through it.

    Args:
        text: whoever has written it.
        links: addresses that may be linked.
        language: of what stands in the place of something that is taken out.
        limit: characters of a part.
    """
    parts = _MARKDOWN.parts(text, limit=limit, links=links, language=language)
    return [part.shown for part in parts] or [""]


def unfinished(text: str, language: str) -> str:
    """A Markdown text that goes on, as it may be shown; empty where nothing of it may be yet."""
    return "" if is_tool_call(text) else _MARKDOWN.markdown(text, language=language)


def literal(text: str, *, links: Collection[str] = (), language: str = "en") -> str:
    """A text for a place where Slack reads nothing as markup; see `outgoing`."""
    return _WORDS.literal(text, links=links, language=language)


def literal_pieces(text: str, limit: int, *, links: Collection[str], language: str) -> list[str]:
    """The same in pieces of at most `limit` characters.

    It passes the gate whole before it is cut: of half a secret nobody knows that it is one, and
    what the gate puts in the place of something may be longer.
    """
    whole = literal(text, links=links, language=language)
    return [part.original.strip("\n").rstrip() for part in split(whole, limit)]


def plain(text: str, limit: int = SUMMARY) -> str:
    """A text for a notification or a button, in which nothing is read as markup."""
    words = " ".join(literal(text).split())
    words = words if len(words) <= limit else f"{words[: limit - 1]}…"
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def named(titles: Sequence[str], limit: int) -> str:
    """Titles in one line, for a place where Slack reads nothing as markup."""
    return " ".join(literal(", ".join(titles)).split())[:limit]


def contents(post: Post, *, is_private: bool = False) -> list[dict[str, Any]]:
    """The messages of a post: text for notifications, and blocks."""
    addresses = {link.url for link in post.links if link.url}
    texts = outgoing(post.text, links=addresses, language=post.language)
    made = [content for text in texts for content in _contents(text)]
    sources = blocks.sources_text(post.links, post.language)
    for listed in outgoing(sources, links=addresses, language=post.language) if sources else []:
        if _size(made[-1]["blocks"]) + len(listed) <= FULL:
            made[-1]["blocks"] += blocks.markdown(listed)
        else:
            made.append(_content(listed, blocks.markdown(listed)))
    if post.is_answer:
        made[-1]["blocks"] += blocks.buttons(post, is_private=is_private)
    return made


def uploads(post: Post) -> list[Upload]:
    """The pictures of a post."""
    instead = notice(say("picture-not-posted", post.language), post.language)
    return [Upload(one, instead) for one in post.pictures]


def _contents(text: str) -> list[dict[str, Any]]:
    """The messages of one part: Slack takes one table in each, and not more than so much text."""
    groups: list[list[Json]] = [[]]
    for piece in pieces(text):
        is_second = piece["type"] == "table" and any(one["type"] == "table" for one in groups[-1])
        if is_second or (groups[-1] and _size([*groups[-1], piece]) > FULL):
            groups.append([])
        groups[-1].append(piece)
    return [_content(blocks.summary(group), group) for group in groups]


def _size(made: Sequence[Json]) -> int:
    return sum(map(len, blocks.words(made)))


def notice(text: str, language: str, links: Sequence[Link] = ()) -> Json:
    """The content of a message that is no answer; what does not fit into one is left out."""
    addresses = {link.url for link in links if link.url}
    (first, *_) = outgoing(text, links=addresses, language=language)
    return _content(first, blocks.markdown(first))


def fingerprint(post: Post) -> str:
    """A name by which the messages of a post are told from those of another one."""
    return sha256(json.dumps(post.as_json(), sort_keys=True).encode()).hexdigest()[:12]


class Posting:
    """Writes, changes and removes messages of ours at one spot.

    Args:
        post: the name of what is posted, see `fingerprint`.
    """

    def __init__(self, calls: Calls, spot: Spot, post: str = "") -> None:
        self._calls, self._spot, self._post = calls, spot, post

    async def write(self, content: Json, part: int, parts: int) -> str:
        """Post a message into the thread; its `ts`."""
        thread = {"thread_ts": self._spot.root} if self._spot.root else {}
        marked = {"metadata": self._marker(part, parts)}
        said = await self._sent("chat_postMessage", content, **thread, **_QUIET, **marked)
        return str(said["ts"])

    async def upload(self, upload: Upload, part: int, parts: int) -> str:
        """Post a picture into the thread; its id, or the `ts` of what is said in its place."""
        try:
            return await self._uploaded(upload, part)
        except SlackRefusedError as error:
            log.warning("cannot post a picture", code=error.code, do=error.what_to_do)
            return await self.write(upload.instead, part, parts)

    async def _uploaded(self, upload: Upload, part: int) -> str:
        content, thread = upload.picture.content, {}
        if not content:
            raise SlackRefusedError("upload", "no_bytes")
        if self._spot.root:
            thread = {"thread_ts": self._spot.root}
        place = await self._calls.surely(
            "files_getUploadURLExternal",
            filename=upload.name(self._spot, self._post, part),
            length=len(content),
            alt_txt=upload.alternative,
        )
        await self._calls.upload(str(place["upload_url"]), content)
        named = [{"id": place["file_id"], "title": upload.title}]
        await self._calls.surely(
            "files_completeUploadExternal", files=named, channel_id=self._spot.channel, **thread
        )
        return str(place["file_id"])

    async def whisper(self, content: Json) -> None:
        """Say something that only the person sees, as long as their Slack is open."""
        thread = {"thread_ts": self._spot.root} if self._spot.root else {}
        await self._sent("chat_postEphemeral", content, user=self._spot.user, **thread)

    async def tell(self, content: Json) -> str:
        """Say something to the person in direct messages; the channel that these are."""
        said = await self._sent("chat_postMessage", content, channel=self._spot.user, **_QUIET)
        return str(said.get("channel") or "")

    async def change(self, ts: str, content: Json, part: int, parts: int) -> str:
        """Put something else in the place of a message; its `ts`, another one where it is gone."""
        more = {"ts": ts, "metadata": self._marker(part, parts)}
        try:
            await self._sent("chat_update", content, **more)
        except SlackRefusedError as error:
            if error.code in _GONE:
                return await self.write(content, part, parts)
            if error.code != _GROWING:
                raise
            await self._calls.surely("chat_stopStream", channel=self._spot.channel, ts=ts)
            await self._sent("chat_update", content, **more)
        return ts

    async def remove(self, ts: str) -> None:
        """Take a message away, or a file with its message, if it is there."""
        if is_file(ts):
            await self._remove_file(ts)
            return
        try:
            await self._calls.surely("chat_delete", channel=self._spot.channel, ts=ts)
        except SlackRefusedError as error:
            if error.code not in ("message_not_found", "cant_delete_message"):
                raise

    async def _remove_file(self, file: str) -> None:
        """The message first: without its file it would stay, and say that there was one."""
        try:
            about = (await self._calls.surely("files_info", file=file))["file"]
            for ts in shared_as(about, self._spot.channel):
                await self.remove(ts)
            await self._calls.surely("files_delete", file=file)
        except SlackRefusedError as error:
            if error.code not in ("file_not_found", "file_deleted"):
                raise

    async def _sent(self, method: str, content: Json, **more: object) -> Answer:
        """Send blocks; where Slack does not understand them, simple ones, then the words alone."""
        where = {"channel": self._spot.channel, **more}
        simple = {**content, "blocks": blocks.simple(content["blocks"])}
        for form in (content, simple):
            try:
                return await self._calls.surely(method, **form, **where)
            except SlackRefusedError as error:
                if error.code not in _UNREADABLE_BLOCKS:
                    raise
        words = blocks.whole_text(content["blocks"])
        return await self._calls.surely(method, markdown_text=words, **where)

    def _marker(self, part: int, parts: int) -> Json:
        """The metadata by which a message of ours is found again."""
        about = {"turn": self._spot.edition_key, "post": self._post, "part": part, "parts": parts}
        return {"event_type": EVENT, "event_payload": about}


def _content(text: str, made: Sequence[Json]) -> dict[str, Any]:
    return {"text": plain(text) or "…", "blocks": list(made)}
