"""Who is who, and what people see in a message."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from bot.platforms.slack.attachments import Attachments
from bot.platforms.slack.backfill import thread
from bot.platforms.slack.memory import Memory
from bot.platforms.slack.people import People
from bot.platforms.slack.quiet import QUIET
from bot.platforms.slack.spoken import mentions, spoken, unnamed, with_names
from bot.platforms.slack.spot import Spot
from bot.platforms.slack.whispering import respond
from bot.platforms.slack.workspaces import OneToken, Workspaces
from tests.fakes.slack import Channel, FakeSlack, Fault, Team, User
from tests.fakes.stepped_clock import SteppedClock


@dataclass
class Office:
    """A workspace with two people in a channel."""

    slack: FakeSlack
    clock: SteppedClock
    team: Team
    ana: User
    ben: User
    general: Channel
    workspaces: Workspaces
    people: People

    async def has_outsiders(self, channel: Channel | None = None) -> bool:
        """Whether strangers read a channel."""
        name = (channel or self.general).channel_id
        return await self.people.has_outsiders(self.team.team_id, name)

    async def reads(self, *files: str) -> tuple[int, str]:
        """How many files are read, and what is said of the others."""
        spot = Spot(self.team.team_id, self.general.channel_id, "U1", "1.0", files=files)
        attachments = Attachments(self.workspaces, "127.0.0.1")
        articles, unread = await attachments.read(spot, "en")
        return len(articles), " ".join(unread)


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    clock = SteppedClock()
    async with FakeSlack(clock=clock) as slack:
        slack.app.events = ()
        slack.rates.are_on = False
        team = slack.team()
        ana, ben = team.user("Ana", locale="es-ES"), team.user("Ben")
        general = team.channel("general", [ana, ben])
        workspaces = Workspaces(OneToken(team.bot_token), slack.api_url, clock)
        people = People(workspaces, clock)
        yield Office(slack, clock, team, ana, ben, general, workspaces, people)
        await workspaces.close()


def test_people_read_names_and_not_marks() -> None:
    text = "<@UBOT> ask <@U7|Ana> in <#C1|general> or <#C2>, <!here> <!subteam^S1|@it> &lt;3"
    assert spoken(text, without="UBOT") == "ask @Ana in #general or #C2, @here @it <3"
    links = "<https://a.example> <https://b.example|this> <mailto:a@b.example|a@b.example>"
    assert spoken(links) == "https://a.example this (https://b.example) mailto:a@b.example"
    assert mentions(text) == {"UBOT", "U7"}


async def test_people_bots_and_strangers_are_called_by_their_names(office: Office) -> None:
    bot, stranger = office.team.other_bot("Calendar"), office.team.user("Sam \n\u202e Olé")
    stranger.is_stranger, stranger.home_team = True, "T0000000009"
    ids = [one.user_id for one in (office.ana, office.ben, bot, stranger)]
    said = spoken(" ".join(f"<@{one}>" for one in ids) + f" <@U0000000999> <@{ids[0]}|Anita>")
    assert unnamed([said, said]) == [*ids, "U0000000999"]
    for _ in range(2):
        names = await office.people.names(office.team.team_id, unnamed([said]))
        assert with_names(said, names) == "@Ana @Ben @Calendar @Sam Olé @U0000000999 @Anita"
    assert len(office.slack.calls_of("users.info")) == 5, "each is asked for once"


async def test_who_is_not_told_keeps_the_id_and_of_many_the_first_are_asked_for(
    office: Office,
) -> None:
    ana, team = office.ana.user_id, office.team.team_id
    office.slack.faults.break_calls("users.info", Fault("status"))
    assert await office.people.names(team, [ana]) == {}
    assert await office.people.names(team, [ana]) == {ana: "Ana"}
    ids = [one.user_id for one in many(office, 60)]
    assert len(await office.people.names(team, ids)) == 50
    assert office.team.token
    office.team.token.scopes = ()
    await office.clock.advance(46)
    assert await office.people.names(team, [ana]) == {}


async def test_a_guest_who_joins_is_noticed_within_a_minute(office: Office) -> None:
    assert not await office.has_outsiders()
    guest = office.team.user("Gus")
    guest.is_ultra_restricted = True
    await guest.joins(office.general)
    assert not await office.has_outsiders()
    await office.clock.advance(60)
    assert await office.has_outsiders()
    await guest.leaves(office.general)
    office.ben.is_deactivated = True
    await office.clock.advance(60)
    assert not await office.has_outsiders()


async def test_an_app_of_the_workspace_closes_no_channel_and_is_told_nothing_itself(
    office: Office,
) -> None:
    calendar = office.team.other_bot("Calendar")
    await calendar.joins(office.general)
    assert not await office.has_outsiders()
    assert (await office.people.member(office.team.team_id, calendar.user_id)).is_outsider


async def test_what_slack_does_not_tell_is_a_strangers(office: Office) -> None:
    private = office.team.channel("private", [office.ana], kind="private", with_bot=False)
    assert await office.has_outsiders(private)
    assert (await office.people.member(office.team.team_id, "U0")).is_outsider
    stranger = office.team.user("Sam")
    stranger.is_stranger = True
    assert (await office.people.member(office.team.team_id, stranger.user_id)).is_outsider


async def test_who_belongs_to_what_is_read_page_by_page(office: Office) -> None:
    everybody = [office.team.user(f"P{n}") for n in range(1100)]
    office.general.members += [one.user_id for one in everybody]
    assert not await office.has_outsiders()
    assert len(office.slack.calls_of("conversations.members")) == 2
    group = office.team.group("it", [office.ana])
    names = await office.people.principals(office.team.team_id, office.ana.user_id)
    assert {f"slack:{office.general.channel_id}", f"slack:{group.group_id}"} <= names


def many(office: Office, count: int) -> list[User]:
    """So many more people of the team."""
    return [office.team.user(f"P{n}") for n in range(count)]


async def test_in_a_large_team_the_few_of_a_channel_are_asked_for_one_by_one(
    office: Office,
) -> None:
    many(office, 5_100)
    assert not await office.has_outsiders()
    assert len(office.slack.calls_of("users.list")) == 6, "then it is known to be large"
    for change in ("is_restricted", "is_deactivated"):
        await office.clock.advance(46)
        setattr(office.ben, change, True)
        closed = await office.has_outsiders()
        assert closed == (change == "is_restricted"), "who has left reads nothing"
    await office.team.other_bot("Calendar").joins(office.general)
    await office.clock.advance(46)
    assert not await office.has_outsiders()
    assert len(office.slack.calls_of("users.list")) == 6
    await office.clock.advance(3_600)
    assert not await office.has_outsiders()
    assert len(office.slack.calls_of("users.list")) == 12, "maybe it is no longer large"


async def test_in_a_large_team_the_many_of_a_channel_wait_for_a_list_but_once(
    office: Office,
) -> None:
    everybody = many(office, 5_100)
    office.general.members += [one.user_id for one in everybody[:100]]
    assert not await office.has_outsiders()
    (new,) = many(office, 1)
    await new.joins(office.general)
    await office.clock.advance(46)
    assert not await office.has_outsiders(), "who is new is asked for"
    office.general.members += [office.team.user("Gus").user_id]
    office.team.users[office.general.members[-1]].is_restricted = True
    await office.clock.advance(46)
    assert await office.has_outsiders()
    office.general.members.pop()
    await office.clock.advance(46)
    assert not await office.has_outsiders()
    everybody[0].is_restricted = True
    office.slack.faults.break_calls("users.list", Fault("status"), times=1)
    await office.clock.advance(46)
    assert not await office.has_outsiders(), "the list of before counts, while it is read"
    async with asyncio.timeout(30):
        for _ in range(3_000):
            await office.clock.advance(1)
            if await office.has_outsiders():
                break
            await asyncio.sleep(0.01)
    assert office.clock.now() <= 4 * 46 + 300
    assert await office.has_outsiders()


async def test_without_the_scope_for_groups_there_are_none(office: Office) -> None:
    assert office.team.token
    scopes = office.team.token.scopes
    office.team.token.scopes = tuple(one for one in scopes if one != "usergroups:read")
    office.team.group("it", [office.ana])
    names = await office.people.principals(office.team.team_id, office.ana.user_id)
    assert not [name for name in names if name.startswith("slack:S")]


async def test_a_workspace_that_pays_for_no_groups_has_none(office: Office) -> None:
    refused = Fault("error", code="plan_upgrade_required")
    office.slack.faults.break_calls("usergroups.list", refused, times=2)
    for user in (office.ana, office.ben):
        names = await office.people.principals(office.team.team_id, user.user_id)
        assert f"slack:{office.general.channel_id}" in names
    assert len(office.slack.calls_of("usergroups.list")) == 1, "that is known for a while"


async def test_locales_are_known_once_somebody_was_looked_up(office: Office) -> None:
    team, ana = office.team.team_id, office.ana.user_id
    assert office.people.locale(team, ana) == ""
    await office.people.member(team, ana)
    assert office.people.locale(team, ana) == "es-ES"


async def test_what_failed_is_asked_again_and_the_old_is_forgotten() -> None:
    clock = SteppedClock()
    memory: Memory[int] = Memory(clock, 10)
    answers = iter([None, 1, 2])

    async def ask() -> int:
        answer = next(answers)
        if answer is None:
            raise LookupError
        return answer

    with pytest.raises(LookupError):
        await memory.get("a", ask)
    assert memory.known("a") is None
    first, second = await asyncio.gather(memory.get("a", ask), memory.get("a", ask))
    assert (first, second) == (1, 1)
    await clock.advance(11)
    assert await memory.get("a", ask) == 2


async def test_files_of_strangers_and_too_many_files_are_left_out(office: Office) -> None:
    share = office.team.store
    one = share(office.ana, office.general, "a.txt", b"Some words.", mimetype="text/plain")
    assert await office.reads(one.file_id) == (1, "")
    assert (await office.reads(*[one.file_id] * 6))[0] == 5
    elsewhere = Attachments(office.workspaces, "other.example")
    spot = Spot(office.team.team_id, office.general.channel_id, "U1", "1.0", files=(one.file_id,))
    assert (await elsewhere.read(spot, "en"))[0] == ()
    page = share(office.ana, office.general, "b.txt", b"<html>", mimetype="text/html")
    assert "no right" in (await office.reads(page.file_id))[1]
    large = share(office.ana, office.general, "c.txt", b"x" * (21 * 2**20), mimetype="text/plain")
    assert "larger than 20 MB" in (await office.reads(large.file_id))[1]
    assert "no right" in (await office.reads("F0"))[1]
    office.slack.faults.break_calls("files.info", Fault("status"))
    assert "no right" in (await office.reads(one.file_id))[1]


async def test_a_thread_that_is_closed_or_empty_is_no_text(office: Office) -> None:
    spot = Spot(office.team.team_id, office.general.channel_id, "U1", "1.0")
    assert await thread(office.workspaces, office.people, spot, "This thread") is None


async def test_a_response_that_gets_nowhere_is_no_error(office: Office) -> None:
    assert await respond(office.workspaces, "http://127.0.0.1:9/", {"text": "x"}) == 0


def test_what_the_packages_log_has_no_words(capsys: pytest.CaptureFixture[str]) -> None:
    QUIET.error("the payroll of Zoe")
    logging.getLogger("slack_bolt.AsyncApp").info("the payroll of Zoe")
    shown = capsys.readouterr()
    assert "payroll" not in shown.out + shown.err
