"""Brokers for tests of tools, with a database of their own in memory."""

import weakref
from collections.abc import Mapping
from uuid import uuid4

from sqlalchemy import NullPool, StaticPool, create_engine
from sqlalchemy.ext.asyncio import create_async_engine

from knowledge.confirmations import CONFIRMATIONS, Confirmations
from knowledge.tool_calls import ToolCalled
from pipelines.tools import Audit, Broker, Tool


async def unheard(_: ToolCalled) -> None:
    """A row that nobody looks at."""


def broker_of(tools: Mapping[str, Tool], audit: Audit = unheard) -> Broker:
    """A broker for these tools."""
    place = f"file:{uuid4().hex}?mode=memory&cache=shared&uri=true"
    keeping = create_engine(
        f"sqlite:///{place}", poolclass=StaticPool
    )  # it lasts while this is open
    CONFIRMATIONS.create(keeping)
    engine = create_async_engine(f"sqlite+aiosqlite:///{place}", poolclass=NullPool)
    broker = Broker(tools, audit, Confirmations(engine))
    weakref.finalize(broker, keeping.dispose)
    return broker
