"""A database as a source: rows become articles, on SQLite and on PostgreSQL."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from knowledge.articles import Article, Audience
from knowledge.sources import (
    BrokenContentError,
    Entry,
    NotesInMemory,
    Source,
    SourceUnavailableError,
    UnreadableError,
)
from knowledge.sources.database import build
from knowledge.sources.database.source import DatabaseSource
from tests.contracts.source_contract import AUDIENCE, SourceContract
from tests.knowledge.database_world import EVERYONE, FAQ, TeamDatabase, entries, existing, paths
from tests.postgres import PASSWORD, PostgresServer


class TestDatabaseSource(SourceContract):
    @pytest.fixture(autouse=True)
    def world(self, database_url: str) -> None:
        self.team = TeamDatabase(database_url)
        self.team.run("CREATE TABLE pages (name TEXT PRIMARY KEY, text TEXT)")

    def source(self) -> Source:
        query = "SELECT name, text FROM pages"
        return build(
            name="world",
            audience=AUDIENCE,
            url=self.team.url,
            query=query,
            key="name",
            text="{text}",
        )

    def put(self, path: str, text: str) -> None:
        self.remove(path)
        self.team.run("INSERT INTO pages VALUES (:name, :text)", name=path, text=text)

    def empty(self, path: str) -> bool:
        self.team.run("UPDATE pages SET text = '' WHERE name = :name", name=path)
        return True

    def remove(self, path: str) -> None:
        self.team.run("DELETE FROM pages WHERE name = :name", name=path)


@pytest.fixture
def team(database_url: str) -> TeamDatabase:
    return TeamDatabase(database_url)


def faq_of(url: str) -> DatabaseSource:
    """The questions in the database at this address."""
    return build(name="faq", audience=EVERYONE, url=url, kinds={"": FAQ})


async def article(source: DatabaseSource, path: str) -> Article:
    """An article, read by its path alone."""
    try:
        return (await source.read(Entry(path, "as it was"))).article
    finally:
        await source.close()


async def reason(source: DatabaseSource, path: str) -> str:
    """Why a row cannot be read."""
    with pytest.raises(UnreadableError) as caught:
        await article(source, path)
    return f"{caught.value} {caught.value.what_to_do}"


async def refused(source: DatabaseSource) -> str:
    """Why the source as a whole cannot be read, and what to do."""
    with pytest.raises(SourceUnavailableError) as caught:
        await paths(source)
    shown = f"{caught.value} {caught.value.what_to_do}"
    assert "Source 'faq'" in shown
    assert "canary" not in shown
    return shown


async def test_columns_become_title_text_link_date_and_language(team: TeamDatabase) -> None:
    team.put(7, "Pregunta a {Marta} & <b>Jorge</b>.")
    options = {
        "title": "FAQ {id}: {question}",
        "text": "# {question}\n\n{{answer}}: {answer}",
        "link": "https://team.example.org/faq/{question}",
        "language": "es",
        "changed": "changed",
    }
    found = await article(team.source(**options), "7")
    assert found == Article(
        id="faq:7",
        title="FAQ 7: Question 7?",
        text="# Question 7?\n\n{answer}: Pregunta a {Marta} & <b>Jorge</b>.",
        language="es",
        audience=EVERYONE,
        url="https://team.example.org/faq/Question%207%3F",
        updated_at=datetime(2024, 5, 2, 10, tzinfo=UTC),
    )


async def test_a_row_may_bring_its_own_link_date_and_language(team: TeamDatabase) -> None:
    team.put(1, "Text.")
    query = (
        "SELECT *, 'https://x.example/?a=b' AS url, '2023-01-02' AS day, 'ES-mx' AS lang FROM faq"
    )
    source = team.source(query=query, link="{url}", date="day", language="{lang}")
    found = await article(source, "1")
    assert found.url == "https://x.example/?a=b"
    assert (found.updated_at, found.language) == (datetime(2023, 1, 2, tzinfo=UTC), "es")
    query = "SELECT *, 'javascript:alert(1)' AS url, 'Klingon' AS lang, 'soon' AS day FROM faq"
    found = await article(
        team.source(query=query, link="{url}", language="{lang}", date="day"), "1"
    )
    assert (found.url, found.updated_at, found.title) == ("", None, "Question 1?")


async def test_without_a_title_the_key_is_one(team: TeamDatabase) -> None:
    team.put(1, "Text.")
    assert (await article(team.source(title=""), "1")).title == "1"
    team.run("UPDATE faq SET question = NULL")
    assert (await article(team.source(), "1")).title == "1"
    kind = {"query": FAQ["query"], "text": "{answer}"}
    assert (await article(team.source(kinds={"question": kind}), "question/1")).title == (
        "question 1"
    )


async def test_values_of_every_type_are_written_as_people_write_them(
    postgres_url: str,
) -> None:
    team = TeamDatabase(postgres_url)
    query = """SELECT 1 AS id, true AS yes, ARRAY['a', 'b'] AS list, 1.50::numeric AS number,
        '{"k": "ñ"}'::jsonb AS object, convert_to('bytes', 'UTF8') AS bytes, NULL AS nothing,
        'infinity'::timestamptz AS always, '-infinity'::date AS never, 'infinity'::timestamp AS t,
        TIMESTAMP '2024-05-02 10:00' AS at, DATE '2024-05-02' AS day, ':a::b %s 50%' AS signs"""
    text = "{yes}|{list}|{number}|{object}|{bytes}|{nothing}|{always}|{never}|{t}|{at}|{day}|"
    found = await article(team.source(query=query, title="T", text=f"{text}{{signs}}"), "1")
    assert found.text == (
        'true|a, b|1.50|{"k": "ñ"}|bytes||infinity|-infinity|infinity|2024-05-02 10:00:00|'
        "2024-05-02|:a::b %s 50%"
    )


async def test_keys_of_any_kind_become_paths_and_are_found_again(team: TeamDatabase) -> None:
    team.run("CREATE TABLE pages (name TEXT PRIMARY KEY, answer TEXT)")
    keys = ["a/b/", "100%", " ", "ñ 🦉", "x\ny", "%2F", "007"]
    for key in keys:
        team.run("INSERT INTO pages VALUES (:key, :text)", key=key, text=f"This is <{key.strip()}>")
    options = {"key": "name", "title": "", "query": "SELECT * FROM pages ORDER BY name DESC"}
    found = await paths(team.source(**options))
    assert sorted(found) == sorted(["a%2Fb%2F", "100%25", "%20", "ñ 🦉", "x%0Ay", "%252F", "007"])
    assert set(await existing(team.source(**options))) == set(found)
    source = team.source(**options)
    texts = {(await source.read(Entry(path, ""))).article.text for path in found}
    await source.close()
    assert texts == {f"This is <{key.strip()}>" for key in keys}
    assert "no row" in await reason(team.source(**options), "gone")


async def test_a_computed_key_and_one_of_another_type_are_looked_up(team: TeamDatabase) -> None:
    team.put(7, "Text.")
    source = team.source(query="SELECT id + 100 AS id, question, answer FROM faq")
    assert (await article(source, "107")).text == "Text."
    for path in ("abc", "99999999999999999999", "kind/7", "%no-key"):
        assert "no row with this key" in await reason(team.source(), path)


async def test_rows_that_cannot_be_articles_are_named_and_the_others_go_on(
    team: TeamDatabase,
) -> None:
    long = "'x' || '" + "y" * 1000 + "'"
    team.put(1, "Fine.")
    team.put(2, None)
    team.put(3, "  \n")
    big = "hex(zeroblob(2500001))" if team.is_sqlite else "repeat('z', 5000002)"
    query = f"""SELECT CAST(id AS TEXT) AS id, question, answer FROM faq
        UNION ALL SELECT NULL, 'q', 'a' UNION ALL SELECT '', 'q', 'b'
        UNION ALL SELECT {long}, 'q', 'c' UNION ALL SELECT 'big', 'q', {big}"""
    source = team.source(query=query, text="Answer: {answer}")
    found = [entry async for entry in source.entries("", NotesInMemory())]
    assert sorted(entry.path for entry in found) == ["%no-key", "1", "2", "3", "big"]
    reasons = {}
    for entry in found:
        try:
            assert (await source.read(entry)).article.text == "Answer: Fine."
        except BrokenContentError as error:
            reasons[entry.path] = f"{error} {error.what_to_do}"
    await source.close()
    assert set(reasons) == {"%no-key", "2", "3", "big"}
    assert "column 'id' is NULL, empty or too long" in reasons["%no-key"]
    assert "It has no text" in reasons["2"]
    assert "5,000,010 characters" in reasons["big"]
    assert await existing(team.source(query=query)) == ["1", "2", "3", "%no-key", "big"]


async def test_invisible_signs_are_taken_out_and_are_no_text(team: TeamDatabase) -> None:
    team.put(1, "\u200bpass\u00adword\u202e")
    team.put(2, "\u200b\u202e")
    assert (await article(team.source(), "1")).text == "password"
    assert "It has no text" in await reason(team.source(), "2")


async def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    file = tmp_path / "team.db"
    with closing(sqlite3.connect(file)) as written:
        written.execute("CREATE TABLE faq (id, question, answer, changed)")
        written.execute("INSERT INTO faq VALUES (1, 'q', CAST(x'636166e9' AS TEXT), '')")
        written.execute("INSERT INTO faq VALUES (CAST(x'e9' AS TEXT), 'q', 'a', '')")
        written.execute("INSERT INTO faq VALUES (2, 'q', 'Fine.', '')")
        written.commit()
    source = faq_of(f"sqlite:///{file}")
    assert "no UTF-8 text (from byte 4" in await reason(source, "1")
    listed = FAQ | {"text": "Text.", "readers": "answer"}
    closed = build(name="faq", audience=EVERYONE, url=f"sqlite:///{file}", kinds={"": listed})
    (row,) = [entry for entry in await entries(closed) if entry.path == "1"]
    assert row.audience == Audience()
    assert "no UTF-8 text" in await reason(closed, "1")
    assert (await article(source, "2")).text == "Fine."
    assert set(await paths(source)) == {"1", "2", "%no-key"}


async def test_bytes_that_are_no_text_on_a_server_without_an_encoding(
    postgres: PostgresServer, postgres_url: str
) -> None:
    name = postgres_url.rpartition("/")[2]
    ascii_name = f"{name}_ascii"
    postgres.execute(
        f"CREATE DATABASE {ascii_name} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0"
    )
    postgres.execute(
        "CREATE TABLE faq (id INT, question TEXT, answer TEXT, changed INT)",
        r"INSERT INTO faq VALUES (1, 'q', E'caf\xe9', 1), (2, 'q', E'caf\xc3\xa9', 1)",
        database=ascii_name,
    )
    source = faq_of(postgres.url(ascii_name))
    assert await paths(source) == ["1", "2"]
    assert "no UTF-8 text" in await reason(source, "1")
    assert (await article(source, "2")).text == "café"
    query = r"""SELECT 1 AS id, 'q' AS question, ('{"k": "' || answer || '"}')::json AS answer
        FROM faq WHERE id = 1"""
    source = build(
        name="faq",
        audience=EVERYONE,
        url=postgres.url(ascii_name),
        query=query,
        title="{question}",
        text="{answer}",
    )
    assert "the query failed" in await refused(source)


async def test_readers_of_a_row_are_its_audience(team: TeamDatabase) -> None:
    for number in range(1, 5):
        team.put(number, "Text.")
    who = "CASE id WHEN 1 THEN 'slack:U1, terminal:ana' WHEN 2 THEN 'everyone' WHEN 3 THEN '' END"
    query = f"SELECT id, question, answer, {who} AS readers FROM faq"
    source = team.source(query=query, readers="readers")
    assert source.has_own_audiences
    found = {entry.path: entry.audience for entry in await entries(source)}
    assert found == {
        "1": Audience.of("slack:U1", "terminal:ana"),
        "2": EVERYONE,
        "3": Audience(),
        "4": Audience(),
    }
    assert (await article(source, "1")).audience == found["1"]
    assert not team.source().has_own_audiences


async def test_kinds_without_readers_are_for_those_of_the_source(postgres_url: str) -> None:
    team = TeamDatabase(postgres_url)
    team.put(1, "Text.")
    listed = {**FAQ, "query": "SELECT *, ARRAY['terminal:ana'] AS who FROM faq", "readers": "who"}
    source = team.source(kinds={"open": FAQ, "closed": listed}, audience=AUDIENCE)
    found = {entry.path: entry.audience for entry in await entries(source)}
    assert found == {"open/1": AUDIENCE, "closed/1": Audience.of("terminal:ana")}


async def test_every_kind_has_its_own_query_and_folder(team: TeamDatabase) -> None:
    team.put(1, "Text.")
    kinds = {
        "question": FAQ,
        "short": {"query": "SELECT id, answer FROM faq", "text": "{answer}", "title": "S{id}"},
    }
    assert await paths(team.source(kinds=kinds)) == ["question/1", "short/1"]
    assert await existing(team.source(kinds=kinds)) == ["question/1", "short/1"]
    assert (await article(team.source(kinds=kinds), "short/1")).title == "S1"
    assert (await article(team.source(kinds=kinds), "question/1")).title == "Question 1?"
    assert "no row" in await reason(team.source(kinds=kinds), "other/1")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"query": "SELECT * FROM fqa"}, "names a table that is not there"),
        ({"query": "SELECT id, qestion FROM faq"}, "names a column that is not there"),
        ({"query": "SELECT id FROM FROM faq"}, "is not understood"),
        ({"text": "{awnser}"}, "Did you mean 'answer'?"),
        ({"key": "ID"}, "Did you mean 'id'?"),
        ({"changed": "chnged"}, "the option 'changed' names. Did you mean 'changed'?"),
        ({"query": "SELECT answer AS id, question, answer FROM faq"}, "such as Same."),
        ({"query": "WITH gone AS (DELETE FROM faq RETURNING *) SELECT * FROM gone"}, "query"),
    ],
)
async def test_a_query_that_is_wrong_is_named_with_what_would_be_right(
    team: TeamDatabase, options: dict[str, str], said: str
) -> None:
    team.put(1, "Same.")
    team.put(2, "Same.")
    assert said in await refused(team.source(**options))
    assert len(team.run("SELECT * FROM faq")) == 2


async def test_a_key_that_is_written_in_two_ways_is_one_key(tmp_path: Path) -> None:
    file = tmp_path / "team.db"
    with closing(sqlite3.connect(file)) as written:
        written.execute("CREATE TABLE faq (id, question, answer, changed)")
        written.execute("INSERT INTO faq VALUES (1, 'q', 'First.', ''), ('1', 'q', 'Second.', '')")
        written.commit()
    assert "several rows with the same 'id', such as 1" in await refused(
        faq_of(f"sqlite:///{file}")
    )


async def test_two_columns_of_one_name_are_told_apart(postgres_url: str) -> None:
    team = TeamDatabase(postgres_url)
    source = team.source(query="SELECT a.*, b.id FROM faq a JOIN faq b ON a.id = b.id")
    assert "AS other_id" in await refused(source)


async def test_a_query_that_changes_something_changes_nothing(postgres_url: str) -> None:
    team = TeamDatabase(postgres_url)
    team.put(1, "Text.")
    team.run("CREATE FUNCTION remove() RETURNS INT LANGUAGE SQL AS 'DELETE FROM faq RETURNING id'")
    said = await refused(team.source(query="SELECT remove() AS id, 'q' AS question, '' AS answer"))
    assert "tries to change something" in said
    assert len(team.run("SELECT * FROM faq")) == 1


def test_a_file_is_opened_for_reading_alone_and_never_made(tmp_path: Path) -> None:
    missing, letter = tmp_path / "100% none?.db", tmp_path / "letter.db"
    source = faq_of(f"sqlite:///{missing}")
    assert "cannot be opened" in asyncio.run(refused(source))
    assert list(tmp_path.iterdir()) == []
    letter.write_text("This is no database." * 99)
    source = faq_of(f"sqlite:///{letter}")
    assert "is damaged, or no database" in asyncio.run(refused(source))


async def test_a_query_that_takes_too_long_is_ended(team: TeamDatabase) -> None:
    query = """WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 1e9)
        SELECT id, 'q' AS question, 'a' AS answer FROM n"""
    said = await refused(team.source(query=query, timeout_s=0.2))
    assert "took longer than 0.2 seconds" in said
    assert "timeout_s" in said


async def test_a_server_that_refuses_or_is_gone_is_named(
    postgres: PostgresServer, postgres_url: str
) -> None:
    TeamDatabase(postgres_url)

    name = postgres_url.rpartition("/")[2]
    assert "password" in await refused(faq_of(postgres_url.replace(PASSWORD, "canary-wrong")))
    assert "no such database" in await refused(faq_of(postgres.url("nowhere")))
    assert "does not answer" in await refused(faq_of("postgresql://u:canary@127.0.0.1:9/x"))
    postgres.execute(
        "DROP ROLE IF EXISTS clerk",
        "CREATE ROLE clerk LOGIN PASSWORD 'canary-5432' CONNECTION LIMIT 1",
    )
    clerk = postgres_url.replace("tertulia:", "clerk:")
    assert "GRANT SELECT" in await refused(faq_of(clerk))
    postgres.execute("ALTER ROLE clerk CONNECTION LIMIT 0")
    assert "no more connections" in await refused(faq_of(clerk))
    postgres.execute("DROP ROLE clerk")
    source = faq_of(postgres_url)
    postgres.execute(f"ALTER DATABASE {name} RENAME TO {name}_away")
    assert "no such database" in await reason(source, "1")
    postgres.execute(f"ALTER DATABASE {name}_away RENAME TO {name}")


async def test_a_query_that_nobody_waits_for_any_more_is_ended(team: TeamDatabase) -> None:
    query = """WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 1e9)
        SELECT id, 'q' AS question, 'a' AS answer FROM n"""
    source = team.source(query=query, timeout_s=600)

    async def listed() -> list[Entry]:
        return [entry async for entry in source.entries("", NotesInMemory())]

    listing = asyncio.create_task(listed())
    await asyncio.sleep(1)
    listing.cancel()
    async with asyncio.timeout(100):
        await source.close()
    with pytest.raises(asyncio.CancelledError):
        await listing


async def test_a_stream_that_is_left_early_leaves_no_connection(
    postgres: PostgresServer, postgres_url: str
) -> None:
    team = TeamDatabase(postgres_url)
    team.run("INSERT INTO faq SELECT n, 'q', 'a', now() FROM generate_series(1, 1000) AS n")
    source = team.source()
    async for entry in source.entries("", NotesInMemory()):
        assert entry.path == "1"
        break
    await source.close()
    name = postgres_url.rpartition("/")[2]
    (count,) = team.run("SELECT count(*) AS n FROM pg_stat_activity WHERE datname = :n", n=name)
    assert count["n"] == 1
    assert len(await paths(source)) == 1000


async def test_a_large_table_is_streamed(team: TeamDatabase) -> None:
    rows, characters = 16_000, 6_000
    team.run(
        f"""WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < {rows})
        INSERT INTO faq SELECT id, 'Question', NULL, NULL FROM n"""
    )
    filler = f"replace(printf('%{characters}d', id), ' ', 'x')"
    if not team.is_sqlite:
        filler = f"lpad(CAST(id AS TEXT), {characters}, 'x')"
    source = team.source(query=f"SELECT id, question, {filler} AS answer FROM faq")
    process = psutil.Process()
    before, most, count = process.memory_info().rss, 0, 0
    async for _ in source.entries("", NotesInMemory()):
        count += 1
        if count % 500 == 0:
            most = max(most, process.memory_info().rss)
    await source.close()
    assert count == rows
    assert most - before < 45e6  # the table holds 96 MB
