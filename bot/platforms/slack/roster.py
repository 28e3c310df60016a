"""Everybody of a workspace: read at once where they are not too many, else by and by."""

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

from bot.platforms.slack.memory import Memory
from bot.platforms.slack.workspaces import Workspaces
from knowledge.sources.website.pace import Clock

PAGE = 1000
QUICK_PAGES = 5
"""A team of more pages is large: Slack hands out some twenty pages of people a minute."""
LARGE_FOR_S = 3600.0
GRACE_S = 255.0
"""So much longer the list of a large team counts, while it is read anew: five minutes in all."""
Json = Mapping[str, Any]


class Roster:
    """Those before whom what is for the team may be said, guests and strangers left out.

    Args:
        fresh_s: so many seconds that counts.
    """

    def __init__(self, workspaces: Workspaces, clock: Clock, fresh_s: float) -> None:
        self._workspaces, self._clock = workspaces, clock
        self._small: Memory[frozenset[str] | None] = Memory(clock, fresh_s)
        self._large: Memory[frozenset[str] | None] = Memory(clock, fresh_s)
        self._large_until: dict[str, float] = {}

    async def at_once(self, team: str) -> frozenset[str] | None:
        """All of them; None where the team is large."""
        if self._clock.now() < self._large_until.get(team, 0.0):
            return None
        return await self._small.get(team, partial(self._read, team, PAGE * QUICK_PAGES))

    async def whole(self, team: str) -> frozenset[str]:
        """All of them, as they were some minutes ago."""
        read = partial(self._read, team)
        return await self._large.get(team, read, grace_s=GRACE_S) or frozenset()

    async def _read(self, team: str, most: float = math.inf) -> frozenset[str] | None:
        """All of them; None where they are more."""
        found: set[str] = set()
        count = 0
        calls = await self._workspaces.calls(team)
        async for one in calls.pages("users_list", "members", {"limit": PAGE}):
            count += 1
            if count > most:
                self._large_until[team] = self._clock.now() + LARGE_FOR_S
                return None
            found |= {one["id"]} if is_harmless(one, team) else set()
        return frozenset(found)


def is_of(user: Json, team: str) -> bool:
    """Whether somebody is of the team: no guest, and of no other organisation."""
    guests = ("is_restricted", "is_ultra_restricted", "is_stranger")
    return user.get("team_id") == team and not any(user.get(kind) for kind in guests)


def is_harmless(user: Json, team: str) -> bool:
    """Whether what is for the team may be said where somebody reads along.

    The apps that the workspace has installed are of it: those who let them in gave them what they
    may read. Else one calendar app would close a channel. What asks for itself is judged by
    `People.member`: no bot is told what is for the team. Who has left reads nothing any more,
    whoever that was.
    """
    return bool(user.get("deleted")) or is_of(user, team)
