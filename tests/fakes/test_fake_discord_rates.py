"""The fake of Discord, met by the real discord.py: rates, storms, errors, broken answers."""

import aiohttp
import discord
import pytest

from tests.fakes.clock import HurriedClock
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord_bots import Bot, bare, running

CREATE = "POST /channels/{channel}/messages"


async def test_a_bucket_that_is_empty_is_waited_for_without_a_429() -> None:
    async with FakeDiscord() as fake:
        channel = fake.guild("Team").channel("general")
        fake.rates.limits["PATCH /channels/{channel}/messages/{message}"] = (2, 0.2)
        async with running(fake, Bot()) as bot:
            here = bot.text_channel(channel.id)
            message = await here.send("0")
            for number in range(5):
                await message.edit(content=str(number))
        assert fake.rates.refused == 0
        assert len(fake.called("PATCH /channels/{channel}/messages/{message}")) == 5


async def test_who_asks_too_often_is_told_when_to_come_back() -> None:
    clock = HurriedClock()
    async with FakeDiscord(clock=clock) as fake, bare(fake) as ask:
        channel = fake.guild("Team").channel("general")
        path = f"/channels/{channel.id}/messages"
        for left in (4, 3, 2, 1, 0):
            status, _, headers = await ask("POST", path, {"content": "x"})
            assert (status, headers["X-RateLimit-Remaining"]) == (200, str(left))
        await clock.sleep(2)
        status, body, headers = await ask("POST", path, {"content": "x"})
        assert status == 429
        assert body == {
            "message": "You are being rate limited.",
            "retry_after": 3.0,
            "global": False,
        }
        assert headers["Via"]
        assert headers["Retry-After"] == "4"
        assert headers["X-RateLimit-Reset-After"] == "3.000"
        other = fake.guild("Other").channel("general")
        assert (await ask("POST", f"/channels/{other.id}/messages", {"content": "x"}))[0] == 200
        await clock.sleep(3)
        assert (await ask("POST", path, {"content": "x"}))[0] == 200


async def test_fifty_requests_a_second_are_the_most_in_all() -> None:
    clock = HurriedClock()
    async with FakeDiscord(clock=clock) as fake, bare(fake) as ask:
        fake.rates.limits["GET /users/@me"] = (1000, 1.0)
        statuses = [(await ask("GET", "/users/@me"))[0] for _ in range(51)]
        assert statuses == [200] * 50 + [429]
        _, body, headers = await ask("GET", "/users/@me")
        assert body["global"] is True
        assert headers["X-RateLimit-Scope"] == "global"
        assert (await ask("POST", "/webhooks/1/x", {"content": "x"}))[0] == 404
        await clock.sleep(1)
        assert (await ask("GET", "/users/@me"))[0] == 200
        fake.rates.is_on = False
        _, _, headers = await ask("GET", "/users/@me")
        assert "X-RateLimit-Limit" not in headers


async def test_too_many_errors_end_in_a_ban() -> None:
    clock = HurriedClock()
    async with FakeDiscord(clock=clock) as fake, bare(fake) as ask:
        fake.rates.most_invalid = 3
        for _ in range(3):
            assert (await ask("GET", "/users/@me", token="?"))[0] == 401  # noqa: S106 (is none)
        status, body, headers = await ask("GET", "/users/@me")
        assert status == 429
        assert "Cloudflare" in body
        assert "Via" not in headers
        await clock.sleep(601)
        assert (await ask("GET", "/users/@me"))[0] == 200


async def test_a_storm_is_weathered_or_reported_by_its_length() -> None:
    clock = HurriedClock()
    async with FakeDiscord(clock=clock) as fake:
        channel = fake.guild("Team").channel("general")
        async with running(fake, Bot(max_ratelimit_timeout=30)) as bot:
            here = bot.text_channel(channel.id)
            fake.faults.storm(600)
            with pytest.raises(discord.RateLimited) as caught:
                await here.send("x")
            assert caught.value.retry_after == pytest.approx(600)
            await clock.sleep(600)
            await here.send("at last")
            fake.faults.storm(60, retry_after=0.01)
            with pytest.raises(discord.HTTPException):
                await here.send("x")
            fake.faults.clear()
        assert channel.transcript().texts == ["at last"]


async def test_a_message_is_posted_once_though_its_answer_was_lost() -> None:
    async with FakeDiscord() as fake, bare(fake) as ask:
        channel = fake.guild("Team").channel("general")
        path = f"/channels/{channel.id}/messages"
        wanted = {"content": "once", "nonce": "n1", "enforce_nonce": True}
        fake.faults.truncate(route=CREATE)
        with pytest.raises(aiohttp.ClientPayloadError):
            await ask("POST", path, wanted)
        fake.faults.cut(route=CREATE)
        with pytest.raises(aiohttp.ClientError):
            await ask("POST", path, wanted)
        fake.faults.slow(0.05, route=CREATE)
        status, body, _ = await ask("POST", path, wanted)
        assert (status, body["nonce"]) == (200, "n1")
        assert channel.transcript().texts == ["once"]
        await ask("POST", path, {"content": "once", "nonce": "n1"})
        assert channel.transcript().texts == ["once", "once"]
        assert fake.faults.met == ["truncated", "cut", "slow"]


async def test_errors_of_the_server_are_tried_again_by_discord_py() -> None:
    async with FakeDiscord() as fake:
        channel = fake.guild("Team").channel("general")
        async with running(fake, Bot()) as bot:
            here = bot.text_channel(channel.id)
            fake.faults.fail(status=502, route=CREATE)
            await here.send("in the end")
            fake.faults.cut(route=CREATE, is_carried_out=False)
            with pytest.raises(aiohttp.ClientError):
                await here.send("never")
        assert channel.transcript().texts == ["in the end"]
        assert [call.status for call in fake.called(CREATE)] == [502, 200, 500]


async def test_what_is_asked_is_noted_without_tokens_and_the_unknown_is_named() -> None:
    async with FakeDiscord() as fake, bare(fake) as ask:
        fake.guild("Team")
        status, body, _ = await ask("GET", "/stage-instances/1")
        assert (status, body) == (404, {"message": "404: Not Found", "code": 0})
        await ask("POST", "/webhooks/1/secret", {"content": "x"})
        secret = "s" * 50
        assert (await ask("GET", f"/webhooks/1/{secret}/slack"))[0] == 404
        assert fake.unknown == ["GET /stage-instances/1", "GET /webhooks/1/…/slack"]
        assert secret not in str(fake.calls)
        assert "secret" not in str(fake.calls)
        assert fake.token not in str(fake.calls)
        status, body, headers = await ask("GET", "/gateway/bot")
        assert body["url"] == fake.gateway_url
        assert body["session_start_limit"]["remaining"] == 1000
        assert headers["Content-Type"] == "application/json"
        assert (await ask("GET", "/gateway", token=""))[1] == {"url": fake.gateway_url}
        with pytest.raises(AssertionError, match="gateway/bot"):
            await fake.until(lambda: False, within=0.01)
