"""The rules that the fake of Discord keeps: lengths, components, rights, pings, ages."""

from typing import Any

import discord
import pytest
from discord import ui

from tests.fakes.discord import Channel, FakeDiscord
from tests.fakes.discord_bots import Bare, Bot, bare, running

V2 = 1 << 15
TEXT = {"type": 10, "content": "words"}
BUTTON = {"type": 2, "style": 1, "label": "Go", "custom_id": "go"}


def row(*parts: object) -> dict[str, object]:
    return {"type": 1, "components": list(parts)}


def menu(custom_id: str, options: int) -> dict[str, object]:
    listed = [{"label": str(n), "value": str(n)} for n in range(options)]
    return {"type": 3, "custom_id": custom_id, "options": listed}


REFUSED: list[dict[str, Any]] = [
    {},
    {"content": ""},
    {"content": "x" * 2001},
    {"content": "x", "embeds": [{"title": "x" * 257}]},
    {"embeds": [{"description": "x" * 4097}]},
    {"embeds": [{"description": "x" * 4000}] * 2},
    {"embeds": [{"fields": [{"name": "n", "value": "x" * 1025}]}]},
    {"embeds": [{"fields": [{"name": "n", "value": "v"}] * 26}]},
    {"embeds": [{"footer": {"text": "x" * 2049}}]},
    {"embeds": [{"title": "x"}] * 11},
    {"embeds": "none"},
    {"content": "x", "components": [row(BUTTON)] * 6},
    {"content": "x", "components": [row(*[BUTTON | {"custom_id": str(n)} for n in range(6)])]},
    {"content": "x", "components": [row(BUTTON, BUTTON)]},
    {"content": "x", "components": [row(BUTTON | {"custom_id": "x" * 101})]},
    {"content": "x", "components": [row(BUTTON | {"label": "x" * 81})]},
    {"content": "x", "components": [row({"type": 2, "style": 5, "label": "no address"})]},
    {"content": "x", "components": [row(menu("m", 26))]},
    {"content": "x", "components": [TEXT]},
    {"content": "x", "components": [BUTTON]},
    {"flags": V2},
    {"flags": V2, "components": [TEXT], "content": "x"},
    {"flags": V2, "components": [TEXT], "embeds": [{"title": "x"}]},
    {"flags": V2, "components": [TEXT] * 41},
    {"flags": V2, "components": [{"type": 17, "components": [TEXT] * 40}]},
    {"flags": V2, "components": [{"type": 10, "content": "x" * 2001}] * 2},
    {"flags": V2, "components": [{"type": 10, "content": ""}]},
    {"flags": V2, "components": [{"type": 9, "components": [TEXT]}]},
    {"flags": V2, "components": [{"type": 9, "components": [TEXT] * 4, "accessory": BUTTON}]},
    {"flags": V2, "components": [BUTTON]},
    {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
    {"content": "x", "allowed_mentions": {"users": ["1"] * 101}},
    {"content": "x", "message_reference": {"message_id": "1"}},
]


@pytest.mark.parametrize("body", REFUSED, ids=lambda body: str(body)[:60])
async def test_messages_beyond_the_limits_are_refused(body: dict[str, Any]) -> None:
    async with FakeDiscord() as fake, bare(fake) as ask:
        channel = fake.guild("Team").channel("general")
        path = f"/channels/{channel.id}/messages"
        assert await ask.code("POST", path, body) in (50006, 50035)
        assert not channel.messages


async def test_messages_at_the_limits_are_accepted() -> None:
    async with FakeDiscord() as fake, bare(fake) as ask:
        fake.rates.is_on = False
        channel = fake.guild("Team").channel("general")
        path = f"/channels/{channel.id}/messages"
        section = {"type": 9, "components": [TEXT], "accessory": BUTTON}
        link = {"type": 2, "style": 5, "label": "Open", "url": "https://example.org/"}
        for body in (
            {"content": "x" * 2000},
            {"embeds": [{"title": "x" * 256, "author": {"name": "A"}, "footer": {"text": "f"}}]},
            {"content": "x", "components": [row(link), row(menu("m", 25))]},
            {"flags": V2, "components": [TEXT] * 40},
            {"flags": V2, "components": [{"type": 17, "components": [section, TEXT]}]},
            {"content": "x", "message_reference": {"message_id": "1", "fail_if_not_exists": False}},
        ):
            assert await ask.code("POST", path, body) == 0, body
        assert channel.transcript().texts[1] == f"A\n{'x' * 256}\nf"
        assert channel.transcript().texts[2] == "x\n[Open]\n"[:-1]
        assert channel.transcript().texts[4] == "words\n[Go]\nwords"


async def test_components_v2_stay_and_keep_content_out() -> None:
    async with FakeDiscord() as fake:
        channel = fake.guild("Team").channel("general")
        async with running(fake, Bot()) as bot:
            here = bot.text_channel(channel.id)
            message = await here.send("16 weeks")
            view = ui.LayoutView()
            view.add_item(ui.Container(ui.TextDisplay("16 weeks [1]")))
            await message.edit(content=None, view=view)
            assert channel.last.is_v2
            assert channel.last.text == "16 weeks [1]"
            with pytest.raises(discord.HTTPException, match="50035"):
                await message.edit(content="back", view=None)
            async with bare(fake) as ask:
                path = f"/channels/{channel.id}/messages/{message.id}"
                assert await ask.code("PATCH", path, {"flags": 4}) == 0
            assert channel.last.is_v2


async def test_links_show_a_preview_unless_told_otherwise() -> None:
    async with FakeDiscord() as fake:
        channel = fake.guild("Team").channel("general")
        async with running(fake, Bot()) as bot:
            here = bot.text_channel(channel.id)
            sent = await here.send("see https://a.example/x and <https://b.example>")
            assert channel.last.previews == ["https://a.example/x"]
            await sent.edit(suppress=True)
            assert channel.last.previews == []
            await here.send("https://c.example", suppress_embeds=True)
            assert channel.last.previews == []


class Pings:
    """Posts as the bot, and tells who hears of it."""

    def __init__(self, ask: Bare, channel: Channel) -> None:
        self._ask, self._channel = ask, channel

    async def __call__(self, content: str, allowed: object = None, **more: object) -> list[str]:
        body: dict[str, object] = {"content": content, **more}
        if allowed is not None:
            body["allowed_mentions"] = allowed
        path = f"/channels/{self._channel.id}/messages"
        assert await self._ask.code("POST", path, body) == 0
        return list(self._channel.last.pings)


async def test_what_would_really_ping_is_known() -> None:
    async with FakeDiscord() as fake, bare(fake) as ask:
        fake.rates.is_on = False
        guild = fake.guild("Team")
        open_, closed = guild.role("Open", is_mentionable=True), guild.role("Closed")
        ana, ben = guild.member("Ana"), guild.member("Ben")
        channel = guild.channel("general")
        text = f"@everyone @here <@&{open_.id}> <@&{closed.id}> {ana.mention} <@!{ben.id}> <@1>"
        pings = Pings(ask, channel)
        everybody = ["@everyone", "@here", "@Open", "@Closed", "@Ana", "@Ben"]
        assert await pings(text) == everybody
        assert await pings(text, {"parse": []}) == []
        some = {"users": [str(ben.id)], "roles": [str(open_.id)]}
        assert await pings(text, some) == ["@Open", "@Ben"]
        assert await pings(f"`{ana.mention}` ```\n@everyone```") == []
        v2 = {"components": [{"type": 10, "content": text}], "flags": V2}
        assert await pings("", **v2) == everybody
        channel.deny(guild.everyone, "mention_everyone")
        assert await pings(text) == ["@Open", "@Ana", "@Ben"]
        edited = f"/channels/{channel.id}/messages/{channel.last.id}"
        assert await ask.code("PATCH", edited, {"content": f"{ana.mention} again"}) == 0
        assert channel.last.pings == ("@Open", "@Ana", "@Ben")
        assert await Pings(ask, ana.direct)(text) == ["@Ana", "@Ben"]


async def test_a_reply_pings_unless_told_otherwise() -> None:
    async with FakeDiscord() as fake, bare(fake) as ask:
        guild = fake.guild("Team")
        channel = guild.channel("general")
        said = await guild.member("Ana").says(channel, "hello")
        pings = Pings(ask, channel)
        answer = {"message_reference": {"message_id": str(said.id)}}
        assert await pings("x", **answer) == ["@Ana"]
        assert await pings("x", {"parse": []}, **answer) == []
        assert await pings("x", {"parse": [], "replied_user": True}, **answer) == ["@Ana"]
