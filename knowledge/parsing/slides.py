"""PowerPoint files, through python-pptx: one page a slide, its title as heading, notes included."""

from collections.abc import Iterable, Iterator
from zipfile import BadZipFile

from lxml.etree import LxmlError
from pptx import Presentation
from pptx.exc import PythonPptxError
from pptx.oxml import parse_xml
from pptx.oxml.ns import qn
from pptx.shapes.base import BaseShape
from pptx.shapes.graphfrm import GraphicFrame
from pptx.shapes.group import GroupShape
from pptx.slide import Slide

from knowledge.cleaning import clean
from knowledge.parsing.archives import checked, damaged
from knowledge.parsing.parsed import Parsed
from knowledge.parsing.tables import table

_BROKEN = (PythonPptxError, LxmlError, BadZipFile, KeyError, AttributeError, ValueError, OSError)


def parse_slides(content: bytes) -> Parsed:
    """The text of all slides that are shown; the page number is the number of the slide."""
    archive = checked(content)
    try:
        deck = Presentation(archive)
        pages = [clean(_page(slide)) for slide in deck.slides]
        about = deck.core_properties
        title = " ".join((about.title or "").split())
        updated_at = about.modified.isoformat() if about.modified else ""
    except _BROKEN as error:
        raise damaged(error) from error
    is_usable = title and title.lower() not in {"powerpoint presentation", "untitled"}
    return Parsed(
        "\f".join(pages).rstrip("\f"), title=title if is_usable else "", updated_at=updated_at
    )


def _page(slide: Slide) -> str:
    if slide._element.get("show") == "0":
        return ""
    heading = slide.shapes.title
    if heading is not None and _is_hidden(heading):
        heading = None
    title = " ".join(heading.text_frame.text.split()) if heading else ""
    others = (shape for shape in _flat(slide.shapes) if _is_other(shape, heading))
    blocks = [f"## {title}" if title else "", *map(_block, others), _notes(slide)]
    return "\n\n".join(filter(None, blocks))


def _is_other(shape: BaseShape, heading: BaseShape | None) -> bool:
    return heading is None or shape.shape_id != heading.shape_id


def _flat(shapes: Iterable[BaseShape]) -> Iterator[BaseShape]:
    """The shapes that are shown, those of groups one by one."""
    for shape in shapes:
        if _is_hidden(shape):
            continue
        if isinstance(shape, GroupShape):
            yield from _flat(shape.shapes)
        else:
            yield shape


def _is_hidden(shape: BaseShape) -> bool:
    return shape._element.xpath("string(./*/p:cNvPr/@hidden)") in {"1", "true"}


def _block(shape: BaseShape) -> str:
    if isinstance(shape, GraphicFrame) and shape.has_table:
        return table([[cell.text for cell in row.cells] for row in shape.table.rows])
    if isinstance(shape, GraphicFrame):
        return _listed(_diagram(shape))
    if not shape.has_text_frame:
        return ""
    frame = shape.text_frame  # type: ignore[attr-defined]  # python-pptx: every shape that has one
    return _listed(paragraph.text for paragraph in frame.paragraphs)


def _diagram(frame: GraphicFrame) -> Iterator[str]:
    """The words of a diagram (SmartArt), which stand in a file of their own."""
    for link in frame._element.xpath(".//@r:dm"):
        for paragraph in parse_xml(frame.part.related_part(link).blob).iter(qn("a:p")):
            yield "".join(text.text or "" for text in paragraph.iter(qn("a:t")))


def _listed(paragraphs: Iterable[str]) -> str:
    filled = [line for line in (" ".join(text.split()) for text in paragraphs) if line]
    return "\n".join(f"- {line}" for line in filled) if len(filled) > 1 else "".join(filled)


def _notes(slide: Slide) -> str:
    if not slide.has_notes_slide or slide.notes_slide.notes_text_frame is None:
        return ""
    return slide.notes_slide.notes_text_frame.text.strip()
