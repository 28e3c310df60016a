"""The fake of Discord, met by the real discord.py: commands, menus, buttons, forms."""

import discord
import pytest
from discord import app_commands

from tests.fakes.discord import FakeDiscord, NotPossibleError
from tests.fakes.discord_bots import Bot, bare, running

Told = discord.Interaction[Bot]


class Spanish(app_commands.Translator):
    """Two words of Spanish."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        words = {"ask": "preguntar", "question": "pregunta"}
        return words.get(string.message) if locale is discord.Locale.spain_spanish else None


def bot_that_answers() -> Bot:
    """A bot with `/ask`, which thinks first."""
    bot = Bot()

    @bot.tree.command(description="Ask something")
    @app_commands.describe(question="What you want to know", only_me="For you alone")
    async def ask(told: Told, question: str, only_me: bool = False) -> None:
        await told.response.defer(thinking=True, ephemeral=only_me)
        await told.edit_original_response(content=f"{question} ({told.locale})")
        await told.followup.send("And more.", ephemeral=only_me)

    return bot


async def test_a_slash_command_is_registered_run_deferred_and_answered() -> None:
    async with FakeDiscord() as fake:
        guild = fake.guild("Team", locale="es-ES")
        ana = guild.member("Ana", locale="es-ES")
        channel = guild.channel("general")
        async with running(fake, bot_that_answers()) as bot:
            await bot.tree.set_translator(Spanish())
            synced = await bot.tree.sync()
            assert [command.name for command in synced] == ["ask"]
            assert [command.id for command in await bot.tree.sync()] == [synced[0].id]
            assert len(await bot.tree.fetch_commands()) == 1
            shown = await ana.runs("preguntar", channel, pregunta="¿Cuánto dura?")
            await shown.answered()
            assert shown.text == "¿Cuánto dura? (es-ES)"
            assert shown.response == 5
            await fake.until(lambda: shown.followups)
        assert channel.transcript().texts == ["¿Cuánto dura? (es-ES)", "And more."]
        assert not fake.unknown


async def test_what_is_for_one_alone_is_kept_apart() -> None:
    async with FakeDiscord() as fake:
        guild = fake.guild("Team")
        ana = guild.member("Ana")
        channel = guild.channel("general")
        async with running(fake, bot_that_answers()) as bot:
            await bot.tree.sync()
            alone = await ana.runs("ask", channel, question="and me?", only_me=True)
            await fake.until(lambda: alone.followups)
            direct = await ana.runs("ask", ana.direct, question="here?")
            await fake.until(lambda: direct.followups)
        seen = channel.transcript()
        assert seen.texts == []
        assert [line.text for line in seen.only_for["Ana"]] == ["and me? (en-US)", "And more."]
        assert "(only Ana sees) Tertulia: And more." in str(seen)
        assert ana.direct.transcript().texts == ["here? (en-US)", "And more."]


def bot_with_options(taken: list[object]) -> Bot:
    """A bot with a group, whose command takes one of everything."""
    bot = Bot()
    group = app_commands.Group(name="source", description="Sources")

    @group.command(description="Add")
    @app_commands.choices(kind=[app_commands.Choice(name="A website", value="web")])
    @app_commands.rename(count="number")
    async def add(  # noqa: PLR0917 (as many as the command has options)
        told: Told,
        kind: str,
        count: app_commands.Range[int, 1, 5],
        who: discord.Member | None = None,
        where: discord.TextChannel | None = None,
        what: discord.Role | None = None,
        file: discord.Attachment | None = None,
    ) -> None:
        taken.extend([kind, count, who and who.id, where and where.id, what and what.id])
        taken.append(await file.read() if file else None)
        await told.response.send_message("added")

    bot.tree.add_command(group)
    return bot


async def test_options_of_every_kind_arrive() -> None:
    async with FakeDiscord() as fake:
        guild = fake.guild("Team")
        role = guild.role("Editors")
        ana = guild.member("Ana")
        channel = guild.channel("general")
        file = fake.world.cdn.keep("plan.txt", b"plan")
        taken: list[object] = []
        async with running(fake, bot_with_options(taken)) as bot:
            await bot.tree.sync()
            more = {"who": ana, "where": channel, "what": role, "file": file}
            run = await ana.runs("source add", channel, kind="web", number=2, **more)
            assert (await run.answered()).text == "added"
            assert taken == ["web", 2, ana.id, channel.id, role.id, b"plan"]


WRONG_RUNS: list[tuple[str, dict[str, object]]] = [
    ("nothing", {}),
    ("source", {}),
    ("source add", {"kind": "web"}),
    ("source add", {"kind": "folder", "number": 1}),
    ("source add", {"kind": "web", "number": 6}),
    ("source add", {"kind": "web", "number": True}),
    ("source add", {"kind": "web", "number": 1, "who": object()}),
    ("source add", {"kind": "web", "number": 1, "size": 1}),
]


async def test_people_cannot_send_what_discord_would_not_let_them() -> None:
    async with FakeDiscord() as fake:
        guild, other = fake.guild("Team"), fake.guild("Elsewhere")
        ana = guild.member("Ana")
        channel, far = guild.channel("general"), other.channel("far")
        right: dict[str, object] = {"kind": "web", "number": 1}
        async with running(fake, bot_with_options([])) as bot:
            await bot.tree.sync()
            for name, options in WRONG_RUNS:
                with pytest.raises(NotPossibleError):
                    await ana.runs(name, channel, **options)
            with pytest.raises(NotPossibleError):
                await ana.runs("source add", far, **right)
            channel.deny(ana, "use_application_commands")
            with pytest.raises(NotPossibleError):
                await ana.runs("source add", channel, **right)
            channel.allow(ana, "use_application_commands")
            guild.removes(guild.bot)
            with pytest.raises(NotPossibleError):
                await ana.runs("source add", channel, **right)


async def test_commands_are_offered_by_rights_and_by_place() -> None:
    async with FakeDiscord() as fake:
        guild = fake.guild("Team")
        role = guild.role("Chiefs", "manage_guild")
        ana, chief = guild.member("Ana"), guild.member("Chief", roles=[role])
        channel = guild.channel("general")
        async with bare(fake) as ask:
            there = f"/applications/{fake.bot.id}/guilds/{guild.id}/commands"
            named = {"name": "refresh", "description": "For chiefs"}
            needed = {"default_member_permissions": str(1 << 5), "contexts": [0]}
            assert await ask.code("POST", there, named | needed) == 0
            owners = {"name": "all", "description": "x", "default_member_permissions": "0"}
            assert await ask.code("POST", there, owners) == 0
        await chief.runs("refresh", channel)
        await guild.owner.runs("all", channel)
        for who, name, place in (
            (ana, "refresh", channel),
            (chief, "all", channel),
            (chief, "refresh", chief.direct),
        ):
            with pytest.raises(NotPossibleError):
                await who.runs(name, place)


async def test_choices_are_offered_while_people_type() -> None:
    async with FakeDiscord() as fake:
        guild = fake.guild("Team")
        ana = guild.member("Ana")
        channel = guild.channel("general")
        bot = Bot()

        @bot.tree.command(description="Choose a persona")
        async def persona(told: Told, name: str, plain: str = "") -> None:
            await told.response.send_message(name + plain)

        @persona.autocomplete("name")
        async def offered(told: Told, current: str) -> list[app_commands.Choice[str]]:
            names = ("helpdesk", "hr", "engineer")
            fitting = [name for name in names if name.startswith(current)]
            return [app_commands.Choice(name=name.title(), value=name) for name in fitting]

        async with running(fake, bot):
            await bot.tree.sync()
            assert await ana.completes("persona", channel, name="h") == ["Helpdesk", "Hr"]
            with pytest.raises(NotPossibleError):
                await ana.completes("persona", channel, plain="h")


async def test_a_context_menu_brings_the_whole_message_without_the_intent() -> None:
    async with FakeDiscord() as fake:
        guild = fake.guild("Team")
        ana, ben = guild.member("Ana"), guild.member("Ben")
        channel = guild.channel("general")
        bot = Bot()

        @bot.tree.context_menu(name="Ask about this")
        async def about(told: Told, message: discord.Message) -> None:
            await told.response.send_message(f"> {message.content}", ephemeral=True)

        @bot.tree.context_menu(name="Greet")
        async def greet(told: Told, member: discord.Member) -> None:
            await told.response.send_message(f"Hello, {member.display_name}")

        async with running(fake, bot):
            await bot.tree.sync()
            said = await ben.says(channel, "The plan is ready.")
            shown = await (await ana.uses_on(said, "Ask about this")).answered()
            assert shown.text == "> The plan is ready."
            assert bot.texts() == [""]
            assert (await (await ana.uses_on(ben, "Greet")).answered()).text == "Hello, Ben"
