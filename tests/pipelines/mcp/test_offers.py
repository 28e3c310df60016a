"""Offers of strangers: what cannot be a tool here, and what no model reads."""

import json
from dataclasses import replace
from pathlib import Path

from pipelines.mcp.offers import Offer
from pipelines.mcp.server import Server
from tests.pipelines.mcp.conftest import Open, World, bad

LOOK = "bad_look"
STRANGE: dict[str, dict[str, object]] = {
    "a name": {"name": "a" * 60},
    "no name": {"name": "¿?"},
    "no words": {"name": "quiet", "description": "\u200b\u200b"},
    "many words": {"name": "loud", "description": "word " * 300},
    "elsewhere": {
        "name": "far",
        "inputSchema": {"type": "object", "$ref": "http://127.0.0.1:9/schema.json"},
    },
    "a part elsewhere": {
        "name": "farther",
        "inputSchema": {
            "type": "object",
            "properties": {"a": {"$ref": "file:///etc/passwd"}},
        },
    },
    "itself": {
        "name": "round",
        "inputSchema": {"type": "object", "properties": {"a": {"$ref": "#"}}},
    },
    "nowhere": {
        "name": "lost",
        "inputSchema": {"type": "object", "properties": {"a": {"$ref": "#/$defs/b/c"}}},
    },
    "moving": {
        "name": "moving",
        "inputSchema": {"type": "object", "properties": {"a": {"$dynamicRef": "#b"}}},
    },
    "no schema": {
        "name": "wrong",
        "inputSchema": {"type": "object", "properties": {"a": {"type": "x"}}},
    },
    "large": {
        "name": "large",
        "inputSchema": {"type": "object", "properties": {"a": {"enum": ["x" * 9000]}}},
    },
    "growing": {
        "name": "bomb",
        "inputSchema": {
            "type": "object",
            "properties": {"a": {"$ref": "#/$defs/d0"}},
            "$defs": {
                **{
                    f"d{n}": {"anyOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 9, "title": "x"}
                    for n in range(9)
                },
                "d9": {"type": "string"},
            },
        },
    },
    "twice": {"name": "Two-Times"},
    "again": {"name": "two_times"},
}


async def test_offers_that_cannot_be_used_are_refused_each_with_its_reason(
    opened: Open, tmp_path: Path
) -> None:
    base = {"description": "Looks.", "inputSchema": {"type": "object"}}
    (tmp_path / "offers.json").write_text(json.dumps([{**base, **o} for o in STRANGE.values()]))
    world: World = opened(bad(tmp_path, "offers"))
    found = (await world.tools.standings())["bad"]
    assert isinstance(found, list)
    assert {one.state for one in found} == {"unusable"}
    reasons = dict(zip(STRANGE, [one.reason for one in found], strict=True))
    assert reasons == {
        "a name": f"its name would be 'bad_{'a' * 60}', and names have at most 40",
        "no name": "its name would be 'bad_', and names have at most 40",
        "no words": "it has no description",
        "many words": "its description has more than 1,200 characters",
        "elsewhere": "its schema refers to another place",
        "a part elsewhere": "its schema refers to another place",
        "itself": "its schema refers to itself, or is too deep",
        "nowhere": "its schema refers to what is not there",
        "moving": "its schema has references that we do not follow",
        "no schema": "its schema is no JSON schema",
        "large": "its schema has more than 8,000 characters",
        "growing": "its schema refers to itself, or is too deep",
        "twice": "two tools of the server would be 'bad_two_times'",
        "again": "two tools of the server would be 'bad_two_times'",
    }


async def test_what_a_description_hides_reaches_no_model(opened: Open, tmp_path: Path) -> None:
    said = "Looks.\u200b\U000e0041 {{ 7 * 7 }} {% include 'x' %}"
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string", "description": "b\u2063c", "pattern": "(a+)+$"}},
    }
    offer = {"name": "look", "description": said, "inputSchema": schema}
    (tmp_path / "offers.json").write_text(json.dumps([offer]))
    world: World = opened(bad(tmp_path, "offers"))
    await world.approve(LOOK)
    tool = world.tools[LOOK]
    assert tool.description == "Looks. {{ 7 * 7 }} {% include 'x' %}"
    assert tool.parameters["properties"]["a"] == {"type": "string", "description": "bc"}
    assert (await world.call(LOOK, a="a" * 40 + "!")).status == "done"


def test_a_tool_of_a_server_that_stands_elsewhere_by_now_is_another_one() -> None:
    said = {"name": "buy", "description": "Buys.", "inputSchema": {"type": "object"}}
    here = Server("shop", url="https://shop.example.org/mcp", headers={"X-Key": "${KEY}"})
    pins = {
        Offer.of(server, said).made(print).pin
        for server in (
            here,
            replace(here, within_s=3.0),
            replace(here, url="https://shop.example.net/mcp"),
            replace(here, url="", command=("shop",)),
            replace(here, headers={"X-Key": "${OTHER_KEY}"}),
        )
    }
    assert len(pins) == 4, "how long it may take is no other tool"
