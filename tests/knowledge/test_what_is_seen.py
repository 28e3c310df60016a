"""What a reader of a file sees is read, all of it; what is hidden from the reader is not."""

from io import BytesIO
from zipfile import ZipFile

import openpyxl
import pptx
import pytest
from lxml import etree
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.presentation import Presentation as SlideDeck

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
        "BT /F1 11 Tf 50 700 Td 1 g (obey) Tj 0 g ET",
    ],
    ids=["white for a while", "white of a colour space", "no shape", "white in a line"],
)
def test_letters_of_a_pdf_that_leave_no_trace_are_not_read(drawn: str) -> None:
    assert parsed(".pdf", documents.pdf([["seen"]], before=drawn)).text == "seen"


@pytest.mark.parametrize(
    "drawn",
    [
        "q 1 g 0 0 595 842 re f Q",
        "1 g /Cs1 cs 0 0 0 sc",
        "Q Tr",
        "BT /F1 11 Tf 50 814 Td 1 g (obey ) Tj 0 g ET",
    ],
    ids=["white paper", "black of a colour space", "nothing to restore", "white before"],
)
def test_letters_of_a_pdf_have_the_colour_that_was_chosen_last(drawn: str) -> None:
    assert parsed(".pdf", documents.pdf([["seen"]], before=drawn)).text == "seen"


# Word


def word(*blocks: str, styles: str = "") -> str:
    """The text of a Word file with these blocks of XML in its body."""
    content = documents.word_file()
    body = "".join(blocks)
    name = "word/document.xml"
    start = part_of(content, name).partition("<w:body>")[0]
    changed = documents.with_part(
        content, name, f"{start}<w:body>{body}</w:body></w:document>".encode()
    )
    name = "word/styles.xml"
    with_styles = part_of(content, name).replace("</w:styles>", f"{styles}</w:styles>")
    return parsed(".docx", documents.with_part(changed, name, with_styles.encode())).text


def line(text: str, about: str = "", paragraph: str = "") -> str:
    run = f"<w:r><w:rPr>{about}</w:rPr><w:t>{text}</w:t></w:r>"
    return f"<w:p><w:pPr>{paragraph}</w:pPr>{run}</w:p>"


def grid(*rows: str) -> str:
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


def cell(content: str, about: str = "") -> str:
    return f"<w:tc><w:tcPr>{about}</w:tcPr>{content}</w:tc>"


def control(content: str, about: str = "") -> str:
    return f"<w:sdt><w:sdtPr>{about}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"


@pytest.mark.parametrize(
    "hidden",
    [
        grid(cell(line("obey", "<w:vanish/>")) + cell(line("a"))),
        line("obey", '<w:vanish w:val="true"/>'),
        line("obey", '<w:sz w:val="1"/>'),
        line("obey", '<w:rStyle w:val="Unseen"/>'),
        line("obey", paragraph='<w:pStyle w:val="Unseen"/>'),
        f"<w:tbl><w:tr><w:trPr><w:hidden/></w:trPr>{cell(line('obey'))}</w:tr></w:tbl>",
        "<w:p><w:moveFrom><w:r><w:t>obey</w:t></w:r></w:moveFrom></w:p>",
        "<w:p><w:r><w:rPr><w:vanish/></w:rPr>"
        f"<w:txbxContent>{line('obey')}</w:txbxContent></w:r></w:p>",
        control(
            line("obey"),
            '<w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj>',
        ),
    ],
)
def test_what_word_does_not_show_is_not_read(hidden: str) -> None:
    style = (
        '<w:style w:styleId="Unseen"><w:name w:val="Unseen"/><w:rPr><w:vanish/></w:rPr></w:style>'
    )
    text = word(line("seen"), hidden, styles=style)
    assert "seen" in text
    assert "obey" not in text


@pytest.mark.parametrize(
    "shown",
    [
        line("words", '<w:vanish w:val="0"/>'),
        line("words", '<w:vanish w:val="false"/>'),
        line("words", '<w:color w:val="FFFFFF"/>', '<w:shd w:fill="000000"/>'),
        control(line("words")),
        "<w:p><w:ins><w:r><w:t>words</w:t></w:r></w:ins></w:p>",
        grid(cell(line("words", '<w:color w:val="FFFFFF"/>')) + cell(line("a"))),
        grid(cell(control(line("words"))) + cell(line("a"))),
        f"<w:tbl>{control('<w:tr>' + control(cell(line('words'))) + '</w:tr>')}</w:tbl>",
    ],
)
def test_what_word_shows_is_read(shown: str) -> None:
    assert "words" in word(shown)


def test_a_table_inside_a_table_of_word_is_read_as_one() -> None:
    inner = grid(cell(line("City")) + cell(line("Limit")), cell(line("Madrid")) + cell(line("130")))
    text = word(grid(cell(line("Hotels", paragraph='<w:pStyle w:val="Heading2"/>') + inner)))
    assert text == "## Hotels\n\n| City | Limit |\n| --- | --- |\n| Madrid | 130 |"


def test_cells_of_word_that_span_several_places_are_in_all_of_them() -> None:
    wide = cell(line("2024"), '<w:gridSpan w:val="2"/>')
    first = cell(line("May"), '<w:vMerge w:val="restart"/>') + cell(line("1"))
    second = cell("<w:p/>", "<w:vMerge/>") + cell(line("2"))
    assert word(grid(wide, first, second)).split("\n")[2:] == ["| May | 1 |", "| May | 2 |"]


def test_a_text_box_of_word_stands_apart_from_the_words_beside_it() -> None:
    box = f"<w:r><w:txbxContent>{line('one')}{line('two')}</w:txbxContent></w:r>"
    assert word(f"<w:p>{box}<w:r><w:t>beside</w:t></w:r></w:p>") == "beside\n\none\n\ntwo"


def test_footnotes_of_word_are_read_after_the_text() -> None:
    content = documents.word_file()
    about = "http://schemas.openxmlformats.org"
    kinds = part_of(content, "[Content_Types].xml").replace(
        "</Types>",
        '<Override PartName="/word/footnotes.xml" ContentType="application/vnd.openxmlformats-'
        'officedocument.wordprocessingml.footnotes+xml"/></Types>',
    )
    links = part_of(content, "word/_rels/document.xml.rels").replace(
        "</Relationships>",
        f'<Relationship Id="rId99" Type="{about}/officeDocument/2006/relationships/footnotes" '
        'Target="footnotes.xml"/></Relationships>',
    )
    notes = (
        f'<w:footnotes xmlns:w="{about}/wordprocessingml/2006/main">'
        f"<w:footnote>{line('Only on weekdays.')}</w:footnote></w:footnotes>"
    )
    for name, part in {
        "[Content_Types].xml": kinds,
        "word/_rels/document.xml.rels": links,
        "word/footnotes.xml": notes,
    }.items():
        content = documents.with_part(content, name, part.encode())
    assert parsed(".docx", content).text.endswith("\n\nOnly on weekdays.")


# Slides


def saved(deck: SlideDeck) -> bytes:
    out = BytesIO()
    deck.save(out)
    return out.getvalue()


def test_hidden_shapes_of_a_slide_are_not_read() -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "obey"
    group = slide.shapes.add_group_shape()
    group.shapes.add_textbox(0, 0, 10, 10).text_frame.text = "obey"
    slide.shapes.add_table(1, 1, 0, 0, 10, 10).table.cell(0, 0).text = "obey"
    for shape in slide.shapes:
        shape._element.xpath("./*/p:cNvPr")[0].set("hidden", "1")
    slide.shapes.add_textbox(0, 0, 10, 10).text_frame.text = "seen"
    assert parsed(".pptx", saved(deck)).text == "seen"


def test_the_words_of_a_diagram_are_read() -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    frame = slide.shapes.add_table(1, 1, 0, 0, 10, 10)._element
    words = "".join(f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p>" for text in ("Plan", "Do"))
    about = "http://schemas.openxmlformats.org/drawingml/2006"
    blob = f'<model xmlns:a="{about}/main">{words}</model>'.encode()
    part = Part(PackURI("/ppt/diagrams/data1.xml"), "application/xml", deck.part.package, blob)
    inside = frame.xpath(".//a:graphicData")[0]
    inside.clear()
    inside.set("uri", f"{about}/diagram")
    link = slide.part.relate_to(part, "http://schemas.openxmlformats.org/diagramData")
    names = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    etree.SubElement(inside, f"{{{about}/diagram}}relIds").set(f"{{{names}}}dm", link)
    assert parsed(".pptx", saved(deck)).text == "- Plan\n- Do"


# Tables and mail


@pytest.mark.parametrize(
    "content",
    [
        b'\xef\xbb\xbfname;note\r\n"Ana";"a, b, c,\r\nd, e"\r\n',
        b'sep=;\r\nname;note\r\nAna;"a, b, c, d, e"',
        b'name, note\nAna, "a, b, c, d, e"\n',
        b"name;note\rAna;a, b, c, d, e\r",
        "name\tnote\nAna\ta, b, c, d, e\n".encode("utf-16"),
    ],
    ids=["lines in quotes", "stated sign", "spaces before quotes", "old Mac", "Excel's text"],
)
def test_csv_is_read_as_a_spreadsheet_reads_it(content: bytes) -> None:
    lines = "| name | note |\n| --- | --- |\n| Ana | a, b, c, d, e |"
    assert parsed(".csv", content).text == lines


def leaf(text: str, kind: str = "text/plain", about: str = "") -> str:
    return f"Content-Type: {kind}\n{about}\n{text}\n"


def many(kind: str, boundary: str, *parts: str) -> str:
    inside = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n{inside}--{boundary}--\n'


def test_every_text_that_a_mail_program_shows_is_read() -> None:
    pdf = leaf("x", "application/pdf", 'Content-Disposition: attachment; filename="plan.pdf"\n')
    empty_plain = many("alternative", "c", leaf(" "), leaf("<p>First.</p>", "text/html"))
    note = leaf("obey", about='Content-Disposition: inline; filename="note.txt"\n')
    forwarded = leaf("Subject: Old plan\n\nobey", "message/rfc822")
    body = many(
        "mixed",
        "a",
        many("mixed", "b", empty_plain, pdf),
        leaf("Second."),
        many("alternative", "d", leaf("<p>obey</p>", "text/html"), leaf("Third.")),
        leaf("x", "image/png"),
        note,
        forwarded,
    )
    page = parsed(".eml", f"\ufeff\nSubject: Plan\n{body}")
    assert page.title == "Plan"
    assert page.text.endswith(
        "First.\n\nSecond.\n\nThird.\n\nAttachments: plan.pdf, note.txt, Old plan"
    )
