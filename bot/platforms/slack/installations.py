"""Which workspaces have installed the app, with their tokens: kept by Slack's SDK in our database.

A workspace is known by its id alone. Tokens are kept as they are; who can read the database can
read them, so its file is for us alone.
"""

from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe
from typing import Protocol

from slack_sdk.oauth.installation_store import Bot
from slack_sdk.oauth.installation_store.sqlalchemy import AsyncSQLAlchemyInstallationStore
from sqlalchemy import Column, MetaData, String, Table, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.platforms.slack.quiet import QUIET
from knowledge.database import close_to_others, in_our_words, make_tables, transaction
from knowledge.errors import TransientError
from knowledge.instants import Instant
from knowledge.leases import Leases

STATE_S = 600.0
MOST_STATES = 200
"""Installations that are under way at once; more are nobody's but an attacker's."""
_KEPT = MetaData()
_BOTS = "slack_bots"
AsyncSQLAlchemyInstallationStore.build_bots_table(_KEPT, _BOTS)
_STATES = Table(
    "slack_states",
    _KEPT,
    Column("state", String(64), primary_key=True),
    Column("expires_at", Instant, nullable=False),
)


class Keeper(Protocol):
    """Who has the database: the desk, or the app itself."""

    def database(self) -> Awaitable[AsyncEngine]:
        """The relational database."""

    def leases(self) -> Awaitable[Leases]:
        """Who does what."""


class TooManyInstallationsError(TransientError):
    """More people install the app just now than can be true."""


class Installations:
    """What is kept of each workspace, and of installations that are under way.

    Args:
        client_id: of the app; others may keep theirs in the same database.
    """

    def __init__(self, client_id: str, keeper: Keeper) -> None:
        self._client_id, self._keeper = client_id, keeper
        self._is_ready = False

    async def leases(self) -> Leases:
        """Who does what."""
        return await self._keeper.leases()

    async def find(self, team: str) -> Bot | None:
        """The installation of a workspace; None where there is none."""
        engine = await self._engine()
        with in_our_words(engine):
            return await self._store(engine).async_find_bot(enterprise_id=None, team_id=team)

    async def keep(self, bot: Bot) -> None:
        """Write an installation down, or what its token is by now."""
        engine = await self._engine()
        with in_our_words(engine):
            await self._store(engine).async_save_bot(bot)

    async def forget(self, team: str) -> None:
        """Remove all that is kept of a workspace."""
        engine = await self._engine()
        with in_our_words(engine):
            await self._store(engine).async_delete_bot(enterprise_id=None, team_id=team)

    async def begin(self) -> str:
        """A word that an installation comes back with, once and within ten minutes.

        Raises:
            TooManyInstallationsError: too many are under way.
        """
        now, state = datetime.now(UTC), token_urlsafe(32)
        async with transaction(await self._engine()) as connection:
            await connection.execute(delete(_STATES).where(_STATES.c.expires_at <= now))
            under_way = await connection.scalar(select(func.count()).select_from(_STATES))
            if (under_way or 0) >= MOST_STATES:
                raise TooManyInstallationsError(
                    "Too many installations are under way.", what_to_do="Try again in ten minutes."
                )
            row = {"state": state, "expires_at": now + timedelta(seconds=STATE_S)}
            await connection.execute(insert(_STATES).values(row))
        return state

    async def comes_back(self, state: str) -> bool:
        """Whether an installation was begun with this word; it counts once."""
        used = delete(_STATES).where(
            _STATES.c.state == state, _STATES.c.expires_at > datetime.now(UTC)
        )
        async with transaction(await self._engine()) as connection:
            return (await connection.execute(used)).rowcount == 1

    async def _engine(self) -> AsyncEngine:
        """The database, with our tables in it."""
        engine = await self._keeper.database()
        if not self._is_ready:
            await make_tables(engine, _KEPT)
            await close_to_others(engine)
            self._is_ready = True
        return engine

    def _store(self, engine: AsyncEngine) -> AsyncSQLAlchemyInstallationStore:
        return AsyncSQLAlchemyInstallationStore(
            self._client_id, engine, bots_table_name=_BOTS, logger=QUIET
        )
