import pytest

from knowledge.articles import Chunk
from pipelines.statements import above, cells, statements
from tests.pipelines.small_knowledge import PUBLIC, chunk

TABLE = """Fees of the workshop. Ask Ana first.

| Thing | week_price | Deposit |
|---|---|---|
| Drill | 4 euros | 20 euros |
| Ladder | | 10 euros | spare |
| | | |

Bring it back clean.

| Día | Hora |
|---|---|
| Lunes | 9:00 |"""


def texts(text: str) -> list[str]:
    return [one.text for one in statements(text)]


def test_a_row_is_read_with_the_header_of_its_table() -> None:
    assert texts(TABLE) == [
        "Fees of the workshop.",
        "Ask Ana first.",
        "Thing: Drill; week price: 4 euros; Deposit: 20 euros",
        "Thing: Ladder; Deposit: 10 euros; spare",
        "Bring it back clean.",
        "Día: Lunes; Hora: 9:00",
    ]


def test_a_statement_knows_where_it_stands() -> None:
    for one in statements(TABLE):
        written = TABLE[one.start : one.end]
        assert written == one.text or written.startswith("|")
    first, *_ = statements("  One. Two.")
    assert (first.start, first.end) == (2, 6)


@pytest.mark.parametrize("text", ["", "\n\n", "| Thing | Price |", "| Thing |\n|---|"])
def test_what_states_nothing_has_no_statements(text: str) -> None:
    assert statements(text) == []


def test_a_column_without_a_name_gives_the_cell_alone() -> None:
    assert texts("| | Price |\n|---|---|\n| Drill | 4 |") == ["Drill; Price: 4"]


def test_cells_come_without_their_marks() -> None:
    assert cells("| a |  b c|") == ["a", "b c"]


def test_title_and_headings_stand_above_each_once() -> None:
    one = Chunk("s#0", "h:a", 0, "House", "x", "en", PUBLIC, heading=("House", "", "Sauna"))
    assert above(one) == "House > Sauna"
    assert above(chunk("", "x", "en")) == ""
