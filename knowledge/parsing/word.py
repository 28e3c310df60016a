"""Word files, through python-docx: paragraphs, headings, lists and tables in their order."""

from collections.abc import Callable, Iterator
from typing import Any
from zipfile import BadZipFile

from docx import Document
from docx.document import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import OpcError
from docx.oxml import parse_xml
from docx.oxml.ns import nsmap, qn
from docx.text.paragraph import Paragraph
from lxml.etree import LxmlError, XPath

from knowledge.cleaning import clean
from knowledge.parsing.archives import checked, damaged
from knowledge.parsing.parsed import Parsed
from knowledge.parsing.plain import title_of
from knowledge.parsing.tables import table

_BROKEN = (OpcError, LxmlError, BadZipFile, KeyError, AttributeError, ValueError, OSError)


def _path(expression: str) -> Callable[[Any], Any]:
    """A search below one element, in the words of Word's own XML."""
    return XPath(expression, namespaces=nsmap)


_OFF = "@w:val='0' or @w:val='false' or @w:val='off'"
_VANISHES = f"w:rPr/w:vanish[not({_OFF})]"
_IS_SHOWN = "not(ancestor::w:moveFrom or ancestor::*[local-name()='Fallback'])"
# Insertions that wait for approval are text; deletions (`w:delText`) and the old place of moved
# words are not.
_VISIBLE = _path(
    ".//*[self::w:t or self::m:t or self::w:tab or self::w:br or self::w:cr"
    f" or self::w:noBreakHyphen][{_IS_SHOWN} and not(ancestor::w:pPr)]"
)
_HIDDEN = _path(
    f"ancestor::w:r[{_VANISHES} or w:rPr/w:sz[@w:val<=2]]"
    # White letters; in tables and text boxes they are kept, the ground there is often dark.
    " | ancestor::w:r[1][w:rPr[w:color/@w:val='FFFFFF' and not(w:shd or w:highlight)]"
    " and not(ancestor::w:tc or ancestor::w:txbxContent or ancestor::w:p[1]/w:pPr/w:shd)]"
)
_STYLES = _path(
    "ancestor::w:r[1][not(w:rPr/w:vanish)]/w:rPr/w:rStyle/@w:val"
    " | ancestor::w:r[1][not(w:rPr/w:vanish)]/ancestor::w:p[1]/w:pPr/w:pStyle/@w:val"
)
_HIDING_STYLES = _path(f"w:style[{_VANISHES}]/@w:styleId")
_ROWS = _path(f"(. | w:sdt/w:sdtContent)/w:tr[not(w:trPr/w:hidden[not({_OFF})])]")
_CELLS = _path("(. | w:sdt/w:sdtContent)/w:tc")
_PARAGRAPHS = _path(f".//w:p[{_IS_SHOWN}]")
_BOXES = _path(f".//w:txbxContent[{_IS_SHOWN}]")
_TABLES = _path(".//w:tbl")
_CONTENTS = _path("w:sdtPr/w:docPartObj/w:docPartGallery[@w:val='Table of Contents']")
_WRAPPERS = {"sdt", "sdtContent", "customXml", "ins", "moveTo"}
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_PARAGRAPH = qn("w:p")
_NOTES = {RELATIONSHIP_TYPE.FOOTNOTES, RELATIONSHIP_TYPE.ENDNOTES}
_MAX_COLUMNS = 63  # Word's own limit


def parse_word(content: bytes) -> Parsed:
    """The body of the document and its footnotes; headers and footers are not text."""
    archive = checked(content)
    try:
        document = Document(archive)
        text = clean("\n\n".join(filter(None, _Shown(document).everything())))
        title, updated_at = _stated(document)
    except _BROKEN as error:
        raise damaged(error) from error
    return Parsed(text, title=title or title_of(text), updated_at=updated_at)


class _Shown:
    """Reads what a document shows; its styles may hide words too."""

    def __init__(self, document: WordDocument) -> None:
        self._document = document
        self._hiding = set(_HIDING_STYLES(document.styles.element))

    def everything(self) -> Iterator[str]:
        """The body, then the footnotes and endnotes."""
        yield from self.blocks(self._document.element.body)
        for link in self._document.part.rels.values():
            if link.reltype in _NOTES and not link.is_external:
                for note in parse_xml(link.target_part.blob):
                    yield from self.blocks(note)

    def blocks(self, root: Any) -> Iterator[str]:  # noqa: ANN401 (lxml's elements)
        """Paragraphs and tables in their order; content controls and text boxes are looked into."""
        for element in root:
            name = _name(element)
            if name == "p":
                yield self._paragraph(element)
                for box in _own(_BOXES(element), element):
                    yield from self.blocks(box)
            elif name == "tbl" and _TABLES(element):  # it lays out a page
                for cell in (cell for row in _ROWS(element) for cell in _CELLS(row)):
                    yield from self.blocks(cell)
            elif name == "tbl":
                yield table(self._rows(element))
            elif name in _WRAPPERS and not _CONTENTS(element):
                yield from self.blocks(element)

    def _rows(self, grid: Any) -> Iterator[list[str]]:  # noqa: ANN401 (as above)
        """The rows of a table; the words of a cell that spans several places are in all of them."""
        above: list[str] = []
        for element in _ROWS(grid):
            row: list[str] = []
            for cell in _CELLS(element):
                continued = cell.vMerge == "continue" and len(row) < len(above)
                words = filter(None, map(self._text, _PARAGRAPHS(cell)))
                text = above[len(row)] if continued else " ".join(words)
                row += [text] * min(cell.grid_span, _MAX_COLUMNS)
            yield row
            above = row

    def _paragraph(self, element: Any) -> str:  # noqa: ANN401 (as above)
        text = self._text(element)
        return _mark(Paragraph(element, self._document._body)) + text if text.strip() else ""

    def _text(self, paragraph: Any) -> str:  # noqa: ANN401 (as above)
        found = _own(_VISIBLE(paragraph), paragraph)
        return "".join(
            _SIGNS.get(_name(element), element.text or "")
            for element in found
            if not self._is_hidden(element)
        )

    def _is_hidden(self, element: Any) -> bool:  # noqa: ANN401 (as above)
        return bool(_HIDDEN(element)) or not self._hiding.isdisjoint(_STYLES(element))


def _own(found: list[Any], paragraph: Any) -> list[Any]:  # noqa: ANN401 (as above)
    """Without what belongs to the paragraphs of a text box inside this one."""
    return [part for part in found if next(part.iterancestors(_PARAGRAPH)) is paragraph]


def _name(element: Any) -> str:  # noqa: ANN401 (as above)
    return str(element.tag).rpartition("}")[2]


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
