"""The gateway, version 10: hello, identify, heartbeats, resume; and its ways to fail."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from aiohttp import WSMsgType, web

from tests.fakes.discord import events, views
from tests.fakes.discord.connections import MOST_FRAMES, ClosedError, Connection
from tests.fakes.discord.errors import Json
from tests.fakes.discord.sessions import Session
from tests.fakes.discord.times import DAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fakes.discord.world import World

HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, RECONNECT = 1, 2, 3, 4, 6, 7
REQUEST_MEMBERS, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 8, 9, 10, 11
MOST_IDENTIFIES = 1000
FRAMES_PER_S = 60.0


class Gateway:
    """Takes connections, and breaks them when a test wishes.

    Attributes:
        heartbeat_s: how often clients are told to say that they live.
        identifies, resumes: how many there were.
        closed: the codes with which we closed connections.
        refusals: how many IDENTIFYs will be answered with an invalid session.
    """

    def __init__(self, world: World, token: str) -> None:
        self.url = ""
        self.heartbeat_s = 41.25
        self.identifies = 0
        self.resumes = 0
        self.heartbeats = 0
        self.refusals = 0
        self.closed: list[int] = []
        self.connections: list[Connection] = []
        self._world = world
        self._token = token
        self._door = asyncio.Event()
        self._door.set()
        self._identified_s: deque[float] = deque(maxlen=MOST_IDENTIFIES)
        self._do: dict[int, Callable[[Connection, Json], None]] = {
            HEARTBEAT: self._beat,
            IDENTIFY: self._identify,
            RESUME: self._resume,
            REQUEST_MEMBERS: self._tell_members,
            PRESENCE: lambda *_: None,
            VOICE: lambda *_: None,
        }

    @property
    def sessions(self) -> list[Session]:
        """All that could still be resumed, connected or not."""
        return self._world.events.sessions

    @property
    def is_connected(self) -> bool:
        """Whether a bot listens now."""
        return any(session.line is not None for session in self.sessions)

    @property
    def identifies_left(self) -> int:
        """How many IDENTIFYs are left of this day's 1,000."""
        now = self._world.times.now()
        return MOST_IDENTIFIES - sum(now - at < DAY for at in self._identified_s)

    def use_up_identifies(self) -> None:
        """Leave none of this day's 1,000."""
        self._identified_s.extend([self._world.times.now()] * MOST_IDENTIFIES)

    def shut(self) -> None:
        """Let new connections wait at the door."""
        self._door.clear()

    def open(self) -> None:
        """Let in who waits, and who comes."""
        self._door.set()

    def ask_to_reconnect(self) -> None:
        """Opcode 7: please come back and RESUME."""
        self._send_all({"op": RECONNECT, "d": None})

    def close_all(self, code: int = 4000) -> None:
        """Close all connections; sessions can be resumed."""
        for connection in self.connections:
            connection.close(code)

    def cut(self) -> None:
        """Break all connections without a goodbye."""
        for connection in self.connections:
            if connection.request.transport:
                connection.request.transport.abort()

    def invalidate(self, *, resumable: bool = False) -> None:
        """Opcode 9. What was missed is lost, unless the session may be resumed."""
        if not resumable:
            self.expire()
        self._send_all({"op": INVALID_SESSION, "d": resumable})

    def expire(self) -> None:
        """Forget all sessions, so that a RESUME is answered with opcode 9."""
        self.sessions.clear()

    def fall_silent(self) -> None:
        """Keep connections open, and say nothing more, not even to heartbeats."""
        for connection in self.connections:
            connection.is_silent = True

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """One connection, until it ends."""
        await self._door.wait()
        socket = web.WebSocketResponse(max_msg_size=2**20, timeout=1.0)
        await socket.prepare(request)
        connection = Connection(request, socket)
        self.connections.append(connection)
        writer = asyncio.create_task(connection.write())
        connection.send({"op": HELLO, "d": {"heartbeat_interval": int(self.heartbeat_s * 1000)}})
        try:
            await self._read(connection)
        finally:
            self._end(connection)
            writer.cancel()
            with suppress(asyncio.CancelledError):
                await writer
        return socket

    async def _read(self, connection: Connection) -> None:
        """Take frames, until the other side goes, breaks a rule or stops its heartbeats."""
        try:
            last_beat = time.monotonic()
            while True:
                left = last_beat + 1.5 * self.heartbeat_s + 0.2 - time.monotonic()
                message = await asyncio.wait_for(connection.socket.receive(), max(left, 0.001))
                if message.type is not WSMsgType.TEXT:
                    return
                if self._take(connection, message.data) == HEARTBEAT:
                    last_beat = time.monotonic()
        except TimeoutError:
            await self._close(connection, ClosedError(4009, "Session timed out."))
        except ClosedError as error:
            await self._close(connection, error)

    async def _close(self, connection: Connection, error: ClosedError) -> None:
        self.closed.append(error.code)
        connection.is_closed_by_us = True
        await connection.socket.close(code=error.code, message=str(error).encode())

    def _take(self, connection: Connection, text: str) -> int:
        """One frame; its opcode."""
        now = self._world.times.now()
        connection.frames_s.append(now)
        if len(connection.frames_s) > MOST_FRAMES and now - connection.frames_s[0] < FRAMES_PER_S:
            raise ClosedError(4008, "You are being rate limited.")
        try:
            frame = json.loads(text)
            opcode, body = int(frame["op"]), frame.get("d")
        except (ValueError, KeyError, TypeError):
            raise ClosedError(4002, "Error while decoding payload.") from None
        do = self._do.get(opcode)
        if do is None:
            raise ClosedError(4001, "Unknown opcode.")
        do(connection, body if isinstance(body, dict) else {})
        return opcode

    def _end(self, connection: Connection) -> None:
        """A session waits for a RESUME, unless the bot itself said goodbye."""
        self.connections.remove(connection)
        session = connection.session
        if session is None or session.line is not connection:
            return
        session.line = None
        said_goodbye = connection.socket.close_code in (1000, 1001)
        if said_goodbye and not connection.is_closed_by_us and session in self.sessions:
            self.sessions.remove(session)

    def _beat(self, connection: Connection, _: Json) -> None:
        self.heartbeats += 1
        connection.send({"op": HEARTBEAT_ACK})

    def _identify(self, connection: Connection, body: Json) -> None:
        if connection.session:
            raise ClosedError(4005, "Already authenticated.")
        self._check(body)
        self.identifies += 1
        if self.refusals:
            self.refusals -= 1
            connection.send({"op": INVALID_SESSION, "d": False})
            return
        self._identified_s.append(self._world.times.now())
        number, count = body.get("shard") or (0, 1)
        session = Session(secrets.token_hex(16), body["intents"], (number, count), connection)
        connection.session = session
        self.sessions.append(session)
        self._welcome(session)

    def _check(self, body: Json) -> None:
        """Token, shard and intents, in the order in which Discord looks at them."""
        if body.get("token") != self._token or self.identifies_left <= 0:
            raise ClosedError(4004, "Authentication failed.")
        number, count = body.get("shard") or (0, 1)
        if not 0 <= number < count:
            raise ClosedError(4010, "Invalid shard.")
        intents = body.get("intents")
        if not isinstance(intents, int) or intents & ~events.EVERY_INTENT:
            raise ClosedError(4013, "Invalid intent(s).")
        for name, bit in events.PRIVILEGED.items():
            if intents & bit and name not in self._world.privileged:
                raise ClosedError(4014, "Disallowed intent(s).")

    def _welcome(self, session: Session) -> None:
        """READY, and then the guilds of this shard one by one."""
        number, count = session.shard
        teams = [
            team
            for team in self._world.guilds.values()
            if team.has_bot and (team.id >> 22) % count == number
        ]
        session.hand_out(
            "READY",
            {
                "v": 10,
                "user": views.user(self._world.bot) | {"verified": True, "mfa_enabled": True},
                "guilds": [{"id": str(team.id), "unavailable": True} for team in teams],
                "session_id": session.id,
                "resume_gateway_url": self.url,
                "shard": [number, count],
                "application": {"id": str(self._world.bot.id), "flags": 0},
                "private_channels": [],
            },
        )
        with_members = bool(session.intents & events.MEMBERS)
        for team in teams:
            if session.intents & events.GUILDS:
                session.hand_out("GUILD_CREATE", views.guild(team, with_members=with_members))

    def _resume(self, connection: Connection, body: Json) -> None:
        if body.get("token") != self._token:
            raise ClosedError(4004, "Authentication failed.")
        found = [each for each in self.sessions if each.id == body.get("session_id")]
        if not found:
            connection.send({"op": INVALID_SESSION, "d": False})
            return
        if not 0 <= body.get("seq", -1) <= len(found[0].told):
            raise ClosedError(4007, "Invalid seq.")
        self.resumes += 1
        connection.session = found[0]
        found[0].resume(connection, body["seq"])

    def _tell_members(self, connection: Connection, body: Json) -> None:
        """The people of a guild, by the start of their name or by id, in one chunk."""
        if connection.session is None:
            raise ClosedError(4003, "Not authenticated.")
        team = self._world.guilds.get(int(body.get("guild_id", 0)))
        if team is None or not team.has_bot:
            return
        ids = body.get("user_ids")
        wanted = {int(each) for each in ids} if isinstance(ids, list) else None
        start = str(body.get("query") or "").lower()
        found = [
            member
            for member in team.members.values()
            if (
                member.id in wanted if wanted is not None else member.name.lower().startswith(start)
            )
        ]
        chunk: Json = {"guild_id": str(team.id), "members": [views.member(each) for each in found]}
        more: Json = {
            "chunk_index": 0,
            "chunk_count": 1,
            "not_found": [],
            "nonce": body.get("nonce"),
        }
        connection.session.hand_out("GUILD_MEMBERS_CHUNK", chunk | more)

    def _send_all(self, frame: Json) -> None:
        for connection in self.connections:
            connection.send(frame)
