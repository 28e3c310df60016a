"""Slash commands, the menu of a message, buttons and forms on Discord."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.reminding import tell
from bot.wording import say
from knowledge.articles import Article
from knowledge.conversations import now
from knowledge.reminders import Reminder, Reminders
from knowledge.turn import Turn
from tests.bot.platforms.discord_world import (
    WEEKS,
    World,
    answering,
    names,
    served,
    serving_discord,
)
from tests.fakes.discord import FakeDiscord, Message
from tests.fakes.discord.channels import Channel
from tests.fakes.scripted_model import ScriptedModel, silence

__all__ = ["answering"]
MEMO = "In the workshop there are 21 weeks of parental leave."
CALLBACK = "POST /interactions/{interaction}/{token}/callback"
REFERENCE = re.compile(r"T-[A-Z0-9]{4}")


async def answered(world: World) -> Message:
    """A direct question with its answer."""
    await world.ana.writes_to_bot(WEEKS)
    return await world.reply(world.ana.direct)


async def test_a_question_by_command_is_answered_to_the_asker_alone_or_to_all(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    async with serving_discord(monkeypatch) as world:
        alone = await world.ana.runs("preguntar", world.channel, pregunta=WEEKS)
        await alone.responded()
        assert alone.message
        assert alone.message.only_for is world.ana.user
        await world.fake.until(lambda: "19 weeks" in alone.text, within=20)
        assert world.channel.public == []
        again = await world.ana.runs("ask", world.channel, question="And is it paid?")
        await world.fake.until(lambda: again.message and names(again.message, "up"), within=20)
        assert WEEKS in model.last_prompt
        for_all = await world.ana.runs("ask", world.channel, question=WEEKS, visible="all")
        await world.fake.until(lambda: "19 weeks" in for_all.text, within=20)
        assert for_all.message
        assert for_all.message.only_for is None


async def test_what_takes_longer_than_a_command_lives_is_posted_all_the_same(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    async with serving_discord(monkeypatch, now=lambda: now() + timedelta(minutes=14)) as world:
        await world.ana.runs("ask", world.channel, question=WEEKS)
        direct = await world.reply(world.ana.direct)
        assert "19 weeks" in direct.text
        await world.ana.runs("ask", world.channel, question=WEEKS, visible="all")
        assert "19 weeks" in (await world.reply(world.channel)).text


async def test_a_reminder_of_what_was_asked_by_command_is_told_to_the_same_people(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    async with serving_discord(monkeypatch) as world:
        inbox, reminders = await world.app.inbox(), Reminders(await world.app.database())
        platform, person = inbox.worker.platforms["discord"], f"discord:{world.ana.user.id}"

        async def reminded(what: str) -> None:
            (conversation,) = await inbox.turns.latest_of("conversation", "discord", 1)
            kept = await reminders.add(Reminder(person, conversation, what, now()))
            assert kept.platform == "discord"
            assert await tell(kept, inbox, reminders, platform)

        alone = await world.ana.runs("ask", world.channel, question=WEEKS)
        await world.fake.until(lambda: "19 weeks" in alone.text, within=20)
        await reminded("tea")
        await world.fake.until(lambda: world.ana.direct.public, within=20)
        assert "remind you: tea" in world.ana.direct.public[-1].text
        assert "19 weeks" in alone.text, "the answer still stands"
        for_all = await world.ana.runs("ask", world.channel, question=WEEKS, visible="all")
        await world.fake.until(lambda: "19 weeks" in for_all.text, within=20)
        before = len(world.channel.public)
        await reminded("cake")
        await world.fake.until(lambda: len(world.channel.public) > before, within=20)
        assert "remind you: cake" in world.channel.public[-1].text
        assert "19 weeks" in for_all.text, "the answer still stands"


async def test_what_discord_takes_for_expired_is_posted_all_the_same(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    model.reply = silence()
    async with serving_discord(monkeypatch) as world:
        asked = await world.ana.runs("ask", world.channel, question=WEEKS)
        await world.fake.until(lambda: asked.message and names(asked.message, "stop"), within=20)
        world.fake.world.interactions.clear()
        assert asked.message
        clicked = await world.ana.clicks(asked.message, names(asked.message, "stop")[0])
        await clicked.responded()
        assert (await world.reply(world.ana.direct)).text.startswith("Me detengo")


async def test_sources_and_receipts_are_shown_to_those_who_may_read_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving_discord(monkeypatch) as world:
        nothing = await world.ana.runs("fuentes", world.channel)
        assert "Para ti leo estas fuentes:\n- team" in (await nothing.answered()).text
        reply = await answered(world)
        quotes = await world.ana.clicks(reply, names(reply, "quotes")[0])
        assert "> Parents take 19 weeks" in (await quotes.answered()).text
        why = await world.ana.clicks(reply, names(reply, "why")[0])
        assert "persona helpdesk" in (await why.answered()).text
        sources = await world.ana.runs("sources", world.ana.direct)
        assert "> Parents take 19 weeks" in (await sources.answered()).text
        ben = world.guild.member("Ben")
        unknown = await ben.runs("sources", world.channel, answer="T-0000")
        assert say("answer-not-open", "en") in (await unknown.answered()).text
        await world.ana.mentions(world.channel, WEEKS)
        thread = await world.thread(world.channel)
        await world.reply(thread)
        found = await ben.runs("sources", thread)
        assert "I read these sources for you" in (await found.answered()).text, "not his"


async def test_another_persona_answers_whoever_chose_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = tmp_path / "own" / "personas"
    own.mkdir(parents=True)
    (own / "pirate.md").write_text("---\nlanguages: [en]\n---\nYou are a pirate.\n")
    async with serving_discord(monkeypatch, EXTENSIONS_DIR=str(own.parent)) as world:
        assert await world.ana.completes("persona", world.channel, name="pir") == ["pirate"]
        wrong = await world.ana.runs("persona", world.channel, name="pirat")
        assert "analyst, editor, helpdesk, host, pirate, teacher." in (await wrong.answered()).text
        chosen = await world.ana.runs("persona", world.channel, name="pirate")
        assert "pirate" in (await chosen.answered()).text
        await world.ana.mentions(world.channel, WEEKS)
        reply = await world.reply(await world.thread(world.channel))
        why = await world.ana.clicks(reply, names(reply, "why")[0])
        assert "persona pirate" in (await why.answered()).text


async def test_who_may_not_answer_in_a_channel_is_not_offered_nor_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving_discord(monkeypatch) as world:
        await world.ana.runs("persona", world.channel, name="teacher")
        with world.app.settings.home.structure.open("a") as structure:
            structure.write('\n[channels.default]\npersonas = ["analyst"]\n')
        assert await world.ana.completes("persona", world.channel, name="") == [
            "analyst",
            "helpdesk",
        ]
        wrong = await world.ana.runs("persona", world.channel, name="teacher")
        assert "analyst, helpdesk." in (await wrong.answered()).text
        await world.ana.mentions(world.channel, WEEKS)
        reply = await world.reply(await world.thread(world.channel))
        why = await world.ana.clicks(reply, names(reply, "why")[0])
        assert "persona helpdesk" in (await why.answered()).text


async def test_refreshing_is_for_admins(monkeypatch: pytest.MonkeyPatch) -> None:
    async with FakeDiscord() as fake:
        guild = fake.guild("Team")
        channel, ana, ben = guild.channel("general"), guild.member("Ana"), guild.member("Ben")
        async with served(monkeypatch, fake, ADMINS=f"discord:{ana.id}"):
            refused = await ben.runs("refresh", channel)
            assert "Only those who look after me may" in (await refused.answered()).text
            asked = await ana.runs("refresh", channel, source="team")
            assert (await asked.answered()).text.endswith("anew: team.")
            every = await ana.runs("refresh", channel)
            assert "team, board" in (await every.answered()).text
            wrong = await ana.runs("refresh", channel, source="teem")
            assert "There are: team, board." in (await wrong.answered()).text
            helped = await ben.runs("help", channel)
            assert "/ask" in (await helped.answered()).text


async def test_while_the_file_is_written_wrong_admins_see_what_and_others_who_must_look(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    structure = home / "tertulia.toml"
    async with FakeDiscord() as fake:
        guild = fake.guild("Team")
        channel, ana, ben = guild.channel("general"), guild.member("Ana"), guild.member("Ben")
        async with served(monkeypatch, fake, ADMINS=f"discord:{ana.id}"):
            structure.write_text(structure.read_text() + "\n[sources.lost]\n")
            for command, more in (("sources", {}), ("refresh", {"source": "team"})):
                asked = await ana.runs(command, channel, **more)
                assert "[sources.lost] has no kind" in (await asked.answered()).text
            asked = await ben.runs("sources", channel)
            assert say("error-operator", "en", kind="structure") in (await asked.answered()).text


async def test_who_presses_a_button_while_discord_fails_is_told_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving_discord(monkeypatch) as world:
        reply = await answered(world)
        world.fake.faults.cut(9, route="GET /guilds/{guild}/members/{user}")
        quotes = await world.ana.clicks(reply, names(reply, "quotes")[0])
        assert (await quotes.answered()).text == say("error-knowledge", "es")


async def test_who_sends_a_form_while_discord_fails_is_told_so_if_that_can_be_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving_discord(monkeypatch) as world:
        reply = await answered(world)
        form = await world.ana.clicks(reply, names(reply, "down")[0])
        await form.responded()
        world.fake.faults.fail(1, status=400, route=CALLBACK)
        sent = await world.ana.submits(form, {"better": "20 weeks"})
        refused = say("error-operator", "es", kind="discord_refused")
        assert refused in (await sent.answered()).text
        world.fake.faults.fail(2, status=400, route=CALLBACK)
        unheard = await world.ana.clicks(reply, names(reply, "up")[0])
        await world.fake.until(lambda: len(world.fake.faults.met) == 3)
        assert unheard.response is None


async def test_in_a_group_nothing_is_answered_since_anybody_may_read_along(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    async with serving_discord(monkeypatch) as world:
        registered = world.fake.world.commands.of(None)
        assert all(one["contexts"] == [0, 1] for one in registered)
        assert all(one["integration_types"] == [0] for one in registered)
        group = world.fake.world.group(world.ana.user, "Ana, Ben and a stranger")
        refused = await world.ana.runs("preguntar", group, pregunta=WEEKS)
        assert "No respondo en grupos" in (await refused.answered()).text
        assert refused.message
        assert refused.message.only_for is world.ana.user
        assert not await _offered(world, group)
        assert WEEKS not in str(model.prompts)


async def _offered(world: World, place: Channel) -> list[str]:
    """What is offered for a persona, so far as anything comes."""
    try:
        return await asyncio.wait_for(world.ana.completes("persona", place, name="h"), 0.5)
    except TimeoutError:
        return []


async def test_the_menu_of_a_message_asks_about_it(
    monkeypatch: pytest.MonkeyPatch, model: ScriptedModel
) -> None:
    async with serving_discord(monkeypatch) as world:
        ben = world.guild.member("Ben")
        said = await ben.says(world.channel, "Parental leave is 16 weeks, right?")
        opened = await world.ana.uses_on(said, "Ask about this")
        await opened.responded()
        sent = await world.ana.submits(opened, {"question": WEEKS})
        await world.fake.until(lambda: "19 weeks" in sent.text, within=20)
        assert sent.message
        assert sent.message.only_for is world.ana.user
        assert "16 weeks, right?" in model.last_prompt


async def test_what_a_message_names_and_what_is_attached_to_it_is_read_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving_discord(monkeypatch) as world:
        ben = world.guild.member("Ben")
        files = {"memo.txt": MEMO.encode(), "tune.mp3": b"la"}
        named = f"Parental leave is 16 weeks, {world.ana.mention}?"
        said = await ben.says(world.channel, named, attachments=files)
        opened = await world.ana.uses_on(said, "Ask about this")
        await opened.responded()
        sent = await world.ana.submits(opened, {"question": WEEKS})
        await world.fake.until(lambda: "tune.mp3" in sent.text, within=20)
        kept = await (await world.app.inbox()).turns.named(f"discord:{sent.id}")
        assert kept
        assert kept.turn.text == f"{WEEKS}\n\nParental leave is 16 weeks, @Ana?"
        assert [one.text.strip() for one in (await asked_with(world, kept.turn))] == [MEMO]


async def asked_with(world: World, turn: Turn) -> tuple[Article, ...]:
    """What came with a question."""
    return (await world.platform.whereabouts(turn)).attached
