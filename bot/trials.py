"""Candidates on trial: which channels meet them, and who answers there.

A canary answers a tenth of the channels that agree to learning, the same ones as long as it is
tried; everybody else is answered by what serves now.
"""

from collections.abc import Collection, Sequence
from hashlib import sha256
from math import ceil
from typing import TYPE_CHECKING

from bot.channels import spellings
from knowledge.candidates import Candidates
from pipelines.current import CurrentAssistant

if TYPE_CHECKING:
    from bot.app import App

SHARE = 0.1
"""Of the channels that agree, and one at least."""


class Trials:
    """The candidates that answer a few channels."""

    def __init__(self, app: "App") -> None:
        self._app = app
        self._assistants: dict[tuple[str, ...], CurrentAssistant] = {}

    async def assistant(self, persona: str, channel: str) -> CurrentAssistant:
        """Who answers in a channel.

        Args:
            persona: who is asked.
            channel: its full name where it agrees that something is learnt; else empty.
        """
        if not channel and not self._assistants:  # nothing to meet, and nothing to give back
            return await self._app.cast.assistant(persona)
        canaries = await Candidates(await self._app.database()).being("canary")
        on_trial = [one.name for one in canaries]
        await self._close_others(on_trial)
        agreed = self._app.channels.learning() if on_trial and channel else []
        tried = [one for one in on_trial if channel and meets(one, channel, agreed)]
        if not tried:
            return await self._app.cast.assistant(persona)
        key = (persona, *tried)
        if key not in self._assistants:
            self._assistants[key] = await self._app.cast.on_trial(persona, tried)
        return self._assistants[key]

    async def _close_others(self, on_trial: Collection[str]) -> None:
        """Give back the models of trials that have ended."""
        for key in [key for key in self._assistants if not set(key[1:]) <= set(on_trial)]:
            await self._assistants.pop(key).close()


def meets(candidate: str, channel: str, agreed: Sequence[str]) -> bool:
    """Whether a channel is among those that meet a canary.

    Args:
        candidate: its name; another one is met by other channels.
        channel: its full name.
        agreed: the single channels that agree, as `tertulia.toml` names them; of others, such as
            all of a server, nobody knows how many there are.
    """
    if not any(one in spellings(channel) for one in agreed):
        return _number(candidate, channel) < SHARE
    by_lot = sorted(agreed, key=lambda one: _number(candidate, one))
    return any(one in spellings(channel) for one in by_lot[: ceil(SHARE * len(agreed))])


def _number(candidate: str, channel: str) -> float:
    """From 0 to 1, the same for the same two."""
    return int.from_bytes(sha256(f"{candidate} {channel}".encode()).digest()[:8]) / 2**64
