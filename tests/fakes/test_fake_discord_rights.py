"""Rights, threads that are closed, ages, files: what the fake of Discord lets the bot do where."""

import io
from typing import Any

import discord
import pytest

from tests.fakes.clock import HurriedClock
from tests.fakes.discord import FakeDiscord, NotPossibleError
from tests.fakes.discord_bots import Bare, Bot, bare, running


async def test_the_bot_may_only_do_what_it_has_the_rights_for() -> None:
    async with FakeDiscord() as fake, bare(fake) as ask:
        fake.rates.is_on = False
        guild = fake.guild("Team")
        chief = guild.role("Chief", "administrator")
        ana, ben = guild.member("Ana", roles=[chief]), guild.member("Ben")
        channel, hidden = guild.channel("general"), guild.channel("hidden")
        hidden.only_for(chief, ana)
        said = await ana.says(channel, "hello")
        secret = await ana.says(hidden, "secret")
        place, one = f"/channels/{channel.id}", f"/channels/{channel.id}/messages/{said.id}"
        assert not ben.sees(hidden)
        for wrong in (ben.says(hidden, "x"), ben.reacts(secret, "👍")):
            with pytest.raises(NotPossibleError):
                await wrong
        x = {"content": "x"}
        expected = [
            (50001, "GET", f"/channels/{hidden.id}", None),
            (50001, "POST", f"/channels/{hidden.id}/messages", x),
            (50005, "PATCH", one, x),
            (50013, "DELETE", one, None),
            (50013, "POST", f"{place}/messages/bulk-delete", {"messages": ["1", "2"]}),
            (50013, "PATCH", place, {"name": "other"}),
            (50013, "DELETE", place, None),
            (50013, "DELETE", f"{one}/reactions/%F0%9F%91%8D/{ana.id}", None),
            (10014, "PUT", f"{one}/reactions/thumbsup/@me", None),
            (10008, "GET", f"{place}/messages/1", None),
            (10003, "GET", "/channels/1", None),
            (50035, "GET", "/channels/x", None),
            (50035, "GET", f"{place}/messages?limit=101", None),
            (50035, "POST", f"{place}/messages", [1]),
            (50001, "GET", f"/guilds/{guild.id}/members", None),
            (10004, "GET", "/guilds/1", None),
            (10007, "GET", f"/guilds/{guild.id}/members/{fake.world.new_user('Eva').id}", None),
            (10013, "GET", f"/guilds/{guild.id}/members/1", None),
            (10013, "GET", "/users/1", None),
            (10013, "POST", "/users/@me/channels", {"recipient_id": "1"}),
            (50007, "POST", "/users/@me/channels", {"recipient_id": str(fake.bot.id)}),
            (50024, "PATCH", f"/channels/{ana.direct.id}", {"name": "x"}),
            (50024, "POST", f"/channels/{ana.direct.id}/threads", {"name": "x"}),
            (50024, "GET", f"{place}/thread-members", None),
            (50035, "POST", f"{one}/threads", {"name": ""}),
            (50035, "POST", f"{one}/threads", {"name": "x", "auto_archive_duration": 5}),
        ]
        for code, method, path, body in expected:
            assert await ask.code(method, path, body) == code, path
        await _check_denials(ask, guild.bot, channel, one)
        guild.removes(guild.bot)
        assert await ask.code("POST", f"{place}/messages", x) == 50001


async def _check_denials(ask: Bare, bot: Any, channel: Any, one: str) -> None:  # noqa: ANN401 (short)
    """Each right by itself, denied in the channel."""
    path = f"/channels/{channel.id}/messages"
    answer = {"message_reference": {"message_id": one.rpartition("/")[2]}, "content": "x"}
    for right, method, where, body, code in (
        ("send_messages", "POST", path, {"content": "x"}, 50013),
        ("send_messages", "POST", path.replace("messages", "typing"), None, 50013),
        ("embed_links", "POST", path, {"embeds": [{"title": "x"}]}, 50013),
        ("add_reactions", "PUT", f"{one}/reactions/%F0%9F%91%8D/@me", None, 50013),
        ("create_public_threads", "POST", f"{one}/threads", {"name": "x"}, 50013),
        ("read_message_history", "GET", one, None, 50013),
        ("read_message_history", "POST", path, answer, 50035),
        ("view_channel", "GET", one, None, 50001),
    ):
        channel.deny(bot, right)
        assert await ask.code(method, where, body) == code, right
        if right == "read_message_history":
            assert (await ask("GET", path))[1] == []
        channel.allow(bot, right)
        assert (await ask("GET", one))[0] == 200


async def test_direct_messages_can_be_opened_and_refused() -> None:
    async with FakeDiscord() as fake:
        ana = fake.guild("Team").member("Ana")
        async with running(fake, Bot()) as bot:
            user = await bot.fetch_user(ana.id)
            await user.send("hello")
            assert ana.direct.transcript().texts == ["hello"]
            ana.user.takes_direct = False
            with pytest.raises(discord.Forbidden, match="50007"):
                await user.send("hello?")


THUMB = "%F0%9F%91%8D"


async def test_an_archived_thread_is_closed_until_somebody_opens_it() -> None:
    async with FakeDiscord() as fake, bare(fake) as ask:
        fake.rates.is_on = False
        guild = fake.guild("Team")
        ana = guild.member("Ana")
        channel = guild.channel("general")
        thread = await ana.opens_thread(await ana.says(channel, "look"), "Look")
        path = f"/channels/{thread.id}"
        assert await ask.code("POST", f"{path}/messages", {"content": "x"}) == 0
        mine = f"{path}/messages/{thread.last.id}"
        thread.archive()
        for method, where, body in (
            ("PATCH", mine, {"content": "y"}),
            ("DELETE", mine, None),
            ("PUT", f"{mine}/reactions/{THUMB}/@me", None),
            ("PUT", f"{path}/thread-members/@me", None),
            ("PATCH", path, {"name": "x"}),
        ):
            assert await ask.code(method, where, body) == 50083
        assert await ask.code("PATCH", path, {"archived": False}) == 0
        assert await ask.code("PATCH", path, {"name": "x"}) == 50013
        assert await ask.code("PATCH", path, {"locked": True}) == 50013
        assert await ask.code("GET", f"{path}/thread-members/{guild.owner.id}") == 10007
        assert await ask.code("DELETE", f"{path}/thread-members/{ana.id}") == 50013


async def test_a_locked_thread_is_for_moderators() -> None:
    async with FakeDiscord() as fake, bare(fake) as ask:
        guild = fake.guild("Team")
        ana = guild.member("Ana")
        channel = guild.channel("general")
        thread = await ana.opens_thread(channel, "Look")
        path, x = f"/channels/{thread.id}", {"content": "x"}
        thread.archive(locked=True)
        with pytest.raises(NotPossibleError):
            await ana.says(thread, "x")
        assert await ask.code("POST", f"{path}/messages", x) == 50083
        assert await ask.code("PATCH", path, {"archived": False}) == 50013
        thread.is_archived = False
        assert await ask.code("POST", f"{path}/messages", x) == 160005
        channel.allow(guild.bot, "manage_threads")
        assert await ask.code("POST", f"{path}/messages", x) == 0
        assert await ask.code("DELETE", f"{path}/thread-members/{ana.id}") == 0
        assert await ask.code("PATCH", path, {"archived": True}) == 0
        assert await ask.code("DELETE", path) == 0
        assert not channel.threads


async def test_messages_older_than_an_hour_are_not_edited() -> None:
    clock = HurriedClock()
    async with FakeDiscord(clock=clock) as fake, bare(fake) as ask:
        guild = fake.guild("Team", bot_permissions=["manage_messages"])
        channel = guild.channel("general")
        path = f"/channels/{channel.id}/messages"
        assert await ask.code("POST", path, {"content": "x"}) == 0
        mine = f"{path}/{channel.last.id}"
        await clock.sleep(3599)
        assert await ask.code("PATCH", mine, {"content": "y"}) == 0
        await clock.sleep(1)
        status, body, headers = await ask("PATCH", mine, {"content": "z"})
        assert (status, body["code"], "Via" in headers) == (429, 30046, False)
        said = await guild.member("Ana").says(channel, "see https://a.example")
        assert await ask.code("PATCH", f"{path}/{said.id}", {"flags": 4}) == 0
        assert channel.last.previews == []


async def test_messages_of_two_weeks_are_deleted_in_bulk() -> None:
    clock = HurriedClock()
    async with FakeDiscord(clock=clock) as fake, bare(fake) as ask:
        permissions = ["manage_messages", "manage_channels"]
        guild = fake.guild("Team", bot_permissions=permissions)
        ana = guild.member("Ana")
        channel = guild.channel("general")
        bulk = f"/channels/{channel.id}/messages/bulk-delete"
        ids = [str((await ana.says(channel, text)).id) for text in "abc"]
        assert await ask.code("POST", bulk, {"messages": ids[:1]}) == 50016
        assert await ask.code("POST", bulk, {"messages": ["1"] * 101}) == 50035
        assert await ask.code("POST", bulk, {"messages": ids[:2]}) == 0
        assert channel.transcript().texts == ["c"]
        await ana.says(channel, "d")
        await clock.sleep(15 * 86_400)
        both = [str(message.id) for message in channel.public]
        assert await ask.code("POST", bulk, {"messages": both}) == 50034
        assert await ask.code("PATCH", f"/channels/{channel.id}", {"topic": "New"}) == 0
        assert channel.topic == "New"
        await ana.opens_thread(channel, "Goes along")
        assert await ask.code("DELETE", f"/channels/{channel.id}") == 0
        assert not guild.threads


async def test_files_are_limited_and_their_addresses_expire() -> None:
    clock = HurriedClock()
    async with FakeDiscord(clock=clock) as fake:
        fake.rates.is_on = False
        ana = fake.guild("Team").member("Ana")
        async with running(fake, Bot()) as bot:
            await ana.writes_to_bot("read", attachments={"blob": b"\0"})
            heard = await fake.until(lambda: bot.latest)
            assert heard.attachments[0].content_type == "application/octet-stream"
            await clock.sleep(86_400)
            with pytest.raises(discord.NotFound):
                await heard.attachments[0].read()
            await _send_files(heard.channel)


async def _send_files(place: discord.abc.Messageable) -> None:
    big = discord.File(io.BytesIO(bytes(10 * 2**20 + 1)), "big.bin")
    with pytest.raises(discord.HTTPException, match="40005"):
        await place.send(file=big)


async def test_a_guild_can_be_read_over_rest() -> None:
    async with FakeDiscord(privileged=["message_content"]) as fake:
        guild = fake.guild("Team", locale="es-ES")
        ana = guild.member("Ana")
        other = guild.another_bot("Other")
        guild.channel("general")
        async with running(fake, Bot()) as bot:
            seen = await bot.fetch_guild(guild.id)
            assert seen.preferred_locale is discord.Locale.spain_spanish
            assert seen.approximate_member_count == 4
            assert [channel.name for channel in await seen.fetch_channels()] == ["general"]
            assert [role.name for role in await seen.fetch_roles()] == ["@everyone", "Tertulia"]
            assert (await seen.fetch_member(ana.id)).name == "ana"
            assert (await seen.fetch_member(other.id)).bot
            assert [each.name async for each in bot.fetch_guilds()] == ["Team"]
            about = await bot.application_info()
            assert about.flags.gateway_message_content_limited
            fetched = await bot.fetch_channel(guild.channels[0].id)
            assert isinstance(fetched, discord.TextChannel)
            await other.says(guild.channels[0], "beep")
            await ana.types(guild.channels[0])
            await fake.until(lambda: bot.heard and bot.heard[0].author.bot)
