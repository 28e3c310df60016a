"""Setting Slack up: the manifest, what doctor says, and what `serve` says without tokens."""

import asyncio
import json
from pathlib import Path

import pytest

from bot.platforms.slack import examine
from bot.platforms.slack.manifest import EVENTS, SCOPES
from bot.settings import Settings
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
    assert commands == ["/ask", "/sources", "/persona", "/refresh", "/help"]
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


async def test_doctor_names_scopes_that_are_missing_or_too_many(team: Team) -> None:
    assert team.token
    left = [scope for scope in SCOPES if scope not in ("users:read", "usergroups:read")]
    team.token.scopes = (*left, "channels:join")
    found = await examined()
    assert ("broken", "Slack: the app has not got users:read") in [one[:2] for one in found]
    assert [state for state, message, _ in found if "usergroups:read" in message] == ["note"]
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
    ((state, message, what_to_do),) = await examined()
    assert (state, "invalid_auth" in message) == ("broken", True)
    assert "SLACK_BOT_TOKEN" in what_to_do


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
