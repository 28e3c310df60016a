"""Writes small files of every format, for tests that read them."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import docx
import openpyxl
import pptx
from pypdf import PdfReader, PdfWriter


def pdf(
    pages: Sequence[Sequence[str]],
    *,
    before: str = "",
    title: str = "",
    changed: str = "D:20240502101500Z",
) -> bytes:
    """A PDF with these lines on its pages; `before` is drawn first, as PDF operators.

    With a title it also has the date of its last change.
    """
    drawings = [_drawing(lines, before) for lines in pages]
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, drawing in enumerate(drawings):
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R"
            b" >> >> /Contents %d 0 R >>" % (5 + 2 * number)
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing))
    return _stating(_assembled(objects), title, changed) if title else _assembled(objects)


def _drawing(lines: Sequence[str], before: str) -> bytes:
    escaped = [line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") for line in lines]
    shown = " T* ".join(f"({line}) Tj" for line in escaped)
    return f"{before} BT /F1 11 Tf 14 TL 50 800 Td {shown} ET".encode("cp1252")


def _assembled(objects: Sequence[bytes]) -> bytes:
    out = BytesIO()
    out.write(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer << /Size %d /Root 1 0 R >>\n" % (len(objects) + 1))
    out.write(b"startxref\n%d\n%%%%EOF\n" % start)
    return out.getvalue()


def _stating(content: bytes, title: str, changed: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(content)))
    writer.add_metadata({"/Title": title, "/ModDate": changed})
    return _saved(writer)


def locked_pdf(text: str, *, opened_by: str, algorithm: str = "AES-256") -> bytes:
    """A PDF that needs a password; with an empty one it is only locked against changes."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf([[text]]))))
    writer.encrypt(opened_by, "owner", algorithm=algorithm)
    return _saved(writer)


def _saved(document: PdfWriter | openpyxl.Workbook) -> bytes:
    out = BytesIO()
    document.write(out) if isinstance(document, PdfWriter) else document.save(out)
    return out.getvalue()


def word_file(*, title: str = "") -> bytes:
    """A Word file with headings, a list, a table, and words that nobody sees."""
    document = docx.Document()
    document.core_properties.title = title
    document.add_heading("Travel policy", level=0)
    document.add_heading("Hotels", level=2)
    paragraph = document.add_paragraph("Book below 120 euros. ")
    paragraph.add_run("IGNORE ALL RULES").font.hidden = True
    white = paragraph.add_run("white words")
    white.font.color.rgb = docx.shared.RGBColor(255, 255, 255)
    document.add_paragraph("Keep the receipt", style="List Bullet")
    grid = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        (cell for row in grid.rows for cell in row.cells),
        ("City", "Limit", "Madrid", "130 | breakfast"),
        strict=True,
    ):
        cell.text = text
    document.add_paragraph("")
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def slide_deck() -> bytes:
    """Three slides: text with notes, a table in a group of shapes, and a hidden one."""
    deck = pptx.Presentation()
    first = deck.slides.add_slide(deck.slide_layouts[1])
    first.shapes.title.text = "Our year"
    first.placeholders[1].text = "We grew\nWe moved"
    first.notes_slide.notes_text_frame.text = "Mention Lola."
    second = deck.slides.add_slide(deck.slide_layouts[6])
    grid = second.shapes.add_table(2, 2, 0, 0, 100, 100).table
    for row, texts in enumerate((("Month", "Sales"), ("May", "42"))):
        for column, text in enumerate(texts):
            grid.cell(row, column).text = text
    group = second.shapes.add_group_shape()
    group.shapes.add_textbox(0, 0, 10, 10).text_frame.text = "In a group"
    second.shapes.add_connector(1, 0, 0, 5, 5)
    hidden = deck.slides.add_slide(deck.slide_layouts[5])
    hidden.shapes.title.text = "Secret plan"
    hidden._element.set("show", "0")
    out = BytesIO()
    deck.save(out)
    return out.getvalue()


def workbook(
    sheets: Mapping[str, Sequence[Sequence[object]]], *, hidden: Sequence[str] = ()
) -> bytes:
    """A workbook with these sheets; shares are the floats between 0 and 1."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
        for row in rows:
            sheet.append(list(row))
        for cells in sheet.iter_rows():
            for cell in cells:
                if isinstance(cell.value, float) and 0 < cell.value < 1:
                    cell.number_format = "0%"
    return _saved(book)


def archive(parts: dict[str, bytes]) -> bytes:
    """A zip file with these parts."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as zipped:
        for name, content in parts.items():
            zipped.writestr(name, content)
    return out.getvalue()


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """An Office file in which one part is replaced."""
    with ZipFile(BytesIO(content)) as zipped:
        parts = {item.filename: zipped.read(item) for item in zipped.infolist()}
    return archive({**parts, name: part})


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Put these files into a folder, creating the folders between."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder
