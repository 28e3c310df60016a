"""The Web API: who calls, whether they may, what they get, and what goes wrong with it."""

import json
from collections.abc import Mapping

from aiohttp import web

from tests.fakes.slack.arguments import Arguments, read, token_of
from tests.fakes.slack.calls import Call, without_secrets
from tests.fakes.slack.errors import Json, RefusedError, TooFastError
from tests.fakes.slack.faults import Fault
from tests.fakes.slack.methods import METHODS
from tests.fakes.slack.methods.method import Caller, Method
from tests.fakes.slack.oauth import OAuth
from tests.fakes.slack.rates import MINUTE_S, POSTS, POSTS_S, TIERS, Key
from tests.fakes.slack.sockets import Sockets
from tests.fakes.slack.team import Team
from tests.fakes.slack.world import World


class WebApi:
    """Answers calls, and remembers them.

    Attributes:
        unknown: methods that were called and are not known here.
    """

    def __init__(
        self, world: World, teams: Mapping[str, Team], sockets: Sockets, oauth: OAuth
    ) -> None:
        self.calls: list[Call] = []
        self.unknown: list[str] = []
        self._world = world
        self._teams = teams
        self._sockets = sockets
        self._oauth = oauth

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one call."""
        name = request.match_info["method"]
        fault = self._world.faults.take(name)
        call = Call(name, {}, self._world.moments.now())
        self.calls.append(call)
        headers: dict[str, str] = {}
        try:
            arguments = await read(request)
            call.arguments = without_secrets(arguments.as_dict())
            answer = self._answer(request, call, arguments, fault, headers)
        except RefusedError as error:
            answer = error.answer()
        except TooFastError as error:
            headers["Retry-After"] = str(error.retry_after_s)
            answer = {"ok": False, "error": "ratelimited"}
        call.status = 429 if "Retry-After" in headers else 200
        call.answered = without_secrets(answer)
        if fault:
            return await self._spoilt(request, call, fault, answer)
        return web.json_response(answer, status=call.status, headers=headers)

    def _answer(
        self,
        request: web.Request,
        call: Call,
        arguments: Arguments,
        fault: Fault | None,
        headers: dict[str, str],
    ) -> Json:
        """Do what was asked, unless a fault keeps us from it."""
        if fault and fault.kind == "error" and not fault.is_carried_out:
            raise RefusedError(fault.code)
        if fault and not fault.is_carried_out and fault.kind != "slow":
            return {"ok": False, "error": "internal_error"}
        if call.method in ("api.test", "apps.connections.open", "oauth.v2.access"):
            return self._without_team(request, call.method, arguments)
        method = METHODS.get(call.method)
        if method is None:
            self.unknown.append(call.method)
            raise RefusedError("unknown_method")
        token = self._world.tokens.named(token_of(request, arguments))
        headers["X-OAuth-Scopes"] = ",".join(token.scopes)
        headers["X-Accepted-OAuth-Scopes"] = ",".join(method.scopes)
        caller = Caller(self._world, self._teams[token.team_id], token)
        self._check_rate(caller, call, method, arguments)
        caller.need(*method.scopes)
        return method.run(caller, arguments)

    def _without_team(self, request: web.Request, name: str, arguments: Arguments) -> Json:
        """Methods that need no bot token."""
        if name == "api.test":
            return {"ok": True, "args": arguments.as_dict()}
        if name == "oauth.v2.access":
            return self._oauth.access(request, arguments)
        token = token_of(request, arguments)
        if not token:
            raise RefusedError("not_authed")
        if token != self._world.app.app_token:
            raise RefusedError("not_allowed_token_type" if "xoxb" in token else "invalid_auth")
        url = self._world.url.replace("http", "ws", 1)
        return {"ok": True, "url": f"{url}/link/?ticket={self._sockets.ticket()}&app_id=A"}

    def _check_rate(self, caller: Caller, call: Call, method: Method, arguments: Arguments) -> None:
        """Count the call.

        Raises:
            TooFastError: there have been too many, or there is a storm.
        """
        rates, now = self._world.rates, caller.now
        key: Key = (caller.team.team_id, call.method)
        if method.is_per_channel:
            key = (*key, arguments.text("channel", ""))
        call.was_early = rates.is_early(key, now)
        try:
            self._world.faults.check_storm(call.method)
            if method.is_per_channel:
                rates.count(key, POSTS, POSTS_S, now)
            elif method.tier:
                rates.count(key, TIERS[method.tier], MINUTE_S, now)
        except TooFastError as error:
            rates.note_refusal(key, now + error.retry_after_s)
            raise

    async def _spoilt(
        self, request: web.Request, call: Call, fault: Fault, answer: Json
    ) -> web.StreamResponse:
        """The answer as the fault leaves it."""
        body = json.dumps(answer).encode()
        if fault.kind == "status":
            call.status = fault.status
            return web.Response(
                status=fault.status, text="<html>Oops</html>", content_type="text/html"
            )
        if fault.kind == "error":
            refused = RefusedError(fault.code).answer()
            call.answered = refused
            return web.json_response(refused)
        if fault.kind == "wrong_json":
            return web.Response(body=b'{"ok": true, "ts": ', content_type="application/json")
        if fault.kind == "slow":
            await self._world.moments.sleep(fault.seconds)
            return web.Response(body=body, content_type="application/json")
        call.status = 0
        return await _cut(request, body if fault.kind == "truncated" else b"")


async def _cut(request: web.Request, body: bytes) -> web.StreamResponse:
    """Half of the body, and then no connection any more; without a body, not even a status."""
    response = web.StreamResponse(headers={"Content-Length": str(len(body))})
    response.content_type = "application/json"
    if body:
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
    if request.transport:
        request.transport.abort() if not body else request.transport.close()
    return response
