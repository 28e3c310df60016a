"""The fake of Discord serves a bot in a process of its own."""

import asyncio
import sys

from tests.fakes.discord import FakeDiscord

BOT = """
import sys
import warnings

warnings.simplefilter("ignore", DeprecationWarning)
import discord
import yarl

token, discord.http.Route.BASE, gateway = sys.argv[1:]
discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)
client = discord.Client(intents=discord.Intents(guilds=True, dm_messages=True))


@client.event
async def on_message(message):
    if message.author != client.user:
        await message.reply(message.content.upper())


client.run(token, log_handler=None)
"""


async def test_a_bot_in_another_process_answers() -> None:
    async with FakeDiscord() as fake:
        ana = fake.guild("Team").member("Ana")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", BOT, fake.token, fake.api_base, fake.gateway_url
        )
        try:
            await fake.connected(within=60)
            await ana.writes_to_bot("hello")
            await fake.until(lambda: ana.direct.transcript().texts == ["hello", "HELLO"], within=30)
        finally:
            process.kill()
            await process.wait()
        assert not fake.unknown
