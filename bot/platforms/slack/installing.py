"""The two pages by which a workspace installs the app: one leads to Slack, one comes back from it.

Only workspaces that the settings name get in: what any other one grants is given back unread.
"""

import hmac
from html import escape
from urllib.parse import urlencode, urljoin

import structlog
from aiohttp import web

from bot.platform_settings import SlackSettings
from bot.platforms.slack.calling import Answer, Calls
from bot.platforms.slack.errors import SlackRefusedError
from bot.platforms.slack.installations import STATE_S
from bot.platforms.slack.manifest import SCOPES
from bot.platforms.slack.names import INSTALL_PATH, REDIRECT_PATH
from bot.platforms.slack.rotating import Installed, client_of
from bot.wording import LANGUAGES, say
from knowledge.errors import OperatorError, TertuliaError

COOKIE = "tertulia_slack_install"
_PAGE = """\
<!doctype html>
<html lang="{language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Tertulia</title><body><h1>Tertulia</h1><p>{text}</p></body></html>
"""
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
log = structlog.get_logger(__name__)


class Installing:
    """Takes workspaces in.

    Args:
        app: calls that the app makes as itself.
        installed: where tokens are kept.
    """

    def __init__(self, settings: SlackSettings, app: Calls, installed: Installed) -> None:
        self._settings, self._app, self._installed = settings, app, installed

    @property
    def pages(self) -> list[web.RouteDef]:
        """Where browsers find us."""
        return [
            web.get(INSTALL_PATH, self._begin, allow_head=False),
            web.get(REDIRECT_PATH, self._come_back, allow_head=False),
        ]

    async def _begin(self, request: web.Request) -> web.StreamResponse:
        """Lead to Slack's page, with a word that this browser alone comes back with."""
        try:
            state = await self._installed.installations.begin()
        except TertuliaError as error:
            return self._failed(request, error)
        asked = {"client_id": self._settings.slack_client_id, "scope": ",".join(SCOPES)}
        query = urlencode(asked | {"state": state} | self._back)
        url = f"{urljoin(self._settings.slack_api_url, '/oauth/v2/authorize')}?{query}"
        response = web.Response(status=302, headers={**_HEADERS, "Location": url})
        response.set_cookie(
            COOKIE, state, max_age=int(STATE_S), httponly=True, secure=True, samesite="Lax"
        )
        return response

    async def _come_back(self, request: web.Request) -> web.StreamResponse:
        """Take what Slack gives for the code that the browser brings."""
        try:
            if not await self._is_expected(request):
                return _page(request, "install-old", status=400)
            if "code" not in request.query:
                return _page(request, "install-declined", status=400)
            granted = await self._app.surely(
                "oauth_v2_access",
                **client_of(self._settings),
                code=request.query["code"],
                **self._back,
            )
            return await self._granted(request, granted)
        except TertuliaError as error:
            return self._failed(request, error)

    async def _granted(self, request: web.Request, granted: Answer) -> web.StreamResponse:
        team = str((granted.get("team") or {}).get("id") or "")
        if granted.get("is_enterprise_install") or team not in self._settings.slack_teams:
            log.warning("refused a workspace that SLACK_TEAMS does not name", team=team)
            await self._app.at_once("auth_revoke", token=granted["access_token"])
            return _page(request, "install-not-allowed", status=403)
        await self._installed.take(granted)
        return _page(request, "installed", status=200)

    async def _is_expected(self, request: web.Request) -> bool:
        """Whether this browser began an installation a short while ago that is not used up."""
        state = request.query.get("state", "")
        begun = request.cookies.get(COOKIE, "")
        is_same = hmac.compare_digest(
            state.encode(errors="replace"), begun.encode(errors="replace")
        )
        return bool(state) and is_same and await self._installed.installations.comes_back(state)

    @property
    def _back(self) -> dict[str, str]:
        """Where Slack sends the browser; the address of the app's settings where we know none."""
        url = self._settings.slack_public_url
        return {"redirect_uri": f"{url}{REDIRECT_PATH}"} if url else {}

    def _failed(self, request: web.Request, error: TertuliaError) -> web.StreamResponse:
        log.warning("failed to install", kind=error.kind, reason=str(error))
        if isinstance(error, SlackRefusedError):
            return _page(request, "install-refused", status=400)
        is_ours = isinstance(error, OperatorError)
        return _page(request, "install-later", status=500 if is_ours else 503)


def _page(request: web.Request, key: str, *, status: int) -> web.Response:
    language = _language(request.headers.get("Accept-Language", ""))
    text = _PAGE.format(language=language, text=escape(say(key, language)))
    response = web.Response(text=text, status=status, content_type="text/html", headers=_HEADERS)
    response.del_cookie(COOKIE)
    return response


def _language(wanted: str) -> str:
    """The first language of a browser that we speak."""
    names = (part.strip().lower()[:2] for part in wanted.split(","))
    return next((name for name in names if name in LANGUAGES), "en")
