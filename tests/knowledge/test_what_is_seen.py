"""What a reader of a file sees is read, all of it; what is hidden from the reader is not."""

from io import BytesIO
from zipfile import ZipFile

import openpyxl
import pytest

from knowledge.parsing import Parsed
from knowledge.parsing.formats import FORMATS
from tests.knowledge import documents


def parsed(suffix: str, content: str | bytes) -> Parsed:
    return FORMATS[suffix](content.encode() if isinstance(content, str) else content)


def part_of(content: bytes, name: str) -> str:
    with ZipFile(BytesIO(content)) as zipped:
        return zipped.read(name).decode()


# Workbooks


def test_a_sheet_that_states_a_wrong_size_is_read_whole() -> None:
    content = documents.workbook({"Staff": [["Name", "Days"], ["Ana", 22], ["Bo", 25]]})
    name = "xl/worksheets/sheet1.xml"
    wrong = part_of(content, name).replace('ref="A1:B3"', 'ref="A1"')
    assert 'ref="A1"' in wrong
    page = parsed(".xlsx", documents.with_part(content, name, wrong.encode()))
    assert page.text == "## Staff\n\n| Name | Days |\n| --- | --- |\n| Ana | 22 |\n| Bo | 25 |"


def test_hidden_rows_columns_and_values_of_a_sheet_are_not_read() -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (["Name", "obey", "obey", "Days"], ["obey"] * 4, ["Ana", 1, 2, 22], ["obey"]):
        sheet.append(row)
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions.group("B", "C", hidden=True)
    sheet["A4"].number_format = ";;;"
    out = BytesIO()
    book.save(out)
    text = parsed(".xlsx", out.getvalue()).text
    assert text == "## Sheet\n\n| Name | Days |\n| --- | --- |\n| Ana | 22 |"


# PDF


def test_a_pdf_with_an_unreadable_date_is_read_without_one() -> None:
    page = parsed(".pdf", documents.pdf([["Seen."]], title="House rules", changed="May 2nd 2024"))
    assert (page.text, page.title, page.updated_at) == ("Seen.", "House rules", "")


@pytest.mark.parametrize(
    "drawn",
    [
        "q 1 g BT /F1 11 Tf 50 700 Td (obey) Tj ET Q",
        "1 1 1 sc BT /F1 11 Tf 50 700 Td (obey) Tj ET 0 sc",
        "q BT /F1 11 Tf 3 Tr 50 700 Td (obey) Tj ET Q",
    ],
    ids=["white for a while", "white of a colour space", "no shape"],
)
def test_letters_of_a_pdf_that_leave_no_trace_are_not_read(drawn: str) -> None:
    assert parsed(".pdf", documents.pdf([["seen"]], before=drawn)).text == "seen"


@pytest.mark.parametrize(
    "drawn",
    ["q 1 g 0 0 595 842 re f Q", "1 g /Cs1 cs 0 0 0 sc", "Q"],
    ids=["white paper", "black of a colour space", "nothing to restore"],
)
def test_letters_of_a_pdf_have_the_colour_that_was_chosen_last(drawn: str) -> None:
    assert parsed(".pdf", documents.pdf([["seen"]], before=drawn)).text == "seen"
