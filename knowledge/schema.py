"""The tables of the relational database: made where they are missing, never changed in place."""

from collections.abc import Iterator

from sqlalchemy import Column, Connection, Integer, MetaData, Table, insert, inspect, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateColumn

from knowledge.database_address import shown
from knowledge.database_errors import DatabaseVersionError

METADATA = MetaData()
SCHEMA_VERSION = 1
"""Counts changes that an older Tertulia could not live with; new tables and columns are none."""
VERSION = Table("tertulia_schema", METADATA, Column("version", Integer, primary_key=True))
_ALONE = {
    "sqlite": "BEGIN IMMEDIATE",
    "postgresql": "SELECT pg_advisory_xact_lock(8376245187)",  # any number that is ours alone
}
_OTHER_VERSION = {
    "sqlite": "Use the Tertulia that wrote it, or move the file away: `tertulia refresh` builds a "
    "new one from your sources.",
    "postgresql": "Use the Tertulia that wrote it, or set DATABASE_URL to another database: "
    "`tertulia refresh` fills it from your sources.",
}


def is_complete(connection: Connection) -> bool:
    """Whether all tables and columns are there, of our version.

    Raises:
        DatabaseVersionError: another version wrote it.
    """
    if not inspect(connection).has_table(VERSION.name):
        return False
    version = connection.scalar(select(VERSION.c.version))
    if version not in {None, SCHEMA_VERSION}:
        raise DatabaseVersionError(
            f"The database has version {version}; this Tertulia reads version {SCHEMA_VERSION}."
            f" It is {shown(connection.engine.url)}.",
            what_to_do=_OTHER_VERSION[connection.dialect.name],
        )
    return version is not None and not any(True for _ in _missing(connection))


async def alone(connection: AsyncConnection) -> None:
    """Make other processes that want to change tables wait until this transaction has ended."""
    await connection.exec_driver_sql(_ALONE[connection.dialect.name])


async def complete(connection: AsyncConnection) -> None:
    """Make what is missing, alone; the transaction is the caller's.

    An older Tertulia may have made a table without the columns that came later: these have a
    `server_default`, which holds for its rows.
    """
    await alone(connection)
    if not await connection.run_sync(is_complete):  # else somebody was quicker
        await connection.run_sync(_make)


def _make(connection: Connection) -> None:
    METADATA.create_all(connection)
    for column in list(_missing(connection)):
        written = CreateColumn(column).compile(dialect=connection.dialect)
        connection.exec_driver_sql(f'ALTER TABLE "{column.table.name}" ADD COLUMN {written}')
    if connection.scalar(select(VERSION.c.version)) is None:
        connection.execute(insert(VERSION).values(version=SCHEMA_VERSION))


def _missing(connection: Connection) -> Iterator[Column[object]]:
    """The columns that the database does not have."""
    found = inspect(connection).get_multi_columns(filter_names=list(METADATA.tables))
    present = {table: {one["name"] for one in columns} for (_, table), columns in found.items()}
    for table in METADATA.sorted_tables:
        yield from (c for c in table.columns if c.name not in present.get(table.name, set()))
