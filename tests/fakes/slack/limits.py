"""How much Slack takes: blocks, their texts, and a message as a whole."""

from collections.abc import Callable, Iterator
from itertools import pairwise

from tests.fakes.slack.errors import Json, RefusedError, complain

BLOCKS, VIEW_BLOCKS = 50, 100
MARKDOWN = 12_000
TEXT_CUT = 40_000
TEXT_OF_AN_UPDATE = 4_000
ELEMENTS = {"actions": 25, "context": 10, "context_actions": 5, "container": 10, "carousel": 10}
_PLAIN = {"divider", "rich_text", "file", "video", "image", "task_card", "plan", "alert", "card"}


def check_blocks(blocks: list[Json], *, at_most: int = BLOCKS) -> None:
    """Look at the blocks of a message or a view.

    Raises:
        RefusedError: something is too long, too many, missing, twice, or unknown.
    """
    if len(blocks) > at_most:
        raise complain("/blocks", f"no more than {at_most} items allowed")
    for number, block in enumerate(blocks):
        _check_block(block, f"/blocks/{number}")
    _check_ids([block["block_id"] for block in blocks if block.get("block_id")], "block_id")
    if sum(block.get("type") == "table" for block in blocks) > 1:
        raise complain("/blocks", "only_one_table_allowed")
    markdown = sum(len(block["text"]) for block in blocks if block.get("type") == "markdown")
    if markdown > MARKDOWN:
        raise RefusedError("msg_blocks_too_long")


def check_markdown(text: str) -> None:
    """Look at the text of `markdown_text`."""
    if len(text) > MARKDOWN:
        raise RefusedError("msg_blocks_too_long")


def _check_block(block: Json, path: str) -> None:
    kind = block.get("type")
    if kind in ELEMENTS:
        _check_elements(block, path, ELEMENTS[kind])
    elif isinstance(kind, str) and kind in _CHECKS:
        _CHECKS[kind](block, path)
    elif kind not in _PLAIN:
        raise complain(f"{path}/type", f"unsupported type: {kind}")
    _at_most(block.get("block_id", ""), 255, f"{path}/block_id")


def _check_section(block: Json, path: str) -> None:
    fields = block.get("fields", [])
    if not block.get("text") and not fields:
        raise complain(path, "missing required field: text")
    if block.get("text"):
        _check_text(block["text"], 3_000, f"{path}/text")
    if len(fields) > 10:
        raise complain(f"{path}/fields", "no more than 10 items allowed")
    for number, each in enumerate(fields):
        _check_text(each, 2_000, f"{path}/fields/{number}")
    if "accessory" in block:
        _check_element(block["accessory"], f"{path}/accessory")


def _check_header(block: Json, path: str) -> None:
    _check_text(block.get("text"), 150, f"{path}/text")


def _check_markdown_block(block: Json, path: str) -> None:
    text = block.get("text")
    if not isinstance(text, str) or not text:
        raise complain(f"{path}/text", "must be a string")
    _at_most(text, MARKDOWN, f"{path}/text")


def _check_input(block: Json, path: str) -> None:
    _check_text(block.get("label"), 2_000, f"{path}/label")
    _check_element(block.get("element", {}), f"{path}/element")


def _check_table(block: Json, path: str) -> None:
    rows = block.get("rows") or []
    if not rows or len(rows) > 100 or any(len(row) > 20 for row in rows):
        raise complain(f"{path}/rows", "must have 1 to 100 rows of at most 20 cells")
    if any(len(one) != len(other) for one, other in pairwise(rows)):
        raise complain(f"{path}/rows", "rows must have the same number of cells")
    if sum(len(word) for word in words_of(rows)) > 10_000:
        raise complain(f"{path}/rows", "must be less than 10001 characters")


_CHECKS: dict[str, Callable[[Json, str], None]] = {
    "section": _check_section,
    "header": _check_header,
    "markdown": _check_markdown_block,
    "input": _check_input,
    "table": _check_table,
}


def _check_elements(block: Json, path: str, at_most: int) -> None:
    name = "elements" if "elements" in block else "child_blocks"
    elements = block.get(name) or []
    if not 0 < len(elements) <= at_most:
        raise complain(f"{path}/{name}", f"must have 1 to {at_most} items")
    for number, element in enumerate(elements):
        _check_element(element, f"{path}/{name}/{number}")
    _check_ids([e["action_id"] for e in elements if e.get("action_id")], "action_id")


def _check_element(element: Json, path: str) -> None:
    _at_most(element.get("action_id", ""), 255, f"{path}/action_id")
    for button in (element, element.get("positive_button"), element.get("negative_button")):
        if button and isinstance(button.get("value", ""), str):
            _at_most(button.get("value", ""), 2_000, f"{path}/value")
            _at_most(button.get("url", ""), 3_000, f"{path}/url")
        if button and isinstance(button.get("text"), dict):
            _check_text(button["text"], 75, f"{path}/text")


def _check_text(text: object, at_most: int, path: str) -> None:
    if not isinstance(text, dict) or text.get("type") not in ("plain_text", "mrkdwn"):
        raise complain(path, "must be a text object")
    if not text.get("text"):
        raise complain(f"{path}/text", "must be more than 0 characters")
    _at_most(text["text"], at_most, f"{path}/text")


def _at_most(text: str, limit: int, path: str) -> None:
    if len(text) > limit:
        raise complain(path, f"must be less than {limit + 1} characters")


def _check_ids(ids: list[str], what: str) -> None:
    twice = {name for name in ids if ids.count(name) > 1}
    if twice:
        raise complain("/blocks", f"`{what}` must be unique: {', '.join(sorted(twice))}")


def words_of(thing: object) -> Iterator[str]:
    """Every text within blocks, in the order in which people read them."""
    if isinstance(thing, list):
        for item in thing:
            yield from words_of(item)
    elif isinstance(thing, dict):
        for key, value in thing.items():
            if key == "text" and isinstance(value, str):
                yield value
            else:
                yield from words_of(value)
