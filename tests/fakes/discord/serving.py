"""A request comes in over HTTP, is counted, refused or answered, noted, and perhaps maltreated."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.multipart import BodyPartReader

from tests.fakes.discord import faults as fault_kinds
from tests.fakes.discord import rest
from tests.fakes.discord.errors import Json, RefusedError
from tests.fakes.discord.rest import routes

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes.discord.faults import Fault, Faults
    from tests.fakes.discord.rates import Rates
    from tests.fakes.discord.rest.routes import Asked
    from tests.fakes.discord.world import World

PREFIX = "/api/v10"
VIA = {"Via": "1.1 google"}
_TOKEN = re.compile(r"[^/]{40,}")
assert rest.__all__  # importing them is what registers the routes


@dataclass(frozen=True)
class Call:
    """A request, for tests to look at; tokens are left out.

    Attributes:
        route: such as `POST /channels/{channel}/messages`, or the path where none is known.
        at_s: on the fake's clock.
    """

    route: str
    parameters: dict[str, str]
    arguments: Any
    at_s: float
    status: int


@dataclass
class Reply:
    """What is answered; the body is JSON, or text as it is."""

    status: int
    body: Json | list[Json] | str | None = None
    headers: dict[str, str] = field(default_factory=dict)


class Rest:
    """Answers REST.

    Attributes:
        calls: everything that was asked, oldest first.
        unknown: routes that were asked and that we do not have.
    """

    def __init__(
        self, world: World, token: str, rates: Rates, faults: Faults, gateway: Callable[[], Json]
    ) -> None:
        self.calls: list[Call] = []
        self.unknown: list[str] = []
        self._world, self._token = world, token
        self._rates, self._faults, self._gateway = rates, faults, gateway

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One request."""
        path = request.raw_path.partition("?")[0].removeprefix(PREFIX)
        found = routes.find(request.method, path)
        if found is None:
            return await self._unknown(request, path)
        asked = routes.Asked(self._world, found[0], found[1], request.query)
        asked.gateway = self._gateway()
        reply, fault = await self._answer(request, asked), None
        if reply is None:
            fault = self._faults.take(asked.route.name)
            reply = self._carry_out(asked, fault)
        self._note(asked, reply)
        return await _send(request, reply, fault)

    async def _answer(self, request: web.Request, asked: Asked) -> Reply | None:
        """What is refused before anybody looks at what is wanted."""
        await _read(request, asked)
        if self._rates.is_banned:
            return Reply(429, "<html>Access denied | Cloudflare</html>")
        if not asked.route.is_open and request.headers.get("Authorization") != f"Bot {self._token}":
            return Reply(401, {"message": "401: Unauthorized", "code": 0})
        storm_s = self._faults.storm_s
        if storm_s is not None:
            return _limited(storm_s, {}, "user")
        is_global = not asked.route.is_open
        spent = self._rates.spend(asked.route.name, asked.major, is_global=is_global)
        asked.headers = spent.headers
        if spent.retry_after_s is not None:
            return _limited(spent.retry_after_s, spent.headers, spent.scope)
        return None

    def _carry_out(self, asked: Asked, fault: Fault | None) -> Reply:
        """Do what is wanted, unless a fault comes before that."""
        if fault and not fault.is_carried_out:
            return Reply(fault.status, "upstream connect error", asked.headers)
        try:
            answer = asked.route.answer(asked)
        except RefusedError as error:
            return Reply(error.status, error.body, asked.headers)
        return Reply(204 if answer is None else 200, answer, asked.headers)

    async def _unknown(self, request: web.Request, path: str) -> web.StreamResponse:
        self.unknown.append(f"{request.method} {_TOKEN.sub('…', path)}")
        self.calls.append(Call(self.unknown[-1], {}, None, self._world.times.now(), 404))
        return await _send(request, Reply(404, {"message": "404: Not Found", "code": 0}), None)

    def _note(self, asked: Asked, reply: Reply) -> None:
        self._rates.note(reply.status)
        open_ = {key: value for key, value in asked.parameters.items() if key != "token"}
        now = self._world.times.now()
        self.calls.append(Call(asked.route.name, open_, asked.body, now, reply.status))


async def _read(request: web.Request, asked: Asked) -> None:
    """Take JSON as it is, and files with the JSON beside them."""
    if not request.can_read_body:
        return
    if request.content_type == "application/json":
        asked.body = json.loads(await request.read())
        return
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        content = bytes(await part.read())
        if part.name == "payload_json":
            asked.body = json.loads(content)
        else:
            file = asked.world.cdn.keep(part.filename or "unknown", content)
            asked.files[part.name or ""] = file


def _limited(retry_after_s: float, headers: dict[str, str], scope: str) -> Reply:
    """429 as Discord says it; without `Via`, clients take it for a ban by Cloudflare."""
    body: Json = {
        "message": "You are being rate limited.",
        "retry_after": round(retry_after_s, 3),
        "global": scope == "global",
    }
    more = {"Retry-After": str(int(retry_after_s) + 1), "X-RateLimit-Scope": scope}
    return Reply(429, body, headers | more | VIA)


async def _send(request: web.Request, reply: Reply, fault: Fault | None) -> web.StreamResponse:
    """The answer; JSON without a charset, as Discord sends it."""
    is_text = isinstance(reply.body, str)
    content = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
    body = b"" if reply.body is None else content.encode()
    kind = "text/html" if is_text else "application/json"
    headers = reply.headers | ({"Content-Type": kind} if body else {})
    if fault is None or fault.kind == fault_kinds.ERROR:
        return web.Response(status=reply.status, body=body, headers=headers)
    return await _maltreat(
        request, web.StreamResponse(status=reply.status, headers=headers), body, fault
    )


async def _maltreat(
    request: web.Request, response: web.StreamResponse, body: bytes, fault: Fault
) -> web.StreamResponse:
    """Cut, truncate or dribble the answer."""
    transport = request.transport
    if fault.kind != fault_kinds.CUT:
        response.content_length = len(body)
        await response.prepare(request)
        half = len(body) // 2
        await response.write(body[:half])
        if fault.kind == fault_kinds.SLOW:
            await asyncio.sleep(fault.slow_s)
            await response.write(body[half:])
            return response
    if transport:
        transport.abort()
    return response
