"""Word files, through python-docx: paragraphs, headings, lists and tables in their order."""

from zipfile import BadZipFile

from docx import Document
from docx.document import Document as WordDocument
from docx.opc.exceptions import OpcError
from docx.table import Table
from docx.text.paragraph import Paragraph
from lxml.etree import LxmlError

from knowledge.cleaning import clean
from knowledge.parsing.archives import checked, damaged
from knowledge.parsing.parsed import Parsed
from knowledge.parsing.plain import title_of
from knowledge.parsing.tables import table

_BROKEN = (OpcError, LxmlError, BadZipFile, KeyError, AttributeError, ValueError, OSError)
# Insertions that wait for approval are text; deletions (`w:delText`) and hidden runs are not.
_VISIBLE = (
    ".//*[self::w:t or self::w:tab or self::w:br or self::w:cr or self::w:noBreakHyphen]"
    "[not(ancestor::w:r[1]/w:rPr/w:vanish)]"
    "[not(ancestor::w:r[1]/w:rPr[w:color/@w:val='FFFFFF' and not(w:shd or w:highlight)])]"
    "[not(ancestor::*[local-name()='Fallback'])]"
)
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


def parse_word(content: bytes) -> Parsed:
    """The body of the document; headers and footers are not text."""
    archive = checked(content)
    try:
        document = Document(archive)
        text = clean("\n\n".join(filter(None, map(_block, document.iter_inner_content()))))
        title, updated_at = _stated(document)
    except _BROKEN as error:
        raise damaged(error) from error
    return Parsed(text, title=title or title_of(text), updated_at=updated_at)


def _block(block: Paragraph | Table) -> str:
    if isinstance(block, Table):
        return table([[_cell(cell.paragraphs) for cell in row.cells] for row in block.rows])
    text = _text(block)
    return f"{_mark(block)}{text}" if text.strip() else ""


def _cell(paragraphs: list[Paragraph]) -> str:
    """A cell's text; white letters are kept here, the ground of a cell is often dark."""
    return " ".join(paragraph.text for paragraph in paragraphs)


def _text(paragraph: Paragraph) -> str:
    found = paragraph._p.xpath(_VISIBLE)
    return "".join(
        _SIGNS.get(element.tag.rpartition("}")[2], element.text or "") for element in found
    )


def _mark(paragraph: Paragraph) -> str:
    """The Markdown sign of a paragraph: a heading, a list item, or nothing."""
    style = (paragraph.style.name or "") if paragraph.style else ""
    level = style.rpartition(" ")[2]
    if style == "Title":
        return "# "
    if style.startswith("Heading") and level.isdigit():
        return f"{'#' * min(int(level), 6)} "
    return "- " if style.startswith("List") or paragraph._p.xpath("./w:pPr/w:numPr") else ""


def _stated(document: WordDocument) -> tuple[str, str]:
    about = document.core_properties
    title = " ".join((about.title or "").split())
    is_usable = title and title.lower() not in {"word document", "untitled"}
    return (title if is_usable else ""), (about.modified.isoformat() if about.modified else "")
