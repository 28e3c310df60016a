"""What those who look after Tertulia are told in a channel of theirs, such as alarms.

It is written down first: whoever serves that platform posts it, now or once somebody does.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from bot.channels import is_full_name, spellings
from bot.egress import in_markdown
from bot.source_entry import StructureError
from bot.wording import LANGUAGES, say
from knowledge.conversations import now
from knowledge.errors import OperatorError, TertuliaError
from knowledge.reminders import Reminder, Reminders
from knowledge.turn import NOBODY

if TYPE_CHECKING:
    from bot.alarms import Alarm
    from bot.app import App

log = structlog.get_logger(__name__)


class OwnersChannel:
    """The channel that `told_in` under `[learning]` names; without one, what is told is dropped."""

    def __init__(self, app: "App") -> None:
        self._app = app
        self._channel = ""
        self._look()
        with suppress(OperatorError):  # known from now on, also while the file is written wrong
            app.channels.of()

    async def alarm(self, alarm: "Alarm") -> None:
        """Tell an alarm."""
        about = {"job": in_markdown(alarm.job), "message": in_markdown(alarm.message)}
        await self.tell(lambda language: say("told-alarm", language, **about))

    async def tell(self, worded: Callable[[str], str]) -> None:
        """Have something told there; where that fails, what it is about goes on all the same.

        Args:
            worded: says it in a language, as Markdown.
        """
        self._look()
        if not self._channel:
            return
        try:
            language = self._app.channels.of(*spellings(self._channel)).language or LANGUAGES[0]
            wanted = Reminder(
                person=NOBODY,
                conversation=self._channel,
                what=worded(language),
                due_at=now(),
                language=language,
                when=f"{now().astimezone():%Y-%m-%d %H:%M %Z}",
                platform=self._channel.partition(":")[0],
            )
            await Reminders(await self._app.database()).announce(wanted)
        except TertuliaError as error:
            log.warning("failed to tell the owners", kind=error.kind)

    def _look(self) -> None:
        """Which channel it is by now; a mistake elsewhere in the file is told there, too."""
        with suppress(StructureError):
            said = self._app.structure.told_in()
            if not said or is_full_name(said):
                self._channel = said
