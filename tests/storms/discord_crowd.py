"""A crowd on Discord: people mention the bot in a channel, or use `/ask` there."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Literal

from tests.fakes.discord import FakeDiscord, Interaction, Message
from tests.fakes.discord.times import Clock
from tests.storms.crowd import SAID, WEEKS, Asked

PEOPLE = 50
LOOK_S = 0.01
"""How often somebody looks what there is to see."""
Way = Literal["mention", "ask"]


@dataclass
class Question:
    """Something that somebody has asked by a message or by a command."""

    by: Message | Interaction
    asked: Asked
    shown: "list[Message]" = field(default_factory=list)


class DiscordCrowd:
    """Fifty people of one server, who ask in turn.

    Args:
        discord: the fake; open.
        channels: how many they are in.
        ways: how they ask, in turn.
    """

    def __init__(
        self, discord: FakeDiscord, channels: int = 1, ways: Sequence[Way] = ("mention",)
    ) -> None:
        self.discord, self.guild = discord, discord.guild("Team")
        self.environment = {
            "PLATFORMS": "discord",
            "DISCORD_TOKEN": discord.token,
            "DISCORD_API_BASE": discord.api_base,
            "DISCORD_GATEWAY_URL": discord.gateway_url,
        }
        self.people = [self.guild.member(f"Person {number}") for number in range(PEOPLE)]
        self.places = [self.guild.channel(f"c{n}") for n in range(channels)]
        self._ways = ways
        self._turn = count()
        self.questions: list[Question] = []
        self._open: list[Question] = []

    async def ready(self) -> None:
        """Wait until the bot is connected and its commands are known."""
        await self.discord.connected(within=60)
        await self.discord.until(lambda: self.discord.world.commands.of(None), within=60)

    async def ask(self, many: int) -> None:
        """Have that many people ask at once."""
        for _ in range(many):
            await self.one(self._ways[len(self.questions) % len(self._ways)])

    async def one(self, way: Way, text: str = WEEKS) -> Question:
        """The next person asks."""
        number = next(self._turn)
        person = self.people[number % PEOPLE]
        place = self.places[number % len(self.places)]
        asked = Asked(self._now())
        by: Message | Interaction = await (
            person.mentions(place, text)
            if way == "mention"
            else person.runs("ask", place, question=text)
        )
        question = Question(by, asked)
        self.questions.append(question)
        self._open.append(question)
        return question

    def left(self) -> int:
        """How many messages have no outcome yet; commands that nobody took are owed none."""
        return len([one for one in self._open if _is_owed(one)])

    def asked(self) -> Sequence[Asked]:
        """Everything that was asked."""
        self.look()
        for question in self.questions:
            whole = [one for one in self.replies(question) if _is_whole(one)]
            question.asked.replies = len(whole)
            question.asked.is_answered = any(SAID in one.text for one in whole)
            question.asked.is_owed = _is_owed(question)
        return [question.asked for question in self.questions]

    def replies(self, question: Question) -> list[Message]:
        """What the bot has said to it, whole or not."""
        by, bot = question.by, self.discord.bot
        if isinstance(by, Interaction):
            said = [*([by.message] if by.message else []), *by.followups]
            return said + self.discord.world.direct(by.person.user).said_by(bot)
        thread = self.discord.world.channels.get(by.id)
        return thread.said_by(bot) if thread else []

    def look(self) -> None:
        """Take note of what there is to see."""
        now = self._now()
        for question in [*self._open]:
            by, asked = question.by, question.asked
            if isinstance(by, Interaction) and by.responded_s is not None:
                asked.acknowledged = asked.acknowledged or asked.said + by.responded_s
                asked.shown = asked.shown or asked.acknowledged
            elif by.id in self.discord.world.channels:  # a thread has begun below it
                asked.shown = asked.shown or now
            if any(map(_is_whole, self.replies(question))):
                asked.ended = now
                self._open.remove(question)

    async def watch(self) -> None:
        """Look again and again."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_S)

    def _now(self) -> float:
        return self.discord.world.times.now()


def _is_owed(question: Question) -> bool:
    return isinstance(question.by, Message) or not question.by.has_failed


def _is_whole(message: Message) -> bool:
    """Whether it is a reply, and not one in the making."""
    buttons = re.findall(r"'custom_id': '([^']+)'", repr(message.components))
    return not message.is_loading and not any(":stop:" in name for name in buttons)


@asynccontextmanager
async def opened(
    *, channels: int = 1, ways: Sequence[Way] = ("mention",), clock: Clock | None = None
) -> AsyncIterator[DiscordCrowd]:
    """A crowd, with its fake."""
    async with FakeDiscord(clock=clock) as discord:
        crowd = DiscordCrowd(discord, channels, ways)
        watching = asyncio.create_task(crowd.watch())
        try:
            yield crowd
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
