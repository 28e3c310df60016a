"""A database is refreshed into the store: changes, deletions, borders, kills, rights."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from knowledge.articles import Audience
from knowledge.database import close_database, open_database
from knowledge.ledger import Ledger
from knowledge.sources import Content, Entry, SourceUnavailableError
from knowledge.sources.database.source import DatabaseSource
from knowledge.stores.embedded import EmbeddedStore
from pipelines.indexing import Wish, refresh
from pipelines.refresh_report import RefreshReport
from tests.knowledge.database_world import EVERYONE, FAQ, TeamDatabase
from tests.pipelines.indexing_world import figures
from tests.postgres import PostgresServer

ANA = Audience.of("terminal:ana")


class World:
    """A team's database, and a Tertulia that knows it, both in the same kind of database."""

    def __init__(self, team: TeamDatabase, store: EmbeddedStore, ledger: Ledger) -> None:
        self.team, self.store, self.ledger = team, store, ledger
        self.read: list[str] = []

    async def refresh(self, wish: Wish | None = None, **options: Any) -> RefreshReport:  # noqa: ANN401 (the options of the source)
        """Refresh the source; what was read is noted."""
        self.read.clear()
        usual = {} if "kinds" in options else {"changed": "changed"}
        source = self.team.source(**(usual | options))
        watched = _Watched(source, self.read)
        report = await refresh(watched, store=self.store, ledger=self.ledger, wish=wish)
        assert report.found == report.indexed + report.unchanged + len(report.failed)
        return report

    async def text(self, path: str, reader: Audience = EVERYONE) -> str:
        """What this reader may read of a row."""
        chunks = await self.store.chunks_of(f"faq:{path}", reader=reader)
        return "\n".join(chunk.text for chunk in chunks)


class _Watched:
    """A source that notes which of its rows are looked at and read."""

    def __init__(self, source: DatabaseSource, read: list[str]) -> None:
        self._source, self._read = source, read

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (whatever the source has)
        return getattr(self._source, name)

    async def read(self, entry: Entry) -> Content:
        """As the source reads it."""
        self._read.append(entry.path)
        return await self._source.read(entry)


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    team = TeamDatabase(database_url)
    engine = await open_database(database_url)
    store = await EmbeddedStore.open(tmp_path / "store", dimensions=4, model="test")
    yield World(team, store, Ledger(engine))
    await store.close()
    await close_database(engine)


async def test_rows_that_are_new_changed_unchanged_and_gone_are_told_apart(world: World) -> None:
    for number in range(1, 4):
        world.team.put(number, f"Answer {number}.")
    assert figures(await world.refresh()) == (3, 3, 0, 0, 0)
    assert figures(await world.refresh()) == (3, 0, 3, 0, 0)
    world.team.put(1, "Another answer.", changed="2024-05-03 10:00:00+00:00")
    world.team.put(4, "Answer 4.", changed="2024-05-03 10:00:00+00:00")
    world.team.remove(2)
    assert figures(await world.refresh()) == (3, 2, 1, 1, 0)
    assert sorted(world.read) == ["1", "4"]
    assert [await world.text(path) for path in "1234"] == [
        "Another answer.",
        "",
        "Answer 3.",
        "Answer 4.",
    ]
    assert figures(await world.refresh()) == (3, 0, 3, 0, 0)
    assert world.read == []


async def test_without_a_column_for_changes_everything_is_compared(world: World) -> None:
    for number in range(1, 4):
        world.team.put(number, f"Answer {number}.")
    assert figures(await world.refresh(changed="")) == (3, 3, 0, 0, 0)
    world.team.put(1, "Another answer.")
    world.team.remove(2)
    assert figures(await world.refresh(changed="")) == (2, 1, 1, 1, 0)
    assert await world.text("1") == "Another answer."


async def test_rows_of_one_moment_are_neither_lost_nor_read_for_ever(world: World) -> None:
    for number in (5, 6, 7):
        world.team.put(number, "Same moment.")
    await world.refresh()
    world.team.put(1, "Same moment, seen later.")
    world.team.put(6, "Same moment, another text.")
    assert figures(await world.refresh()) == (4, 2, 2, 0, 0)
    assert sorted(world.read) == ["1", "6"]
    assert figures(await world.refresh()) == (4, 0, 4, 0, 0)
    assert world.read == []


async def test_a_row_whose_transaction_ended_late_is_not_lost(world: World) -> None:
    world.team.put(1, "Later.", changed="2024-05-02 10:04:00+00:00")
    await world.refresh()
    world.team.put(2, "Begun earlier.", changed="2024-05-02 10:01:00+00:00")
    assert figures(await world.refresh()) == (2, 1, 1, 0, 0)


async def test_a_row_of_another_century_hides_nothing_that_follows(world: World) -> None:
    far = (datetime.now(UTC) + timedelta(days=900)).isoformat(sep=" ")
    world.team.put(1, "Of tomorrow.", changed=far)
    world.team.put(2, "Of today.")
    await world.refresh()
    world.team.put(3, "Of today, too.", changed="2024-05-02 12:00:00+00:00")
    assert figures(await world.refresh()) == (3, 1, 2, 0, 0)


async def test_rows_without_a_moment_are_looked_at_every_time(world: World) -> None:
    world.team.put(1, "No moment.", changed=None)
    world.team.put(2, "A moment.")
    await world.refresh()
    world.team.put(1, "No moment, another text.", changed=None)
    assert figures(await world.refresh()) == (2, 1, 1, 0, 0)
    assert world.read == ["1"]


async def test_only_what_changed_is_fetched(world: World) -> None:
    for number in range(1, 9):
        world.team.put(number, "Text.", changed=f"2024-05-0{number} 10:00:00+00:00")
    await world.refresh()
    cursor = ""
    async for entry in (source := world.team.source(changed="changed")).entries(
        "", world.ledger.notes("faq")
    ):
        cursor = entry.cursor
    found = [entry.path async for entry in source.entries(cursor, world.ledger.notes("faq"))]
    await source.close()
    assert found == ["8"]


async def test_another_template_makes_all_rows_anew(world: World) -> None:
    for number in (1, 2):
        world.team.put(number, f"Answer {number}.")
    await world.refresh()
    report = await world.refresh(text="Q: {question} A: {answer}")
    assert figures(report) == (2, 2, 0, 0, 0)
    assert await world.text("2") == "Q: Question 2? A: Answer 2."


async def test_a_table_that_is_suddenly_empty_deletes_nothing_until_told(world: World) -> None:
    for number in range(20):
        world.team.put(number, "Text.")
    await world.refresh()
    world.team.run("DELETE FROM faq WHERE id > 2")
    with pytest.raises(SourceUnavailableError, match="only 3 of its 20"):
        await world.refresh()
    assert await world.text("19") == "Text."
    assert figures(await world.refresh(Wish(force=True))) == (3, 0, 3, 17, 0)


async def test_a_row_that_breaks_keeps_its_old_words_and_is_named_every_time(world: World) -> None:
    world.team.put(1, "Old words.")
    world.team.put(2, "Fine.")
    await world.refresh()
    world.team.put(1, "x" * 5_000_001, changed="2024-05-03 10:00:00+00:00")
    for _ in range(2):
        report = await world.refresh()
        assert figures(report) == (2, 0, 1, 0, 1)
        assert report.failed[0].article == "faq:1"
        assert "5,000,001 characters" in report.failed[0].reason
        assert await world.text("1") == "Old words."
    world.team.put(1, "New words.", changed="2024-05-04 10:00:00+00:00")
    assert figures(await world.refresh()) == (2, 1, 1, 0, 0)


@pytest.mark.parametrize("changed", ["changed", ""])
async def test_a_row_that_is_emptied_is_found_by_nobody_and_is_named_every_time(
    world: World, changed: str
) -> None:
    world.team.put(1, "Old words.")
    world.team.put(2, "Fine.")
    await world.refresh(changed=changed)
    world.team.put(1, "", changed="2024-05-03 10:00:00+00:00")
    for _ in range(2):
        report = await world.refresh(changed=changed)
        assert figures(report) == (2, 0, 1, 0, 1)
        assert report.failed[0].article == "faq:1"
        assert "It has no text" in report.failed[0].reason
        assert await world.text("1") == ""
    world.team.put(1, "New words.", changed="2024-05-04 10:00:00+00:00")
    assert figures(await world.refresh(changed=changed)) == (2, 1, 1, 0, 0)
    assert await world.text("1") == "New words."


async def test_many_rows_that_are_emptied_at_once_stay_until_told(world: World) -> None:
    for number in range(20):
        world.team.put(number, f"Text {number}.")
    await world.refresh()
    later = "2024-05-03 10:00:00+00:00"
    world.team.run("UPDATE faq SET answer = '', changed = :at WHERE id < 5", at=later)
    for _ in range(2):
        with pytest.raises(SourceUnavailableError, match="only 15 of its 20") as caught:
            await world.refresh()
        assert "5 cannot be read, such as 0: It has no text." in str(caught.value)
        assert await world.text("3") == "Text 3."
    assert figures(await world.refresh(Wish(force=True))) == (20, 0, 15, 0, 5)
    assert await world.text("3") == ""
    assert figures(await world.refresh()) == (20, 0, 15, 0, 5)


async def test_a_row_with_the_key_of_an_older_one_stops_the_source(world: World) -> None:
    query = "SELECT 'one' AS id, question, answer, changed FROM faq"
    world.team.put(1, "First.")
    await world.refresh(query=query)
    world.team.put(2, "Second.", changed="2024-06-03 10:00:00+00:00")
    with pytest.raises(SourceUnavailableError, match="same 'id', such as one"):
        await world.refresh(query=query)
    assert await world.text("one") == "First."


async def test_a_row_for_a_reader_who_is_nobody_is_named_with_who_is_meant(world: World) -> None:
    who = "CASE id WHEN 1 THEN 'Everyone' WHEN 2 THEN 'terminal:ana, ana' ELSE 'everyone' END"
    query = f"SELECT id, question, answer, {who} AS who FROM faq"
    for number in (1, 2, 3):
        world.team.put(number, f"Answer {number}.")
    for _ in range(2):
        report = await world.refresh(query=query, readers="who", changed="")
        assert figures(report)[0] == 3
        assert [one.article for one in report.failed] == ["faq:1", "faq:2"]
        assert "'Everyone' in its audience is neither everyone nor" in report.failed[0].reason
        assert "Did you mean 'everyone'?" in report.failed[0].reason
        assert "Did you mean 'terminal:ana'?" in report.failed[1].reason
        assert [await world.text(path) for path in "123"] == ["", "", "Answer 3."]
        assert await world.text("2", ANA) == ""
    meant = query.replace("'Everyone'", "'everyone'")
    assert figures(await world.refresh(query=meant, readers="who", changed=""))[4] == 1
    assert await world.text("1") == "Answer 1."
    await world.refresh(query=query, readers="who", changed="")
    assert await world.text("1") == ""


async def test_rights_withdrawn_in_another_table_count_at_the_next_refresh(world: World) -> None:
    world.team.run("CREATE TABLE rights (faq INTEGER, who TEXT)")
    world.team.run("INSERT INTO rights VALUES (1, 'everyone'), (2, 'everyone')")
    for number in (1, 2):
        world.team.put(number, f"Answer {number}.")
    options: dict[str, Any] = {
        "query": "SELECT faq.*, who FROM faq LEFT JOIN rights ON faq.id = rights.faq",
        "readers": "who",
    }
    await world.refresh(**options)
    assert await world.text("1") == "Answer 1."
    world.team.run("UPDATE rights SET who = 'terminal:ana' WHERE faq = 1")
    world.team.run("DELETE FROM rights WHERE faq = 2")
    assert figures(await world.refresh(**options)) == (2, 2, 0, 0, 0)
    assert [await world.text(path) for path in "12"] == ["", ""]
    assert await world.text("1", ANA) == "Answer 1."
    assert figures(await world.refresh(**options)) == (2, 0, 2, 0, 0)


async def test_another_audience_of_a_source_counts_for_its_rows_without_readers(
    world: World,
) -> None:
    world.team.put(1, "Answer.")
    listed = FAQ | {"query": "SELECT *, 'terminal:ben' AS who FROM faq", "readers": "who"}
    kinds = {"open": FAQ | {"changed": "changed"}, "closed": listed}
    await world.refresh(kinds=kinds)
    assert await world.text("open/1") == "Answer."
    await world.refresh(kinds=kinds, audience=ANA)
    assert await world.text("open/1") == ""
    assert await world.text("open/1", ANA) == "Answer."


async def test_a_kind_that_is_taken_out_takes_its_articles_with_it(world: World) -> None:
    world.team.put(1, "Answer.")
    kinds = {"one": FAQ | {"changed": "changed"}, "two": FAQ | {"changed": "changed"}}
    assert figures(await world.refresh(kinds=kinds)) == (2, 2, 0, 0, 0)
    del kinds["one"]
    assert figures(await world.refresh(kinds=kinds)) == (1, 0, 1, 1, 0)
    assert await world.text("one/1") == ""


async def test_a_server_that_vanishes_is_gone_on_with_where_it_stopped(
    postgres: PostgresServer, postgres_url: str, tmp_path: Path
) -> None:
    team = TeamDatabase(postgres_url)
    team.run(
        "INSERT INTO faq SELECT n, 'q', 'Answer ' || n, to_timestamp(1700000000 + n * 1000) "
        "FROM generate_series(1, 400) AS n"
    )
    engine = await open_database(f"sqlite:///{tmp_path / 'tertulia.db'}")
    store = await EmbeddedStore.open(tmp_path / "store", dimensions=4, model="test")
    world = World(team, store, Ledger(engine))

    def kill(report: RefreshReport) -> None:
        if report.found == 128:
            team.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    with pytest.raises(SourceUnavailableError, match="does not answer"):
        await world.refresh(Wish(progress=kill))
    report = await world.refresh()
    assert (report.found, report.deleted) == (400, 0)
    assert report.indexed < 300
    assert await world.text("400") == "Answer 400"
    await store.close()
    await close_database(engine)


_KILLED = """
import asyncio, sys
from pathlib import Path
from knowledge.database import open_database
from knowledge.ledger import Ledger
from knowledge.stores.embedded import EmbeddedStore
from pipelines.indexing import Wish, refresh
from knowledge.articles import Audience
from knowledge.sources.database import build

async def main(url: str, store: str) -> None:
    engine = await open_database(url)
    store = await EmbeddedStore.open(Path(store), dimensions=4, model="test")
    source = build(
        name="faq", audience=Audience.of("everyone"), url=url, changed="changed",
        query="SELECT id, question, answer, changed FROM faq", title="{question}", text="{answer}",
    )
    wish = Wish(progress=lambda report: print(report.found))
    await refresh(source, store=store, ledger=Ledger(engine), wish=wish)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_refresh_that_was_killed_is_finished_by_the_next(
    database_url: str, tmp_path: Path
) -> None:
    team = TeamDatabase(database_url)
    team.run(
        "WITH RECURSIVE n(id) AS (SELECT 0 UNION ALL SELECT id + 1 FROM n WHERE id < 199) INSERT "
        "INTO faq SELECT id, 'q', 'Answer ' || id || '.', "
        + ("datetime" if team.is_sqlite else "to_timestamp")
        + "(1700000000 + id * 1000"
        + (", 'unixepoch')" if team.is_sqlite else ")")
        + " FROM n"
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-u", "-c", _KILLED, database_url, str(tmp_path / "store")),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    assert await process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    await process.communicate()
    engine = await open_database(database_url)
    store = await EmbeddedStore.open(tmp_path / "store", dimensions=4, model="test")
    world = World(team, store, Ledger(engine))
    report = await world.refresh()
    assert report.found == 200
    assert report.unchanged >= 63
    assert [await world.text(str(number)) for number in range(200)] == [
        f"Answer {number}." for number in range(200)
    ]
    assert figures(await world.refresh()) == (200, 0, 200, 0, 0)
    await store.close()
    await close_database(engine)
