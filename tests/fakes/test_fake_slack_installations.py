"""Installations, token rotation, uninstalling, and files that only tokens open."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.say.async_say import AsyncSay
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store.file import FileInstallationStore
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.bolt import client_of, listening
from tests.fakes.slack import FakeSlack, SlackApp
from tests.fakes.stepped_clock import SteppedClock

# Slack's client uses what aiohttp gives up; nothing of ours can help that.
pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")


async def test_bolt_installs_the_app_and_acts_in_the_workspace(tmp_path: Path) -> None:
    async with FakeSlack(app=SlackApp(rotates_tokens=True)) as slack:
        slack.team("First")
        second = slack.team("Second", is_installed=False)
        store = FileInstallationStore(base_dir=str(tmp_path))
        app = AsyncApp(
            client=AsyncWebClient(base_url=slack.api_url),
            signing_secret=slack.app.signing_secret,
            oauth_settings=settings_of(slack, store),
            installation_store=store,
        )

        @app.event("message")
        async def hear(say: AsyncSay) -> None:
            await say("I am here")

        async with listening(slack, app) as url, aiohttp.ClientSession() as session:
            slack.app.redirect_url = url.replace("events", "oauth_redirect")
            async with session.get(url.replace("events", "install")) as reply:
                assert reply.status == 200, await reply.text()
                back = reply.history[-1].headers["Location"]
            await second.user("Ana").writes_to_bot("hello")
            await slack.until(lambda: slack.calls_of("chat.postMessage"))
        installed = await store.async_find_installation(enterprise_id=None, team_id=second.team_id)
        assert installed
        assert installed.bot_token == second.bot_token
        assert installed.bot_scopes == ["chat:write", "im:history"]
        (code,) = parse_qs(urlsplit(back).query)["code"]
        secrets = (code, second.bot_token, "fake-client-secret")
        assert not [call for call in slack.calls for word in secrets if word in str(call)]
        with pytest.raises(SlackApiError, match="invalid_code"):
            await app.client.oauth_v2_access(
                client_id=slack.app.client_id, client_secret=slack.app.client_secret, code=code
            )


def settings_of(slack: FakeSlack, store: FileInstallationStore) -> AsyncOAuthSettings:
    """What Bolt needs to let itself be installed from this fake."""
    return AsyncOAuthSettings(
        client_id=slack.app.client_id,
        client_secret=slack.app.client_secret,
        scopes=["chat:write", "im:history"],
        installation_store=store,
        state_validation_enabled=False,  # its cookie is for HTTPS only
        install_page_rendering_enabled=False,
        authorization_url=f"{slack.url}/oauth/v2/authorize",
    )


async def test_a_rotated_token_lives_twelve_hours_and_buys_one_successor() -> None:
    clock = SteppedClock()
    async with FakeSlack(clock=clock, app=SlackApp(rotates_tokens=True)) as slack:
        team = slack.team()
        old = client_of(slack, team)
        assert team.token
        await clock.advance(12 * 3600)
        with pytest.raises(SlackApiError, match="token_expired"):
            await old.auth_test()
        client = AsyncWebClient(base_url=slack.api_url)
        access = {
            "client_id": slack.app.client_id,
            "client_secret": slack.app.client_secret,
            "grant_type": "refresh_token",
            "refresh_token": team.token.refresh,
        }
        fresh = await client.oauth_v2_access(**access)
        assert fresh["access_token"] == team.bot_token
        assert fresh["expires_in"] == 12 * 3600
        await client_of(slack, team).auth_test()
        with pytest.raises(SlackApiError, match="invalid_refresh_token"):
            await client.oauth_v2_access(**access)


async def test_an_installation_needs_the_apps_own_secret_and_a_fresh_code() -> None:
    clock = SteppedClock()
    async with FakeSlack(clock=clock, app=SlackApp(redirect_url="http://app.example")) as slack:
        team = slack.team(is_installed=False)
        client = AsyncWebClient(base_url=slack.api_url)
        for name, secret, error in (
            ("wrong", "wrong", "invalid_client_id"),
            (slack.app.client_id, "wrong", "bad_client_secret"),
        ):
            with pytest.raises(SlackApiError, match=error):
                await client.oauth_v2_access(client_id=name, client_secret=secret, code="x")
        code = slack.oauth.consent(team)
        await clock.advance(601)
        with pytest.raises(SlackApiError, match="code_expired"):
            await client.api_call(
                "oauth.v2.access",
                data={
                    "client_id": slack.app.client_id,
                    "client_secret": slack.app.client_secret,
                    "code": code,
                },
            )
        with pytest.raises(AssertionError, match="not installed"):
            _ = team.bot_token
        page = f"{slack.url}/oauth/v2/authorize"
        async with aiohttp.ClientSession() as session:
            async with session.get(page, params={"client_id": "wrong"}) as reply:
                assert reply.status == 400
            asked = {"client_id": slack.app.client_id, "team": team.team_id}
            async with session.get(page, params=asked, allow_redirects=False) as reply:
                assert reply.headers["Location"].startswith("http://app.example?code=")


async def test_whoever_is_thrown_out_is_told_and_locked_out() -> None:
    async with FakeSlack() as slack:
        team = slack.team()
        client = client_of(slack, team)
        told = await team.uninstalls()
        assert [d.event["type"] for d in told] == ["app_uninstalled", "tokens_revoked"]
        with pytest.raises(SlackApiError, match="token_revoked"):
            await client.auth_test()


async def test_an_app_gives_its_token_back() -> None:
    async with FakeSlack() as slack:
        team = slack.team()
        client = client_of(slack, team)
        assert not (await client.auth_revoke(test=True))["revoked"]
        assert (await client.auth_revoke())["revoked"]
        with pytest.raises(SlackApiError, match="token_revoked"):
            await client.auth_test()
        team.install()
        assert (await client_of(slack, team).auth_test())["ok"]


async def test_a_file_opens_with_a_token_and_else_leads_to_a_login_page() -> None:
    async with FakeSlack() as slack, aiohttp.ClientSession() as session:
        team = slack.team()
        ana = team.user("Ana")
        general = team.channel("general", [ana])
        message = await ana.uploads(general, "a.pdf", b"%PDF", mimetype="application/pdf")
        client = client_of(slack, team)
        about = (await client.files_info(file=message.files[0]["id"]))["file"]
        assert (about["name"], about["size"], about["filetype"]) == ("a.pdf", 4, "pdf")
        bearer = {"Authorization": f"Bearer {team.bot_token}"}
        url = about["url_private_download"]
        async with session.get(url, headers=bearer) as reply:
            assert (reply.content_type, await reply.read()) == ("application/pdf", b"%PDF")
        async with session.get(url) as reply:
            assert (reply.status, reply.content_type) == (200, "text/html")
        async with session.get(f"{slack.url}/files-pri/T-F/download", headers=bearer) as reply:
            assert reply.status == 404
        private = team.channel("secret", [ana], kind="private", with_bot=False)
        hidden = await ana.uploads(private, "b.txt", b"secret")
        with pytest.raises(SlackApiError, match="file_not_found"):
            await client.files_info(file=hidden.files[0]["id"])
        assert team.token
        team.token.scopes = ("chat:write",)
        async with session.get(url, headers=bearer) as reply:
            assert "Login" in await reply.text()
