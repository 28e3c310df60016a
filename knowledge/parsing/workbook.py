"""Excel files, through openpyxl: one table a sheet, the sheet's name as heading."""

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from knowledge.cleaning import clean
from knowledge.parsing.archives import checked, damaged
from knowledge.parsing.parsed import Parsed
from knowledge.parsing.tables import table

_BROKEN = (InvalidFileException, BadZipFile, KeyError, TypeError, ValueError, SyntaxError, OSError)


def parse_workbook(content: bytes) -> Parsed:
    """The values of all visible sheets, as they were last calculated."""
    archive = checked(content)
    try:
        book = load_workbook(archive, read_only=True, data_only=True, keep_links=False)
        shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        sheets = [(sheet.title, table(_rows(sheet))) for sheet in shown]
        about = book.properties
        updated_at = about.modified.isoformat() if about.modified else ""
    except _BROKEN as error:
        raise damaged(error) from error
    text = "\n\n".join(f"## {name}\n\n{rows}" for name, rows in sheets if rows)
    return Parsed(clean(text), title=(about.title or "").strip(), updated_at=updated_at)


def _rows(sheet: Any) -> Iterator[list[str]]:  # noqa: ANN401 (read-only sheets have no public type)
    for row in sheet.iter_rows():
        yield [_shown(cell.value, cell.number_format) for cell in row]


def _shown(value: object, number_format: str | None) -> str:
    """A value as the sheet shows it, near enough to be quoted."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes") if value.time() != time() else f"{value:%Y-%m-%d}"
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and not isinstance(value, bool):
        is_share = "%" in (number_format or "")
        return f"{value * 100:.10g}%" if is_share else f"{value:.12g}"
    return str(value)
