"""PDF files, through pypdf: the visible text of every page."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

from pypdf import DocumentInformation, PageObject, PdfReader
from pypdf.errors import DependencyError, PyPdfError
from pypdf.generic import ContentStream, NameObject

from knowledge.cleaning import clean_pages
from knowledge.parsing.archives import damaged, password_protected
from knowledge.parsing.parsed import NoTextError, Parsed
from knowledge.parsing.plain import title_of
from knowledge.parsing.print_sizes import Print, marked

_BROKEN = (PyPdfError, AttributeError, KeyError, IndexError, TypeError, ValueError, OSError)
_WHITE = {("g", 1.0), ("rg", 1.0, 1.0, 1.0), ("k", 0.0, 0.0, 0.0, 0.0)}
_FILLING = {"f", "F", "f*", "B", "B*", "b", "b*"}
_SHAPELESS = ([3], [7])  # text rendering modes that paint nothing
_LEGIBLE = 0.5  # points


def parse_pdf(content: bytes) -> Parsed:
    """The text of all pages, a form feed between them."""
    try:
        reader = PdfReader(BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise password_protected()
        pages = marked([_visible(page) for page in reader.pages])
        title, updated_at = _stated(reader)
    except DependencyError as error:
        raise password_protected() from error
    except _BROKEN as error:
        raise damaged(error) from error
    text = clean_pages(pages)
    if not text.strip():
        raise NoTextError(
            "There is no text in it: its pages are probably scanned pictures.",
            what_to_do="Run text recognition (OCR) on it and save the result.",
        )
    return Parsed(text, title=title or title_of(text), updated_at=updated_at)


def _visible(page: PageObject) -> list[Print]:
    """What the page shows; white letters on bare paper and letters of no size are left out."""
    if (contents := page.get("/Contents")) is not None:
        drawing = ContentStream(contents.get_object(), page.pdf, "bytes")  # fonts decode them later
        drawing.operations = list(_parted(drawing.operations))
        page[NameObject("/Contents")] = drawing
    eye = _Eye()
    page.extract_text(visitor_operand_before=eye.see_operand, visitor_text=eye.see_text)
    return eye.everything if eye.has_ground else eye.shown


@dataclass(frozen=True, slots=True)
class _Ink:
    """How letters are painted; without a shape they are there only to be copied."""

    is_white: bool = False
    is_shapeless: bool = False

    @property
    def is_seen(self) -> bool:
        return not self.is_white and not self.is_shapeless


def _changed(ink: _Ink, operator: str, operands: Any) -> _Ink:  # noqa: ANN401 (pypdf's)
    """The ink after an operator that may choose another."""
    if operator == "Tr":
        return replace(ink, is_shapeless=list(operands) in _SHAPELESS)
    if operator in {"g", "rg", "k"}:
        colour = (operator, *(float(value) for value in operands))
        return replace(ink, is_white=colour in _WHITE)
    if operator in {"cs", "sc", "scn"}:  # of three parts, it is as good as always RGB
        return replace(ink, is_white=list(operands) == [1, 1, 1])
    return ink


def _parted(operations: list[tuple[Any, bytes]]) -> Iterator[tuple[Any, bytes]]:
    """The drawing of a page in which the font is chosen anew where letters begin or cease to show.

    pypdf hands over the text between two choices of a font at once, whatever its colours.
    """
    eye, font = _Eye(), None
    for operands, operator in operations:
        was_seen = eye.ink.is_seen
        eye.see_operand(operator, operands)
        if operator == b"Tf":
            font = operands
        elif font and eye.ink.is_seen != was_seen:
            yield font, b"Tf"
        yield operands, operator


class _Eye:
    """Watches how a page is drawn, to tell large letters, and those that nobody can see."""

    def __init__(self) -> None:
        self.ink = _Ink()
        self._saved: list[_Ink] = []
        self._filled_area = False
        self.has_ground = False
        self.everything: list[Print] = []
        self.shown: list[Print] = []

    def see_operand(self, operator: Any, operands: Any, *_: Any) -> None:  # noqa: ANN401 (pypdf's)
        """Remember the fill colour; and whether anything but white was painted under the text."""
        name = operator.decode("latin-1")
        if name == "q":
            self._saved.append(self.ink)
        elif name == "Q" and self._saved:
            self.ink = self._saved.pop()
        elif name == "re":
            self._filled_area = True
        elif name in _FILLING and self._filled_area:
            self.has_ground |= not self.ink.is_white
        elif name in {"Do", "sh"}:
            self.has_ground = True
        else:
            self.ink = _changed(self.ink, name, operands)

    def see_text(self, text: str, page: Any, line: Any, _: Any, size: Any) -> None:  # noqa: ANN401 (pypdf's)
        """Keep what can be seen; both matrices scale the letters."""
        scale = float(line[3] or line[1]) * float(page[3] or page[1])
        height = round(abs(float(size or 0) * scale), 1)
        self.everything.append((text, height))
        if not text.strip() or (self.ink.is_seen and height >= _LEGIBLE):
            self.shown.append((text, height))


def _stated(reader: PdfReader) -> tuple[str, str]:
    """Title and date as the file states them; a title that is a file name is none."""
    about = reader.metadata
    if about is None:
        return "", ""
    title = " ".join(str(about.title or "").split())
    is_name = title.lower().endswith((".doc", ".docx", ".odt", ".indd", ".tex", ".pdf"))
    usable = len(title) > 3 and not is_name and title.lower() != "untitled"
    return (title if usable else ""), _date(about)


def _date(about: DocumentInformation) -> str:
    """The date of the last change; people write it in many ways, and only one can be read."""
    try:
        changed = about.modification_date or about.creation_date
    except _BROKEN:
        return ""
    return changed.isoformat() if changed else ""
