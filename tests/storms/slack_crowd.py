"""A crowd on Slack: everybody mentions the app in one of a few channels."""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import count

from knowledge.sources.website.pace import Clock
from tests.fakes.slack import Channel, FakeSlack, Message, User
from tests.fakes.slack.calls import Call
from tests.storms.crowd import SAID, WEEKS, Asked

PEOPLE = 50
SIGNS = ("assistant.threads.setStatus", "chat.startStream", "chat.postMessage")


class SlackCrowd:
    """Fifty people of one workspace, who ask in turn.

    Args:
        slack: the fake; open.
        channels: how many they are in.
    """

    def __init__(self, slack: FakeSlack, channels: int = 1) -> None:
        self.slack, self.team = slack, slack.team()
        self.environment = slack.environment(self.team) | {"PLATFORMS": "slack"}
        self.people = [self.team.user(f"Person {number}") for number in range(PEOPLE)]
        self._places = [self.team.channel(f"c{n}", self.people) for n in range(channels)]
        self._turn = count()
        self._said: dict[str, tuple[Message, Asked]] = {}
        self._open: set[str] = set()
        self._looked = self._heard = 0

    async def ready(self) -> None:
        """Wait until the app is connected."""
        await self.slack.sockets.connected(within_s=60)

    async def ask(self, many: int) -> None:
        """Have that many people mention the app at once."""
        for _ in range(many):
            await self.one()

    async def one(self, text: str = WEEKS, *, thread: Message | None = None) -> Message:
        """The next person asks."""
        number = next(self._turn)
        person, place = self._who(number)
        now = self.slack.moments.now()
        message = await person.mentions(place, text, thread=thread)
        self._said[message.ts] = message, Asked(now)
        self._open.add(message.ts)
        return message

    def left(self) -> int:
        """How many messages have no outcome yet."""
        self._look()
        return len(self._open)

    def asked(self) -> Sequence[Asked]:
        """Everything that was asked."""
        self._look()
        for ts, (message, asked) in self._said.items():
            replies = [one for one in self._replies(message) if _turn(one.metadata) == ts]
            asked.replies = len({one.ts for one in replies})
            asked.is_answered = any(SAID in str(one.blocks) for one in replies)
        return [asked for _, asked in self._said.values()]

    def _who(self, number: int) -> tuple[User, Channel]:
        return self.people[number % PEOPLE], self._places[number % len(self._places)]

    def _replies(self, message: Message) -> Iterator[Message]:
        place = self.team.channel_of(message)
        bot = self.team.bot.user_id
        return (
            one
            for one in place.messages
            if one.author == bot and one.thread_ts == message.root and not one.is_deleted
        )

    def _look(self) -> None:
        """Take note of what the app has done since."""
        for call in self.slack.calls[self._looked :]:
            if call.is_ok:
                self._note(call)
        self._looked = len(self.slack.calls)
        for ts in [*self._said]:
            _, asked = self._said[ts]
            if asked.acknowledged is None:
                asked.acknowledged = self._acknowledged(ts, asked)

    def _acknowledged(self, ts: str, asked: Asked) -> float | None:
        """When the last of the events of a message was acknowledged: a mention has two."""
        found = [one for one in self.slack.deliveries if one.event.get("ts") == ts]
        after = [one.acknowledged_after_s for one in found]
        if not after or None in after:
            return None
        return asked.said + max(one for one in after if one is not None)

    def _note(self, call: Call) -> None:
        turn = _turn(call.arguments.get("metadata"))
        if turn in self._said:
            asked = self._said[turn][1]
            asked.ended = call.at if asked.ended is None else asked.ended
            self._open.discard(turn)
        below = str(call.arguments.get("thread_ts", ""))
        if call.method in SIGNS and below in self._said:
            asked = self._said[below][1]
            asked.shown = call.at if asked.shown is None else asked.shown


def _turn(metadata: object) -> str:
    """The `ts` of the message that a post answers; empty where it answers none."""
    said = json.loads(metadata) if isinstance(metadata, str) else metadata
    about = said.get("event_payload", {}) if isinstance(said, dict) else {}
    return str(about.get("turn", ":::")).split(":")[3]


@asynccontextmanager
async def opened(*, channels: int = 1, clock: Clock | None = None) -> AsyncIterator[SlackCrowd]:
    """A crowd, with its fake."""
    async with FakeSlack(clock=clock) as slack:
        yield SlackCrowd(slack, channels)
