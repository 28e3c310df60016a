"""Setting Slack up: the manifest, what doctor says, and what `serve` says without tokens."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.oauth.installation_store import Bot

from bot.app import App
from bot.platforms.slack import examine
from bot.platforms.slack.installations import Installations
from bot.platforms.slack.manifest import EVENTS, SCOPES
from bot.settings import Settings, WrongSettingsError
from tests.bot.team import Tertulia, in_a_process
from tests.fakes.slack import FakeSlack, SlackApp, Team

Found = list[tuple[str, str, str]]


def test_the_manifest_has_the_least_rights_and_all_commands(
    empty_home: Path, tertulia: Tertulia
) -> None:
    outcome = tertulia("slack", "manifest")
    value = json.loads(outcome.out)
    assert value == tertulia("slack", "manifest", "--json").value
    assert value["oauth_config"]["scopes"]["bot"] == list(SCOPES)
    assert set(SCOPES) <= set(SlackApp().scopes)
    assert set(EVENTS) <= set(SlackApp().events)
    assert value["settings"]["socket_mode_enabled"] is True
    assert "request_url" not in value["settings"]["event_subscriptions"]
    features = value["features"]
    assert len(features["agent_view"]["agent_description"]) <= 300
    commands = [one["command"] for one in features["slash_commands"]]
    assert commands == ["/ask", "/sources", "/persona", "/learn", "/refresh", "/help"]
    assert all(len(one["name"]) <= 24 for one in features["shortcuts"])
    assert "SLACK_APP_TOKEN" in outcome.err


def test_the_manifest_for_http_names_the_address(empty_home: Path, tertulia: Tertulia) -> None:
    url = "https://bot.example.org/slack/events"
    outcome = tertulia("slack", "manifest", "--url", url, "--language", "es", "--name", "Lola")
    value = json.loads(outcome.out)
    assert value["settings"]["socket_mode_enabled"] is False
    assert value["settings"]["interactivity"]["request_url"] == url
    assert {one["url"] for one in value["features"]["slash_commands"]} == {url}
    assert value["features"]["bot_user"]["display_name"] == "Lola"
    assert "Preguntar" in outcome.out
    assert "SLACK_SIGNING_SECRET" in outcome.err


def test_the_manifest_for_several_workspaces_says_where_they_come_back_to(
    empty_home: Path, tertulia: Tertulia, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_TEAMS", "T1,T2")
    unknown = tertulia("slack", "manifest", "--json")
    assert unknown.code == 2
    assert "SLACK_PUBLIC_URL" in unknown.error["what_to_do"]
    url = "https://bot.example.org/slack/events"
    for arguments in ((), ("--url", url)):
        if not arguments:
            monkeypatch.setenv("SLACK_PUBLIC_URL", "https://bot.example.org/")
        outcome = tertulia("slack", "manifest", *arguments)
        value = json.loads(outcome.out)
        back = "https://bot.example.org/slack/oauth_redirect"
        assert value["oauth_config"]["redirect_urls"] == [back]
        assert value["settings"]["token_rotation_enabled"] is True
        events = value["settings"]["event_subscriptions"]["bot_events"]
        assert {"app_uninstalled", "tokens_revoked"} <= set(events) <= set(SlackApp().events)
        assert "T1, T2" in outcome.err
        assert "https://bot.example.org/slack/install" in outcome.err
        monkeypatch.delenv("SLACK_PUBLIC_URL", raising=False)


def test_a_manifest_that_cannot_be_is_refused(empty_home: Path, tertulia: Tertulia) -> None:
    plain = tertulia("slack", "manifest", "--url", "http://x", "--json")
    assert plain.code == 2
    assert "https://" in plain.error["what_to_do"]
    assert tertulia("slack", "manifest", "--language", "fr").code == 2


@pytest.fixture
async def team(fake: FakeSlack, empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> Team:
    team = fake.team()
    for name, value in fake.environment(team).items():
        monkeypatch.setenv(name, value)
    return team


async def examined() -> Found:
    return await examine(Settings())


async def test_doctor_finds_nothing_wrong(team: Team) -> None:
    assert team.token
    team.token.scopes = SCOPES
    states = [state for state, _, _ in await examined()]
    assert states == ["ok", "ok"]


async def test_doctor_says_whether_alarms_can_be_told(team: Team, empty_home: Path) -> None:
    ana = team.user("Ana")
    inside, outside = team.channel("ops", [ana]), team.channel("else", [ana], with_bot=False)
    for channel, said in (
        (inside.channel_id, "ok"),
        (outside.channel_id, "broken"),
        ("C404", "broken"),
    ):
        name = f"slack:{team.team_id}:chan:{channel}"
        (empty_home / "tertulia.toml").write_text(f'[learning]\ntold_in = "{name}"\n')
        (found,) = [one for one in await examined() if "told_in" in one[1]]
        assert found[0] == said
        assert ("Invite the app" in found[2]) == (said == "broken")


async def test_doctor_names_scopes_that_are_missing_or_too_many(team: Team) -> None:
    assert team.token
    gone = ("users:read", "usergroups:read", "files:write")
    left = [scope for scope in SCOPES if scope not in gone]
    team.token.scopes = (*left, "channels:join")
    found = await examined()
    assert ("broken", "Slack: the app has not got users:read") in [one[:2] for one in found]
    for scope in ("usergroups:read", "files:write"):
        assert [state for state, message, _ in found if scope in message] == ["note"]
    assert [state for state, message, _ in found if "channels:join" in message] == ["note"]


async def test_doctor_names_tokens_that_are_wrong_or_missing(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-wrong")
    (_, *_, socket) = await examined()
    assert socket[0] == "broken"
    assert "SLACK_APP_TOKEN" in socket[2]
    monkeypatch.delenv("SLACK_APP_TOKEN")
    found = await examined()
    assert "127.0.0.1:3000/slack/events" in found[-1][1]
    monkeypatch.delenv("SLACK_SIGNING_SECRET")
    assert "no way to us" in (await examined())[0][1]
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-wrong")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-wrong")
    ((state, message, what_to_do), socket) = await examined()
    assert socket[0] == "broken"
    assert (state, "invalid_auth" in message) == ("broken", True)
    assert "SLACK_BOT_TOKEN" in what_to_do


async def test_doctor_says_which_setting_is_missing_for_several_workspaces(
    fake: FakeSlack, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_CLIENT_ID", fake.app.client_id)
    ((state, message, _),) = await examined()
    assert (state, "SLACK_CLIENT_SECRET and SLACK_TEAMS" in message) == ("broken", True)
    monkeypatch.setenv("SLACK_CLIENT_SECRET", fake.app.client_secret)
    monkeypatch.setenv("SLACK_TEAMS", f"{team.team_id},T2")
    ((state, _, what_to_do),) = await examined()
    assert (state, "Remove SLACK_BOT_TOKEN" in what_to_do) == ("broken", True)


async def test_doctor_says_how_each_of_several_workspaces_stands(
    fake: FakeSlack, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    several = {
        "SLACK_BOT_TOKEN": "",
        "SLACK_CLIENT_ID": fake.app.client_id,
        "SLACK_CLIENT_SECRET": fake.app.client_secret,
        "SLACK_TEAMS": f"{team.team_id},T2",
        "ADMINS": "slack:U7,slack:T1:user:U8,slack:T1",
    }
    for name, value in several.items():
        monkeypatch.setenv(name, value)
    about: dict[str, Any] = {"app_id": "A1", "bot_id": "", "bot_user_id": "", "installed_at": 1.0}
    async with App(Settings()) as app:
        bot = Bot(team_id=team.team_id, bot_token=team.bot_token, **about)
        await Installations(fake.app.client_id, app).keep(bot)
    Settings().home.structure.write_text(
        '[channels."slack:C9"]\nask = ["everyone", "slack:S4", "slack:T1"]\n'
        '[channels."slack:T1:chan:C8"]\nbots = ["slack:B12", "slack:T1:user:B13"]\n'
    )
    found = await examined()
    assert "broken" not in [state for state, *_ in found]
    said = " ".join(message for _, message, _ in found)
    assert "tertulia in Acme" in said
    assert "T2 has not installed the app yet" in said
    assert "/slack/oauth_redirect" in said
    assert "SLACK_PUBLIC_URL is not set" in said
    assert "a socket can be opened" in said
    short = [message.split()[1] for _, message, _ in found if "names nobody" in message]
    assert short == ["slack:B12", "slack:C9", "slack:S4", "slack:U7"]
    team.forget()
    broken = [message for state, message, _ in await examined() if state == "broken"]
    assert broken == [f"Slack in {team.team_id}: Slack refuses auth_test: token_revoked."]


def test_wrong_settings_for_several_workspaces_are_named(
    empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_TEAMS", "T1, acme")
    monkeypatch.setenv("SLACK_PUBLIC_URL", "bot.example.org")
    with pytest.raises(WrongSettingsError) as caught:
        Settings()
    assert "SLACK_TEAMS: 'acme' is no id of a workspace. Right: T0123ABCD" in str(caught.value)
    assert "SLACK_PUBLIC_URL" in str(caught.value)


def test_doctor_shows_what_the_platform_says(
    empty_home: Path, tertulia: Tertulia, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLATFORMS", "slack")
    checks = tertulia("doctor", "--json").value["checks"]
    (said,) = [check for check in checks if check["name"] == "slack"]
    assert said["state"] == "broken"
    assert "SLACK_BOT_TOKEN" in said["message"]


def test_serving_without_a_token_ends_with_what_to_do(
    empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLATFORMS", "slack")
    outcome = in_a_process("serve")
    assert outcome.code == 2
    assert "SLACK_BOT_TOKEN is not set" in outcome.err


async def test_serving_with_a_wrong_token_ends_with_what_to_do(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLATFORMS", "slack")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-wrong")
    outcome = await asyncio.to_thread(in_a_process, "serve")
    assert outcome.code == 1
    assert "SLACK_APP_TOKEN" in outcome.err
    assert "xapp-wrong" not in outcome.err
