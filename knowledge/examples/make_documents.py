"""Makes the handbook's PDF and its Word file from the texts in documents/.

The libraries that write them are no dependencies of Tertulia; run it with them beside:

    uv run --no-project --with "fpdf2==2.8.9" --with "python-docx==1.2.0" \
        python -m knowledge.examples.make_documents
"""

import tomllib
from datetime import UTC, datetime
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document

HERE = Path(__file__).parent
TEXTS = HERE / "documents"
PDF = HERE / "handbook" / "es" / "manual-del-taller.pdf"
WORD = HERE / "handbook" / "en" / "member-agreement.docx"
_FIRST_DAY_OF_ZIP = (1980, 1, 1, 0, 0, 0)
# fpdf2 is loaded by its name: the project is checked without it.
_PDF_WRITER = "fpdf"


def main() -> None:
    """Write both files; the same texts and libraries give the same bytes."""
    PDF.write_bytes(pdf(text_of(PDF)))
    WORD.write_bytes(word(text_of(WORD)))
    print(f"Wrote {PDF.name} and {WORD.name}.")


def text_of(document: Path) -> dict[str, Any]:
    """Title, date and blocks of a document; a block has a heading, a text, a table, or several."""
    return tomllib.loads((TEXTS / f"{document.stem}.toml").read_text(encoding="utf-8"))


def word(text: dict[str, Any]) -> bytes:
    """The text as a Word file."""
    document = Document()
    document.add_heading(text["title"], level=1)
    for block in text["blocks"]:
        if heading := block.get("heading"):
            document.add_heading(heading, level=2)
        if paragraph := block.get("text"):
            document.add_paragraph(paragraph)
        if rows := block.get("table"):
            _add_rows(document.add_table(len(rows), len(rows[0]), "Table Grid"), rows)
    properties = document.core_properties
    properties.title, properties.author = text["title"], "Tornavía"
    properties.created = properties.modified = _noon(text["updated"])
    out = BytesIO()
    document.save(out)
    return _without_times(out.getvalue())


def _add_rows(table: Any, rows: list[list[str]]) -> None:  # noqa: ANN401 (python-docx's own table)
    for place, row in zip(table.rows, rows, strict=True):
        for cell, words in zip(place.cells, row, strict=True):
            cell.text = words


def _without_times(content: bytes) -> bytes:
    """The same archive, but no member tells when it was written."""
    out = BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(ZipInfo(name, _FIRST_DAY_OF_ZIP), old.read(name), ZIP_DEFLATED)
    return out.getvalue()


def pdf(text: dict[str, Any]) -> bytes:
    """The text as a PDF."""
    page = import_module(_PDF_WRITER).FPDF(format="A4")
    page.set_creation_date(_noon(text["updated"]))
    page.set_title(text["title"])
    page.set_margin(22)
    page.add_page()
    page.set_font("Helvetica", "B", 22)
    page.multi_cell(0, 14, text["title"], new_x="LMARGIN", new_y="NEXT")
    for block in text["blocks"]:
        _draw(page, block)
    return bytes(page.output())


def _draw(page: Any, block: dict[str, Any]) -> None:  # noqa: ANN401 (fpdf2 is not there to name it)
    if heading := block.get("heading"):
        page.set_font("Helvetica", "B", 14)
        page.multi_cell(0, 12, heading, new_x="LMARGIN", new_y="NEXT")
    page.set_font("Helvetica", "", 11)
    if rows := block.get("table"):
        with page.table(line_height=6.5) as table:
            for row in rows:
                table.row(row)
        page.ln(3)
    if paragraph := block.get("text"):
        page.multi_cell(0, 6.5, paragraph, new_x="LMARGIN", new_y="NEXT")


def _noon(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC)


if __name__ == "__main__":
    main()
