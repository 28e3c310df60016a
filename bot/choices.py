"""What people have chosen for themselves: who answers them in a channel."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.channels import Channel
from knowledge.notes import SourceNotes


@dataclass(frozen=True, slots=True)
class Choices:
    """Remembers choices, also over restarts.

    Attributes:
        notes: where they are kept.
        personas: who can answer.
    """

    notes: SourceNotes
    personas: Callable[[], Sequence[str]]

    async def persona(self, person: str, name: str, channel: Channel) -> str:
        """Who answers somebody in a channel: whom they have chosen, if that one may still.

        Args:
            person: who asks.
            name: of the channel.
            channel: what the team has set for it.
        """
        key = f"{person} {name}"
        chosen = (await self.notes.get([key])).get(key, "")
        return chosen if chosen in self.offered(channel) else channel.persona

    def offered(self, channel: Channel) -> list[str]:
        """Who may answer in a channel."""
        return [one for one in self.personas() if channel.lets_choose(one)]

    async def choose_persona(self, person: str, channel: str, name: str) -> None:
        """Have this persona answer somebody in a channel and in its threads."""
        await self.notes.put({f"{person} {channel}": name})
