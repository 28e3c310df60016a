"""Tools of a real MCP server, over its pipes and over HTTP: approved, called, changed."""

import asyncio
import json
from pathlib import Path

import pytest

from knowledge.conversations import Decision
from knowledge.tool_approvals import Approval
from pipelines.choosers.signatures import signature
from pipelines.mcp.server import ServerError
from pipelines.mcp.tools import NOT_AVAILABLE, UNAVAILABLE, Standing, UnknownToolError
from pipelines.tool import Tool
from pipelines.tool_call import in_full
from tests.pipelines.mcp.conftest import ANA, READ, ROOT, Open, World, shop, shop_at

FIND = "shop_find_customer"


async def test_a_tool_is_called_once_it_is_approved(piped: World) -> None:
    refused = await piped.call(FIND, name="Ana")
    assert (refused.status, refused.text) == ("failed", NOT_AVAILABLE)
    assert piped.starts == [], "nobody has asked the server anything"
    await piped.approve(FIND)
    said = await piped.call(FIND, name="Ana", most=2)
    assert (said.status, said.text) == ("done", "Ana of Averley, 2 at most")
    assert [(one.tool, one.status, one.effect) for one in piped.calls] == [
        (FIND, "failed", "read"),
        (FIND, "done", "read"),
    ]


async def test_what_the_model_reads_is_what_was_approved(world: World) -> None:
    await world.approve(FIND, "shop_order")
    find, order = world.broker.offered([FIND, "shop_order"])
    assert signature(find) == (
        "shop_find_customer(name: string (of the customer), most?: integer): "
        "Finds customers by their names."
    )
    assert find.parameters["additionalProperties"] is False
    assert order.parameters["properties"]["lines"]["items"]["required"] == ["item"]
    assert "$ref" not in json.dumps(order.parameters)


@pytest.mark.parametrize("arguments", [{}, {"name": 7}, {"name": "Ana", "person": "terminal:boss"}])
async def test_arguments_that_the_schema_does_not_allow_reach_no_server(
    world: World, arguments: dict[str, object]
) -> None:
    await world.approve(FIND)
    assert (await world.call(FIND, **arguments)).status == "refused"


async def test_results_are_texts_values_and_what_was_left_out(world: World) -> None:
    await world.approve("shop_order", "shop_draw", "shop_fail")
    ordered = await world.call("shop_order", lines=[{"item": "lamp"}])
    assert json.loads(ordered.text) == {"ordered": ["lamp"]}
    drawn = await world.call("shop_draw")
    assert drawn.text == "A picture:\n(left out: an image)"
    failed = await world.call("shop_fail")
    assert failed.status == "failed"
    assert failed.text.endswith("There is no such customer.")


async def test_a_tool_changes_something_unless_the_admin_says_otherwise(
    opened: Open, web: str
) -> None:
    world: World = opened(shop_at(web, effects={"forget": "read", "fail": "destructive"}))
    await world.approve(FIND, "shop_forget", "shop_fail")
    effects = {name: world.tools[name].effect for name in (FIND, "shop_forget", "shop_fail")}
    assert effects == {FIND: "write", "shop_forget": "destructive", "shop_fail": "destructive"}
    assert (await world.call(FIND, name="Ana")).status == "unconfirmed"


async def test_a_description_that_changes_at_the_second_run_is_refused_until_approved(
    opened: Open, piped: World, tmp_path: Path
) -> None:
    await piped.approve(FIND)
    await piped.tools.close()
    (tmp_path / "description").write_text("Finds customers, and sends them to us.")
    again: World = opened(shop(tmp_path))
    await again.tools.renew()
    said = await again.call(FIND, name="Ana")
    assert (said.status, said.text) == ("failed", NOT_AVAILABLE)
    (tool,) = again.broker.offered([FIND])
    assert tool.description == UNAVAILABLE
    standing = await again.tools.standing(FIND)
    assert standing.state == "changed"
    assert standing.approved
    assert standing.approved.description == "Finds customers by their names."
    await again.tools.approve(standing)
    assert (await again.call(FIND, name="Ana")).status == "done"


async def test_a_change_in_the_middle_of_a_session_is_heard_and_refused(
    opened: Open, tmp_path: Path
) -> None:
    world: World = opened(shop(tmp_path, effects={**READ, "change": "read"}))
    await world.approve(FIND, "shop_change")
    assert (await world.call("shop_change")).status == "done"
    async with asyncio.timeout(30):
        while world.tools[FIND].description != UNAVAILABLE:  # noqa: ASYNC110 (it sets no event)
            await asyncio.sleep(0.01)
    assert (await world.call(FIND, name="Ana")).text == NOT_AVAILABLE
    assert (await world.call("shop_change")).status == "done", "others go on"
    assert len(world.starts) == 1


async def test_an_approval_counts_without_a_restart_and_so_does_taking_it_back(
    world: World,
) -> None:
    await world.approve(FIND)
    tool = world.tools[FIND]
    await world.approvals.remove(FIND)
    said = await world.call(FIND, name="Ana")
    assert said.text == NOT_AVAILABLE
    assert world.tools[FIND] != tool
    assert not await world.tools.revoke(FIND)
    offer = (await world.tools.standing(FIND)).offer
    await world.approvals.put(Approval(FIND, "shop", offer.said, offer.fingerprint))
    assert (await world.call(FIND, name="Ana")).text == NOT_AVAILABLE, "it has not looked yet"
    assert (await world.call(FIND, name="Ana")).status == "done"


async def test_a_row_that_somebody_has_edited_is_no_approval(world: World) -> None:
    standing = await world.tools.standing(FIND)
    forged = Approval(FIND, "shop", standing.offer.said, "0" * 64)
    await world.approvals.put(forged)
    assert (await world.call(FIND, name="Ana")).text == NOT_AVAILABLE


async def test_a_server_is_told_nothing_of_our_environment_but_what_is_written_down(
    opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-ours")
    world: World = opened(
        shop(
            tmp_path,
            effects={"surroundings": "read"},
            environment={"PYTHONPATH": str(ROOT), "SHOP": "a ${SHOP_TOKEN}"},
            secret=lambda _: "4711",
        )
    )
    await world.approve("shop_surroundings")
    said = json.loads((await world.call("shop_surroundings")).text)
    assert "OPENAI_API_KEY" not in said
    assert "sk-ours" not in str(said)
    assert said["SHOP"] == "a 4711"
    assert Path(said["cwd"]) == tmp_path


async def test_a_secret_that_is_not_set_is_named(opened: Open, tmp_path: Path) -> None:
    world: World = opened(shop(tmp_path, environment={"SHOP": "${SHOP_TOKEN}"}))
    with pytest.raises(ServerError, match="wants SHOP_TOKEN from the environment"):
        await world.tools.standing(FIND)


@pytest.mark.parametrize("what", ["model", "folders", "people"])
async def test_a_server_that_asks_for_more_is_refused(opened: Open, web: str, what: str) -> None:
    world: World = opened(shop_at(web, effects={"ask": "read"}))
    await world.approve("shop_ask")
    said = await world.call("shop_ask", what=what)
    assert said.status == "failed"
    assert "secret" not in said.text


async def test_how_it_stands_with_each_tool_is_told(opened: Open, web: str) -> None:
    def mine() -> str:
        return ""

    own = {"shop_order": Tool("shop_order", "Mine.", {"type": "object"}, mine, origin="mine.py")}
    world: World = opened(shop_at(web), **own)
    await world.approve(FIND)
    found = (await world.tools.standings())["shop"]
    assert isinstance(found, list)
    states = {one.offer.name: (one.state, one.reason) for one in found}
    assert states[FIND] == ("approved", "")
    assert states["shop_fail"] == ("new", "")
    taken = "there is a tool 'shop_order' already, in mine.py"
    assert states["shop_order"] == ("unusable", taken)
    assert world.tools["shop_order"].origin == "mine.py"
    with pytest.raises(UnknownToolError, match="cannot be used: there is a tool"):
        await world.approve("shop_order")


async def test_a_name_that_nobody_offers_is_told_with_the_nearest_one(world: World) -> None:
    with pytest.raises(UnknownToolError) as told:
        await world.tools.standing("shop_find_custommer")
    assert "Did you mean 'shop_find_customer'?" in told.value.what_to_do
    with pytest.raises(UnknownToolError, match="No MCP server offers a tool 'crm_find'"):
        await world.tools.standing("crm_find")


async def test_only_the_tools_that_are_wanted_are_there(opened: Open, web: str) -> None:
    world: World = opened(shop_at(web, tools=("fail", "Find-Customer")))
    found = (await world.tools.standings())["shop"]
    assert isinstance(found, list)
    assert [one.offer.name for one in found] == [FIND, "shop_fail"]
    assert "shop_order" not in world.tools
    assert FIND in world.tools
    assert list(world.tools) == ["shop_fail", FIND]
    assert len(world.tools) == 2


async def test_a_tool_that_is_gone_is_told_and_not_called(world: World) -> None:
    standing = await world.tools.standing("shop_fail")
    said = {**standing.offer.said, "name": "lost"}
    lost = type(standing.offer).of(standing.offer.server, said)
    await world.approvals.put(Approval(lost.name, "shop", lost.said, lost.fingerprint))
    await world.approvals.put(Approval("crm_x", "crm", lost.said, lost.fingerprint))
    found = (await world.tools.standings())["shop"]
    assert isinstance(found, list)
    gone = found[-1]
    assert (gone.offer.name, gone.state) == ("shop_lost", "gone")
    with pytest.raises(UnknownToolError, match="it is gone"):
        await world.tools.approve(Standing(gone.offer, "gone"))
    assert (await world.call("shop_lost")).text == NOT_AVAILABLE
    assert await world.tools.revoke("shop_lost")
    assert "crm_x" not in world.tools


async def test_what_the_server_takes_unless_it_is_told_otherwise_is_confirmed(
    opened: Open, tmp_path: Path
) -> None:
    world: World = opened(shop(tmp_path, effects={}))
    await world.approve("shop_order")
    asked = await world.call("shop_order", lines=[{"item": "lamp"}])
    shown = 'shop_order\n  lines: [{"item": "lamp", "count": 1}]\n  note: ""'
    assert (asked.status, in_full(asked.call)) == ("unconfirmed", shown)
    yes = Decision(asked.confirmation, is_yes=True)
    done = await world.broker.confirmed(yes, ANA, ["shop_order"])
    assert json.loads(done.text) == {"ordered": ["lamp"]}
