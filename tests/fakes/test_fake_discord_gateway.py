"""The fake of Discord, met by the real discord.py: sessions, shards, and how they break."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
import pytest

from tests.fakes.clock import HurriedClock
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_bots import Bot, least_intents, running


@asynccontextmanager
async def told(fake: FakeDiscord) -> AsyncIterator[tuple[Bot, Any]]:
    """A connected bot, and a function that lets Ana say something directly."""
    ana = fake.guild("Team").member("Ana")
    async with running(fake, Bot()) as bot:
        yield bot, ana.writes_to_bot


async def test_opcode_7_and_close_4000_are_resumed_and_what_was_missed_is_replayed() -> None:
    async with FakeDiscord() as fake, told(fake) as (bot, say):
        await say("one")
        await fake.until(lambda: bot.texts() == ["one"])
        for number, stop in enumerate((fake.gateway.ask_to_reconnect, fake.gateway.close_all), 1):
            fake.gateway.shut()
            stop()
            await fake.until(lambda: not fake.gateway.is_connected)
            for text in "abc":
                await say(f"{text}{number}")
            fake.gateway.open()
            await fake.until(lambda: fake.gateway.resumes == number)  # noqa: B023 (waited for at once)
        await fake.until(lambda: len(bot.heard) == 7)
        assert bot.texts() == ["one", "a1", "b1", "c1", "a2", "b2", "c2"]
        assert fake.gateway.identifies == 1
        assert bot.events.count("RESUMED") == 2


async def test_a_line_that_is_cut_is_resumed() -> None:
    async with FakeDiscord() as fake, told(fake) as (bot, say):
        fake.gateway.shut()
        fake.gateway.cut()
        await fake.until(lambda: not fake.gateway.is_connected)
        await say("missed")
        fake.gateway.open()
        await fake.until(lambda: bot.texts() == ["missed"])
        assert fake.gateway.resumes == 1


async def test_an_invalid_session_is_begun_anew_and_what_was_missed_is_lost() -> None:
    async with FakeDiscord() as fake, told(fake) as (bot, say):
        fake.gateway.shut()
        fake.gateway.close_all()
        await fake.until(lambda: not fake.gateway.is_connected)
        fake.gateway.expire()
        await say("lost")
        fake.gateway.open()
        await fake.until(lambda: fake.gateway.identifies == 2)
        await fake.connected()
        await say("heard")
        await fake.until(lambda: bot.texts())
        fake.gateway.refusals = 1
        fake.gateway.invalidate()
        await fake.until(lambda: fake.gateway.identifies == 4)
        await fake.connected()
        fake.gateway.invalidate(resumable=True)
        await fake.until(lambda: fake.gateway.resumes == 1)
        assert bot.texts() == ["heard"]


async def test_a_zombie_is_noticed_and_left() -> None:
    async with FakeDiscord() as fake:
        fake.gateway.heartbeat_s = 0.2
        ana = fake.guild("Team").member("Ana")
        async with running(fake, Bot(heartbeat_timeout=0.5)) as bot:
            await fake.until(lambda: fake.gateway.heartbeats > 1)
            fake.gateway.fall_silent()
            await ana.writes_to_bot("unheard for a while")
            await fake.until(lambda: bot.texts(), within=20)
            assert fake.gateway.resumes >= 1
            assert fake.gateway.identifies == 1


async def test_events_come_twice_late_and_in_disorder_on_demand() -> None:
    async with FakeDiscord() as fake, told(fake) as (bot, say):
        fake.events.copies = 4
        await say("four times")
        await fake.until(lambda: len(bot.heard) == 4)
        fake.events.copies = 1
        fake.events.again("MESSAGE_CREATE")
        await fake.until(lambda: len(bot.heard) == 5)
        assert len({message.id for message in bot.heard}) == 1
        fake.events.hold()
        for text in "abc":
            await say(text)
        fake.events.release(backwards=True)
        await fake.until(lambda: bot.texts()[5:] == ["c", "b", "a"])
        fake.events.delay_s = 0.05
        await say("late")
        assert "late" not in [each["d"].get("content") for each in fake.gateway.sessions[0].told]
        await fake.until(lambda: "late" in bot.texts())
        await say("too late")


async def test_shards_share_the_guilds_and_one_has_the_direct_messages() -> None:
    async with FakeDiscord() as fake:
        fake.shards = 2
        guilds = [fake.guild(f"Team {number}") for number in range(4)]
        people = [guild.member("Ana") for guild in guilds]
        bot = Sharded()
        async with running(fake, bot):
            assert set(bot.shards) == {0, 1}
            assert {guild.id for guild in bot.guilds} == {guild.id for guild in guilds}
            for guild, person in zip(guilds, people, strict=True):
                await person.mentions(guild.channel("general"), guild.name)
            await people[0].writes_to_bot("directly")
            await fake.until(lambda: len(bot.heard) == 5)
            shards = {guild.name: (guild.id >> 22) % 2 for guild in guilds}
            assert {guild.name: guild.shard_id for guild in bot.guilds} == shards
            assert len(fake.gateway.sessions) == 2


class Sharded(discord.AutoShardedClient):
    """Notes what it hears."""

    def __init__(self) -> None:
        super().__init__(intents=least_intents(), guild_ready_timeout=0.05)
        self.heard: list[discord.Message] = []

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Do not wait five seconds."""

    async def on_message(self, message: discord.Message) -> None:
        self.heard.append(message)


async def test_a_privileged_intent_must_be_switched_on_in_the_portal() -> None:
    async with FakeDiscord() as fake:
        with pytest.raises(discord.PrivilegedIntentsRequired):
            async with running(fake, Bot(least_intents(content=True))):
                pass
        assert fake.gateway.closed == [4014]


async def test_a_wrong_token_is_refused() -> None:
    async with FakeDiscord() as fake:
        fake.token += "?"
        with pytest.raises(discord.LoginFailure):
            async with running(fake, Bot()):
                pass


async def test_people_are_told_to_who_asked_for_them() -> None:
    async with FakeDiscord(privileged=["members"]) as fake:
        guild = fake.guild("Team")
        ana = guild.member("Ana")
        intents = least_intents()
        intents.members = True
        async with running(fake, Bot(intents)) as bot:
            seen = bot.get_guild(guild.id)
            assert seen
            assert {member.name for member in seen.members} == {"ana", "owner.of.team", "tertulia"}
            ben = guild.member("Ben")
            await fake.until(lambda: seen.get_member(ben.id))
            guild.removes(ben)
            await fake.until(lambda: not seen.get_member(ben.id))
            assert [each.id for each in await seen.query_members("an")] == [ana.id]
            assert [each.id for each in await seen.query_members(user_ids=[ana.id])] == [ana.id]
            assert {member.id async for member in seen.fetch_members()} == set(guild.members)
            far = fake.guild("Far")
            assert far.member(ana).id == ana.id
            await fake.until(lambda: len(bot.guilds) == 2)
            far.removes(far.bot)
            await fake.until(lambda: len(bot.guilds) == 1)
            far.channel("unseen")
            far.invites_bot()
            await fake.until(lambda: len(bot.guilds) == 2)


async def test_the_gateway_closes_on_what_it_does_not_understand() -> None:
    clock = HurriedClock()
    async with FakeDiscord(clock=clock) as fake:
        body = {"token": fake.token, "intents": 1, "shard": [0, 1], "properties": {}}
        identify = {"op": 2, "d": body}
        wrong: list[tuple[int, list[Any]]] = [
            (4001, [{"op": 99}]),
            (4002, ["not json"]),
            (4002, ["[]"]),
            (4003, [{"op": 8, "d": {"guild_id": "1"}}]),
            (4004, [{"op": 2, "d": body | {"token": "no"}}]),
            (4004, [{"op": 6, "d": {"token": "no"}}]),
            (4005, [identify, identify]),
            (4007, [{"op": 6, "d": {"token": fake.token, "session_id": "?", "seq": 99}}]),
            (4008, [{"op": 1, "d": None}] * 121),
            (4010, [{"op": 2, "d": body | {"shard": [2, 2]}}]),
            (4013, [{"op": 2, "d": body | {"intents": 1 << 40}}]),
            (4014, [{"op": 2, "d": body | {"intents": 1 << 1}}]),
        ]
        async with aiohttp.ClientSession() as session:
            await _talk(session, fake, [identify], wait_for="READY")
            async with session.ws_connect(fake.gateway_url) as socket:
                await socket.send_json(identify)
                await fake.until(lambda: fake.gateway.is_connected)
                await socket.close(code=4000)
            kept = fake.gateway.sessions[-1].id
            for code, frames in wrong:
                text = json.dumps(frames).replace('"?"', f'"{kept}"')
                assert await _talk(session, fake, json.loads(text)) == code
            fake.gateway.use_up_identifies()
            assert await _talk(session, fake, [identify]) == 4004
            await clock.sleep(86_400)
            assert fake.gateway.identifies_left == 1000
            fake.gateway.heartbeat_s = 0.05
            assert await _talk(session, fake, []) == 4009


async def _talk(
    session: aiohttp.ClientSession, fake: FakeDiscord, frames: list[Any], wait_for: str = ""
) -> int | None:
    """Send frames; the code with which the gateway closes, unless an event is waited for."""
    async with session.ws_connect(fake.gateway_url) as socket, asyncio.timeout(10):
        for frame in frames:
            await socket.send_str(frame if isinstance(frame, str) else json.dumps(frame))
        while (message := await socket.receive()).type is aiohttp.WSMsgType.TEXT:
            if wait_for and json.loads(message.data).get("t") == wait_for:
                return None
        return socket.close_code
