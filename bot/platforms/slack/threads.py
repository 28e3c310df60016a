"""Everything that we are showing in threads of Slack just now."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from bot.notices import language_of
from bot.owners import may_be_begun
from bot.platforms.slack.calling import Calls
from bot.platforms.slack.errands import Errands, all_done, insistently
from bot.platforms.slack.finding import Found, find
from bot.platforms.slack.posting import Posting, notice
from bot.platforms.slack.sink import STATUS, ThreadSink
from bot.platforms.slack.spot import Spot
from bot.platforms.slack.streaming import StreamRate
from bot.platforms.slack.workspaces import Workspaces
from knowledge.conversations import now
from knowledge.sources.website.pace import Clock
from knowledge.turn import Turn


class Threads:
    """Sinks by the message that they answer.

    Args:
        errands: what is tidied up when an answer is there.

    Attributes:
        sessions: the threads in which Slack shows its stop button for us.
    """

    def __init__(self, workspaces: Workspaces, errands: Errands, clock: Clock) -> None:
        self._workspaces, self._errands, self._clock = workspaces, errands, clock
        self._sinks: dict[str, ThreadSink] = {}
        self.sessions: set[str] = set()
        self._rates: dict[str, StreamRate] = {}
        self._since: datetime = now()

    def sink(self, turn: Turn) -> ThreadSink:
        """Where a turn is shown; it takes over what was shown for an earlier form of it."""
        spot = Spot.of(turn.place)
        before = self._sinks.get(spot.key)
        is_unknown = bool(spot.edition) and before is None and not spot.answer
        sink = ThreadSink(
            self,
            spot,
            language_of(turn),
            self._clock,
            before=before,
            is_resumed=is_unknown or may_be_begun(turn, self._since, now()),
            begins_with="status-doing" if turn.decision else STATUS["searching"],
        )
        self._sinks[spot.key] = sink
        return sink

    def tell(self, spot: Spot, text: str, language: str) -> None:
        """Say something in a thread to one person alone."""
        self._errands.begin(self.whisper(spot, text, language))

    async def whisper(self, spot: Spot, text: str, language: str) -> None:
        """The same, waited for."""
        await Posting(await self.calls(spot), spot).whisper(notice(text, language))

    async def calls(self, spot: Spot) -> Calls:
        """Calls in the workspace of a spot."""
        return await self._workspaces.calls(spot.team)

    async def our_id(self, spot: Spot) -> str:
        """Our name there."""
        return (await self._workspaces.ourselves(spot.team)).user

    async def found(self, spot: Spot) -> Found:
        """What stands there already; what is being written for other questions is not ours."""
        found = await find(await self.calls(spot), spot, await self.our_id(spot))
        others = [one.drafts() for key, one in self._sinks.items() if key != spot.key]
        taken = {ts for drafts in others for ts in drafts}
        found.drafts = [ts for ts in found.drafts if ts not in taken]
        return found

    def rate(self, team: str) -> StreamRate:
        """How many streams were begun lately in a workspace."""
        return self._rates.setdefault(team, StreamRate(self._clock))

    def finished(self, sink: ThreadSink) -> None:
        """An answer is there: nothing is under way any more."""
        self.let_go(sink)
        self._errands.begin(self._settle(sink))

    def let_go(self, sink: ThreadSink) -> None:
        """Know nothing more of a sink."""
        if self._sinks.get(sink.spot.key) is sink:
            del self._sinks[sink.spot.key]

    def ends_session(self, spot: Spot) -> bool:
        """Whether Slack still shows its stop button in a thread where nothing is under way."""
        if self._beside(spot) or spot.conversation not in self.sessions:
            return False
        self.sessions.remove(spot.conversation)
        return True

    async def _settle(self, sink: ThreadSink) -> None:
        await sink.settle()
        for other in self._beside(sink.spot):
            other.show_again()

    def _beside(self, spot: Spot) -> list[ThreadSink]:
        """What is under way in a thread."""
        sinks = self._sinks.values()
        return [sink for sink in sinks if sink.spot.conversation == spot.conversation]

    def close(self) -> None:
        """Show nothing more anywhere; what is not answered yet is taken up by the next process."""
        for sink in self._sinks.values():
            sink.abandon()

    def remove(self, spot: Spot, posted: str, *, is_open: bool = False) -> None:
        """A question is gone: take away what was being written for it, and these messages.

        Args:
            spot: of the question.
            posted: the `ts` of these messages.
            is_open: whether another process may have begun to answer it.
        """
        sink = self._sinks.pop(spot.key, None)
        self._errands.begin(self._take_away(spot, posted.split()))
        if sink:
            self._errands.begin(self._remove_shown(sink))
        elif is_open:
            self._errands.begin(self._remove_found(spot))

    async def _remove_shown(self, sink: ThreadSink) -> None:
        """Take away what we are writing."""
        gone = await insistently(sink.unfinished, self._clock)
        await self._settle(sink)
        await self._take_away(sink.spot, gone)

    async def _remove_found(self, spot: Spot) -> None:
        """Take away what another process may have begun to write."""
        found = await insistently(partial(self.found, spot), self._clock)
        await self._take_away(spot, found.unfinished)

    async def _take_away(self, spot: Spot, gone: Iterable[str]) -> None:
        """Remove messages, each for itself: what is in the way of one holds up no other."""

        async def remove(ts: str) -> None:
            await Posting(await self.calls(spot), spot).remove(ts)

        removing = [partial(remove, ts) for ts in dict.fromkeys(gone)]
        await all_done([insistently(one, self._clock) for one in removing])
