"""Every message is answered or told why not, whatever happens to the process meanwhile."""

import json
import re
import signal
from pathlib import Path

import pytest

from tests.bot.test_serve import Served, served, until
from tests.fakes.scripted_model import ScriptedModel, silence

WEEKS = "How many weeks of parental leave are there?"
ANSWER = "Parents take 19 weeks of parental leave."


class SquareOfFiles:
    """The square of the fake platform, seen from outside."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "square"
        self._folder.mkdir()

    def say(self, name: str, text: str = WEEKS, **more: str) -> None:
        """Put a message down."""
        new = self._folder / f"{name}.new"
        new.write_text(json.dumps({"text": text, **more}))
        new.rename(self._folder / f"{name}.json")

    def posts(self, name: str = "") -> list[dict[str, str]]:
        """What was posted, for one message or for all."""
        return self._lines("posts.jsonl", name)

    def signs(self, name: str = "") -> list[dict[str, str]]:
        """What was shown before."""
        return self._lines("signs.jsonl", name)

    def _lines(self, file: str, name: str) -> list[dict[str, str]]:
        path = self._folder / file
        lines = path.read_text().splitlines() if path.exists() else []
        found = [json.loads(line) for line in lines]
        return [one for one in found if not name or one["key"] == f"square:{name}"]


@pytest.fixture
def square(home: Path, monkeypatch: pytest.MonkeyPatch, model: ScriptedModel) -> SquareOfFiles:
    """A square in front of a team whose sources are not refreshed meanwhile."""
    structure = home / "tertulia.toml"
    structure.write_text(
        re.sub(r"(?m)^kind = .*", r'\g<0>\nschedule = "never"', structure.read_text())
    )
    monkeypatch.setenv("PLATFORMS", "square")
    model.answer = ANSWER
    return SquareOfFiles(home)


def test_a_message_is_shown_answered_and_posted_once(square: SquareOfFiles) -> None:
    square.say("a")
    with served() as one:
        until(lambda: bool(square.posts("a")))
        one.tell()
        assert one.ended() == 0, one.said
    with served() as one:
        square.say("b")
        until(lambda: bool(square.posts("b")))
        one.tell()
        assert one.ended() == 0, one.said
    (post,) = square.posts("a")
    assert post["text"].startswith("Parents take 19 weeks of parental leave [1].")
    assert post["links"][0]["quote"]  # type: ignore[index]  # a list in JSON
    assert str(square.signs("a")[0]["position"]) == "0"
    assert "found" in [sign.get("stage") for sign in square.signs("a")]


def test_what_was_running_when_the_process_was_killed_is_answered_by_the_next_one(
    square: SquareOfFiles, model: ScriptedModel
) -> None:
    model.reply = silence()
    square.say("a")
    with served() as one:
        until(lambda: "found" in [sign.get("stage") for sign in square.signs("a")])
        one.tell(signal.SIGKILL)
        one.ended()
    assert square.posts() == []
    model.reply = None
    with served() as one:
        until(lambda: bool(square.posts("a")))
        one.tell()
        assert one.ended() == 0, one.said
    assert len(square.posts("a")) == 1


def test_what_ends_the_process_each_time_is_told_in_the_end(
    square: SquareOfFiles, model: ScriptedModel
) -> None:
    model.reply = silence()
    square.say("a", locale="es-ES")
    for _ in range(3):
        before = len(square.signs("a"))
        with served() as one:
            until(lambda: "found" in [s.get("stage") for s in square.signs("a")[before:]])  # noqa: B023 (called at once)
            one.tell(signal.SIGKILL)
            one.ended()
    with served() as one:
        until(lambda: bool(square.posts("a")))
        one.tell()
        one.ended()
    (post,) = square.posts("a")
    assert post["reference"] == ""
    assert "falló" in post["text"]


def test_people_take_turns(square: SquareOfFiles) -> None:
    for n in range(6):
        square.say(f"a{n}", author="terminal:ana", conversation=f"a{n}")
    square.say("z", author="terminal:zoe", conversation="z")
    with served() as one:
        until(lambda: len(square.posts()) == 7)
        one.tell()
        assert one.ended() == 0, one.said
    order = [post["key"] for post in square.posts()]
    assert int(square.signs("z")[0]["position"]) <= 3, "not behind all that Ana has asked"
    told = [int(sign["position"]) for sign in square.signs("a5") if "position" in sign]
    assert told[-1] < max(told), "that fewer are before it is told"
    assert sorted(order) == sorted(set(order))


def test_who_waits_for_too_long_is_told(
    square: SquareOfFiles, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSWER_DEADLINE_S", "5")
    model.reply = silence()
    for n in range(4):
        square.say(f"a{n}", conversation=f"a{n}")
    with served() as one:
        until(lambda: len(square.posts()) == 4)
        one.tell()
        assert one.ended() == 0, one.said
    assert all("5 seconds" in post["text"] for post in square.posts())


def test_a_flood_is_refused_with_the_reason(square: SquareOfFiles) -> None:
    for n in range(30):
        square.say(f"a{n:02}", conversation=f"a{n}")
    with served() as one:
        until(lambda: len(square.posts()) == 30)
        one.tell()
        assert one.ended() == 0, one.said
    refused = [post for post in square.posts() if "too many" in post["text"].lower()]
    assert 5 <= len(refused) <= 12


PLACES = [
    "Turns.receive",
    "Worker.enter",
    "Turns.begin",
    "Square.whereabouts",
    "Talk.reply",
    "Retriever.retrieve",
    "History.keep",
    "post_of",
    "Turns.answer",
    "Attendant.post",
    "Lines.finish",
    "Turns.end",
]
"""From the arrival of a message to the note that its answer was posted."""


@pytest.mark.parametrize("first", range(0, len(PLACES), 2))
def test_wherever_the_process_is_killed_each_message_is_answered_once(
    square: SquareOfFiles, first: int
) -> None:
    """Two kills, then one who answers: what ended three processes is given up."""
    places = PLACES[first : first + 2]
    asked = [f"{place}{n}" for place in places for n in range(4)]
    for number, place in enumerate(places, first):
        for name in (one for one in asked if one.startswith(place)):
            square.say(name, conversation=name, author=f"terminal:{name}")
        killed = Served(killed_at=f"{place} {1 + number % 3}")
        assert killed.ended() == -signal.SIGKILL, killed.said
    with served() as one:
        until(lambda: len({post["key"] for post in square.posts()}) == len(asked))
        one.tell()
        assert one.ended() == 0, one.said
    posts = square.posts()
    assert sorted(post["key"] for post in posts) == sorted(f"square:{name}" for name in asked)
    assert all(post["text"].startswith("Parents take 19 weeks") for post in posts)
