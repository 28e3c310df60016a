"""The scene on Discord."""

from collections.abc import Iterable
from dataclasses import replace

from tests.bot.platforms.discord_world import is_whole, names
from tests.fakes.discord import FakeDiscord, Message
from tests.fakes.discord.channels import Channel
from tests.fakes.discord.messages import THREAD_STARTER
from tests.pictures.from_discord import said, window
from tests.pictures.pages import Page, Place, Said
from tests.pictures.scene import BETTER, Script

WITHIN_S = 900.0
LONG_ENOUGH = 25
STATUS = ("Searching", "Found", "That was not enough")


class DiscordScene:
    """Ana and Ben on a server."""

    def __init__(self, discord: FakeDiscord) -> None:
        self.discord, self.guild = discord, discord.guild("Tornavía")
        self.ana = self.guild.member("Ana Ruiz")
        self.ben = self.guild.member("Ben Hart", locale="es-ES")
        self.general = self.guild.channel("general")

    @property
    def ana_is(self) -> str:
        """Ana, as an audience names her."""
        return f"discord:{self.ana.id}"

    async def played(self) -> list[Page]:
        """Ask, look, rate."""
        question = await self.ana.mentions(self.general, Script.question)
        thread = await self._thread(question)
        growing = await self._growing(thread)
        await self._answered(thread)
        await self.ben.says(thread, Script.follow_up)
        await self._answered(thread, 2)
        pay = await self.ana.mentions(self.general, Script.board)
        await self._answered(await self._thread(pay))
        shown = self._drawn([question]), self._drawn([question, *thread.public])
        return [
            Page("discord-thread", "A question on Discord, answered in its thread", (
                Place("# general", (*shown[0], *growing)),
                Place(f"# general  ›  {thread.name}", shown[1]),
            )),
            await self._private(pay),
        ]  # fmt: skip

    async def _private(self, pay: Message) -> Page:
        await self.ben.writes_to_bot(Script.spanish)
        await self._answered(self.ben.direct)
        await self.ana.writes_to_bot(Script.board)
        await self._answered(self.ana.direct, 2)  # the first one says that there is more
        answer = self.ben.direct.last
        form = await (await self.ben.clicks(answer, names(answer, "down")[0])).responded(within=60)
        assert form.modal
        filled = window(form.modal, {"fault": "outdated", "better": BETTER})
        await self.ben.submits(form, {"fault": "outdated", "better": BETTER})
        thread = await self._thread(pay)
        why = await self.ana.clicks(thread.last, names(thread.last, "why")[0])
        await why.answered(within=60)
        assert why.message
        seen = (pay, *thread.public, why.message)
        return Page("discord-private", "In private, and what the buttons open", (
            Place(f"# general  ›  {thread.name}", self._drawn(seen)),
            Place("Tertulia  ›  Ana Ruiz", self._drawn(self.ana.direct.public)),
            Place("Tertulia  ›  Ben Hart", self._drawn(self.ben.direct.public)),
            filled,
        ))  # fmt: skip

    async def _thread(self, question: Message) -> Channel:
        await self.discord.until(lambda: question.id in self.discord.world.channels, within=60)
        return self.discord.world.channels[question.id]

    async def _growing(self, thread: Channel) -> list[Said]:
        """The answer as it stands while it is written; nothing where that went too fast."""

        def written() -> list[Message]:
            begun = thread.said_by(self.discord.bot)
            said = [m for m in begun if names(m, "stop") and not m.text.startswith(STATUS)]
            return [m for m in said if len(m.text) > LONG_ENOUGH]

        def is_seen() -> bool:
            return bool(written()) or any(map(is_whole, thread.said_by(self.discord.bot)))

        await self.discord.until(is_seen, within=WITHIN_S)
        return [replace(one, depth=1) for one in self._drawn(written()[:1])]

    async def _answered(self, place: Channel, times: int = 1) -> None:
        def whole() -> bool:
            return len([*filter(is_whole, place.said_by(self.discord.bot))]) >= times

        await self.discord.until(whole, within=WITHIN_S)

    def _drawn(self, messages: Iterable[Message]) -> tuple[Said, ...]:
        called = {m.id: m.name for m in (self.ana, self.ben)} | {self.discord.bot.id: "Tertulia"}
        return tuple(said(one, called) for one in messages if one.kind != THREAD_STARTER)
