"""The fake of Discord, met by the real discord.py: messages, threads, forums, files, reactions."""

import io

import discord
import pytest

from tests.fakes.discord import FakeDiscord, NotPossibleError
from tests.fakes.discord_bots import Bot, least_intents, running


async def test_a_mention_is_heard_and_the_reply_is_seen() -> None:
    async with FakeDiscord() as fake:
        guild = fake.guild("Team", locale="es-ES")
        ana = guild.member("Ana", locale="es-ES", roles=[guild.role("Editors")])
        channel = guild.channel("general", topic="All things")
        async with running(fake, Bot()) as bot:
            question = await ana.mentions(channel, "how long is leave?")
            heard = await fake.until(lambda: bot.latest)
            assert heard.content == f"<@{fake.bot.id}> how long is leave?"
            assert heard.author.id == ana.id
            assert isinstance(heard.author, discord.Member)
            assert [role.name for role in heard.author.roles] == ["@everyone", "Editors"]
            assert bot.user in heard.mentions
            async with heard.channel.typing():
                await fake.until(lambda: channel.is_typing)
            reply = await heard.reply("16 weeks.", mention_author=False)
            await reply.edit(content="16 weeks [1].")
            await reply.add_reaction("👍")
        assert channel.transcript().texts == [question.text, "16 weeks [1]."]
        assert channel.last.reference is question
        assert channel.last.versions == ["16 weeks.", "16 weeks [1]."]
        assert str(channel.transcript()).splitlines()[1] == "Tertulia: 16 weeks [1]. (edited) 👍1"
        assert channel.said_by(fake.bot) == [channel.last]
        assert not channel.is_typing
        assert not fake.unknown


async def test_content_is_hidden_without_the_intent_but_for_what_is_meant_for_the_bot() -> None:
    async with FakeDiscord() as fake:
        guild = fake.guild("Team")
        ana = guild.member("Ana")
        channel = guild.channel("general")
        async with running(fake, Bot()) as bot:
            first = await ana.says(channel, "not for you", attachments={"plan.txt": b"secret"})
            await ana.mentions(channel, "for you")
            await ana.writes_to_bot("directly", attachments={"plan.txt": b"open"})
            await fake.until(lambda: len(bot.heard) == 3)
            assert bot.texts() == ["", f"<@{fake.bot.id}> for you", "directly"]
            assert [len(message.attachments) for message in bot.heard] == [0, 0, 1]
            answered = await bot.heard[0].channel.send("mine")
            await ana.says(channel, "yes", reply_to=channel.last)
            await fake.until(lambda: "yes" in bot.texts())
            fetched = await bot.heard[0].channel.fetch_message(first.id)
            assert fetched.content == ""
            assert (await answered.fetch()).content == "mine"


async def test_content_is_told_with_the_intent_that_the_portal_allows() -> None:
    async with FakeDiscord(privileged=["message_content"]) as fake:
        guild = fake.guild("Team")
        ana = guild.member("Ana")
        channel = guild.channel("general")
        async with running(fake, Bot(least_intents(content=True))) as bot:
            for number in range(5):
                await ana.says(channel, f"message {number}")
            await fake.until(lambda: len(bot.heard) == 5)
            assert bot.texts()[0] == "message 0"
            here = bot.text_channel(channel.id)
            newest = [message async for message in here.history(limit=2)]
            assert [message.content for message in newest] == ["message 4", "message 3"]
            middle = newest[1]
            older = [message async for message in here.history(limit=2, before=middle)]
            assert [message.content for message in older] == ["message 2", "message 1"]
            later = [message async for message in here.history(after=older[0])]
            assert [message.content for message in later] == ["message 3", "message 4"]
            around = [message async for message in here.history(around=middle, limit=3)]
            assert {message.content for message in around} == {f"message {n}" for n in (2, 3, 4)}


class Listening(Bot):
    """Notes what becomes of messages."""

    def __init__(self) -> None:
        super().__init__(least_intents(content=True))
        self.told: list[str] = []

    async def on_message_edit(self, _: discord.Message, after: discord.Message) -> None:
        self.told.append(f"edited {after.content}")

    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        self.told.append(f"deleted {event.message_id}")

    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        self.told.append(f"+{event.emoji} by {event.user_id}")

    async def on_raw_reaction_remove(self, event: discord.RawReactionActionEvent) -> None:
        self.told.append(f"-{event.emoji} by {event.user_id}")


async def test_edits_deletions_and_reactions_of_people_are_told() -> None:
    async with FakeDiscord(privileged=["message_content"]) as fake:
        guild = fake.guild("Team")
        ana, ben = guild.member("Ana"), guild.member("Ben")
        channel = guild.channel("general")
        async with running(fake, Listening()) as bot:
            said = await ana.says(channel, "one")
            await ana.edits(said, "two")
            for _ in range(2):
                await ben.reacts(said, "👎")
            await ana.reacts(said, "👎")
            for _ in range(2):
                await ben.unreacts(said, "👎")
            assert channel.transcript().lines[0].reactions == (("👎", 1),)
            await ana.deletes(said)
            await fake.until(lambda: f"deleted {said.id}" in bot.told)
            by_ben, by_ana = f"👎 by {ben.id}", f"👎 by {ana.id}"
            assert bot.told[:-1] == ["edited two", f"+{by_ben}", f"+{by_ana}", f"-{by_ben}"]
            with pytest.raises(NotPossibleError):
                await ana.edits(await ben.says(channel, "mine"), "yours")
            with pytest.raises(NotPossibleError):
                await ana.deletes(channel.last)


async def test_the_bot_reads_sets_and_takes_away_reactions() -> None:
    async with FakeDiscord() as fake:
        guild = fake.guild("Team", bot_permissions=["manage_messages"])
        ana = guild.member("Ana")
        channel = guild.channel("general")
        async with running(fake, Bot()) as bot:
            said = await ana.says(channel, "one")
            await ana.reacts(said, "👎")
            message = await bot.text_channel(channel.id).fetch_message(said.id)
            assert [user.id async for user in message.reactions[0].users()] == [ana.id]
            await message.add_reaction("👀")
            assert list(said.reactions) == ["👎", "👀"]
            await message.remove_reaction("👀", discord.Object(fake.bot.id))
            await message.remove_reaction("👎", discord.Object(ana.id))
            assert not said.reactions
            await ana.reacts(said, "🎉")
            await message.clear_reactions()
            assert not said.reactions


async def test_files_go_both_ways_over_the_loopback_cdn() -> None:
    async with FakeDiscord() as fake:
        guild = fake.guild("Team")
        ana = guild.member("Ana")
        async with running(fake, Bot()) as bot:
            await ana.writes_to_bot("read this", attachments={"notes.txt": b"Leave: 16 weeks"})
            heard = await fake.until(lambda: bot.latest)
            attachment = heard.attachments[0]
            assert attachment.content_type == "text/plain; charset=utf-8"
            assert attachment.size == 15
            assert await attachment.read() == b"Leave: 16 weeks"
            assert fake.world.cdn.fetched == ["notes.txt"]
            file = discord.File(io.BytesIO(b"a,b"), "table.csv", description="A table")
            sent = await heard.channel.send("here", file=file)
            assert sent.attachments[0].description == "A table"
            assert ana.direct.last.text == "here\n(table.csv)"
            await sent.edit(content="gone", attachments=[])
            assert ana.direct.last.text == "gone"


async def test_a_thread_is_opened_at_a_message_and_people_go_on_in_it() -> None:
    async with FakeDiscord() as fake:
        guild = fake.guild("Team")
        ana = guild.member("Ana")
        channel = guild.channel("general")
        async with running(fake, Bot()) as bot:
            question = await ana.mentions(channel, "how long is leave?")
            heard = await fake.until(lambda: bot.latest)
            thread = await heard.create_thread(name="Leave", auto_archive_duration=60)
            assert thread.id == question.id
            await thread.send("16 weeks.")
            with pytest.raises(discord.HTTPException, match="160004"):
                await heard.create_thread(name="Again")
            follow = await ana.mentions(channel.threads[0], "and then?")
            await fake.until(lambda: len(bot.heard) == 3)
            assert bot.heard[-1].channel == thread
            assert channel.transcript().threads["Leave"].texts == ["16 weeks.", follow.text]
            assert "# Leave\n  Tertulia: 16 weeks." in str(channel.transcript())
            assert [member.id for member in await thread.fetch_members()] == [fake.bot.id, ana.id]
            assert (await thread.fetch_member(ana.id)).id == ana.id
            starter = await anext(thread.history(oldest_first=True))
            assert starter.type is discord.MessageType.thread_starter_message


async def test_threads_are_put_away_and_opened_again() -> None:
    async with FakeDiscord() as fake:
        guild = fake.guild("Team")
        ana = guild.member("Ana")
        channel = guild.channel("general")
        place = await ana.opens_thread(await ana.says(channel, "look"), "Leave")
        async with running(fake, Bot()) as bot:
            thread = await fake.until(lambda: bot.get_channel(place.id))
            assert isinstance(thread, discord.Thread)
            place.archive()
            await fake.until(lambda: thread.archived)
            here = bot.text_channel(channel.id)
            assert [each.name async for each in here.archived_threads()] == ["Leave"]
            await thread.send("Still here.")
            await fake.until(lambda: here.get_thread(thread.id))
            assert [each.name for each in await here.guild.active_threads()] == ["Leave"]
            await thread.leave()
            assert fake.bot.id not in place.joined
            await thread.join()
            assert fake.bot.id in place.joined


async def test_threads_begin_beside_messages_too() -> None:
    async with FakeDiscord() as fake:
        guild = fake.guild("Team")
        ana = guild.member("Ana")
        channel = guild.channel("general")
        async with running(fake, Bot()) as bot:
            beside = await bot.text_channel(channel.id).create_thread(name="Beside")
            assert beside.is_private()
            private = channel.threads[0]
            assert not ana.sees(private)
            await beside.add_user(discord.Object(ana.id))
            assert ana.sees(private)
            opened = await ana.opens_thread(channel, "Ana's")
            assert opened.mention == f"<#{opened.id}>"
            await fake.until(lambda: bot.get_channel(opened.id))


async def test_posts_of_forums_have_a_first_message_with_the_id_of_the_post() -> None:
    async with FakeDiscord(privileged=["message_content"]) as fake:
        guild = fake.guild("Team")
        ana = guild.member("Ana")
        forum = guild.forum("questions", tags=["leave", "tools"])
        async with running(fake, Bot(least_intents(content=True))) as bot:
            post = await ana.posts(forum, "Leave?", "How long is it?", tags=["leave"])
            heard = await fake.until(lambda: bot.latest)
            assert heard.id == heard.channel.id == post.id
            assert isinstance(heard.channel, discord.Thread)
            assert [tag.name for tag in heard.channel.applied_tags] == ["leave"]
            await heard.channel.send("16 weeks.")
            here = bot.get_channel(forum.id)
            assert isinstance(here, discord.ForumChannel)
            made = await here.create_thread(
                name="News", content="Hello", applied_tags=[here.available_tags[1]]
            )
            assert made.message.id == made.thread.id
            shown = forum.transcript().threads
            assert shown["Leave?"].texts == ["How long is it?", "16 weeks."]
            assert shown["News"].texts == ["Hello"]
            with pytest.raises(discord.HTTPException):
                await bot.http.send_message(
                    forum.id, params=discord.http.handle_message_parameters(content="no")
                )
