"""Excel files, through openpyxl: one table a sheet, the sheet's name as heading."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._reader import WorkSheetParser

from knowledge.cleaning import clean
from knowledge.parsing.archives import checked, damaged
from knowledge.parsing.parsed import Parsed
from knowledge.parsing.tables import table

_BROKEN = (InvalidFileException, BadZipFile, KeyError, TypeError, ValueError, SyntaxError, OSError)
_SHOWS_NOTHING = ";;;"  # the number format with which values are hidden


def parse_workbook(content: bytes) -> Parsed:
    """The values that are shown on visible sheets, as they were last calculated."""
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
    """The rows that are shown; hidden columns stay empty.

    openpyxl's own rows trust the size that the sheet states, which some programs write wrongly,
    and do not say what is hidden. The reader below them does both.
    """
    book = sheet.parent
    with sheet._get_source() as source:
        reader = WorkSheetParser(
            source,
            sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        for number, cells in reader.parse():
            if not _is_hidden(reader.row_dimensions.get(str(number), {}), size="ht"):
                columns = reader.column_dimensions.values()
                unseen = [column for column in columns if _is_hidden(column, size="width")]
                yield _row([ReadOnlyCell(sheet, **cell) for cell in cells], unseen)


def _is_hidden(stated: Mapping[str, str], *, size: str) -> bool:
    """Whether a row or column is hidden, or has no size; what a filter folds away is hidden too."""
    return stated.get("hidden") in {"1", "true"} or stated.get(size) == "0"


def _row(cells: list[Any], unseen: list[Mapping[str, str]]) -> list[str]:
    """The cells at their places, those of unseen columns empty."""
    row = [""] * max((cell.column for cell in cells), default=0)
    for cell in cells:
        if not any(int(span["min"]) <= cell.column <= int(span["max"]) for span in unseen):
            row[cell.column - 1] = _shown(cell.value, cell.number_format)
    return row


def _shown(value: object, number_format: str | None) -> str:
    """A value as the sheet shows it, near enough to be quoted."""
    if value is None or number_format == _SHOWS_NOTHING:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes") if value.time() != time() else f"{value:%Y-%m-%d}"
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and not isinstance(value, bool):
        is_share = "%" in (number_format or "")
        return f"{value * 100:.10g}%" if is_share else f"{value:.12g}"
    return str(value)
