"""Long JSON is cut where a reader can see it."""

import json
from typing import Any

import pytest

from pipelines.json_words import LONGEST, readable


def test_what_is_short_stays_whole() -> None:
    value = {"name": "Peña \"Los Duendes\" & 'co'", "open": True, "rooms": [1, 2.5, None]}
    assert json.loads(readable(value)) == value
    assert "Peña" in readable(value)


def test_what_is_left_out_is_counted_where_it_stood() -> None:
    found = json.loads(readable({"items": [{"id": n, "text": "x" * 90} for n in range(2_000)]}))
    assert found["items"][0] == {"id": 0, "text": "x" * 90}
    kept = len(found["items"]) - 1
    assert found["items"][-1] == f"… ({2_000 - kept:,} more of 2,000 are left out)"
    assert kept >= 20
    text = json.loads(readable({"body": "y" * 5_000}))["body"]
    assert text.startswith("y" * 1_000)
    assert text.endswith("… (3,000 more characters)")


@pytest.mark.parametrize(
    "value",
    [
        {str(n): n for n in range(5_000)},
        ["z" * 100_000] * 50,
        {"k" * 50_000: 1},
        [[[[["w" * 30] * 40] * 40] * 40] * 40],
        [{f"k{n}": {f"l{m}": "v" * 400 for m in range(60)} for n in range(60)}] * 60,
    ],
)
def test_it_never_gets_longer_than_it_may(value: object) -> None:
    assert len(readable(value)) <= LONGEST + len(" … (cut)")


def test_what_lies_deep_is_left_out() -> None:
    value: Any = "treasure"
    for _ in range(500):
        value = {"a": [value]}
    text = readable(value)
    assert "treasure" not in text
    assert "… (left out)" in text
    wide: Any = "v" * 14
    for _ in range(8):
        wide = {letter * 50: wide for letter in "abc"}
    assert readable(wide, 400).endswith(" … (cut)") or len(readable(wide, 400)) <= 400
