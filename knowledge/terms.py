"""On which terms the articles of a source are in the index: read from where, opened to whom."""

import json
from dataclasses import dataclass

from sqlalchemy import Boolean, Column, String, Table, Text, delete, select
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.articles import Audience
from knowledge.database import transaction, upsert
from knowledge.schema import METADATA

_TERMS = Table(
    "source_terms",
    METADATA,
    Column("source", String, primary_key=True),
    Column("origin", String, nullable=False),
    Column("audience", Text, nullable=False),
    Column("has_own_audiences", Boolean, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Terms:
    """Where the articles of a source were read, and who may read them.

    Attributes:
        origin: a fingerprint of the place that they came from.
        audience: who may read those that do not say so themselves, and nobody beyond.
        has_own_audiences: whether articles say who may read them.
    """

    origin: str
    audience: Audience
    has_own_audiences: bool = False

    def may_become(self, wanted: "Terms") -> bool:
        """Whether articles of these terms may be shown on others: of another place, to nobody new.

        Where they say themselves who reads them, only their own place can be asked for that.
        """
        if self.origin == wanted.origin:
            return True
        if self.has_own_audiences or wanted.has_own_audiences:
            return False
        return wanted.audience.principals <= self.audience.principals


class SourceTerms:
    """The terms of one source, in the relational database."""

    def __init__(self, engine: AsyncEngine, source: str) -> None:
        self._engine, self._source = engine, source

    async def get(self) -> Terms | None:
        """The terms; None where none were ever noted."""
        async with transaction(self._engine) as connection:
            rows = await connection.execute(select(_TERMS).where(_TERMS.c.source == self._source))
            row = rows.first()
        if row is None:
            return None
        return Terms(row.origin, Audience.of(*json.loads(row.audience)), row.has_own_audiences)

    async def put(self, terms: Terms) -> None:
        """Note other terms."""
        row = {
            "source": self._source,
            "origin": terms.origin,
            "audience": json.dumps(sorted(terms.audience.principals)),
            "has_own_audiences": terms.has_own_audiences,
        }
        async with transaction(self._engine) as connection:
            await connection.execute(upsert(_TERMS, self._engine), [row])

    async def forget(self) -> None:
        """Nothing of this source is in the index any more."""
        async with transaction(self._engine) as connection:
            await connection.execute(delete(_TERMS).where(_TERMS.c.source == self._source))
