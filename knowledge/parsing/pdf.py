"""PDF files, through pypdf: the visible text of every page."""

from io import BytesIO
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.errors import DependencyError, PyPdfError

from knowledge.cleaning import clean_pages
from knowledge.parsing.archives import damaged, password_protected
from knowledge.parsing.parsed import NotParsedError, Parsed
from knowledge.parsing.plain import title_of
from knowledge.parsing.print_sizes import Print, marked

_BROKEN = (PyPdfError, AttributeError, KeyError, IndexError, TypeError, ValueError, OSError)
_WHITE = {("g", 1.0), ("rg", 1.0, 1.0, 1.0), ("k", 0.0, 0.0, 0.0, 0.0)}
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
        raise NotParsedError(
            "There is no text in it: its pages are probably scanned pictures.",
            what_to_do="Run text recognition (OCR) on it and save the result.",
        )
    return Parsed(text, title=title or title_of(text), updated_at=updated_at)


def _visible(page: PageObject) -> list[Print]:
    """What the page shows; white letters on bare paper and letters of no size are left out."""
    eye = _Eye()
    page.extract_text(visitor_operand_before=eye.see_operand, visitor_text=eye.see_text)
    return eye.everything if eye.has_ground else eye.shown


class _Eye:
    """Watches how a page is drawn, to tell large letters, and those that nobody can see."""

    def __init__(self) -> None:
        self._colour: tuple[Any, ...] = ("g", 0.0)
        self._filled_area = False
        self.has_ground = False
        self.everything: list[Print] = []
        self.shown: list[Print] = []

    def see_operand(self, operator: Any, operands: Any, *_: Any) -> None:  # noqa: ANN401 (pypdf's)
        """Remember the fill colour; and whether anything but white was painted under the text."""
        name = operator.decode("latin-1")
        if name in {"g", "rg", "k"}:
            self._colour = (name, *(float(value) for value in operands))
        elif name == "re":
            self._filled_area = True
        elif name in {"f", "F", "f*", "B", "B*", "b", "b*"} and self._filled_area:
            self.has_ground |= self._colour not in _WHITE
        elif name in {"Do", "sh"}:
            self.has_ground = True

    def see_text(self, text: str, page: Any, line: Any, _: Any, size: Any) -> None:  # noqa: ANN401 (pypdf's)
        """Keep what can be seen; both matrices scale the letters."""
        scale = float(line[3] or line[1]) * float(page[3] or page[1])
        height = round(abs(float(size or 0) * scale), 1)
        self.everything.append((text, height))
        if not text.strip() or (self._colour not in _WHITE and height >= _LEGIBLE):
            self.shown.append((text, height))


def _stated(reader: PdfReader) -> tuple[str, str]:
    """Title and date as the file states them; a title that is a file name is none."""
    about = reader.metadata
    if about is None:
        return "", ""
    title = " ".join(str(about.title or "").split())
    is_name = title.lower().endswith((".doc", ".docx", ".odt", ".indd", ".tex", ".pdf"))
    changed = about.modification_date or about.creation_date
    usable = len(title) > 3 and not is_name and title.lower() != "untitled"
    return (title if usable else ""), (changed.isoformat() if changed else "")
