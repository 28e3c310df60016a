"""How much Slack takes: texts, blocks and views; how a transcript shows them."""

from typing import Any

import pytest

from tests.fakes.slack.limits import check_blocks
from tests.fakes.slack_place import Place, place

__all__ = ["place"]

Json = dict[str, Any]


async def test_markdown_stands_alone_and_texts_have_limits(place: Place) -> None:
    where: Json = {"channel": place.channel}
    write = "chat.postMessage"
    both = {"markdown_text": "**x**", "text": "x"}
    assert await place.refused(write, **where, **both) == "markdown_text_conflict"
    long = {"markdown_text": "x" * 12_001}
    assert await place.refused(write, **where, **long) == "msg_blocks_too_long"
    assert await place.refused(write, **where) == "no_text"
    await place.client.chat_postMessage(**where, markdown_text="**" + "x" * 11_000)
    posted = await place.client.chat_postMessage(**where, text="x" * 40_001)
    assert [len(text) for text in place.general.transcript().texts()] == [11_002, 40_000]
    update = {**where, "ts": posted["ts"], "text": "x" * 4_001}
    assert await place.refused("chat.update", **update) == "msg_too_long"
    assert await place.refused(write, **where, blocks="{") == "invalid_blocks_format"
    assert await place.refused(write, **where, blocks="x") == "invalid_blocks_format"
    assert await place.refused(write, **where, text="x", metadata="[]") == "invalid_arguments"


def text(size: int, kind: str = "plain_text") -> Json:
    return {"type": kind, "text": "x" * size}


BUTTON = {"type": "button", "text": text(75), "value": "v" * 2_000, "url": "u" * 3_000}
FEEDBACK = {"type": "feedback_buttons", "positive_button": BUTTON, "negative_button": BUTTON}
TABLE = {"type": "table", "rows": [[{"type": "raw_text", "text": "x" * 100}] * 20] * 5}


@pytest.mark.parametrize(
    ("sound", "excessive"),
    [
        ([{"type": "divider"}] * 50, [{"type": "divider"}] * 51),
        ([{"type": "section", "text": text(3_000)}], [{"type": "section", "text": text(3_001)}]),
        (
            [{"type": "section", "fields": [text(2_000)] * 10}],
            [{"type": "section", "fields": [text(1)] * 11}],
        ),
        ([{"type": "section", "text": text(1)}], [{"type": "section"}]),
        (
            [{"type": "section", "text": text(1), "accessory": BUTTON}],
            [{"type": "section", "text": text(1), "accessory": BUTTON | {"text": text(76)}}],
        ),
        ([{"type": "header", "text": text(150)}], [{"type": "header", "text": text(151)}]),
        ([{"type": "header", "text": text(1)}], [{"type": "header", "text": "x"}]),
        ([{"type": "header", "text": text(1)}], [{"type": "header", "text": text(0)}]),
        (
            [{"type": "actions", "elements": [BUTTON] * 25}],
            [{"type": "actions", "elements": [BUTTON] * 26}],
        ),
        (
            [{"type": "context", "elements": [text(1, "mrkdwn")] * 10}],
            [{"type": "context", "elements": [text(1, "mrkdwn")] * 11}],
        ),
        (
            [{"type": "context_actions", "elements": [FEEDBACK]}],
            [{"type": "context_actions", "elements": [FEEDBACK] * 6}],
        ),
        (
            [{"type": "actions", "elements": [BUTTON | {"action_id": "a"}]}],
            [{"type": "actions", "elements": [BUTTON | {"action_id": "a"}] * 2}],
        ),
        (
            [{"type": "divider", "block_id": "b" * 255}],
            [{"type": "divider", "block_id": "b" * 256}],
        ),
        ([{"type": "divider", "block_id": "b"}], [{"type": "divider", "block_id": "b"}] * 2),
        ([{"type": "markdown", "text": "x"}], [{"type": "markdown", "text": ""}]),
        ([{"type": "container", "child_blocks": [{"type": "divider"}]}], [{"type": "container"}]),
        ([{"type": "rich_text", "elements": []}], [{"type": "marquee"}]),
        ([TABLE], [TABLE, TABLE]),
        ([TABLE], [TABLE | {"rows": [[text(1)] * 21]}]),
        ([TABLE], [TABLE | {"rows": [[text(1)], [text(1)] * 2]}]),
        ([TABLE], [TABLE | {"rows": [[text(10_001)]]}]),
        (
            [{"type": "input", "label": text(2_000), "element": {}}],
            [{"type": "input", "label": text(2_001), "element": {}}],
        ),
    ],
)
async def test_blocks_have_limits(place: Place, sound: list[Json], excessive: list[Json]) -> None:
    check_blocks(sound)
    answer = await place.error("chat.postMessage", channel=place.channel, blocks=excessive)
    assert answer["error"] == "invalid_blocks"
    assert "json-pointer:/blocks" in answer["response_metadata"]["messages"][0]


async def test_markdown_of_all_blocks_together_has_a_limit(place: Place) -> None:
    half = {"type": "markdown", "text": "x" * 6_001}
    error = await place.refused("chat.postMessage", channel=place.channel, blocks=[half, half])
    assert error == "msg_blocks_too_long"


async def test_a_transcript_shows_tables_and_rich_text_as_people_read_them(place: Place) -> None:
    word = {"type": "rich_text_section", "elements": [{"type": "text", "text": "rich"}] * 2}
    cells = [{"type": "raw_text", "text": "a"}, {"type": "raw_text", "text": "b"}]
    blocks: list[Json] = [
        {"type": "table", "rows": [cells, cells]},
        {"type": "rich_text", "elements": [word]},
        {"type": "header", "text": {"type": "plain_text", "text": "two\nlines"}},
        {"type": "actions", "elements": [BUTTON | {"text": {"type": "plain_text", "text": "Go"}}]},
    ]
    await place.client.chat_postMessage(channel=place.channel, text="unseen", blocks=blocks)
    assert str(place.general.transcript()) == (
        "Tertulia: a | b\n  a | b\n  richrich\n  two\n  lines\n  [Go]"
    )


@pytest.mark.parametrize(
    "view",
    [
        {},
        {"type": "modal", "blocks": []},
        {"type": "modal", "title": text(25), "blocks": []},
        {
            "type": "modal",
            "title": text(24),
            "blocks": [{"type": "input", "label": text(1), "element": {}}],
        },
        {"type": "home", "private_metadata": "x" * 3_001, "blocks": []},
        {"type": "home", "blocks": [{"type": "divider"}] * 101},
    ],
)
async def test_views_have_limits(place: Place, view: Json) -> None:
    error = await place.refused("views.publish", user_id=place.ana.user_id, view=view)
    assert error in ("invalid_blocks", "invalid_arguments")
