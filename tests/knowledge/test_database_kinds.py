"""The options of a database as a source: templates, columns, queries, positions."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from knowledge.articles import Audience
from knowledge.errors import OperatorError
from knowledge.sources.database import build
from knowledge.sources.database.kinds import kind_of
from knowledge.sources.database.positions import Position, packed, position_of, unpacked
from knowledge.sources.database.template import Template, WrongOptionError

QUERY = {"query": "SELECT id, a FROM t", "text": "{a}"}


def test_a_template_inserts_values_and_can_do_nothing_else() -> None:
    template = Template("{{a}} {a} {b!r} {0} {a.__class__} $a %(a)s")
    assert template.columns() == ["a", "b!r", "0", "a.__class__"]
    values = {"a": "{b!r}{{x}}", "b!r": "1", "0": "2", "a.__class__": "3"}
    assert template.filled(values) == "{a} {b!r}{{x}} 1 2 3 $a %(a)s"


@pytest.mark.parametrize("text", ["{a", "a}", "{{a}", "{a{b}}"])
def test_a_brace_that_stands_alone_is_refused(text: str) -> None:
    with pytest.raises(WrongOptionError, match="stands alone") as caught:
        Template(text)
    assert "doubled" in caught.value.what_to_do


def test_a_long_template_is_shown_cut() -> None:
    with pytest.raises(WrongOptionError) as caught:
        Template("word " * 50 + "{answr}").check(["answer"])
    assert len(str(caught.value)) < 150
    assert "Did you mean 'answer'?" in caught.value.what_to_do


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1",
        "select 1 ; \n",
        "-- all\nWITH x AS (SELECT 1) /* ; */ SELECT * FROM x; -- end;",
        "(SELECT 1) UNION (SELECT 2)",
        "SELECT ';', \"a;b\", `c;d`, $$e;f$$, $x$;$x$, 'it''s; so'",
    ],
)
def test_one_select_is_taken_however_it_is_written(query: str) -> None:
    kind = kind_of("", QUERY | {"query": query})
    assert not kind.query.endswith(";")
    assert "--" not in kind.query


@pytest.mark.parametrize(
    "query", ["DELETE FROM faq", "SELECT 1; DROP TABLE faq", "UPDATE faq SET a = 1", "-- nothing"]
)
def test_anything_but_one_select_is_refused(query: str) -> None:
    with pytest.raises(WrongOptionError, match="not one single SELECT"):
        kind_of("", QUERY | {"query": query})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "It needs the option 'query'"),
        ({"query": "SELECT 1"}, "It needs the option 'text'"),
        ({"kinds": {"a": QUERY}, "title": "{a}"}, "'title' stands beside the kinds"),
        (QUERY | {"timeout_s": 0.0}, "timeout_s is not above 0"),
        ({"kinds": {"A b": QUERY}}, "'A b' cannot be the name of a kind"),
        ({"kinds": {"a": {**QUERY, "qury": "x"}}}, "The kind 'a' has no option 'qury'"),
        ({"kinds": {"a": {"text": "x"}}}, "The kind 'a' needs the option 'query'"),
        ({**QUERY, "url": "foo://u:canary@h/x"}, "'foo' is no kind of database"),
        ({**QUERY, "url": "mysql://u:canary@h/x"}, "The driver for mysql+pymysql is not installed"),
        ({**QUERY, "url": "mysql+mysqldb://h/x"}, "The driver for mysql+mysqldb"),
        ({**QUERY, "url": "postgresql://h"}, "names no database"),
    ],
)
def test_options_that_cannot_be_are_told_what_would_be_right(
    options: dict[str, Any], said: str
) -> None:
    given: dict[str, Any] = {"url": "sqlite:////tmp/x.db"} | options
    with pytest.raises(OperatorError) as caught:
        build(name="faq", audience=Audience.of("everyone"), **given)
    assert str(caught.value).startswith("Source 'faq': ")
    assert said in str(caught.value)
    assert caught.value.what_to_do
    assert "canary" not in f"{caught.value} {caught.value.what_to_do}"


def test_another_template_or_audience_is_another_fingerprint() -> None:
    kind = kind_of("", QUERY)
    others = [kind_of("", QUERY | {"text": "{a}."}), kind_of("", QUERY | {"changed": "a"})]
    prints = {one.fingerprint(["everyone"]) for one in (kind, *others)}
    assert len(prints | {kind.fingerprint([])}) == 4


NOW = datetime.now(UTC)


@pytest.mark.parametrize(
    ("value", "bound"),
    [
        (12, 12),
        (1.5, 1.5),
        (Decimal("12.50"), Decimal("12.50")),
        ("v0012", "v0012"),
        (date(2024, 5, 2), date(2024, 5, 2)),
        (datetime(2024, 5, 2, 10, 3), datetime(2024, 5, 2, 9, 58)),  # noqa: DTZ001 (a column without zones)
        (datetime(2024, 5, 2, 10, 3, tzinfo=UTC), datetime(2024, 5, 2, 9, 58, tzinfo=UTC)),
        ("2024-05-02 10:03:59.5", "2024-05-02 09:58:59"),
        ("2024-05-02T10:03:00+02:00", "2024-05-02T09:58:00"),
        ("2024-05-02", "2024-05-02"),
        ("2024-13-77 10:00", "2024-13-77 10:00"),
        ("0001-01-01 00:00:00", "0001-01-01T00:00:00".replace("T", " ")),
    ],
)
def test_a_position_goes_on_a_little_before_a_time_and_at_any_other_value(
    value: object, bound: object
) -> None:
    position = position_of(value, "f")
    assert position is not None
    (kept,) = unpacked(packed({"kind": position})).values()
    assert kept == position
    assert kept.bound() == bound


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        b"\x00\x01",
        NOW + timedelta(days=3),
        (NOW + timedelta(days=3)).replace(tzinfo=None),
        (NOW + timedelta(days=3)).date(),
        (NOW + timedelta(days=3)).isoformat(),
    ],
    ids=["none", "truth", "bytes", "instant", "naive", "date", "text"],
)
def test_from_some_values_one_cannot_go_on(value: object) -> None:
    assert position_of(value, "f") is None


def test_positions_of_all_kinds_are_kept_in_one_cursor() -> None:
    positions = {"a": Position("f", "int", "1"), "ñ": Position("g", "str", 'x"')}
    assert unpacked(packed(positions)) == positions
    for foreign in ("", "4fd2a1", "[1]", '{"a": 1}', '{"a": ["x"]}'):
        assert unpacked(foreign) == {}
