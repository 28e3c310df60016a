"""One turn whose answer only the person who asked sees."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.platforms.slack.calling import Calls
from bot.platforms.slack.errors import SlackUnavailableError
from bot.platforms.slack.posting import Posting, contents, fingerprint, notice, uploads
from bot.platforms.slack.spot import Spot
from bot.platforms.slack.whispering import respond
from bot.platforms.slack.workspaces import Workspaces
from bot.posts import Post
from bot.wording import say
from pipelines.progress import Progress

Json = Mapping[str, Any]


class WhisperSink:
    """Answers where a command was given, or in a direct message once Slack has closed that way.

    That it has come is told with the acknowledgement of the command; how many are before it, once:
    Slack takes five answers to a command. A press is acknowledged without words.

    Args:
        begins_with: what is told where none is before it: the key of a sentence, or nothing.
    """

    def __init__(
        self, workspaces: Workspaces, spot: Spot, language: str, *, begins_with: str = ""
    ) -> None:
        self._workspaces, self._spot, self._language = workspaces, spot, language
        self._begins_with, self._sent, self._is_over = begins_with, 0, False
        self._uploaded, self._room = 0, ""
        self._told: set[str] = set()
        self._one_at_a_time = asyncio.Lock()

    async def waiting(self, position: int) -> None:
        """Say how many are before it, where there are some, or what begins now."""
        key = "waiting" if position else self._begins_with
        async with self._one_at_a_time:  # nothing of this may take the place of the answer
            if key and key not in self._told and not self._is_over:
                self._told.add(key)
                await self._respond(
                    notice(say(key, self._language, before=position), self._language)
                )

    async def show(self, progress: Progress) -> None:
        """Nothing: each of these would stay there."""

    def take_up(self) -> None:
        """Nothing: what was whispered has no name."""

    async def let_go(self) -> None:
        """Nothing is shown that could end."""

    async def finish(self, post: Post) -> str:
        """Show the answer or the reason to this person alone; it has no name that lasts.

        Raises:
            SlackUnavailableError: not now.
            SlackRefusedError: never.
        """
        self._is_over = True
        calls = await self._workspaces.calls(self._spot.team)
        said = replace(post, text=self._text(post))
        async with self._one_at_a_time:
            for content in contents(said, is_private=self._may_be_shared)[self._sent :]:
                if not await self._responded(content):
                    await Posting(calls, self._spot).tell(content)
                self._sent += 1
            await self._upload(post, calls)
        return ""

    def _text(self, post: Post) -> str:
        """What is said, and where a picture is that cannot stand below it."""
        is_elsewhere = post.pictures and not self._spot.is_direct
        told = say("picture-directly", post.language) if is_elsewhere else ""
        return "\n\n".join(filter(None, (post.text, told)))

    async def _upload(self, post: Post, calls: Calls) -> None:
        """Send its pictures directly: in a channel everybody would see a file."""
        for part, upload in enumerate(uploads(post)):
            if part < self._uploaded:
                continue
            if not self._room:
                told = say("picture", post.language, number=len(post.pictures))
                said = notice(told, post.language)
                self._room = await Posting(calls, self._spot).tell(said)
            room = replace(self._spot, channel=self._room, ts="", thread="")
            await Posting(calls, room, fingerprint(post)).upload(upload, part, len(post.pictures))
            self._uploaded += 1

    @property
    def _may_be_shared(self) -> bool:
        """Whether there is somebody else, and something that is not theirs already."""
        return not (self._spot.is_direct or self._spot.reads_thread)

    async def _responded(self, content: Json) -> bool:
        """Whether Slack took it where the command was given."""
        if not self._spot.response_url:
            return False
        status = await self._respond(content)
        if status in (0, 429) or status >= 500:
            raise SlackUnavailableError(f"A response_url answers {status}.")
        return status == 200

    async def _respond(self, content: Json) -> int:
        """Say something there, at first in the place of what was asked; the status."""
        thread = {"thread_ts": self._spot.thread} if self._spot.thread else {}
        in_place = {"replace_original": True} if self._spot.answer and not self._sent else {}
        said = {**content, **thread, **in_place}
        return await respond(self._workspaces, self._spot.response_url, said)
