"""The relational database says what is wrong with it, and what to do; SQLite and PostgreSQL."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from knowledge.conversations import Feedback
from knowledge.database import close_database, described, open_database, transaction
from knowledge.database_address import DatabaseAddressError
from knowledge.database_errors import (
    DatabaseAwayError,
    DatabaseBusyError,
    DatabaseFullError,
    DatabaseUnusableError,
    DatabaseVersionError,
)
from knowledge.errors import TertuliaError
from knowledge.history import History
from knowledge.ledger import Ledger, Record
from tests.postgres import PASSWORD, PostgresServer

ROOT = Path(__file__).parents[2]


def record(path: str) -> Record:
    return Record(path, stamp="1-1", content_hash="abc", fingerprint="f")


async def known(engine: AsyncEngine) -> list[str]:
    return [path async for path in Ledger(engine).paths("a")]


async def refused(url: str, kind: type[TertuliaError], said: str) -> str:
    """Opening fails like this, and nowhere is the password shown; what to do."""
    with pytest.raises(kind, match=said) as caught:
        await open_database(url)
    shown = f"{caught.value} {caught.value.what_to_do}"
    assert "canary" not in shown
    return caught.value.what_to_do


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = await open_database(database_url)
    yield engine
    await close_database(engine)


@pytest.fixture
async def on_postgres(postgres_url: str) -> AsyncIterator[AsyncEngine]:
    engine = await open_database(postgres_url)
    yield engine
    await close_database(engine)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tertulia.db"


@pytest.fixture
async def on_sqlite(file: Path) -> AsyncIterator[AsyncEngine]:
    engine = await open_database(f"sqlite:///{file}")
    yield engine
    await close_database(engine)


async def test_a_transaction_that_fails_keeps_nothing(engine: AsyncEngine) -> None:
    async def half() -> None:
        async with transaction(engine) as connection:
            await connection.execute(text("DELETE FROM ledger"))
            raise asyncio.CancelledError

    await Ledger(engine).record("a", [record("x.md")])
    with pytest.raises(asyncio.CancelledError):
        await half()
    assert await known(engine) == ["x.md"]


async def test_the_kind_the_version_and_the_place_are_described(
    engine: AsyncEngine, database_url: str
) -> None:
    said = await described(engine)
    assert "canary" not in said
    assert ("PostgreSQL 1" in said) is database_url.startswith("postgresql")
    assert ("SQLite 3." in said) is database_url.startswith("sqlite")
    assert database_url.rpartition("/")[2] in said
    assert "schema 1" in said


_OPENS = """
import asyncio, sys
from knowledge import history, ledger
from knowledge.database import close_database, open_database

async def main() -> None:
    print("ready", flush=True)
    sys.stdin.readline()
    engine = await open_database(sys.argv[1])
    await close_database(engine)

asyncio.run(main())
"""


async def test_processes_that_create_the_tables_at_the_same_moment_all_succeed(
    database_url: str,
) -> None:
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _OPENS, database_url),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=ROOT,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        await process.stdout.readline()
    ended = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    assert [process.returncode for process in processes] == [0] * 4, ended
    engine = await open_database(database_url)
    await Ledger(engine).record("a", [record("x.md")])
    await close_database(engine)


async def test_columns_that_an_older_tertulia_did_not_know_are_added(database_url: str) -> None:
    engine = await open_database(database_url)
    history = History(engine)
    await history.keep_feedback(Feedback("T-AAAA", "terminal:ana", "down", "too old"))
    async with transaction(engine) as connection:
        for column in ("fault", "better"):
            await connection.execute(text(f"ALTER TABLE feedback DROP COLUMN {column}"))
    await close_database(engine)
    engine = await open_database(database_url)
    (kept,) = await History(engine).feedback("T-AAAA")
    assert (kept.comment, kept.fault, kept.better) == ("too old", "", "")
    await History(engine).keep_feedback(Feedback("T-AAAA", "x:y", "down", fault="wrong"))
    await close_database(engine)


async def test_a_database_of_another_version_is_refused_and_left_as_it_is(
    database_url: str,
) -> None:
    engine = await open_database(database_url)
    async with transaction(engine) as connection:
        await connection.execute(text("UPDATE tertulia_schema SET version = 99"))
        await connection.execute(text("DROP TABLE ledger"))
    what_to_do = await refused(database_url, DatabaseVersionError, "version 99")
    assert "tertulia refresh" in what_to_do
    with pytest.raises(DatabaseUnusableError, match="ledger"):
        await known(engine)
    await close_database(engine)


@pytest.fixture
def letter(file: Path) -> Path:
    file.write_text("This is a letter to my mother, and no database." * 9)
    return file


async def test_a_file_that_is_no_database_is_named(letter: Path) -> None:
    said = r"database /.*tertulia\.db is damaged"
    assert "Move it away" in await refused(f"sqlite:///{letter}", DatabaseUnusableError, said)
    nowhere = letter.parent / "no/folder/x.db"
    await refused(f"sqlite:///{nowhere}", DatabaseUnusableError, "unable to open")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("no address", "cannot be read"),
        ("postgresql://u:canary@h:port/db", "cannot be read"),
        ("postgresql://u:c@nary@h/db", "more than one @"),
        ("postgresql://u:canary@h", "names no database"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("mysql://u:canary@h/db", "of the kind 'mysql'"),
        ("nosuchdatabase://u:canary@h/db", "of the kind 'nosuchdatabase'"),
    ],
)
async def test_a_wrong_address_is_told_what_is_right(wrong: str, said: str) -> None:
    what_to_do = await refused(wrong, DatabaseAddressError, said)
    assert "postgresql://USER:PASSWORD@HOST/DATABASE" in what_to_do


async def test_an_address_may_name_a_driver_or_none(postgres_url: str) -> None:
    for scheme in ("postgres", "postgresql+psycopg", "postgresql+asyncpg", "postgresql+psycopg2"):
        url = postgres_url.replace("postgresql", scheme) + "?connect_timeout=5"
        await close_database(await open_database(url))


async def test_without_the_driver_it_is_said_how_to_install_it() -> None:
    code = f"import sys; sys.modules['psycopg'] = None{_OPENS}"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code, "postgresql://u:canary@127.0.0.1:9/db"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    _, errors = await process.communicate(b"go\n")
    assert b"DatabaseUnusableError: Python cannot speak to PostgreSQL here" in errors
    assert b"canary" not in errors


async def test_a_full_disk_is_said_and_nothing_is_lost(on_sqlite: AsyncEngine) -> None:
    ledger = Ledger(on_sqlite)
    await ledger.record("a", [record("x.md")])
    async with on_sqlite.connect() as connection:
        pages = await connection.scalar(text("PRAGMA page_count"))
        await connection.execute(text(f"PRAGMA max_page_count = {pages}"))
    many = [replace(record(f"{number}.md"), failure="y" * 500) for number in range(200)]
    with pytest.raises(DatabaseFullError) as caught:
        await ledger.record("a", many)
    assert "Free some space" in caught.value.what_to_do
    assert await known(on_sqlite) == ["x.md"]


async def test_a_lock_that_is_held_too_long_is_said(on_sqlite: AsyncEngine, file: Path) -> None:
    async with on_sqlite.connect() as connection:
        await connection.execute(text("PRAGMA busy_timeout = 50"))
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusyError, match="locked"):
            await Ledger(on_sqlite).record("a", [record("x.md")])
        other.execute("ROLLBACK")
    await Ledger(on_sqlite).record("a", [record("x.md")])


async def test_a_lock_on_a_server_is_not_waited_for_without_end(on_postgres: AsyncEngine) -> None:
    async def impatient() -> None:
        async with transaction(on_postgres) as other:
            await other.execute(text("SET LOCAL lock_timeout = '50ms'"))
            await other.execute(text("DELETE FROM ledger"))

    async with transaction(on_postgres) as connection:
        assert await connection.scalar(text("SHOW lock_timeout")) == "30s"
        await connection.execute(text("LOCK TABLE ledger"))
        with pytest.raises(DatabaseBusyError, match="locked"):
            await impatient()


async def test_a_full_server_is_said(on_postgres: AsyncEngine) -> None:
    raised = text("DO $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '53100'; END $$")
    with pytest.raises(DatabaseFullError):
        async with transaction(on_postgres) as connection:
            await connection.execute(raised)


async def test_who_is_refused_is_told_what_to_correct(
    postgres: PostgresServer, postgres_url: str
) -> None:
    wrong = postgres_url.replace(PASSWORD, "canary-wrong")
    assert "DATABASE_URL" in await refused(wrong, DatabaseUnusableError, "does not let us in")
    nobody = postgres_url.replace("tertulia:", "nobody:")
    assert "password" in await refused(nobody, DatabaseUnusableError, "does not let us in")
    missing = postgres.url("nowhere")
    assert "createdb nowhere" in await refused(missing, DatabaseUnusableError, "no database")


async def test_a_server_that_is_not_there_is_said(postgres: PostgresServer) -> None:
    silent = "postgresql://u:canary@127.0.0.1:9/db"
    assert "its server runs" in await refused(silent, DatabaseAwayError, "does not answer")
    unknown = "postgresql://u:canary@no.such.host.invalid/db"
    assert "right host" in await refused(unknown, DatabaseAwayError, "does not answer")


async def test_a_server_that_was_restarted_is_connected_anew(
    postgres: PostgresServer, on_postgres: AsyncEngine
) -> None:
    async def interrupted() -> None:
        async with transaction(on_postgres) as connection:
            await connection.execute(text("DELETE FROM ledger"))
            await asyncio.to_thread(postgres.stop)
            await connection.execute(text("DELETE FROM ledger"))

    await Ledger(on_postgres).record("a", [record("x.md")])
    with pytest.raises(DatabaseAwayError, match="does not answer"):
        await interrupted()
    with pytest.raises(DatabaseAwayError, match="does not answer"):
        await known(on_postgres)
    await asyncio.to_thread(postgres.start)
    assert await known(on_postgres) == ["x.md"]


async def test_a_server_with_too_many_visitors_is_said(
    postgres: PostgresServer, postgres_url: str, on_postgres: AsyncEngine
) -> None:
    name = postgres_url.rpartition("/")[2]
    postgres.execute(
        "DROP ROLE IF EXISTS visitor",
        "CREATE ROLE visitor LOGIN PASSWORD 'canary-5432' CONNECTION LIMIT 0",
        f"ALTER DATABASE {name} OWNER TO visitor",
    )
    visitor = postgres_url.replace("tertulia:", "visitor:")
    said = "takes no more connections"
    assert "fewer replicas" in await refused(visitor, DatabaseBusyError, said)
    postgres.execute("REASSIGN OWNED BY visitor TO tertulia", database=name)
    postgres.execute("DROP ROLE visitor")


async def test_a_process_with_all_its_connections_in_use_is_told_to_wait(
    on_postgres: AsyncEngine,
) -> None:
    on_postgres.sync_engine.pool._timeout = 0.1  # type: ignore[attr-defined]  # nobody waits for 30 s in a test
    busy = [await on_postgres.connect() for _ in range(15)]
    with pytest.raises(DatabaseBusyError, match="no more connections"):
        await known(on_postgres)
    for connection in busy:
        await connection.close()


async def test_a_server_that_may_only_be_read_is_said(
    postgres: PostgresServer, postgres_url: str
) -> None:
    name = postgres_url.rpartition("/")[2]
    await close_database(await open_database(postgres_url))
    postgres.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    engine = await open_database(postgres_url)
    with pytest.raises(DatabaseUnusableError, match="can only be read") as caught:
        await Ledger(engine).record("a", [record("x.md")])
    assert "the one that writes" in caught.value.what_to_do
    assert await known(engine) == []
    await close_database(engine)


async def test_a_user_without_rights_is_told_which_are_needed(
    postgres: PostgresServer, postgres_url: str
) -> None:
    postgres.execute("DROP ROLE IF EXISTS guest", "CREATE ROLE guest LOGIN PASSWORD 'canary-5432'")
    guest = postgres_url.replace("tertulia:", "guest:")
    said = "does not allow this"
    assert "the owner" in await refused(guest, DatabaseUnusableError, said)
    postgres.execute("DROP ROLE guest")


MANY = """
INSERT INTO numbers
WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 300000)
SELECT n FROM counted RETURNING n
"""


_INTERRUPTED = """
import asyncio, sys, threading
from random import Random
from sqlalchemy import text
from knowledge.database import close_database, open_database, transaction

async def work(engine):
    while True:
        async with transaction(engine) as connection:
            await connection.execute(text("INSERT INTO numbers VALUES (1)"))

async def interrupt(url, random):
    engine = await open_database(url)
    async with transaction(engine) as connection:
        await connection.execute(text("CREATE TABLE IF NOT EXISTS numbers (n INTEGER)"))
    tasks = [asyncio.create_task(work(engine)) for _ in range(3)]
    await asyncio.sleep(random.random() * 0.02)
    for _ in range(random.randrange(1, 6)):
        for task in tasks:
            task.cancel()
        await asyncio.sleep(random.choice([0, 0, 0.0005]))
    await asyncio.gather(*tasks, return_exceptions=True)
    await close_database(engine)

for number in range(40):
    asyncio.run(interrupt(sys.argv[1], Random(number)))
    assert threading.active_count() == 1, number
print("done")
"""


def test_a_database_whose_users_are_interrupted_twice_is_closed_and_leaves_no_thread(
    file: Path,
) -> None:
    python = [sys.executable, "-Werror", "-c", _INTERRUPTED, f"sqlite:///{file}"]
    ended = subprocess.run(
        python, capture_output=True, text=True, timeout=60, cwd=ROOT, check=False
    )
    assert (ended.stdout, ended.stderr) == ("done\n", "")


async def test_what_is_cancelled_in_the_middle_locks_nobody_out(on_sqlite: AsyncEngine) -> None:
    async with transaction(on_sqlite) as connection:
        await connection.execute(text("CREATE TABLE numbers (n INTEGER)"))

    async def write(statement: str) -> None:
        async with transaction(on_sqlite) as connection:
            await connection.execute(text(statement))

    for pause_s in (0.01, 0.05, 0.1, 0.2):
        work = asyncio.create_task(write(MANY))
        await asyncio.sleep(pause_s)
        work.cancel()
        # What ended it is held for a while, and by that all that it had in hand.
        held = await asyncio.gather(work, return_exceptions=True)
        async with asyncio.timeout(20):  # less than others wait for a lock
            await write("DELETE FROM numbers")
        assert held
