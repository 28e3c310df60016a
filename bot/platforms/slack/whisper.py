"""One turn whose answer only the person who asked sees."""

from collections.abc import Mapping
from typing import Any

from bot.platforms.slack.calling import Calls
from bot.platforms.slack.errors import SlackUnavailableError
from bot.platforms.slack.posting import contents, notice
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
    Slack takes five answers to a command.
    """

    def __init__(self, workspaces: Workspaces, spot: Spot, language: str) -> None:
        self._workspaces, self._spot = workspaces, spot
        self._language, self._sent, self._is_told = language, 0, False

    async def waiting(self, position: int) -> None:
        """Say how many are before it, where there are some."""
        if position and not self._is_told:
            self._is_told = True
            said = notice(say("waiting", self._language, before=position), self._language)
            await respond(self._workspaces, self._spot.response_url, said)

    async def show(self, progress: Progress) -> None:
        """Nothing: each of these would stay there."""

    async def finish(self, post: Post) -> str:
        """Show the answer or the reason to this person alone; it has no name that lasts.

        Raises:
            SlackUnavailableError: not now.
            SlackRefusedError: never.
        """
        calls = await self._workspaces.calls(self._spot.team)
        for content in contents(post, is_private=self._may_be_shared)[self._sent :]:
            if not await self._responded(content):
                await self._written(calls, content)
            self._sent += 1
        return ""

    @property
    def _may_be_shared(self) -> bool:
        """Whether there is somebody else, and something that is not theirs already."""
        return not (self._spot.is_direct or self._spot.reads_thread)

    async def _responded(self, content: Json) -> bool:
        """Whether Slack took it where the command was given."""
        thread = {"thread_ts": self._spot.thread} if self._spot.thread else {}
        url = self._spot.response_url
        status = await respond(self._workspaces, url, {**content, **thread})
        if status in (0, 429) or status >= 500:
            raise SlackUnavailableError(f"A response_url answers {status}.")
        return status == 200

    async def _written(self, calls: Calls, content: Json) -> None:
        await calls.surely(
            "chat_postMessage",
            channel=self._spot.user,
            unfurl_links=False,
            unfurl_media=False,
            **content,
        )
