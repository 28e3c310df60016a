"""What a team sets for a channel holds there: its sources, and how much may be asked."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.bot.test_inbox import SquareOfFiles, square
from tests.bot.test_serve import served, until

__all__ = ["square"]


def say_of_the_square(home: Path, *lines: str) -> None:
    """Write something about the channel into `tertulia.toml`."""
    with (home / "tertulia.toml").open("a") as file:
        file.write("\n".join(["", '[channels."square:here"]', *lines, ""]))


def posted(square: SquareOfFiles, *names: str) -> list[str]:
    """What was posted to these messages by a process that ends when all have a post."""
    with served() as one:
        until(lambda: all(square.posts(name) for name in names))
        one.tell()
        assert one.ended() == 0, one.said
    return [square.posts(name)[0]["text"] for name in names]


def test_only_the_sources_of_a_channel_are_read_there(square: SquareOfFiles, home: Path) -> None:
    square.say("a")
    say_of_the_square(home, 'sources = ["board"]')
    (text,) = posted(square, "a")
    assert "19 weeks" not in text
    square.say("b")
    structure = home / "tertulia.toml"
    structure.write_text(structure.read_text().replace('["board"]', '["team"]'))
    (text,) = posted(square, "b")
    assert "19 weeks" in text


def states(home: Path) -> list[str]:
    """How all turns stand."""
    with closing(sqlite3.connect(home / "tertulia.db")) as connection:
        return [state for (state,) in connection.execute("SELECT state FROM turns")]


@pytest.mark.parametrize(
    ("written", "authors", "answered", "told"),
    [
        ('per_person = "2/hour"', "aaaaz", "014", "Has hecho 2 preguntas"),
        ('per_channel = "2 per 3 hours"', "azazaz", "01", "En este canal se han hecho 2"),
    ],
)
def test_who_asks_more_than_is_allowed_is_told_once(
    square: SquareOfFiles, home: Path, written: str, authors: str, answered: str, told: str
) -> None:
    answers = [f"square:a{number}" for number in answered]
    say_of_the_square(home, written, 'language = "es"')
    for number, author in enumerate(authors):
        square.say(
            f"a{number}", author=f"terminal:{author}", conversation=f"a{number}", locale="es"
        )
    with served() as one:
        until(lambda: states(home).count("posted") == len(answers))
        until(lambda: states(home).count("over") == len(authors) - len(answers))
        one.tell()
        assert one.ended() == 0, one.said
    posts = square.posts()
    assert sorted(post["key"] for post in posts if post["reference"]) == answers
    refused = {authors[int(name)] for name in map(str, range(len(authors))) if name not in answered}
    notices = [told in post["text"] for post in posts if not post["reference"]]
    assert notices == [True] * len(refused), "each person once"
