"""What the tests of Slack share: a workspace on loopback, and Tertulia serving it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.platforms.slack.workspaces import OneToken, Workspaces
from knowledge.turn import KeptTurn
from tests.bot.platforms.slack_question import Asked
from tests.bot.platforms.slack_scene import served
from tests.fakes import slack_place
from tests.fakes.loopback import Reply
from tests.fakes.scripted_model import ScriptedModel, saying
from tests.fakes.slack import Channel, FakeSlack, Message, Said, Team, User

ANSWER = "Parents take 19 weeks of parental leave."
GROWING = "Parents take 19 weeks of parental leave, and it is paid in full for all of that time."
WEEKS = "How many weeks of parental leave are there?"


@dataclass
class Workspace:
    """A workspace with one channel, in which Ana and Ben talk.

    Attributes:
        structure: the file `tertulia.toml` of the team.
        serving: ends Tertulia's process, as it were.
    """

    slack: FakeSlack
    team: Team
    ana: User
    ben: User
    general: Channel
    app: App
    model: ScriptedModel
    structure: Path
    serving: AsyncExitStack

    def replies(self, question: Message) -> list[Said]:
        """What Tertulia has said in the thread of a message."""
        channel = self.team.channel_of(question)
        every = channel.transcript().messages
        (top,) = [said for said in every if said.message.ts == question.root]
        return [r for r in top.replies if r.message.author == self.team.bot.user_id]

    def whispers(self, channel: Channel) -> list[Said]:
        """What only one person sees in a channel."""
        return list(channel.transcript().whispers)

    def is_done(self, question: Message, times: int = 1) -> bool:
        """Whether that many answers or reasons stand in the thread, as they shall stay."""
        replies = self.replies(question)
        return len(replies) >= times and all(r.message.metadata for r in replies)

    async def answered(self, question: Message, times: int = 1) -> list[Said]:
        """The replies, once that many are there."""
        await self.slack.until(lambda: self.is_done(question, times), within=30)
        return self.replies(question)

    def key(self, question: Message) -> str:
        """What we call a message."""
        channel = self.team.channel_of(question).channel_id
        return f"slack:{self.team.team_id}:{channel}:{question.ts}"

    async def ended(self, question: Message) -> KeptTurn:
        """The turn of a message, once nobody waits for it any longer."""
        turns = (await self.app.inbox()).turns
        for _ in range(1_500):
            kept = await turns.named(self.key(question))
            if kept and not kept.is_open:
                return kept
            await asyncio.sleep(0.02)
        raise AssertionError(question)

    def say(self, toml: str) -> None:
        """Write something into `tertulia.toml`."""
        with self.structure.open("a") as file:
            file.write(f"\n{toml}\n")


def begun() -> Reply:
    """The reply of a model that says some words and then nothing more."""
    whole = saying(GROWING)
    return replace(whole, hang_at=whole.body.index(b"leave") + 5)


def blocks_of(message: Message, kind: str) -> list[dict[str, Any]]:
    """The blocks of this kind."""
    return [block for block in message.blocks if block["type"] == kind]


def as_text(blocks: object) -> str:
    """Everything in blocks, to look for words in."""
    return json.dumps(blocks, ensure_ascii=False)


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    """Slack on loopback, in real time."""
    async with FakeSlack() as slack:
        yield slack


@pytest.fixture
async def workspace(
    fake: FakeSlack, home: Path, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Workspace]:
    """Tertulia serves this workspace, in this process."""
    team = fake.team()
    ana, ben = team.user("Ana"), team.user("Ben", locale="es-ES")
    for name, value in fake.environment(team).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("ADMINS", f"slack:{team.team_id}:user:{ana.user_id}")
    (home / "own" / "personas").mkdir(parents=True)
    monkeypatch.setenv("EXTENSIONS_DIR", str(home / "own"))
    structure = home / "tertulia.toml"
    rested = structure.read_text().replace('kind = "files"', 'kind = "files"\nschedule = "never"')
    structure.write_text(rested)
    model.answer = ANSWER
    general = team.channel("general", [ana, ben])
    async with AsyncExitStack() as serving:
        app = await serving.enter_async_context(served(fake))
        yield Workspace(fake, team, ana, ben, general, app, model, structure, serving)


@pytest.fixture
async def place() -> AsyncIterator[Asked]:
    """A question on a Slack whose time only a test passes; nobody serves it."""
    async with slack_place.workspace() as empty:
        slack, team = empty.slack, empty.team
        slack.app.events = ()
        workspaces = Workspaces(OneToken(team.bot_token), slack.api_url, empty.clock)
        calls = await workspaces.calls(team.team_id)
        asked = Asked(
            slack, empty.clock, team, empty.ana, empty.general, workspaces=workspaces, calls=calls
        )
        asked.message = await asked.ana.says(asked.general, "?")
        yield asked
        await workspaces.close()
