"""What an app answers when somebody pressed something: at once, or at a `response_url`."""

from dataclasses import dataclass

from tests.fakes.slack.channels import Channel
from tests.fakes.slack.errors import Json, RefusedError
from tests.fakes.slack.events import Announcer
from tests.fakes.slack.limits import check_blocks
from tests.fakes.slack.messages import Message
from tests.fakes.slack.moments import Moments


@dataclass(frozen=True)
class Bot:
    """The app's bot user in one workspace, as the author of messages."""

    user_id: str
    bot_id: str
    app_id: str
    team_id: str
    moments: Moments
    announcer: Announcer

    def writes(
        self,
        channel: Channel,
        text: str,
        blocks: list[Json] | None = None,
        *,
        thread: str | None = None,
        only_for: str | None = None,
        metadata: Json | None = None,
        files: list[Json] | None = None,
    ) -> Message:
        """Put a message of the bot into a channel; the app hears of it like of any other."""
        message = Message(
            channel.channel_id,
            self.team_id,
            self.moments.ts(),
            self.user_id,
            text,
            bot_id=self.bot_id,
            app_id=self.app_id,
            blocks=blocks or [],
            thread_ts=thread,
            only_for=only_for,
            metadata=metadata,
            files=files or [],
        )
        channel.add(message)
        if only_for is None:
            self.announcer.said(channel, message)
        return message


@dataclass(frozen=True)
class Answering:
    """Takes what the app says to one person about one thing that they pressed.

    Attributes:
        message: on which they pressed; None for commands.
    """

    bot: Bot
    channel: Channel
    user_id: str
    message: Message | None = None

    def __call__(self, said: Json) -> None:
        """Show it: in the place of the message, to all, or to this person alone."""
        blocks = said.get("blocks") or []
        check_blocks(blocks)
        text = str(said.get("text") or "")
        if said.get("delete_original") and self.message:
            self.message.is_deleted = True
        elif said.get("replace_original") and self.message:
            self.message.put(text, blocks)
        elif not text and not blocks:
            raise RefusedError("no_text")
        else:
            is_public = said.get("response_type") == "in_channel"
            only_for = None if is_public else self.user_id
            thread = said.get("thread_ts")
            self.bot.writes(self.channel, text, blocks, thread=thread, only_for=only_for)
