"""A team's database with a table of frequently asked questions, on SQLite or PostgreSQL."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine, NullPool, create_engine, text

from knowledge.articles import Audience
from knowledge.database_address import parsed
from knowledge.sources import Entry, NotesInMemory, Source
from knowledge.sources.database import build
from knowledge.sources.database.source import DatabaseSource

EVERYONE = Audience.of("everyone")
FAQ = {
    "query": "SELECT id, question, answer, changed FROM faq",
    "title": "{question}",
    "text": "{answer}",
}


class TeamDatabase:
    """The table `faq`, and how a team works with it."""

    def __init__(self, url: str) -> None:
        self.url = url
        address = parsed(url)
        if address.get_backend_name() == "postgresql":
            address = address.set(drivername="postgresql+psycopg")
        self._engine: Engine = create_engine(address, poolclass=NullPool)
        self.is_sqlite = self._engine.dialect.name == "sqlite"
        time = "TEXT" if self.is_sqlite else "TIMESTAMPTZ"
        self.run(
            f"CREATE TABLE faq (id INTEGER PRIMARY KEY, question TEXT, answer TEXT, changed {time})"
        )

    def run(self, statement: str, **values: object) -> list[Mapping[str, Any]]:
        """Run a statement and keep what it changed; its rows."""
        with self._engine.begin() as connection:
            done = connection.execute(text(statement), values)
            return [dict(row) for row in done.mappings()] if done.returns_rows else []

    def put(
        self, number: int, answer: str | None, *, changed: str | None = "2024-05-02 10:00:00+00:00"
    ) -> None:
        """Write a question, new or again."""
        self.run("DELETE FROM faq WHERE id = :id", id=number)
        self.run(
            "INSERT INTO faq VALUES (:id, :question, :answer, :changed)",
            id=number,
            question=f"Question {number}?",
            answer=answer,
            changed=changed,
        )

    def remove(self, number: int) -> None:
        """Take a question out."""
        self.run("DELETE FROM faq WHERE id = :id", id=number)

    def source(self, **options: Any) -> DatabaseSource:  # noqa: ANN401 (the options of the source)
        """The table as a source named `faq`, with other options than usual where they are given."""
        audience = options.pop("audience", EVERYONE)
        if "kinds" not in options:
            options = FAQ | options
        return build(name="faq", audience=audience, url=self.url, **options)


async def entries(source: Source, since: str = "") -> list[Entry]:
    """What a source names since a cursor; it is closed afterwards."""
    try:
        return [entry async for entry in source.entries(since, NotesInMemory())]
    finally:
        await source.close()


async def paths(source: Source, since: str = "") -> list[str]:
    """The paths of what a source names since a cursor."""
    return [entry.path for entry in await entries(source, since)]


async def existing(source: Source) -> list[str]:
    """The paths of all that there is."""
    try:
        return [path async for path in source.existing()]
    finally:
        await source.close()
