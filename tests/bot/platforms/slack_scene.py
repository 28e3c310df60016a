"""The contract's scene on Slack: a workspace on loopback, and Tertulia serving it."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from bot.app import App
from bot.desk import Desk
from bot.platforms.slack import build
from bot.platforms.slack.spot import Spot
from bot.posts import Post
from bot.serving import serve
from bot.settings import Settings
from knowledge.turn import Turn
from tests.contracts.scene import ELSEWHERE, Form, Question, Reply, Scene
from tests.fakes.scripted_model import ScriptedModel
from tests.fakes.slack import Channel, FakeSlack, Message, Said, Team, User
from tests.fakes.slack.errors import Json
from tests.fakes.slack.transcript import text_of

LISTED = ("**Sources**", "**Fuentes**")


@asynccontextmanager
async def served(fake: FakeSlack, owner: str = "") -> AsyncIterator[App]:
    """Tertulia in this process, connected to the fake; under another name if one is given."""
    async with App(Settings()) as app:
        owners = (await app.inbox()).owners
        owners.ourselves = owner or owners.ourselves
        async with serving(app):
            await fake.sockets.connected(2 if owner else 1)
            yield app


@asynccontextmanager
async def serving(app: App) -> AsyncIterator[None]:
    """Slack is served in this process, which ends in order."""
    told = asyncio.Event()
    platform = build(Desk(app, await app.inbox()))
    task = asyncio.create_task(serve(app, [platform], told))
    try:
        yield
    finally:
        told.set()
        await asyncio.wait_for(task, 30)


class SlackScene(Scene):
    """Ana and Ben in a channel of a workspace.

    Args:
        slack: Slack on loopback; what is about rates is tested elsewhere.
    """

    def __init__(self, slack: FakeSlack, team: Team, model: ScriptedModel) -> None:
        slack.rates.are_on = False
        self.slack, self.team, self.model = slack, team, model
        self.people = {"Ana": team.user("Ana"), "Ben": team.user("Ben", locale="es-ES")}
        self.ana = f"slack:{self.people['Ana'].user_id}"
        self.general = team.channel("general", [*self.people.values()])
        self.channel = f"slack:{team.team_id}:chan:{self.general.channel_id}"
        self._serving = AsyncExitStack()

    async def begins(self) -> None:
        """Start Tertulia."""
        self.app = await self._serving.enter_async_context(served(self.slack))

    async def ends(self) -> None:
        """Stop it."""
        await self._serving.aclose()
        assert self.slack.unknown_methods == []

    @asynccontextmanager
    async def beside(self) -> AsyncIterator[App]:
        """Another process, so far as the database knows."""
        async with served(self.slack, ELSEWHERE) as app:
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
        place = self.team.direct(person) if is_private else self.general
        said = text if is_private else f"{self._name} {text}"
        attached = [
            self.team.store(person, place, name, content, mimetype="text/plain")
            for name, content in (files or {}).items()
        ]
        shared = [one.as_json(self.slack.url) for one in attached]
        return Question(who, await person.says(place, said, files=shared), is_private)

    async def asks_several_times(self, text: str, copies: int) -> Question:
        """Ana mentions Tertulia, and each event comes so often."""
        self.slack.faults.copies = copies
        question = await self.asks(text)
        self.slack.faults.copies = 1
        await asyncio.gather(*(one.settled() for one in self.slack.deliveries))
        return question

    async def bot_asks(self, text: str) -> Question:
        """Another app mentions Tertulia."""
        jenkins = self.team.other_bot("Jenkins")
        return Question("Jenkins", await jenkins.mentions(self.general, text))

    async def goes_on(self, question: Question, text: str) -> None:
        """Write into the thread."""
        person, channel = self.people[question.who], self._channel(question)
        await person.says(channel, text, thread=question.said)

    async def edits(self, question: Question, text: str) -> None:
        """Change a question."""
        await self.people[question.who].edits(question.said, f"{self._name} {text}")

    async def deletes(self, question: Question) -> None:
        """Take a question back."""
        await self.people[question.who].deletes(question.said)

    async def stops(self, question: Question) -> None:
        """Press Slack's stop button."""
        await self.people[question.who].presses_stop(question.said)

    def is_begun(self, question: Question) -> bool:
        """Whether there is a stop button."""
        session = self._channel(question).sessions.get(question.said.ts)
        return bool(session and session.status == "processing")

    def shown(self, question: Question) -> int:
        """Messages in the thread, also of a question that is gone."""
        return len([m for m in self._ours(question) if not m.is_deleted])

    def replies(self, question: Question) -> list[Reply]:
        """What stands in the thread as it shall stay."""
        return [_reply([m]) for m in self._ours(question) if m.metadata and not m.is_deleted]

    async def quotes(self, question: Question, who: str) -> str:
        """Press the button."""
        return await self._window(question, who, "tertulia_quotes")

    async def why(self, question: Question, who: str) -> str:
        """Press the button."""
        return await self._window(question, who, "tertulia_why")

    async def praises(self, question: Question, who: str) -> str:
        """Press the button; the thanks that only this person sees."""
        before = len(self._whispers())
        await self.people[who].clicks(self._answer(question), "tertulia_rate", "positive")
        await self.until(lambda: len(self._whispers()) > before)
        return self._whispers()[-1].text

    async def opens_form(self, question: Question, who: str) -> Form:
        """Press the button."""
        person = self.people[who]
        await person.clicks(self._answer(question), "tertulia_rate", "negative")
        await self.until(lambda: person.modal)
        assert person.modal
        return Form(who, person.modal, _text(person.modal.content))

    async def fills_in(self, form: Form, fault: str, better: str) -> None:
        """Send the form."""
        sent = await self.people[form.who].submits(form.opened, {"fault": fault, "better": better})
        await sent.settled()

    async def blames(self, question: Question, who: str, better: str) -> None:
        """Fill in the form."""
        await self.fills_in(await self.opens_form(question, who), "wrong", better)

    async def decides(self, question: Question, who: str, *, is_yes: bool, times: int = 1) -> str:
        """Press the button."""
        before, asked = len(self._whispers()), self._answer(question)
        button = "tertulia_yes" if is_yes else "tertulia_no"
        pressed = [await self.people[who].clicks(asked, button) for _ in range(times)]
        for one in pressed:
            await one.settled()
        await self.until(lambda: len(self._whispers()) > before or self._is_changed(asked))
        told = self._whispers()[before:]
        return told[0].text if told and not self._is_changed(asked) else ""

    def _is_changed(self, asked: Message) -> bool:
        """Whether nothing is to be confirmed in a message any more."""
        return "tertulia_yes" not in str(asked.blocks)

    def pictures(self, question: Question) -> list[bytes]:
        """The files in the thread."""
        shared = [one for m in self._ours(question) if not m.is_deleted for one in m.files]
        return [self.team.files[one["id"]].content for one in shared]

    async def posts(self, post: Post) -> Reply:
        """Post below a message that nobody wants an answer to."""
        said = await self.people["Ana"].says(self.general, "Look at this.")
        spot = Spot(self.team.team_id, self.general.channel_id, said.author, said.ts)
        turn = Turn("slack", (spot.key,), spot.conversation, spot.author, "?", spot.place)
        platform = (await self.app.inbox()).worker.platforms["slack"]
        await platform.sink(turn).finish(post)
        return _reply(self._ours(Question("Ana", said)))

    def announced(self) -> list[Reply]:
        """Our messages that are in no thread."""
        ours = [m for m in self.general.messages if m.author == self.team.bot.user_id]
        return [_reply([m]) for m in ours if m.root == m.ts and not m.is_deleted]

    def told_alone(self, who: str) -> list[str]:
        """What only this person sees in the channel."""
        return [said.text for said in self._whispers() if said.only_for == who]

    def sent(self) -> list[tuple[str, str]]:
        """All texts of all calls, by how Slack reads them."""
        return [text for call in self.slack.calls for text in _texts(call.arguments)] + [
            ("plain", said.text) for said in self._whispers()
        ]

    @property
    def _name(self) -> str:
        return f"<@{self.team.bot.user_id}>"

    def _channel(self, question: Question) -> Channel:
        return self.team.channel_of(question.said)

    def _ours(self, question: Question) -> list[Message]:
        every = self._channel(question).messages
        root = question.said.root
        return [m for m in every if (m.root, m.author) == (root, self.team.bot.user_id)]

    def _answer(self, question: Question) -> Message:
        return [m for m in self._ours(question) if m.metadata][-1]

    def _whispers(self) -> list[Said]:
        channels = self.team.channels.values()
        return [said for channel in channels for said in channel.transcript().whispers]

    async def _window(self, question: Question, who: str, button: str) -> str:
        person: User = self.people[who]
        await person.clicks(self._answer(question), button)
        await self.until(lambda: person.modal and person.modal.version == 2)
        assert person.modal
        text = _text(person.modal.content)
        await person.closes(person.modal)
        return text


def _reply(messages: list[Message]) -> Reply:
    """What people read in the messages of one reply; its sources are in the last block of text."""
    texts = [[_as_read(one, block) for block in one.blocks] for one in messages]
    shown = [[text for text in message if text] for message in texts]
    sources = shown[-1].pop() if shown and shown[-1] and shown[-1][-1].startswith(LISTED) else ""
    labels = [
        element["text"]["text"]
        for block in messages[-1].blocks
        if block["type"] == "actions"
        for element in block["elements"]
    ]
    parts = tuple("\n\n".join(message) for message in shown if message)
    return Reply(messages[0].ts, parts, sources, tuple(labels))


def _as_read(message: Message, block: Json) -> str:
    alone = Message(message.channel, message.team_id, message.ts, message.author, blocks=[block])
    return text_of(alone)


def _text(content: object) -> str:
    return json.dumps(content, ensure_ascii=False)


def _texts(value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 (JSON has no narrower type)
    """The texts somewhere in a call, each with how Slack reads it."""
    if isinstance(value, str) and value[:1] in "[{":
        value = _read(value)
    if isinstance(value, list):
        for one in value:
            yield from _texts(one)
    if not isinstance(value, dict):
        return
    kind = value.get("type")
    for key, inner in value.items():
        if isinstance(inner, str) and (key, kind) in _READERS:
            yield _READERS[key, kind], inner
        else:
            yield from _texts(inner)


def _read(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


_READERS = {
    ("text", None): "slack-mrkdwn",
    ("text", "mrkdwn"): "slack-mrkdwn",
    ("text", "markdown"): "slack",
    ("text", "markdown_text"): "slack",
    ("markdown_text", None): "slack",
    ("text", "plain_text"): "plain",
    ("text", "raw_text"): "plain",
    ("text", "link"): "plain",
    ("title", "task_update"): "plain",
    ("status", None): "plain",
    ("loading_messages", None): "plain",
}
