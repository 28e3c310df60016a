"""Ten minutes of "not now" from a platform: nothing is lost, nothing asked early, order kept."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.app import App
from bot.desk import Desk
from bot.platforms import Platform
from bot.platforms.discord.platform import Discord
from bot.platforms.slack.platform import Slack
from bot.serving import serve
from bot.settings import Settings
from tests.bot.platforms.discord_world import is_whole, names, pointed, quiet_home, restored
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord import Message as Reply
from tests.fakes.discord.channels import Channel as Room
from tests.fakes.hurried_loop import LoopClock, hurried
from tests.fakes.scripted_model import ScriptedModel
from tests.fakes.slack import Channel, FakeSlack, Message
from tests.storms.crowd import ANSWER, WEEKS

__all__ = ["quiet_home"]
TIMES = 30.0
STORM_S, RETRY_AFTER_S, THREADS, ASKED, AFTERWARDS_S = 600.0, 30, 3, 4, 600.0


@pytest.fixture(autouse=True)
def _answering(quiet_home: Path, model: ScriptedModel) -> None:
    model.answer = ANSWER


@asynccontextmanager
async def serving(build: "type[Slack] | type[Discord]") -> AsyncIterator[None]:
    """Tertulia in this process, by the time of its event loop."""
    async with App(Settings()) as app:
        desk = Desk(app, await app.inbox())
        platform: Platform = Slack(desk, LoopClock()) if build is Slack else Discord(desk)
        told = asyncio.Event()
        task = asyncio.create_task(serve(app, [platform], told))
        try:
            yield
        finally:
            told.set()
            await task


def turns_of(channel: Channel, root: Message, bot: str) -> list[str]:
    """The questions of a thread that have an answer or a reason, in the order of these."""
    replies = [
        m for m in channel.messages if m.thread_ts == root.ts and m.author == bot and m.metadata
    ]
    said = sorted(replies, key=lambda message: message.ts)
    return [str(m.metadata["event_payload"]["turn"]).split(":")[3] for m in said if m.metadata]


def test_a_storm_on_slack(monkeypatch: pytest.MonkeyPatch) -> None:
    async def storm() -> None:
        async with FakeSlack(clock=LoopClock()) as slack:
            team = slack.team()
            ana = team.user("Ana")
            general, bot = team.channel("general", [ana]), team.bot.user_id
            for name, value in slack.environment(team).items():
                monkeypatch.setenv(name, value)
            async with serving(Slack):
                await slack.sockets.connected(within_s=60 * TIMES)
                roots = [await ana.mentions(general, WEEKS) for _ in range(THREADS)]
                asked = {root.ts: [root.ts] for root in roots}

                def answered() -> bool:
                    return all(len(turns_of(general, r, bot)) >= len(asked[r.ts]) for r in roots)

                await slack.until(answered, within=AFTERWARDS_S)
                slack.faults.storm(STORM_S, retry_after_s=RETRY_AFTER_S)
                for _ in range(ASKED):
                    for root in roots:
                        more = await ana.mentions(general, WEEKS, thread=root)
                        asked[root.ts].append(more.ts)
                    await asyncio.sleep(STORM_S / ASKED - 20)
                await slack.until(answered, within=AFTERWARDS_S)
        assert [turns_of(general, root, bot) for root in roots] == list(asked.values())
        assert not [call for call in slack.calls if call.was_early]
        assert [call for call in slack.calls if call.status == 429]

    with asyncio.Runner(loop_factory=hurried(TIMES)) as runner:
        runner.run(storm())


def marks_of(thread: Room, fake: FakeDiscord) -> list[str]:
    """The questions of a thread whose reply stands there whole, in the order of these."""
    return [_question_of(one) for one in thread.said_by(fake.bot) if is_whole(one)]


def _question_of(reply: Reply) -> str:
    """What it points back to; the first one in a thread that begins at the question, its mark."""
    if reply.reference:
        return str(reply.reference.id)
    return names(reply)[0].rpartition(":")[2]


ON_ITS_WAY_S = 0.5


def early(fake: FakeDiscord) -> list[str]:
    """Calls that came before the time that an answer to the same one had named.

    What was on its way when that was said could not know it.
    """
    found: list[str] = []
    not_before: dict[tuple[object, ...], float] = {}
    for call in fake.calls:
        key = (call.route, *sorted(call.parameters.items()))
        named = not_before.get(key, 0.0)
        if named - RETRY_AFTER_S + ON_ITS_WAY_S < call.at_s < named:
            found.append(f"{call.at_s:.2f} {call.route} {not_before[key]:.2f}")
        if call.status == 429:
            not_before[key] = call.at_s + RETRY_AFTER_S - 0.01
    return found


def test_a_storm_on_discord(monkeypatch: pytest.MonkeyPatch) -> None:
    async def storm() -> None:
        async with FakeDiscord(clock=LoopClock()) as fake:
            guild = fake.guild("Team")
            ana, channel = guild.member("Ana"), guild.channel("general")
            pointed(monkeypatch, fake)
            with restored():
                async with serving(Discord):
                    await fake.until(lambda: fake.world.commands.of(None), within=60)
                    roots = [await ana.mentions(channel, WEEKS) for _ in range(THREADS)]
                    asked = {root.id: [str(root.id)] for root in roots}

                    def answered() -> bool:
                        return len(channel.threads) == THREADS and all(
                            len(marks_of(thread, fake)) >= len(asked[thread.id])
                            for thread in channel.threads
                        )

                    await fake.until(answered, within=60)
                    fake.faults.storm(STORM_S, retry_after=RETRY_AFTER_S)
                    for _ in range(ASKED):
                        for thread in channel.threads:
                            more = await ana.mentions(thread, WEEKS)
                            asked[thread.id].append(str(more.id))
                        await asyncio.sleep(STORM_S / ASKED - 20)
                    await fake.until(answered, within=AFTERWARDS_S / TIMES + 30)
        found = [marks_of(thread, fake) for thread in channel.threads]
        assert found == list(asked.values())
        assert not early(fake)
        assert [call for call in fake.calls if call.status == 429]

    with asyncio.Runner(loop_factory=hurried(TIMES)) as runner:
        runner.run(storm())
