"""Queries that an operator wrote become tools: bound values, nothing changed, on real databases."""

import json
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from knowledge.articles import Audience
from knowledge.errors import OperatorError
from knowledge.tool_calls import ToolCalled
from pipelines.choosers.signatures import signature
from pipelines.tool import Caller, Tool
from pipelines.tool_files import Toolbox, all_tools, with_settings
from pipelines.tool_settings import ToolSettingsError
from pipelines.tools import Call, Outcome
from tests.bot.team import write
from tests.brokers import broker_of
from tests.knowledge.database_world import TeamDatabase

EVERYONE = Caller("terminal:ana", Audience.of("terminal:ana", "everyone"))
CHANNEL = Caller("terminal:ana", Audience.of("slack:T1:chan:C9"))
PASSWORD = "s3cr:et/1"  # noqa: S105 (of nobody)
ORDERS = {
    "sql": "SELECT id, customer, total, day FROM orders WHERE customer = :customer ORDER BY id",
    "description": "The orders of a customer.",
    "audience": ["everyone"],
    "parameters": {"customer": {"type": "str", "description": "the name, as it is written"}},
}


def asking(sql: str, /, audience: str = "everyone", **parameters: Any) -> dict[str, Any]:  # noqa: ANN401 (TOML)
    """The table of a query."""
    told = {"sql": sql, "description": "What a test wants to know.", "audience": [audience]}
    return told | ({"parameters": parameters} if parameters else {})


def box(url: str, queries: Mapping[str, Any], **more: Any) -> Toolbox:  # noqa: ANN401 (TOML)
    """The tools that a table makes."""
    is_real = isinstance(url, str) and ":canary" in url  # as our own PostgreSQL has it
    table = {"url": "${DATABASE}" if is_real else url, "queries": queries} | more
    named = {"PASSWORD": PASSWORD, "DATABASE": url}
    return with_settings(all_tools(), {"sql": table}, lambda name: named.get(name, ""))


@pytest.fixture
def shop(database_url: str) -> TeamDatabase:
    """A shop's database, of each kind."""
    team = TeamDatabase(database_url)
    money = "NUMERIC(8, 2)"
    team.run(
        f"CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT, total {money}, day DATE)"
    )
    for n, customer in enumerate(("Ana O'Hara", "Ben", "Ana O'Hara"), 1):
        team.run(
            "INSERT INTO orders VALUES (:id, :customer, :total, :day)",
            id=n,
            customer=customer,
            total=10.5 * n,
            day=f"2026-05-0{n}",
        )
    return team


async def ask(
    shop: TeamDatabase,
    queries: Mapping[str, Any],
    name: str,
    /,
    caller: Caller = EVERYONE,
    **arguments: Any,  # noqa: ANN401 (JSON)
) -> Outcome:
    """What comes of a call through the broker."""
    return await through(box(shop.url, queries), name, caller, **arguments)


async def through(found: Toolbox, name: str, caller: Caller, **arguments: Any) -> Outcome:  # noqa: ANN401 (JSON)
    """The same with tools that are there."""

    async def audit(called: ToolCalled) -> None:
        assert called.effect == "read"

    return await broker_of(found.tools, audit).call(Call(name, arguments), caller, (name,))


def offered(found: Toolbox) -> list[Tool]:
    """The queries among the tools."""
    return [one for name, one in found.tools.items() if name.startswith("query")]


async def test_a_query_is_asked_with_what_the_model_gives(shop: TeamDatabase) -> None:
    done = await ask(shop, {"orders_of": ORDERS}, "query_orders_of", customer="Ana O'Hara")
    assert done.status == "done"
    first, second = json.loads(done.text)
    assert (first["id"], first["day"], first["customer"]) == (1, "2026-05-01", "Ana O'Hara")
    assert float(second["total"]) == 31.5
    none = await ask(shop, {"orders_of": ORDERS}, "query_orders_of", customer="Zoë")
    assert none.text == "There are no rows."


@pytest.mark.parametrize(
    "value", ["' OR '1'='1", "x'; DROP TABLE orders; --", ":customer", "%s %(a)s {}", "\\'"]
)
async def test_a_value_is_never_a_part_of_the_query(shop: TeamDatabase, value: str) -> None:
    done = await ask(shop, {"orders_of": ORDERS}, "query_orders_of", customer=value)
    assert done.text == "There are no rows."
    assert shop.run("SELECT count(*) AS n FROM orders")[0]["n"] == 3


async def test_each_type_is_bound_as_what_it_is(shop: TeamDatabase) -> None:
    sql = """
        SELECT id /* 'it''s' :not_one */ FROM orders -- :nor_this
        WHERE id >= :least AND total < :below AND day <= :until AND (:all OR customer = :who);
    """
    every = asking(sql, least="int", below="float", until="date", all="bool", who="str")
    found = box(shop.url, {"some": every})
    values = {"least": 2, "below": 99.5, "until": "2026-05-02", "all": True, "who": "x"}
    done = await through(found, "query_some", EVERYONE, **values)
    assert json.loads(done.text) == [{"id": 2}]
    (one,) = offered(found)
    assert one.checked(values)["until"] == date(2026, 5, 2)
    for wrong in ({"least": "2"}, {"until": "tomorrow"}, {"more": 1}, {"who": "x" * 501}):
        refused = await through(found, "query_some", EVERYONE, **(values | wrong))
        assert refused.status == "refused", wrong


async def test_columns_of_one_name_are_all_told(shop: TeamDatabase) -> None:
    sql = "SELECT 1 AS id, 2 AS id, 3 AS id_2, 4 AS id"
    done = await ask(shop, {"ids": asking(sql)}, "query_ids")
    assert json.loads(done.text) == [{"id": 1, "id_3": 2, "id_2": 3, "id_4": 4}]


async def test_a_point_in_time_is_bound_too(shop: TeamDatabase) -> None:
    shop.put(1, "yes", changed="2024-05-02 10:00:00+00:00")
    sql = "SELECT id FROM faq WHERE changed > :since"
    found = box(shop.url, {"news": asking(sql, since="datetime")})
    done = await through(found, "query_news", EVERYONE, since="2024-01-01T00:00:00")
    assert json.loads(done.text) == [{"id": 1}]


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM orders",
        "UPDATE orders SET total = 0",
        "INSERT INTO orders VALUES (9)",
        "DROP TABLE orders",
        "SELECT 1; DELETE FROM orders",
        "PRAGMA writable_schema = 1",
        "WITH gone AS (DELETE FROM orders RETURNING id) SELECT * FROM gone",
        "WITH x AS (UPDATE orders SET total = 0 RETURNING id) SELECT * FROM x",
        "WITH x AS (INSERT\n INTO orders (id) VALUES (9) RETURNING id) SELECT * FROM x",
        "SELECT * INTO copies FROM orders",
        "SELECT * FROM orders FOR UPDATE",
        "",
    ],
)
def test_what_writes_is_refused_when_it_is_read(tmp_path: Path, sql: str) -> None:
    with pytest.raises(ToolSettingsError, match="not one single SELECT") as told:
        box(f"sqlite:///{tmp_path}/x.db", {"bad": asking(sql)})
    assert "bad.sql" in str(told.value)


async def test_what_writes_all_the_same_is_refused_by_the_database(shop: TeamDatabase) -> None:
    """Functions look like reading."""
    shop.run("CREATE TABLE counted (n INTEGER)")
    if shop.is_sqlite:
        reads = {"sly": asking("SELECT load_extension('x') AS n")}
    else:
        shop.run("CREATE SEQUENCE numbers")
        shop.run(
            "CREATE FUNCTION sly() RETURNS int LANGUAGE sql AS"
            " 'INSERT INTO counted VALUES (1) RETURNING n'"
        )
        reads = {"sly": asking("SELECT sly() AS n")}
    done = await ask(shop, reads, "query_sly")
    assert done.status == "failed"
    assert shop.run("SELECT * FROM counted") == []


async def test_rows_are_limited_and_it_says_so(shop: TeamDatabase) -> None:
    shop.run("CREATE TABLE many (n INTEGER, words TEXT)")
    for n in range(30):
        shop.run("INSERT INTO many VALUES (:n, :words)", n=n, words="ñ" * 1000)
    reads = {"n": asking("SELECT n FROM many ORDER BY n"), "all": asking("SELECT * FROM many")}
    found = box(shop.url, reads, most_rows=5)
    few = await through(found, "query_n", EVERYONE)
    rows, _, more = few.text.partition("]")
    assert [one["n"] for one in json.loads(f"{rows}]")] == [0, 1, 2, 3, 4]
    assert more == "\nThere are more rows than these 5: ask for less."
    long = (await through(box(shop.url, reads), "query_all", EVERYONE)).text
    assert "ñ …" in long
    assert long.endswith("ask for less.")
    assert len(long) < 4000


async def test_what_json_does_not_know_is_told_in_words(shop: TeamDatabase) -> None:
    blob = "x'00ff'" if shop.is_sqlite else "'\\x00ff'::bytea"
    sql = f"SELECT {blob.replace(':', chr(92) + ':')} AS b, NULL AS empty, 1.5 AS f"
    done = await ask(shop, {"odd": asking(sql)}, "query_odd")
    (row,) = json.loads(done.text)
    assert (row["b"], row["empty"], float(row["f"])) == ("(2 bytes)", None, 1.5)


async def test_what_takes_too_long_is_ended(shop: TeamDatabase) -> None:
    endless = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000)"
        " SELECT count(*) FROM n"
    )
    found = box(shop.url, {"endless": asking(endless)}, timeout_s=0.3)
    done = await through(found, "query_endless", EVERYONE)
    assert (done.status, done.text) == ("failed", "The database took longer than 0.3 s.")


async def test_who_may_not_hear_it_is_not_asked_for(shop: TeamDatabase) -> None:
    refused = await ask(
        shop, {"orders_of": ORDERS}, "query_orders_of", CHANNEL, customer="Ana O'Hara"
    )
    assert refused.status == "failed"
    assert refused.text.startswith("What this query gives is not for everybody")
    for_channel = ORDERS | {"audience": ["slack:T1:chan:C9"]}
    done = await ask(shop, {"orders_of": for_channel}, "query_orders_of", CHANNEL, customer="Ben")
    assert json.loads(done.text)[0]["id"] == 2


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT nothing FROM orders", "nothing"),
        ("SELECT * FROM nowhere", "nowhere"),
        ("SELECT * FRUM orders", "FRUM|orders"),
    ],
)
async def test_a_query_that_fails_is_told_to_whoever_runs_it_alone(
    shop: TeamDatabase, sql: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    done = await ask(shop, {"bad": asking(sql)}, "query_bad")
    assert done.status == "failed"
    assert done.text == "It failed; whoever runs Tertulia finds out why in the log."
    one = box(shop.url, {"bad": asking(sql)}).tools["query_bad"]
    with pytest.raises(OperatorError, match=said):
        one.function(caller=EVERYONE)


@pytest.mark.parametrize(
    ("values", "words"),
    [({"n": 2**70, "t": "x"}, "n is too large"), ({"n": 1, "t": "a\0b"}, "zero character")],
)
async def test_values_that_no_database_takes_are_refused(
    shop: TeamDatabase, values: dict[str, Any], words: str
) -> None:
    reads = asking("SELECT id FROM orders WHERE id = :n AND customer = :t", n="int", t="str")
    done = await ask(shop, {"some": reads}, "query_some", **values)
    assert (done.status, words in done.text) == ("failed", True)


async def test_a_number_that_the_column_cannot_have_is_told(shop: TeamDatabase) -> None:
    if shop.is_sqlite:
        return
    reads = asking("SELECT id FROM orders WHERE id = CAST(:n AS smallint)", n="int")
    done = await ask(shop, {"some": reads}, "query_some", n=70_000)
    assert done.text == "The database does not take these values."


async def test_a_password_stands_in_the_environment_and_in_no_message(tmp_path: Path) -> None:
    away = "postgresql://reader:${PASSWORD}@127.0.0.1:1/shop"
    one = box(away, {"orders_of": ORDERS}).tools["query_orders_of"]
    with pytest.raises(OperatorError) as told:
        one.function(caller=EVERYONE, customer="Ana")
    said = f"{told.value} {told.value.what_to_do}"
    assert "postgresql://reader@127.0.0.1:1/shop did not answer" in said
    assert PASSWORD not in said
    assert PASSWORD not in repr(one)
    with pytest.raises(ToolSettingsError, match="has a password in it") as refused:
        box("postgresql://reader:hunter2@db/shop", {"orders_of": ORDERS})
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("shop", "no address of a database"),
        ("sqlite://", "names no file"),
        ("${NOWHERE}", "wants NOWHERE from the environment"),
        (7, "url"),
    ],
)
def test_an_address_that_is_none_is_told(url: Any, words: str) -> None:  # noqa: ANN401 (TOML)
    with pytest.raises(ToolSettingsError, match=words):
        box(url, {"orders_of": ORDERS})


@pytest.mark.parametrize(
    ("queries", "words"),
    [
        ({"orders": ORDERS | {"parameters": {}}}, ":customer is not among its parameters"),
        (
            {"orders": ORDERS | {"parameters": {"customer": "str", "day": "date"}}},
            ":day does not stand in it",
        ),
        ({"orders": ORDERS | {"parameters": {"customer": "text"}}}, "orders.parameters.customer"),
        ({"Orders": ORDERS}, "'Orders' is no name"),
        ({"o" * 35: ORDERS}, "is no name"),
        ({"orders": {**ORDERS, "describtion": "x"}}, "has no 'describtion'"),
        ({"orders": {k: v for k, v in ORDERS.items() if k != "audience"}}, "audience"),
        ({"orders": ORDERS | {"description": "x"}}, "orders.description"),
        ({"orders": ORDERS | {"audience": ["evryone"]}}, "evryone"),
        ({"orders": asking("SELECT ':a' || '\\:b' || :c AS x", c="str")}, ":a is not among"),
    ],
)
def test_a_table_that_is_wrong_is_told_with_its_place(
    tmp_path: Path, queries: dict[str, Any], words: str
) -> None:
    with pytest.raises(ToolSettingsError, match=words):
        box(f"sqlite:///{tmp_path}/x.db", queries)


def test_a_model_is_offered_a_tool_for_each_query(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    found = box(url, {"orders_of": ORDERS, "today": asking("SELECT 1 AS n")})
    assert [one.name for one in offered(found)] == ["query_orders_of", "query_today"]
    assert signature(offered(found)[0]) == (
        "query_orders_of(customer: string (the name, as it is written)): The orders of a customer."
    )
    assert offered(found)[1].parameters["properties"] == {}
    nothing = with_settings(all_tools(), {}, str)
    assert nothing.unset["query"] == "[tools.sql]"
    assert offered(nothing) == []


def test_a_query_does_not_take_the_name_of_another_tool(tmp_path: Path) -> None:
    write(tmp_path, {"mine.py": TEAM})
    table = {"url": f"sqlite:///{tmp_path}/x.db", "queries": {"orders_of": ORDERS}}
    with pytest.raises(ToolSettingsError, match="makes a tool 'query_orders_of'"):
        with_settings(all_tools(tmp_path), {"sql": table}, str)


def test_the_table_of_the_page_is_right() -> None:
    page = (Path(__file__).parents[3] / "docs/tools.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```toml\n(\[tools\.sql\].*?)^```$", page, re.DOTALL | re.MULTILINE)
    tables = tomllib.loads(block)["tools"]
    found = with_settings(all_tools(), tables, lambda name: f"{name}?")
    (one,) = offered(found)
    assert one.name == "query_orders_of"
    assert one.checked({"customer": "Ana", "since": "2026-05-04"})["since"] == date(2026, 5, 4)


TEAM = '''
from pipelines.tool import tool

@tool
def query_orders_of() -> str:
    """The same name."""
'''
