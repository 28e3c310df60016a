"""The fake of Discord, met by the real discord.py: buttons, menus and forms."""

import discord
import pytest
from discord import ui

from tests.fakes.discord import Channel, FakeDiscord, Message, NotPossibleError
from tests.fakes.discord_bots import Bot, running

Told = discord.Interaction[Bot]


class Buttons(ui.View):
    """Two buttons and a menu that outlive a restart."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @ui.button(label="Good", emoji="👍", custom_id="up")
    async def up(self, told: Told, button: ui.Button["Buttons"]) -> None:
        button.disabled = True
        await told.response.edit_message(content="Thanks!", view=self)

    @ui.button(label="Bad", custom_id="down")
    async def down(self, told: Told, _: ui.Button["Buttons"]) -> None:
        await told.response.send_modal(Form())

    @ui.button(label="Later", custom_id="later")
    async def later(self, told: Told, _: ui.Button["Buttons"]) -> None:
        await told.response.defer()
        await told.edit_original_response(content="Later it is.")

    @ui.select(
        custom_id="menu",
        options=[discord.SelectOption(label="One"), discord.SelectOption(label="Two")],
    )
    async def menu(self, told: Told, menu: ui.Select["Buttons"]) -> None:
        await told.response.send_message(menu.values[0], ephemeral=True)


class Form(ui.Modal, title="What was wrong?"):
    """A form with one of everything."""

    reason: ui.Label["Form"] = ui.Label(
        text="Reason",
        component=ui.Select(
            custom_id="reason",
            options=[discord.SelectOption(label="Wrong"), discord.SelectOption(label="Old")],
        ),
    )
    better: ui.Label["Form"] = ui.Label(
        text="Better",
        component=ui.TextInput(custom_id="better", max_length=20, required=False),
    )
    source: ui.Label["Form"] = ui.Label(
        text="Whom may we ask?",
        component=ui.UserSelect(custom_id="whom", required=False, min_values=0),
    )
    kind: ui.Label["Form"] = ui.Label(
        text="Kind",
        component=ui.RadioGroup(
            custom_id="kind",
            required=False,
            options=[discord.RadioGroupOption(label="A", value="a")],
        ),
    )
    sure: ui.Label["Form"] = ui.Label(text="Sure?", component=ui.Checkbox(custom_id="sure"))

    async def on_submit(self, told: Told) -> None:  # type: ignore[override]  # our client
        assert isinstance(self.reason.component, ui.Select)
        assert isinstance(self.better.component, ui.TextInput)
        assert isinstance(self.source.component, ui.UserSelect)
        assert isinstance(self.kind.component, ui.RadioGroup)
        assert isinstance(self.sure.component, ui.Checkbox)
        whom = [each.id for each in self.source.component.values]
        more = f"{self.sure.component.value} {self.kind.component.value}"
        seen = f"{self.reason.component.values[0]}: {self.better.component.value} {whom} {more}"
        await told.response.send_message(seen, ephemeral=True)


async def posted_buttons(fake: FakeDiscord, channel: Channel) -> Message:
    """Buttons that a process has posted that is gone."""
    async with running(fake, Bot()) as bot:
        await bot.text_channel(channel.id).send("16 weeks.", view=Buttons())
    return channel.last


async def test_buttons_and_menus_work_also_after_a_restart() -> None:
    async with FakeDiscord() as fake:
        guild = fake.guild("Team")
        ana = guild.member("Ana")
        channel = guild.channel("general")
        answer = await posted_buttons(fake, channel)
        assert channel.transcript().texts == ["16 weeks.\n[👍 Good] [Bad] [Later]"]
        async with running(fake, Bot()) as bot:
            bot.add_view(Buttons())
            shown = await (await ana.selects(answer, "menu", "Two")).answered()
            assert shown.text == "Two"
            with pytest.raises(NotPossibleError):
                await guild.member("Ben").clicks(shown.message or answer, "up")
            await (await ana.clicks(answer, "later")).responded()
            await fake.until(lambda: answer.content == "Later it is.")
            await (await ana.clicks(answer, "up")).responded()
            assert answer.content == "Thanks!"
            for custom_id in ("up", "nothing"):
                with pytest.raises(NotPossibleError):
                    await ana.clicks(answer, custom_id)
            with pytest.raises(NotPossibleError):
                await ana.selects(answer, "menu", "Three")


WRONG_FORMS: list[dict[str, object]] = [
    {},
    {"reason": "Else"},
    {"reason": "Old", "more": "x"},
    {"reason": "Old", "better": "x" * 21},
    {"reason": "Old", "kind": "z"},
]


async def test_forms_are_shown_filled_in_and_sent() -> None:
    async with FakeDiscord() as fake:
        guild = fake.guild("Team")
        ana, ben = guild.member("Ana"), guild.member("Ben")
        answer = await posted_buttons(fake, guild.channel("general"))
        async with running(fake, Bot()) as bot:
            bot.add_view(Buttons())
            form = await (await ana.clicks(answer, "down")).responded()
            assert form.modal
            assert form.modal["title"] == "What was wrong?"
            for wrong in WRONG_FORMS:
                with pytest.raises(NotPossibleError):
                    await ana.submits(form, wrong)
            with pytest.raises(NotPossibleError):
                await ben.submits(form, {"reason": "Old"})
            values = {"reason": "Old", "better": "18 weeks", "whom": [ben], "sure": True}
            short = await (await ana.submits(form, {"reason": "Old"})).answered()
            assert short.text == "Old:  [] False None"
            form = await (await ana.clicks(answer, "down")).responded()
            sent = await (await ana.submits(form, values | {"kind": "a"})).answered()
            assert sent.text == f"Old: 18 weeks [{ben.id}] True a"
            with pytest.raises(NotPossibleError):
                await ana.submits(form, values)
