"""How much one person, or all in one channel, may ask in a while; told once, then silence."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.channels import Channel
from bot.limit import Limit, limit
from bot.notices import language_of
from bot.wording import say
from knowledge.conversations import now
from knowledge.turn import KeptTurn
from knowledge.turns import Turns

_UNITS = (("span-days", timedelta(days=1)), ("span-hours", timedelta(hours=1)))


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why somebody may not ask just now.

    Attributes:
        is_news: whether they have not been told since the limit was reached.
    """

    text: str
    is_news: bool


@dataclass(slots=True)
class Limits:
    """Counts turns, in the database: all processes that answer count together.

    Attributes:
        time: what time it is.
    """

    turns: Turns
    time: Callable[[], datetime] = now
    _silent_until: dict[str, datetime] = field(default_factory=dict)

    async def refusal(self, kept: KeptTurn, channel: Channel) -> Refusal | None:
        """Why somebody may not ask just now; None where they may.

        Args:
            kept: the turn, just written down.
            channel: what the team has set for its place.
        """
        turn = kept.turn
        if not kept.is_counted:
            return None
        for key, name, written in (
            ("limit-person", turn.author, channel.per_person),
            ("limit-channel", turn.channel, channel.per_channel),
        ):
            allowed = limit(written)
            if allowed and name and (free_at := await self._free_at(kept, name, allowed)):
                return self._told(key, name, allowed, free_at, kept)
        return None

    async def _free_at(self, kept: KeptTurn, name: str, allowed: Limit) -> datetime | None:
        """When there is room again; None where there is."""
        since = self.time() - allowed.window
        last = await self.turns.asked(name, since, before=kept.number, most=allowed.most)
        return last[-1] + allowed.window if len(last) == allowed.most else None

    def _told(
        self, key: str, name: str, allowed: Limit, free_at: datetime, kept: KeptTurn
    ) -> Refusal:
        moment, whom = self.time(), f"{name} {kept.turn.author}"
        self._silent_until = {n: t for n, t in self._silent_until.items() if t > moment}
        is_news = whom not in self._silent_until
        self._silent_until.setdefault(whom, free_at)
        language = language_of(kept.turn)
        span = _span(free_at - moment, language)
        return Refusal(say(key, language, most=allowed.most, span=span), is_news)


def _span(left: timedelta, language: str) -> str:
    """A stretch of time in words, rounded up."""
    for key, unit in _UNITS:
        if left > 2 * unit:
            return say(key, language, number=-int(-left // unit))
    return say("span-minutes", language, number=max(1, -int(-left // timedelta(minutes=1))))
