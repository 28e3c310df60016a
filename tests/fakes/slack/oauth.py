"""Installing the app: the page where somebody agrees, and the tokens that come of it."""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode
from uuid import uuid4

from aiohttp import web

from tests.fakes.slack.arguments import Arguments
from tests.fakes.slack.errors import Json, RefusedError
from tests.fakes.slack.team import Team
from tests.fakes.slack.tokens import LIFE_S, Token
from tests.fakes.slack.world import World

CODE_LIFE_S = 600.0


@dataclass(frozen=True)
class Consent:
    """Somebody has agreed that the app comes into their workspace."""

    team_id: str
    scopes: tuple[str, ...]
    given_at: float


@dataclass
class OAuth:
    """The codes that were given out."""

    world: World
    teams: Mapping[str, Team]
    _codes: dict[str, Consent] = field(default_factory=dict)

    def consent(self, team: Team, scopes: tuple[str, ...] = ()) -> str:
        """A code, as if somebody of this workspace had agreed to all that was asked for."""
        code = uuid4().hex
        now = self.world.moments.now()
        self._codes[code] = Consent(team.team_id, scopes or self.world.app.scopes, now)
        return code

    async def authorize(self, request: web.Request) -> web.Response:
        """The page: everybody agrees at once, and goes back to the app with a code."""
        asked = request.query
        if asked.get("client_id") != self.world.app.client_id:
            return web.Response(status=400, text="Invalid client_id parameter")
        team = self.teams.get(asked.get("team", "")) or self._next()
        scopes = tuple(scope for scope in asked.get("scope", "").split(",") if scope)
        back = asked.get("redirect_uri") or self.world.app.redirect_url
        answer = {"code": self.consent(team, scopes), "state": asked.get("state", "")}
        return web.Response(status=302, headers={"Location": f"{back}?{urlencode(answer)}"})

    def access(self, request: web.Request, arguments: Arguments) -> Json:
        """`oauth.v2.access`: a code for a token, or a refresh token for a fresh one."""
        self._check_client(request, arguments)
        if arguments.text("grant_type", "") == "refresh_token":
            token = self.world.tokens.refreshed(arguments.text("refresh_token", ""))
            self.teams[token.team_id].take(token)
        else:
            token = self._exchange(arguments.text("code", ""))
        return self._granted(token)

    def _exchange(self, code: str) -> Token:
        consent = self._codes.pop(code, None)
        if consent is None:
            raise RefusedError("invalid_code")
        if self.world.moments.now() > consent.given_at + CODE_LIFE_S:
            raise RefusedError("code_expired")
        rotates = self.world.app.rotates_tokens
        token = self.world.tokens.give(consent.team_id, consent.scopes, rotates=rotates)
        self.teams[consent.team_id].take(token)
        return token

    def _check_client(self, request: web.Request, arguments: Arguments) -> None:
        """The app's own secret comes in a header, or among the arguments."""
        said = request.headers.get("Authorization", "")
        client = arguments.text("client_id", ""), arguments.text("client_secret", "")
        if said.startswith("Basic "):
            name, _, secret = b64decode(said.removeprefix("Basic ")).decode().partition(":")
            client = name, secret
        if client[0] != self.world.app.client_id:
            raise RefusedError("invalid_client_id")
        if client[1] != self.world.app.client_secret:
            raise RefusedError("bad_client_secret")

    def _granted(self, token: Token) -> Json:
        team = self.teams[token.team_id]
        answer: Json = {
            "ok": True,
            "app_id": self.world.app.app_id,
            "authed_user": {"id": next(iter(team.users))},
            "scope": ",".join(token.scopes),
            "token_type": "bot",
            "access_token": token.text,
            "bot_user_id": team.bot.user_id,
            "team": {"id": team.team_id, "name": team.name},
            "enterprise": None,
            "is_enterprise_install": False,
        }
        if token.refresh:
            answer |= {"refresh_token": token.refresh, "expires_in": int(LIFE_S)}
        return answer

    def _next(self) -> Team:
        """The first workspace that has not got the app yet, or the first of all."""
        teams = list(self.teams.values())
        return next((team for team in teams if team.token is None), teams[0])
