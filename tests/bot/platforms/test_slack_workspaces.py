"""Several workspaces: installing, acting in each, renewing tokens, and being thrown out."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from stat import S_IMODE
from time import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from slack_sdk.oauth.installation_store import Bot

from bot.app import App
from bot.platforms.slack.errors import SlackNotInstalledError, SlackUnavailableError
from bot.platforms.slack.installations import (
    MOST_STATES,
    Installations,
    TooManyInstallationsError,
)
from bot.platforms.slack.installing import COOKIE
from bot.platforms.slack.rotating import Installed
from bot.platforms.slack.workspaces import Workspaces
from bot.settings import Settings
from knowledge.sources.website.pace import Clock
from tests.bot.platforms.conftest import ANSWER, WEEKS
from tests.bot.platforms.slack_scene import serving
from tests.fakes.own_ollama import free_port
from tests.fakes.scripted_model import ScriptedModel
from tests.fakes.slack import FakeSlack, Fault, SlackApp, Team
from tests.fakes.stepped_clock import SteppedClock

# Slack's client uses what aiohttp gives up; nothing of ours can help that.
pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")
HOUR_S = 3600


@pytest.fixture
async def rotating() -> AsyncIterator[FakeSlack]:
    """Slack, with an app whose tokens live twelve hours."""
    async with FakeSlack(app=SlackApp(rotates_tokens=True)) as slack:
        yield slack


@dataclass
class Visitor:
    """Somebody with a browser, who installs the app."""

    slack: FakeSlack
    url: str
    session: aiohttp.ClientSession

    async def begins(self) -> tuple[str, str]:
        """Where we lead to, and the word in the cookie."""
        async with self.session.get(f"{self.url}/slack/install", allow_redirects=False) as reply:
            assert reply.status == 302
            assert reply.headers["Cache-Control"] == "no-store"
            cookie = reply.cookies[COOKIE]
            assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
            return reply.headers["Location"], cookie.value

    async def agrees(self, team: Team, page: str) -> str:
        """Say yes on Slack's page; where Slack leads to."""
        async with self.session.get(f"{page}&team={team.team_id}", allow_redirects=False) as reply:
            return str(reply.headers["Location"])

    async def comes_back(self, address: str, word: str, language: str = "") -> tuple[int, str]:
        """Open the page that Slack leads to; its status and text."""
        headers = {"Cookie": f"{COOKIE}={word}", "Accept-Language": language}
        async with self.session.get(address, headers=headers) as reply:
            assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
            return reply.status, await reply.text()

    async def installs(self, team: Team, language: str = "") -> tuple[int, str]:
        """The whole way."""
        page, word = await self.begins()
        return await self.comes_back(await self.agrees(team, page), word, language)


@dataclass
class House:
    """Tertulia, which serves two workspaces that have not installed it yet."""

    slack: FakeSlack
    acme: Team
    umbrella: Team
    visitor: Visitor
    app: App
    model: ScriptedModel
    structure: Path
    installations: Installations


@pytest.fixture
async def house(
    rotating: FakeSlack, home: Path, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    acme, umbrella = (rotating.team(name, is_installed=False) for name in ("Acme", "Umbrella"))
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    for name, value in several(rotating, acme, umbrella, url, port).items():
        monkeypatch.setenv(name, value)
    structure = home / "tertulia.toml"
    rested = structure.read_text().replace('kind = "files"', 'kind = "files"\nschedule = "never"')
    structure.write_text(rested)
    model.answer = ANSWER
    async with App(Settings()) as app, aiohttp.ClientSession() as session:
        visitor = Visitor(rotating, url, session)
        installations = Installations(rotating.app.client_id, app)
        async with serving(app):
            await rotating.sockets.connected()
            yield House(rotating, acme, umbrella, visitor, app, model, structure, installations)


def several(slack: FakeSlack, acme: Team, umbrella: Team, url: str, port: int) -> dict[str, str]:
    """The settings of a house with two workspaces."""
    return {
        "SLACK_API_URL": slack.api_url,
        "SLACK_APP_TOKEN": slack.app.app_token,
        "SLACK_CLIENT_ID": slack.app.client_id,
        "SLACK_CLIENT_SECRET": slack.app.client_secret,
        "SLACK_TEAMS": f"{acme.team_id}, {umbrella.team_id}",
        "SLACK_PUBLIC_URL": url,
        "SLACK_HTTP_PORT": str(port),
        "LOG_LEVEL": "debug",
    }


async def answer(house: House, team: Team, question: str = WEEKS) -> str:
    """What somebody is answered in a channel of a workspace."""
    known = [user for user in team.users.values() if user.name == "Ana"]
    ana = known[0] if known else team.user("Ana")
    general = team.channel("general", [ana])
    await ana.mentions(general, question)
    await house.slack.until(lambda: len(general.transcript().texts()) == 2, within=30)
    return general.transcript().texts()[1]


async def test_two_workspaces_install_the_app_and_are_answered_each_by_its_own_token(
    house: House, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, text = await house.visitor.installs(house.acme)
    assert (status, "in your workspace now" in text) == (200, True)
    status, text = await house.visitor.installs(house.umbrella, language="fr, es;q=0.9")
    assert (status, "ya está" in text, 'lang="es"' in text) == (200, True, True)
    for team in (house.acme, house.umbrella):
        assert "19 weeks" in await answer(house, team)
    tokens = {house.acme.bot_token, house.umbrella.bot_token}
    assert len(tokens) == 2
    for name in ("tertulia.db", "tertulia.db-wal"):
        assert S_IMODE((home / name).stat().st_mode) == 0o600
    shown = capsys.readouterr()
    secrets = (*tokens, "xoxe-1-", house.slack.app.client_secret, "code=", "state=")
    assert not [word for word in secrets if word in shown.out + shown.err]


async def test_a_workspace_that_is_not_named_is_thrown_out_again(house: House) -> None:
    stranger = house.slack.team("Stranger", is_installed=False)
    status, text = await house.visitor.installs(stranger)
    assert (status, "keeps nothing" in text) == (403, True)
    assert stranger.token is None
    assert await house.installations.find(stranger.team_id) is None
    stranger.install()
    ana = stranger.user("Ana")
    general = stranger.channel("general", [ana])
    await ana.mentions(general, WEEKS)
    told = house.slack.deliveries[-1]
    await told.settled()
    assert told.state == "acknowledged"
    assert len(general.transcript().texts()) == 1


async def test_an_installation_counts_once_in_the_browser_that_began_it(house: House) -> None:
    page, word = await house.visitor.begins()
    address = await house.visitor.agrees(house.acme, page)
    other = await house.visitor.begins()
    no_word = await house.visitor.comes_back(address, "")
    stolen = await house.visitor.comes_back(address, other[1])
    for status, text in (no_word, stolen):
        assert (status, "begin again" in text) == (400, True)
    assert (await house.visitor.comes_back(address, word))[0] == 200
    assert (await house.visitor.comes_back(address, word))[0] == 400
    assert (await house.visitor.comes_back(address, "\udcff"))[0] == 400
    bare = address.partition("?")[0]
    assert (await house.visitor.comes_back(f"{bare}?code=x", ""))[0] == 400
    assert len(house.slack.calls_of("oauth.v2.access")) == 1


async def test_who_says_no_or_brings_a_wrong_code_is_told(house: House) -> None:
    page, word = await house.visitor.begins()
    back = parse_qs(urlsplit(page).query)["redirect_uri"][0]
    said_no = f"{back}?error=access_denied&state={word}"
    assert "consent" in (await house.visitor.comes_back(said_no, word))[1]
    _, word = await house.visitor.begins()
    status, text = await house.visitor.comes_back(f"{back}?code=wrong&state={word}", word)
    assert (status, "did not accept" in text) == (400, True)
    _, word = await house.visitor.begins()
    house.slack.faults.break_calls("oauth.v2.access", Fault("status"))
    status, text = await house.visitor.comes_back(f"{back}?code=x&state={word}", word)
    assert (status, "few minutes" in text) == (503, True)


async def test_strangers_cannot_fill_the_database_with_installations(house: House) -> None:
    for _ in range(MOST_STATES):
        await house.installations.begin()
    with pytest.raises(TooManyInstallationsError):
        await house.installations.begin()
    page = f"{house.visitor.url}/slack/install"
    async with house.visitor.session.get(page, allow_redirects=False) as reply:
        assert reply.status == 503
        assert "Location" not in reply.headers


async def test_whoever_throws_us_out_is_forgotten_and_may_come_back(house: House) -> None:
    await house.visitor.installs(house.acme)
    assert "19 weeks" in await answer(house, house.acme)
    for told in await house.acme.uninstalls():
        await told.settled()
        assert told.state == "acknowledged"
    assert await house.installations.find(house.acme.team_id) is None
    await house.visitor.installs(house.acme)
    assert "19 weeks" in await answer(house, house.acme)


async def test_a_late_farewell_does_not_end_a_new_installation(house: House) -> None:
    await house.visitor.installs(house.acme)
    now = int(time())
    for event, at in (
        ({"type": "app_uninstalled"}, now - HOUR_S),
        ({"type": "tokens_revoked", "tokens": {"oauth": ["U1"]}}, now + HOUR_S),
    ):
        told = house.acme.announcer.send(event)
        assert told
        told.payload["event_time"] = at
        await told.settled()
    assert await house.installations.find(house.acme.team_id)


async def test_names_of_one_workspace_are_nobodys_in_another(house: House) -> None:
    for team in (house.acme, house.umbrella):
        await house.visitor.installs(team)
    house.model.answer = "The chair of the board earns 4,812 euros a month."
    question = "What does the chair of the board earn?"
    ana, eve = house.acme.user("Ana"), house.umbrella.user("Eve")
    twin = house.umbrella.user("Twin")
    del house.umbrella.users[twin.user_id]
    twin.user_id = ana.user_id  # ids are unique in one workspace alone
    house.umbrella.users[twin.user_id] = twin
    toml = house.structure.read_text()

    async def told(reader: str, team: Team) -> list[bool]:
        """Who of these is told what this reader may read."""
        house.structure.write_text(toml.replace("terminal:ana", reader))
        await house.app.settling.follow()
        people = [ana] if team is house.acme else [eve, twin]
        found = []
        for person in people:
            asked = await person.writes_to_bot(question)
            channel = team.direct(person)
            await house.slack.until(lambda: replied(channel, asked), within=30)  # noqa: B023 (called at once)
            found.append("4,812" in replied(channel, asked))
        return found

    full = f"slack:{house.acme.team_id}:user:{ana.user_id}"
    assert await told(full, house.acme) == [True]
    assert await told(full, house.umbrella) == [False, False]
    assert await told(f"slack:{ana.user_id}", house.acme) == [False]
    assert await told(f"slack:{house.umbrella.team_id}", house.acme) == [False]
    assert await told(f"slack:{house.umbrella.team_id}", house.umbrella) == [True, True]


def replied(channel: Any, asked: Any) -> str:  # noqa: ANN401 (of the fake)
    """What stands below a question, as it shall stay."""
    (top,) = [one for one in channel.transcript().messages if one.message.ts == asked.ts]
    return " ".join(reply.text for reply in top.replies if reply.message.metadata)


@dataclass
class Purse:
    """The tokens of a workspace, as one process has them."""

    slack: FakeSlack
    team: Team
    clock: SteppedClock
    installations: Installations
    installed: Installed
    workspaces: Workspaces

    async def token(self) -> str:
        """What is shown to Slack now."""
        await self.clock.advance(60)
        return await self.workspaces.token(self.team.team_id)

    async def ages(self, left_s: float) -> Bot:
        """Let the token have so many seconds left."""
        bot = await self.installations.find(self.team.team_id)
        assert bot
        bot.bot_token_expires_at = int(time() + left_s)
        await self.installations.keep(bot)
        return bot

    def renewals(self) -> int:
        """How often Slack was asked for another token."""
        calls = self.slack.calls_of("oauth.v2.access")
        return len([c for c in calls if c.arguments.get("grant_type") == "refresh_token"])


@pytest.fixture
async def purses(
    rotating: FakeSlack, empty_home: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[list[Purse]]:
    """Two processes that share a database."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    team = rotating.team()
    for name, value in several(rotating, team, team, "", 0).items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    async with App(settings) as one, App(settings) as other:
        made = []
        for app in (one, other):
            installations = Installations(rotating.app.client_id, app)
            clock = SteppedClock()
            installed = Installed(settings.slack, installations, clock)
            workspaces = Workspaces(installed, rotating.api_url, Clock())
            made.append(Purse(rotating, team, clock, installations, installed, workspaces))
        # Both make the tables at the same moment.
        await asyncio.gather(*(purse.installations.find(team.team_id) for purse in made))
        code = rotating.oauth.consent(team)
        granted = await made[0].workspaces.app.surely(
            "oauth_v2_access",
            client_id=rotating.app.client_id,
            client_secret=rotating.app.client_secret,
            code=code,
        )
        await made[0].installed.take(granted)
        yield made
        for purse in made:
            await purse.workspaces.close()


async def test_a_token_is_renewed_before_it_ends_and_by_one_process_alone(
    purses: list[Purse],
) -> None:
    first = await purses[0].token()
    assert await purses[0].token() == first
    await purses[0].ages(HOUR_S)
    await asyncio.gather(*(purse.token() for purse in purses for _ in range(5)))
    assert purses[0].renewals() == 1
    second = await purses[0].token()
    assert second == await purses[1].token() == purses[0].team.bot_token != first
    calls = await purses[0].workspaces.calls(purses[0].team.team_id)
    assert (await calls.surely("auth_test"))["ok"]


async def test_a_token_that_has_ended_is_waited_for_by_the_other_process(
    purses: list[Purse],
) -> None:
    await purses[0].ages(-1)
    found = await asyncio.gather(*(purse.token() for purse in purses))
    assert set(found) == {purses[0].team.bot_token}
    assert purses[0].renewals() == 1


async def test_where_slack_refuses_to_renew_the_token_is_used_to_its_end(
    purses: list[Purse], capsys: pytest.CaptureFixture[str]
) -> None:
    purse = purses[0]
    bot = await purse.ages(HOUR_S)
    bot.bot_refresh_token = "xoxe-1-used-up"  # noqa: S105 (opens nothing)
    await purse.installations.keep(bot)
    assert await purse.token() == bot.bot_token
    for _ in range(5):
        assert await purse.workspaces.token(purse.team.team_id) == bot.bot_token
    assert purse.renewals() == 1
    await purse.ages(-1)
    assert await purse.token() == bot.bot_token
    shown = capsys.readouterr().err
    assert "invalid_refresh_token" in shown
    assert "xoxe" not in shown


async def test_where_slack_cannot_renew_just_now_it_is_tried_again(purses: list[Purse]) -> None:
    purse = purses[0]
    bot = await purse.ages(HOUR_S)
    purse.slack.faults.break_calls("oauth.v2.access", Fault("status"))
    assert await purse.token() == bot.bot_token
    await purse.ages(-1)
    purse.slack.faults.break_calls("oauth.v2.access", Fault("status"))
    with pytest.raises(SlackUnavailableError):
        await purse.token()
    assert await purse.token() == purse.team.bot_token != bot.bot_token


async def test_a_workspace_that_was_struck_off_the_list_has_no_token(
    purses: list[Purse], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_TEAMS", "T0OTHER")
    shorter = Installed(Settings().slack, purses[0].installations, SteppedClock())
    assert not shorter.are_many
    with pytest.raises(SlackNotInstalledError):
        await shorter.token(purses[0].team.team_id, purses[0].workspaces.app)
