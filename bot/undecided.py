"""What somebody at a terminal was asked to confirm and has not decided, also after a restart.

A chat shows buttons that stay; a terminal has only what is typed next. So what it asks is noted
with the answer in which it was shown, and shown again by the next `tertulia chat` of that person.
"""

from dataclasses import dataclass

import structlog

from bot.replying import Reply, to_confirm
from knowledge.confirmations import Confirmations
from knowledge.errors import TertuliaError
from knowledge.history import History

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """What can be decided here by a yes or no.

    Attributes:
        confirmation: its name.
        conversation: where it was asked.
        text: as it was shown, with all that it would do.
    """

    confirmation: str
    conversation: str
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Undecided:
    """What one person has not decided; what cannot be noted or read is for the log alone.

    Attributes:
        person: the principal of whoever sits at the terminal.
        persona: who is asked there when it begins: another one may not have the tool.
    """

    confirmations: Confirmations
    history: History
    person: str
    persona: str

    async def asked(self, reply: Reply, conversation: str) -> Asked | None:
        """What a reply asks them to confirm, noted; None where it asks nothing."""
        name = to_confirm(reply)
        if not (name and reply.answer):
            return None
        await self._note(name, reply.answer.reference)
        return Asked(name, conversation, reply.text, reply.language)

    async def passed(self, asked: Asked | None) -> None:
        """They went on with something else: it is not shown again."""
        if asked:
            await self._note(asked.confirmation, "")

    async def again(self) -> Asked | None:
        """What they were last asked by this persona, as long as a yes can count; mostly nothing."""
        try:
            found = await self.confirmations.undecided(self.person)
            shown = await self.history.recorded(found.answer) if found else None
        except TertuliaError as error:
            log.warning("cannot tell what is undecided", kind=error.kind)
            return None
        if found is None or shown is None or shown.receipt.persona != self.persona:
            return None
        return Asked(found.id, found.conversation, shown.text, found.language)

    async def _note(self, confirmation: str, answer: str) -> None:
        try:
            await self.confirmations.note_answer(confirmation, answer)
        except TertuliaError as error:
            log.warning("cannot note what is undecided", kind=error.kind)
