"""What a model has read leaves the house only once whoever asked has seen it, and has said so."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel

from knowledge.articles import Audience
from knowledge.conversations import Conversation, Decision, Message
from knowledge.history import OURSELVES
from pipelines.outward import MOST_FREE, OUR_ANSWERS, Heard
from pipelines.tool import Tool, tool
from pipelines.tool_call import Call, Outcome
from pipelines.tool_files import all_tools
from tests.fakes.scripted_model import writing
from tests.pipelines.choosing_world import Script, choosing, using

AT = datetime(2026, 5, 4, 9, tzinfo=UTC)
ASKED: list[str] = []
PAGE = "The salary of Ana is 54321 euros, CANARY-77XQ."


@tool
def pages(query: str) -> str:
    """Pages of ours."""
    return PAGE


@tool(outward=True)
def stock(
    part: Annotated[str, "such as parts/NUMBER"],
    number: int = 1,
    site: Literal["north", "south"] = "north",
    day: str = "",
    flags: list[bool] | None = None,
    more: list[list[int]] | None = None,
) -> str:
    """What a service of others has of a part."""
    ASKED.append(part)
    return f"17 of {part}."


TOOLS = {one.name: one for one in (pages, stock)}
SHIPPED = all_tools()
LOOK = {
    "type": "object",
    "properties": {
        "query": {"type": "string"},
        "filter": {"type": "object"},
        "size": {"type": "object", "properties": {"unit": {"enum": ["cm", "in"]}}},
        "any": True,
        "ids": {"type": "array", "items": {"type": "number"}},
    },
}
BITS = [int(bit) for bit in f"{54321:017b}"]
STRANGE = Tool("shop_look", "Looks. Salary, euros.", {"type": "object"}, print, outward=True)


def asks(known: Tool, said: str, read: Mapping[str, str] | None = None, **given: Any) -> bool:  # noqa: ANN401 (of the tool)
    """Whether this would be asked, after something was read."""
    heard = Heard(said, {"pages": PAGE} if read is None else read, AT)
    return heard.asks_first(known, Call(known.name, given))


@pytest.mark.parametrize(
    ("said", "given"),
    [
        ("What is the weather in Córdoba?", {"place": "Córdoba, España"}),
        ("What is the weather in Córdoba tomorrow?", {"place": "Cordoba", "day": "2026-05-05"}),
        ("¿Qué tiempo hará en Lisboa el viernes?", {"place": "Lisbon", "day": "2026-05-08"}),
        ("And in New York, on 17 May?", {"place": "New York, USA", "day": "2026-05-17"}),
        ("hace frío en san sebastián?", {"place": "San Sebastián"}),
    ],
)
def test_the_weather_of_a_city_that_somebody_named_is_never_asked_first(
    said: str, given: dict[str, Any]
) -> None:
    assert not asks(SHIPPED["weather"], said, **given)


@pytest.mark.parametrize(
    ("said", "given"),
    [
        ("Is there lamp E-1432 in Averley?", {"part": "parts/E-1432 Averley"}),
        ("How many lamps are in Averley?", {"part": "lamp in the Averley"}),
        ("Are there 54,321 of them?", {"part": "them", "number": 54321}),
        ("Lamps on 4 October 2026?", {"part": "lamps", "day": "2026-10-04"}),
        ("Lamps in three weeks?", {"part": "lamps", "number": 3, "site": "south"}),
        ("Lamps tomorrow at 9:30?", {"part": "lamps", "day": "2026-05-05T09:30:00"}),
        ("Lamps tomorrow?", {"part": "lamps", "day": "2026-05-05T00:00:00Z"}),
        ("A CAFETERÍA lamp?", {"part": "cafetería Lamps", "flags": [True, False]}),
        ("El café 💡 de Málaga, ¿qué tal?", {"part": "cafe de Malaga 💡"}),
        ("Is it in Londres, or in Marsella?", {"part": "London Marsella"}),
    ],
)
def test_what_people_said_goes_out_unasked(said: str, given: dict[str, Any]) -> None:
    assert not asks(stock, said, **given)


@pytest.mark.parametrize(
    "given",
    [
        {"part": PAGE},
        {"part": "the salary of ana"},
        {"part": "54321"},
        {"part": "lamps", "number": 54321},
        {"part": "5 4 3 2 1"},
        {"part": "lamps", "day": "2026-10-04"},
        {"part": "c2FsYXJ5"},
        {"part": "lamps" + ".-.. " * 9},
        {"part": "lamps " * (MOST_FREE + 2)},
        {"part": "lamps", "salary": {"ana": 1}},
        {"part": "lamps", "number": 10**400},
        {"day": "20260504T090000.54321"},
        {"day": "2026-05-04T00:00:00.54321"},
        {"day": "2026-05-04T00:05:43+02:10"},
        {"day": "2026-05-04T05:43"},
        {"day": "2026-05-04 salary"},
        {"part": "lamps ⡨⡵⡮⡴⡥"},
        {"part": "lamps \u200b\u200c"},
        {"part": "lamq7k manXk"},
        {"part": "𝐥𝐚𝐦𝐩𝐬"},
        {"part": "lAMpS tHErE"},
        {"part": "lạmps"},
        {"flags": [True, False] * 4},
        {"more": [[]] * (MOST_FREE + 1)},
    ],
)
def test_what_nobody_said_is_asked_first(given: dict[str, Any]) -> None:
    said = "How many lamps are there?"
    assert asks(stock, said, **given)
    assert not asks(stock, said, {}, **given), "nothing was read: there is nothing to tell"
    assert not asks(replace(stock, outward=False), said, **given), "it tells nobody"


class Node(BaseModel):
    """One of a row."""

    left: "Node | None" = None
    right: "Node | None" = None
    site: Literal["north", "south"] = "north"


@tool(outward=True)
def row(node: Node, other: Node | None = None, ids: list[float] | None = None) -> str:
    """Asks others for it."""
    return f"{node}{other}{ids}"


def inside_of_each_other(*names: str) -> dict[str, Any]:
    """Tables in tables: the names of what stands in what tell a number."""
    found: dict[str, Any] = {}
    for bit in BITS:
        found = {names[bit]: found}
    return found


LOOKS = replace(STRANGE, parameters=LOOK, origin="MCP server shop")


@pytest.mark.parametrize(
    ("known", "given"),
    [
        (LOOKS, {"filter": inside_of_each_other("query", "filter")}),
        (LOOKS, {"filter": inside_of_each_other("cm", "in")}),
        (LOOKS, {"any": inside_of_each_other("lamps", "lamps")}),
        (LOOKS, {"filter": {"lamps": {"there": [[], "", {}, []], "are": None, "many": ""}}}),
        (LOOKS, {"filter": {"query": "cm", "size": "in", "unit": "query"}}),
        (row, {"node": inside_of_each_other("left", "right")}),
    ],
)
def test_names_of_a_schema_tell_nothing_where_it_does_not_give_them(
    known: Tool, given: dict[str, Any]
) -> None:
    known.checked(given)
    assert asks(known, "How many lamps are there?", **given)


@pytest.mark.parametrize(
    ("known", "given"),
    [
        (LOOKS, {"query": "lamps", "filter": {}, "size": {"unit": "cm"}, "any": "lamps"}),
        (LOOKS, {"filter": {"lamps": {"many": ["there"]}}}),
        (row, {"node": {"site": "south", "left": None}, "other": {"right": {"site": "north"}}}),
    ],
)
def test_names_of_a_schema_are_not_asked_about_at_their_place(
    known: Tool, given: dict[str, Any]
) -> None:
    known.checked(given)
    assert not asks(known, "How many lamps are there?", **given)


@pytest.mark.parametrize("known", [LOOKS, row])
@pytest.mark.parametrize(
    ("said", "ids", "is_asked"),
    [
        ("Compare lamp 12 and lamp 15.", [(12, 15)[bit] for bit in BITS], True),
        ("Find lamp 12.", [(12, 12.0)[bit] for bit in BITS], True),
        ("Find lamps of 12.5 cm.", [12.5, 12.5, 12.5], True),
        ("Compare lamp 12 and lamp 15.0.", [15, 12.0], False),
        ("12 with 12, or thirty-five of 1,500?", [12, 35, 12, 1500], False),
        ("Lamps of E-1432 and E-1433 at 5 pm?", [1432, 1433.0, 17], False),
    ],
)
def test_numbers_that_people_said_go_out_as_often_as_they_said_them(
    known: Tool, said: str, ids: list[float], is_asked: bool
) -> None:
    given = {"ids": ids} if known is LOOKS else {"node": {}, "ids": ids}
    known.checked(given)
    assert asks(known, said, **given) is is_asked


def test_a_server_hears_again_what_it_said_and_nothing_else() -> None:
    strange = replace(STRANGE, origin="MCP server shop")
    own = {"MCP server shop": "Customer 4711 is Acme."}
    assert not asks(strange, "Who is it?", own, customer="4711 Acme")
    assert asks(strange, "Who is it?", {**own, OUR_ANSWERS: PAGE}, customer="Acme")
    assert asks(strange, "Who is it?", text="salary"), "words of a stranger excuse nothing"


def test_the_number_of_a_ticket_that_was_just_found_is_not_asked_first() -> None:
    read = {SHIPPED["find_tickets"].origin: "web #312: Login fails", "pages": PAGE}
    known = SHIPPED["read_ticket"]
    assert not asks(known, "What is the ticket about logins?", read, number=312)
    assert asks(known, "What is the ticket about logins?", read, number=54321)


def test_every_tool_that_tells_others_something_says_so() -> None:
    outward = {one.name for one in SHIPPED.values() if one.outward}
    assert outward == {"http_get", "weather", "draw_image", "find_tickets", "read_ticket"}


def test_only_what_others_wrote_counts_as_read() -> None:
    ours = Outcome(Call("stock"), "failed", "It took too long.", fault="too-long")
    wrong = Outcome(Call("stock"), "refused", "The arguments are wrong.", fault="arguments")
    assert not Heard().after([ours, wrong], list(TOOLS.values())).read
    theirs = Outcome(Call("stock"), "failed", "There are: Ana.")
    assert Heard().after([theirs], list(TOOLS.values())).read


def conversation(*said: Message) -> Conversation:
    return Conversation("C1", said, Audience.of("everyone", "terminal:ana"))


def ana(text: str) -> Message:
    return Message(text, "terminal:ana", text, AT)


async def test_a_page_is_not_told_before_a_yes_and_the_result_is_told_then() -> None:
    ASKED.clear()
    steps = (
        choosing(("pages", {"query": "salary"})),
        choosing(("stock", {"part": PAGE}), ("stock", {"part": "Ana 54321"})),
    )
    talk = conversation(ana("What is the salary of Ana?"))
    async with using(Script(*steps), *TOOLS, tools=TOOLS) as use:
        read, asked, later = await use.outcomes(talk)
        assert [one.status for one in (read, asked, later)] == ["done", "unconfirmed", "postponed"]
        assert not ASKED
        ben = replace(talk, messages=(replace(ana("yes"), author="terminal:ben"),))
        yes = Decision(asked.confirmation, is_yes=True)
        assert (await use.decided(ben, yes)).status == "refused"
        done = await use.decided(talk, yes)
        assert (done.status, done.text) == ("done", f"17 of {PAGE}.")
        assert (await use.decided(talk, yes)).text == "", "it counts once"
    assert ASKED == [PAGE]


@pytest.mark.parametrize("part", ["54321", "Averley"])
async def test_an_earlier_answer_of_ours_is_not_told_before_a_yes(part: str) -> None:
    ASKED.clear()
    said = (ana("And Ana?"), Message("2", OURSELVES, PAGE, AT), ana("Is it in Averley?"))
    async with using(Script(choosing(("stock", {"part": part}))), *TOOLS, tools=TOOLS) as use:
        (one,) = await use.outcomes(conversation(*said))
    assert one.status == ("done" if part == "Averley" else "unconfirmed")
    assert [one for one in ASKED if one != "Averley"] == []


async def test_without_anything_read_nobody_is_asked() -> None:
    ASKED.clear()
    script = Script(choosing(("stock", {"part": "E-1432"})), writing('{"calls": []}'))
    async with using(script, *TOOLS, tools=TOOLS) as use:
        (one,) = await use.outcomes(conversation(ana("Have they got that lamp?")))
    assert (one.status, ASKED) == ("done", ["E-1432"])


@pytest.mark.parametrize("wrong", [{}, {"place": 5}, {"place": None}, {"city": "Madrid"}])
async def test_wrong_arguments_are_refused_before_anybody_is_asked(wrong: dict[str, Any]) -> None:
    said = (ana("And Ana?"), Message("2", OURSELVES, PAGE, AT), ana("How is the weather?"))
    script = Script(choosing(("weather", wrong), ("stock", {"part": PAGE})))
    async with using(script, "weather", "stock", tools={**SHIPPED, **TOOLS}) as use:
        refused, asked = await use.outcomes(conversation(*said))
    assert (refused.status, refused.fault) == ("refused", "arguments")
    assert asked.status == "unconfirmed", "it waits for no call that was wrong"


def fail_to_say(**given: object) -> object:
    """The team's own word on what leaves, which breaks."""
    raise KeyError(given)


def test_where_a_tool_fails_to_say_what_leaves_all_of_it_does() -> None:
    known = replace(stock, outward=fail_to_say)
    assert asks(known, "How many lamps are there?", part="lamq7k manXk")
    assert not asks(known, "How many lamps are there?", part="lamps")
