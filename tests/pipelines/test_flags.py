"""What the JSON of a tool says with true, false and null; what a page says of these words, not."""

import json

import pytest

from pipelines.flags import Flags, flags

DUERO = {"room": "Duero", "free": False, "hasProjector": True, "note": None}
ROOMS = [{"room": "Tejo", "free": True}, {"room": "Duero", "free": False}]


def said(text: str) -> list[tuple[str, bool | None]]:
    return [(flag.name, flag.says) for flag in flags(text).all]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (json.dumps(DUERO), [("free", False), ("has projector", True), ("note", None)]),
        ("false", [("", False)]),
        ("True", [("", True)]),
        ("null", [("", None)]),
        ('{"result": false}', [("", False)]),
        ('{"in_stock": "FALSE", "part": "drill"}', [("in stock", False)]),
        ('The answer is {"free": true}.', [("free", True)]),
        (json.dumps(ROOMS)[:-3] + " … (cut)", [("free", True)]),
        ("{'room': 'Duero', 'free': False}", [("free", False)]),
        ("room: Tejo, free: true\nroom: Duero, free: false", [("free", True), ("free", False)]),
        ("owner: None", [("owner", None)]),
        ('{"title": "true or false", "note": "say false"}', []),
        ("The report is: false alarms are common.", []),
        ("It is false that the drill is in stock.", []),
        ('["Duero"]', []),
        ("[" * 2_000 + "]" * 2_000, []),
        ("", []),
    ],
)
def test_only_a_value_is_one(text: str, found: list[tuple[str, bool | None]]) -> None:
    assert said(text) == found


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(ROOMS),
        json.dumps({"Tejo": {"free": True}, "Duero": {"free": False}}),
        json.dumps([{"room": "Tejo", "is": {"free": True}}, {"room": "Duero", "is": DUERO}]),
        "{'room': 'Tejo', 'free': True}, {'room': 'Duero', 'free': False}",
    ],
)
def test_an_entry_is_known_by_the_words_beside(text: str) -> None:
    tejo, duero = (flag for flag in flags(text).all if flag.name == "free")
    assert ("tejo" in tejo.beside, "duero" in tejo.beside) == (True, False)
    assert ("tejo" in duero.beside, "duero" in duero.beside) == (False, True)


def test_names_are_all_that_a_word_may_mean() -> None:
    assert flags('{"room": "Duero", "seats": 4, "free": true}').names == ("room", "seats", "free")
    assert flags("Duero is free.") == Flags()
