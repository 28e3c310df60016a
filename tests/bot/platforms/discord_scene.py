"""The contract's scene on Discord: a guild on loopback, and Tertulia in this process."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from bot.app import App
from bot.platforms.discord.spot import Spot
from bot.platforms.discord.texts import in_one_line
from bot.posts import Post
from knowledge.turn import Turn
from tests.bot.platforms.discord_world import is_whole, names, served
from tests.contracts.scene import ELSEWHERE, Form, Question, Reply, Scene
from tests.fakes.discord import FakeDiscord, Message
from tests.fakes.discord.channels import Channel
from tests.fakes.discord.components import TEXT_DISPLAY
from tests.fakes.discord.errors import Json
from tests.fakes.discord.interactions import Interaction
from tests.fakes.scripted_model import ScriptedModel

LISTED = ("**Sources**", "**Fuentes**")
FAULT, BETTER = "fault", "better"
UPDATED = 6
"""The response to a press that changes the message later on."""


class DiscordScene(Scene):
    """Ana and Ben in a channel of a guild.

    Args:
        discord: Discord on loopback; what is about rates is tested elsewhere.
    """

    def __init__(
        self, discord: FakeDiscord, model: ScriptedModel, environment: pytest.MonkeyPatch
    ) -> None:
        discord.rates.is_on = False
        self.discord, self.model = discord, model
        self.guild = guild = discord.guild("Team")
        self.people = {"Ana": guild.member("Ana"), "Ben": guild.member("Ben", locale="es-ES")}
        self.ana = f"discord:{self.people['Ana'].id}"
        self.general = guild.channel("general")
        self.channel = f"discord:{guild.id}:chan:{self.general.id}"
        self._environment, self._serving = environment, AsyncExitStack()

    async def begins(self) -> None:
        """Start Tertulia."""
        context = served(self._environment, self.discord, DISCORD_MESSAGE_CONTENT="true")
        self.app, self._platform = await self._serving.enter_async_context(context)

    async def ends(self) -> None:
        """Stop it."""
        await self._serving.aclose()

    @asynccontextmanager
    async def beside(self) -> AsyncIterator[App]:
        """Another process, so far as the database knows."""
        async with served(
            self._environment, self.discord, owner=ELSEWHERE, DISCORD_MESSAGE_CONTENT="true"
        ) as (app, _):
            yield app

    async def asks(
        self,
        text: str,
        *,
        who: str = "Ana",
        is_private: bool = False,
        files: Mapping[str, bytes] | None = None,
    ) -> Question:
        """Mention Tertulia, or write to it directly."""
        person = self.people[who]
        if is_private:
            said = await person.writes_to_bot(text, attachments=files)
        else:
            said = await person.says(self.general, f"{self._name} {text}", attachments=files)
        return Question(who, said, is_private)

    async def asks_several_times(self, text: str, copies: int) -> Question:
        """Ana mentions Tertulia, and each event comes so often."""
        self.discord.events.copies = copies
        question = await self.asks(text)
        await self.reply(question)
        self.discord.events.copies = 1
        return question

    async def bot_asks(self, text: str) -> Question:
        """Another bot mentions Tertulia."""
        other = self.guild.another_bot("Parrot")
        return Question("Parrot", await other.mentions(self.general, text))

    async def goes_on(self, question: Question, text: str) -> None:
        """Write into the thread."""
        await self.people[question.who].says(self._place(question), text)

    async def edits(self, question: Question, text: str) -> None:
        """Change a question."""
        await self.people[question.who].edits(question.said, f"{self._name} {text}")

    async def deletes(self, question: Question) -> None:
        """Take a question back."""
        await self.people[question.who].deletes(question.said)

    async def stops(self, question: Question) -> None:
        """Press the button below the status."""
        (shown,) = self._ours(question)
        await self.people[question.who].clicks(shown, names(shown, "stop")[0])

    def is_begun(self, question: Question) -> bool:
        """Whether there is a stop button."""
        return any(names(message, "stop") for message in self._ours(question))

    def shown(self, question: Question) -> int:
        """Messages of ours that stand there for it."""
        return len(self._ours(question))

    def replies(self, question: Question) -> list[Reply]:
        """What stands there as it shall stay."""
        return [_reply([message]) for message in self._ours(question) if is_whole(message)]

    async def quotes(self, question: Question, who: str) -> str:
        """Press the button."""
        return (await (await self._presses(question, who, "quotes")).answered()).text

    async def why(self, question: Question, who: str) -> str:
        """Press the button."""
        return (await (await self._presses(question, who, "why")).answered()).text

    async def praises(self, question: Question, who: str) -> str:
        """Press the button; the thanks that only this person sees."""
        return (await (await self._presses(question, who, "up")).answered()).text

    async def opens_form(self, question: Question, who: str) -> Form:
        """Press the button."""
        pressed = await (await self._presses(question, who, "down")).responded()
        return Form(who, pressed, str(pressed.modal))

    async def fills_in(self, form: Form, fault: str, better: str) -> None:
        """Send the form."""
        filled = {FAULT: fault, BETTER: better}
        await (await self.people[form.who].submits(form.opened, filled)).answered()

    async def blames(self, question: Question, who: str, better: str) -> None:
        """Fill in the form."""
        await self.fills_in(await self.opens_form(question, who), "wrong", better)

    async def decides(self, question: Question, who: str, *, is_yes: bool, times: int = 1) -> str:
        """Press the button."""
        asked = self._ours(question)[-1]
        (button,) = names(asked, "yes" if is_yes else "no")
        pressed = [await self.people[who].clicks(asked, button) for _ in range(times)]
        responded = await pressed[0].responded()
        return "" if responded.response == UPDATED else (await pressed[0].answered()).text

    def messages(self, question: Question) -> list[Message]:
        """Our messages there."""
        return self._ours(question)

    def everything(self) -> list[Message]:
        """Our messages everywhere."""
        places = self.discord.world.channels.values()
        return [message for place in places for message in place.said_by(self.discord.bot)]

    def pictures(self, question: Question) -> list[bytes]:
        """The files of our messages."""
        return [one.content for message in self._ours(question) for one in message.attachments]

    async def posts(self, post: Post) -> Reply:
        """Post in a thread below a message that nobody wants an answer to."""
        said = await self.people["Ana"].says(self.general, "Look at this.")
        spot = Spot(
            mark=str(said.id),
            user=self.people["Ana"].id,
            guild=self.guild.id,
            channel=self.general.id,
            parent=self.general.id,
            message=said.id,
            thread=in_one_line(post.text) or "…",
        )
        turn = Turn("discord", (str(said.id),), str(said.id), "discord:1", "?", spot.as_json())
        await self._platform.sink(turn).finish(post)
        return _reply(self._ours(Question("Ana", said)))

    def announced(self) -> list[Reply]:
        """Our messages in the channel that reply to nothing."""
        ours = self.general.said_by(self.discord.bot)
        return [_reply([message]) for message in ours if message.reference is None]

    def told_alone(self, who: str) -> list[str]:
        """What stands in this person's direct messages."""
        return [said.content for said in self.people[who].direct.said_by(self.discord.bot)]

    def sent(self) -> list[tuple[str, str]]:
        """All versions of all that Tertulia has said, whispers included."""
        said = [
            message
            for place in self.discord.world.channels.values()
            for message in place.messages.values()
            if message.author is self.discord.bot
        ]
        return [("discord", text) for message in said for text in message.versions]

    @property
    def _name(self) -> str:
        return self.discord.bot.mention

    def _place(self, question: Question) -> Channel:
        """Where the reply stands, or will."""
        begun = self.discord.world.channels.get(question.said.id)
        return begun or question.said.channel

    def _ours(self, question: Question) -> list[Message]:
        place = self._place(question)
        said = place.said_by(self.discord.bot)
        if place.is_thread:
            return said
        return [message for message in said if message.reference is question.said]

    async def _presses(self, question: Question, who: str, act: str) -> Interaction:
        answer = self._ours(question)[-1]
        return await self.people[who].clicks(answer, names(answer, act)[0])


def _reply(messages: list[Message]) -> Reply:
    """What people read in the messages of one reply; its sources are its last text."""
    shown = [
        [one["content"] for one in message.components if one["type"] == TEXT_DISPLAY]
        for message in messages
    ]
    is_listed = bool(shown[-1]) and shown[-1][-1].startswith(LISTED)
    sources = shown[-1].pop() if is_listed else ""
    parts = tuple("\n\n".join(message) for message in shown if message)
    return Reply(str(messages[0].id), parts, sources, tuple(_labels(messages[-1].components)))


def _labels(components: list[Json]) -> list[str]:
    return re.findall(r"'label': '([^']+)'", repr(components))
