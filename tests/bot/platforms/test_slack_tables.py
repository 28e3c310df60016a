"""Tables as Slack takes them, and as spaces where it takes none."""

from bot.platforms.slack.blocks import words
from bot.platforms.slack.posting import FULL, contents
from bot.platforms.slack.tables import MOST_CHARACTERS, MOST_ROWS, Json, pieces
from bot.posts import Link, Post

HEAD = "| a | b |\n| --- | --- |\n"
SMALL = f"{HEAD}| 1 | 2 |"
DRAWN = "a | b\n--+--\n1 | 2"


def tables(text: str) -> list[list[list[Json]]]:
    """The rows of all tables, of which each message holds one."""
    found = []
    for message in contents(Post(text, "en", links=(Link(1, "Wiki", "https://w.example/x", "q"),))):
        rows = [block["rows"] for block in message["blocks"] if block["type"] == "table"]
        assert len(rows) <= 1
        assert sum(map(len, words(message["blocks"]))) <= FULL
        found += rows
    return found


def test_long_tables_become_several_and_lose_no_row() -> None:
    for count, width in ((250, 1), (60, 250)):
        rows = [f"| {n} | {'x' * width} |" for n in range(count)]
        found = tables("Before.\n\n" + HEAD + "\n".join(rows))
        assert len(found) > 1
        assert [row[0]["text"] for table in found for row in table[1:]] == [
            str(n) for n in range(count)
        ]
        for table in found:
            assert table[0][0]["text"] == "a"
            assert len(table) <= MOST_ROWS
            assert sum(len(cell["text"]) for row in table for cell in row) <= MOST_CHARACTERS


def test_links_in_cells_lead_somewhere() -> None:
    ((_, (cell, other)),) = tables(f"{HEAD}| see [Wiki](https://w.example/x) | and `this` |")
    (section,) = cell["elements"]
    assert section["elements"][1] == {
        "type": "link",
        "url": "https://w.example/x",
        "text": "Wiki",
    }
    assert other == {"type": "raw_text", "text": "and this"}
    (message, *_) = contents(Post(f"{HEAD}| see [Wiki](https://w.example/x) | b |", "en"))
    assert "see Wiki" in message["text"]


def test_in_lists_and_quotes_and_with_many_columns_they_are_made_of_spaces() -> None:
    for margin, before in (("  ", "- item\n\n"), ("> ", "")):
        text = before + "\n".join(margin + line for line in SMALL.split("\n"))
        (block,) = pieces(text)
        lines = str(block["text"]).removeprefix(before).split("\n")
        assert "\n".join(line.removeprefix(margin) for line in lines) == f"```\n{DRAWN}\n```"
    wide = ["|".join(["", *(f" {n} " for n in range(25)), ""])] * 3
    wide[1] = "|" + " --- |" * 25
    (block,) = pieces("\n".join(wide))
    assert str(block["text"]).startswith("```\n0 | 1 | 2")


def test_what_is_no_table_or_too_wide_for_a_message_stays_as_it_is() -> None:
    for text in ("| a | b |\n| --- |\n| 1 | 2 |", f"```\n{SMALL}\n```"):
        assert [block["text"] for block in pieces(text)] == [text]
    cells = "|".join(["", *(" x " for _ in range(25)), ""])
    rows = [cells, "|" + " --- |" * 25, *[cells.replace("x", "x" * 300, 1)] * 20]
    assert "-+-" not in str(next(iter(pieces("\n".join(rows + [cells] * 60))))["text"])
