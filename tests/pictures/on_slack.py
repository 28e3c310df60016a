"""The scene on Slack."""

from copy import deepcopy

from tests.fakes.slack import Channel, FakeSlack, Message, Said
from tests.fakes.slack.views import View
from tests.pictures.from_slack import said, window
from tests.pictures.pages import Page, Place
from tests.pictures.pages import Said as Spoken
from tests.pictures.scene import BETTER, Script

WITHIN_S = 900.0


class SlackScene:
    """Ana and Ben in a workspace."""

    def __init__(self, slack: FakeSlack) -> None:
        slack.rates.are_on = True
        self.slack, self.team = slack, slack.team("Tornavía")
        self.ana = self.team.user("Ana Ruiz")
        self.ben = self.team.user("Ben Hart", locale="es-ES")
        self.general = self.team.channel("general", [self.ana, self.ben])
        self.team.bot.name = "Tertulia"

    @property
    def ana_is(self) -> str:
        """Ana, as an audience names her."""
        return f"slack:{self.ana.user_id}"

    async def played(self) -> list[Page]:
        """Ask, look, rate."""
        question = await self.ana.mentions(self.general, Script.question)
        growing = await self._growing(question)
        await self._answered(question)
        await self.ben.says(self.general, Script.follow_up, thread=question)
        await self._answered(question, 2)
        thread = self._thread(question)
        pay = await self.ana.mentions(self.general, Script.board)
        await self._answered(pay)
        return [
            Page("slack-thread", "A question in a channel of Slack, answered in its thread", (
                Place("# general, while it is written", self._drawn(growing, question)),
                Place("# general, the thread", self._drawn(thread, question)),
            )),
            await self._private(pay),
        ]  # fmt: skip

    async def _private(self, pay: Message) -> Page:
        spanish = await self.ben.writes_to_bot(Script.spanish)
        await self._answered(spanish)
        alone = await self.ana.writes_to_bot(Script.board)
        await self._answered(alone)
        answer = self._replies(spanish)[0].message
        await self.ben.clicks(answer, "tertulia_rate", "negative")
        form = await self._opened()
        drawn_form = window(form, {"fault": "outdated", "better": BETTER})
        await (await self.ben.submits(form, {"fault": "outdated", "better": BETTER})).settled()
        await self.ana.clicks(self._replies(pay)[0].message, "tertulia_why")
        await self.slack.until(lambda: self.ana.modal and self.ana.modal.version == 2, within=60)
        assert self.ana.modal
        return Page("slack-private", "In private, and what the buttons open", (
            Place("# general, the thread", self._drawn(self._thread(pay), pay)),
            Place("Tertulia  ›  Ana Ruiz", self._drawn(self._thread(alone), alone)),
            Place("Tertulia  ›  Ben Hart", self._drawn(self._thread(spanish), spanish)),
            drawn_form,
            window(self.ana.modal),
        ))  # fmt: skip

    async def _opened(self) -> View:
        await self.slack.until(lambda: self.ben.modal, within=60)
        assert self.ben.modal
        return self.ben.modal

    async def _growing(self, question: Message) -> list[Message]:
        """The answer as it stands while it is written; nothing where that went too fast."""

        def written() -> list[Message]:
            shown = [reply.message for reply in self._replies(question)]
            return [m for m in shown if m.stream and len(m.stream.text) > 20 and not m.metadata]

        def is_seen() -> bool:
            return bool(written()) or any(r.message.metadata for r in self._replies(question))

        await self.slack.until(is_seen, within=WITHIN_S)
        return deepcopy(written()[:1])

    async def _answered(self, question: Message, times: int = 1) -> None:
        await self.slack.until(
            lambda: len([r for r in self._replies(question) if r.message.metadata]) >= times,
            within=WITHIN_S,
        )

    def _replies(self, question: Message) -> list[Said]:
        channel = self._place(question)
        tops = [one for one in channel.transcript().messages if one.message is question]
        bot = self.team.bot.user_id
        return [reply for top in tops for reply in top.replies if reply.message.author == bot]

    def _thread(self, question: Message) -> list[Message]:
        every = self._place(question).messages
        return [m for m in every if m.root == question.root and not m.is_deleted]

    def _place(self, question: Message) -> Channel:
        return self.team.channel_of(question)

    def _drawn(self, messages: list[Message], top: Message) -> tuple[Spoken, ...]:
        names = self.general.names
        return tuple(said(one, names, depth=int(one is not top)) for one in messages)
