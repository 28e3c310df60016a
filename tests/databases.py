"""Engines on a database of each kind, for tests of what is kept there."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.database import close_database, open_database

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}


def with_driver(url: str) -> str:
    """An address with the driver that SQLAlchemy takes for it."""
    return re.sub(r"^\w+(?=:)", lambda kind: _DRIVERS[kind[0]], url)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[AsyncEngine]:
    """The database at this address, open."""
    engine = await open_database(with_driver(url))
    try:
        yield engine
    finally:
        await close_database(engine)
