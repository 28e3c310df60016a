"""Every format gives its text with its structure; every bad file gives a reason."""

import json
from collections.abc import Callable
from datetime import date, datetime, time
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import pytest

from knowledge.parsing import NotParsedError, Parsed
from knowledge.parsing.child import serve
from knowledge.parsing.formats import FORMATS
from knowledge.parsing.plain import decode
from tests.knowledge import documents


def parsed(suffix: str, content: str | bytes) -> Parsed:
    return FORMATS[suffix](content.encode() if isinstance(content, str) else content)


def reason(suffix: str, content: str | bytes) -> str:
    with pytest.raises(NotParsedError) as caught:
        parsed(suffix, content)
    return f"{caught.value} {caught.value.what_to_do}"


# Markdown and other text


def test_markdown_keeps_its_signs_and_gives_its_front_matter_as_facts() -> None:
    page = parsed(
        ".md",
        "---\ntitle: 'Leave'\nlang: es-MX\ndate: 2024-05-02\n---\n# Vacaciones\n\n- 22 días\n",
    )
    assert page.text == "# Vacaciones\n\n- 22 días"
    assert (page.title, page.language, page.updated_at) == ("Leave", "es", "2024-05-02")


def test_markdown_without_front_matter_is_named_by_its_first_heading() -> None:
    assert parsed(".md", "intro\n\n# Wifi #\n\nx").title == "Wifi"
    assert parsed(".md", "no heading").title == ""


def test_underlined_headings_become_marked_headings() -> None:
    page = parsed(".markdown", "Wifi\n====\n\nText.\n\nGuests\n------\n\nMore.\n\na\n\n---\n\nb")
    assert page.text.startswith("# Wifi\n\nText.\n\n## Guests\n\nMore.")
    assert "\n---\n" in page.text


def test_comments_in_markdown_are_dropped_but_not_in_its_code() -> None:
    page = parsed(".md", "a <!-- obey me -->b\n\n```\n<!-- shown -->\n```\n\n[//]: # (hidden)\n\nc")
    assert "obey" not in page.text
    assert "hidden" not in page.text
    assert "<!-- shown -->" in page.text


def test_restructured_text_gets_marked_headings_by_order_of_appearance() -> None:
    page = parsed(".rst", "=====\nGuide\n=====\n\nText.\n\nPart\n~~~~\n\nMore.\n\nxy\n-\n")
    assert page.text == "# Guide\n\nText.\n\n## Part\n\nMore.\n\nxy\n-"
    assert page.title == "Guide"


def test_lines_of_plain_text_are_never_headings() -> None:
    assert parsed(".txt", "x\n# not a heading").text == "x\n # not a heading"


@pytest.mark.parametrize(
    "content",
    [
        "¿Cuántos días?".encode(),
        "¿Cuántos días?".encode("utf-8-sig"),
        "¿Cuántos días?".encode("utf-16"),
        "¿Cuántos días?".encode("utf-16-le"),
        "¿Cuántos días?".encode("utf-16-be"),
        "¿Cuántos días?".encode("cp1252"),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16", "utf-16-le", "utf-16-be", "windows-1252"],
)
def test_text_is_read_in_the_encoding_in_which_it_was_written(content: bytes) -> None:
    assert decode(content) == "¿Cuántos días?"


def test_a_cut_utf_8_file_stays_utf_8() -> None:
    assert decode(("á" * 40).encode()[:-1]) == "á" * 39 + "\ufffd"


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n123", b"%PDF-1.4 abc", bytes(range(200))])
def test_binary_content_under_the_name_of_a_text_is_refused(content: bytes) -> None:
    for suffix in (".txt", ".md", ".csv", ".html", ".eml"):
        assert "It is not text" in reason(suffix, content)


# Web pages


def test_a_page_gives_its_visible_text_with_headings_lists_and_tables() -> None:
    page = parsed(
        ".html",
        """<html lang="es-ES"><head><title> La  web </title><style>p{}</style></head><body>
        <nav>Menu</nav><h1>Wifi</h1><p>Red <b>Ter</b>tulia,<br>planta 2.</p><ul><li>uno</li>
        <li>dos</li></ul><table><caption>Planes</caption><tr><th>Plan</th><th>Precio</th></tr>
        <tr><td>A|B</td><td>10</td></tr></table><pre>a
  b</pre><script>x()</script></body></html>""",
    )
    assert page.text == (
        "# Wifi\n\nRed Tertulia,\nplanta 2.\n\n- uno\n- dos\n\nPlanes\n\n"
        "| Plan | Precio |\n| --- | --- |\n| A\\|B | 10 |\n\n```\na\n  b\n```"
    )
    assert (page.title, page.language) == ("La web", "es")


@pytest.mark.parametrize(
    "hidden",
    [
        "<p hidden>obey</p>",
        '<p aria-hidden="true">obey</p>',
        '<p style="display: none">obey</p>',
        '<p style="visibility:hidden">obey</p>',
        '<p style="font-size: 0px">obey</p>',
        '<p style="color:#FFF">obey</p>',
        '<p style="position:absolute; left:-9999px">obey</p>',
        '<p style="background:red;display:none">obey</p>',
        '<table><tr style="opacity:0"><td>obey</td><td>me</td></tr>'
        "<tr><td>a</td><td>b</td></tr></table>",
        "<style>p{} b, .x , #y { display: none }</style><p class='a x'>obey</p><p id=y>obey</p>",
        "<!-- obey -->",
        "<template>obey</template>",
    ],
)
def test_what_a_reader_of_a_page_cannot_see_is_not_read(hidden: str) -> None:
    page = parsed(".html", f"<body><p>seen</p>{hidden}</body>")
    assert "seen" in page.text
    assert "obey" not in page.text


def test_what_is_hidden_in_print_only_is_seen() -> None:
    style = "@import 'x';@media print{p{} .x{display:none} a{}} /* .x{display:none} */ .y{}"
    assert parsed(".html", f"<style>{style}</style><p class=x>seen</p>").text == "seen"


def test_white_words_on_a_dark_ground_are_seen() -> None:
    assert "seen" in parsed(".html", '<p style="color:#fff;background:#000">seen</p>').text


def test_a_table_that_only_lays_out_a_page_is_no_table() -> None:
    page = parsed(".htm", "<table><tr><td><h2>A</h2></td><td>b</td></tr></table><table></table>")
    assert page.text == "## A\n\nb"


def test_a_page_is_read_in_the_encoding_that_it_states() -> None:
    content = '<meta charset="iso-8859-1"><p>año</p>'.encode("latin-1")
    assert parsed(".html", content).text == "año"


def test_a_page_may_nest_deeper_than_python_calls() -> None:
    assert parsed(".html", "<div>" * 5_000 + "deep").text == "deep"


def test_an_empty_page_has_no_text() -> None:
    assert parsed(".html", "").text == ""


# PDF


def test_pages_of_a_pdf_stay_apart_and_its_title_is_known() -> None:
    page = parsed(".pdf", documents.pdf([["One."], ["Two."]], title="House rules"))
    assert page.text == "One.\fTwo."
    assert (page.title, page.updated_at[:10]) == ("House rules", "2024-05-02")
    assert parsed(".pdf", documents.pdf([["One."]], title="rules.docx")).title == ""


def test_white_words_on_white_paper_are_not_read_but_on_a_dark_ground_they_are() -> None:
    hidden = documents.pdf([["seen"]], before="1 g BT /F1 11 Tf 50 700 Td (obey) Tj ET 0 g")
    shown = documents.pdf(
        [["seen"]],
        before="0 0 0 rg 0 600 595 200 re f 1 g BT /F1 11 Tf 50 700 Td (title) Tj ET 0 g",
    )
    picture = documents.pdf([["seen"]], before="/X Do 1 g BT /F1 9 Tf (title) Tj ET 0 g")
    assert parsed(".pdf", hidden).text == "seen"
    assert "title" in parsed(".pdf", shown).text
    assert "title" in parsed(".pdf", picture).text


def test_lines_of_larger_letters_are_headings_and_the_largest_names_the_file() -> None:
    large = "BT /F1 20 Tf 22 TL 50 830 Td (The house) Tj T* (of all rules) Tj ET"
    middle = "BT /F1 14 Tf 50 810 Td (1. Kitchen) Tj ET"
    page = parsed(
        ".pdf", documents.pdf([["Clean up after you.", "Always."]], before=large + middle)
    )
    assert page.text.startswith("# The house of all rules\n\n## 1. Kitchen\n\n")
    assert page.text.endswith("Clean up after you.\n\nAlways.")
    assert page.title == "The house of all rules"


def test_letters_without_a_size_are_not_read() -> None:
    tiny = documents.pdf([["seen"]], before="BT /F1 0.1 Tf 50 700 Td (obey) Tj ET")
    assert parsed(".pdf", tiny).text == "seen"


def test_a_pdf_with_a_password_says_so_and_one_that_is_only_locked_is_read() -> None:
    for algorithm in ("RC4-128", "AES-256"):
        locked = documents.locked_pdf("x", opened_by="secret", algorithm=algorithm)
        assert "password-protected" in reason(".pdf", locked)
    assert parsed(".pdf", documents.locked_pdf("Read me.", opened_by="")).text == "Read me."


def test_a_pdf_of_pictures_asks_for_text_recognition() -> None:
    assert "(OCR)" in reason(".pdf", documents.pdf([[""]]))


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4\n", b"not a pdf at all"])
def test_a_broken_pdf_is_called_damaged(content: bytes) -> None:
    assert "damaged" in reason(".pdf", content)


# Office


def test_a_word_file_gives_headings_lists_tables_and_nothing_hidden() -> None:
    page = parsed(".docx", documents.word_file(title="Travel"))
    assert page.text == (
        "# Travel policy\n\n## Hotels\n\nBook below 120 euros.\n\n- Keep the receipt\n\n"
        "| City | Limit |\n| --- | --- |\n| Madrid | 130 \\| breakfast |"
    )
    assert page.title == "Travel"
    assert parsed(".docx", documents.word_file()).title == "Travel policy"


def test_slides_are_pages_with_titles_notes_and_tables_and_hidden_ones_are_left_out() -> None:
    page = parsed(".pptx", documents.slide_deck())
    assert page.text == (
        "## Our year\n\n- We grew\n- We moved\n\nMention Lola."
        "\f| Month | Sales |\n| --- | --- |\n| May | 42 |\n\nIn a group"
    )


def test_a_workbook_gives_a_table_for_every_visible_sheet() -> None:
    rows: list[list[object]] = [
        ["Name", "Since", None, "Share", "At"],
        [None] * 5,
        ["Ana", datetime(2020, 1, 2), None, 0.25, datetime(2020, 1, 2, 9, 30)],  # noqa: DTZ001 (sheets know no zones)
        ["Bo", date(2021, 3, 4), None, 2.5, time(9, 30)],
    ]
    page = parsed(".xlsx", documents.workbook({"Staff": rows, "x": [["s"]]}, hidden=["x"]))
    assert page.text == (
        "## Staff\n\n| Name | Since | Share | At |\n| --- | --- | --- | --- |\n"
        "| Ana | 2020-01-02 | 25% | 2020-01-02 09:30 |\n| Bo | 2021-03-04 | 2.5 | 09:30:00 |"
    )


@pytest.mark.parametrize("suffix", [".docx", ".pptx", ".xlsx"])
def test_bad_office_files_are_told_apart(suffix: str) -> None:
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    assert "before 2007" in reason(suffix, old + b"WordDocument")
    assert "password-protected" in reason(suffix, old + "EncryptedPackage".encode("utf-16-le"))
    assert "damaged" in reason(suffix, b"PK\x03\x04 nothing more")
    assert "damaged" in reason(suffix, documents.archive({"a.txt": b"no office file"}))


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = documents.archive({"word/document.xml": bytes(40 * 2**20)})
    assert "zip bomb" in reason(".docx", bomb)
    assert "zip bomb" in reason(".xlsx", documents.archive({f"{i}": b"" for i in range(10_001)}))


def test_an_archive_with_a_password_says_so() -> None:
    content = bytearray(documents.archive({"a": b"b"}))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert "password-protected" in reason(".docx", bytes(content))


@pytest.mark.parametrize(
    ("suffix", "part", "make"),
    [
        (".docx", "word/document.xml", documents.word_file),
        (".pptx", "ppt/presentation.xml", documents.slide_deck),
        (".xlsx", "xl/worksheets/sheet1.xml", lambda: documents.workbook({"a": [["b"]]})),
    ],
)
def test_xml_entities_neither_grow_nor_read_files(
    suffix: str, part: str, make: Callable[[], bytes], tmp_path: Path
) -> None:
    secret = documents.write(tmp_path, {"secret.txt": "TOP SECRET"}) / "secret.txt"
    layers = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    for entity in (f'<!ENTITY x SYSTEM "{secret.as_uri()}">', f'<!ENTITY l0 "ha">{layers}'):
        name = "x" if "SYSTEM" in entity else "l9"
        evil = f'<?xml version="1.0"?><!DOCTYPE r [{entity}]><r>&{name};</r>'.encode()
        try:
            text = parsed(suffix, documents.with_part(make(), part, evil)).text
        except NotParsedError as error:
            text = str(error)
        assert "SECRET" not in text
        assert "hahaha" not in text


# Tables and mail


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_csv_becomes_a_table_whatever_sign_separates_it(sign: str) -> None:
    page = parsed(".csv", f"name{sign}days\nAna{sign}22\n\nBo{sign}\n")
    assert page.text == "| name | days |\n| --- | --- |\n| Ana | 22 |\n| Bo |  |"


def test_csv_without_any_separator_is_a_table_of_one_column() -> None:
    assert parsed(".csv", "name\nAna\n").text == "| name |\n| --- |\n| Ana |"
    assert parsed(".csv", "").text == ""


def test_csv_with_an_endless_cell_is_refused() -> None:
    assert "not a table" in reason(".csv", 'a,b\n"' + "x" * 200_000 + '",c')


def mail(*, html: bool = False) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "Cambio de horario"
    message["From"] = "Ana <ana@example.org>"
    message["To"] = "all@example.org"
    message["Date"] = "Thu, 02 May 2024 10:15:00 +0000"
    if html:
        message.set_content("<p>Abrimos a las <b>9</b>.</p><p hidden>obey</p>", subtype="html")
    else:
        message.set_content("Abrimos a las 9.\n# no heading\n")
    return message


def test_an_e_mail_is_a_page_with_its_subject_as_title_and_attachments_by_name() -> None:
    message = mail()
    message.add_attachment(b"x", maintype="application", subtype="pdf", filename="plan.pdf")
    page = parsed(".eml", message.as_bytes())
    assert page.text == (
        "# Cambio de horario\n\nFrom: Ana <ana@example.org>\nTo: all@example.org\n"
        "Date: Thu, 02 May 2024 10:15:00 +0000\n\nAbrimos a las 9.\n # no heading\n\n"
        "Attachments: plan.pdf"
    )
    assert (page.title, page.updated_at) == ("Cambio de horario", "2024-05-02T10:15:00+00:00")


def test_an_e_mail_in_html_shows_what_its_reader_saw() -> None:
    page = parsed(".eml", mail(html=True).as_bytes())
    assert "Abrimos a las 9." in page.text
    assert "obey" not in page.text


def test_an_e_mail_without_body_or_with_a_wrong_date_is_read() -> None:
    page = parsed(".eml", "Date: never\nContent-Type: image/png\n\n")
    assert page.text == "From:\nTo:\nDate: never"
    assert page.updated_at == ""
    empty_html = parsed(".eml", "Subject: a\nContent-Type: text/html\n\n")
    assert empty_html.text.startswith("# a")


def test_an_e_mail_in_an_unknown_encoding_is_called_damaged() -> None:
    content = "Subject: a\nContent-Type: text/plain; charset=klingon\n\nabc"
    assert "damaged" in reason(".eml", content)


# What the child answers


def answer(path: str, *, file_bytes: int = 2**20) -> dict[str, object]:
    replies = BytesIO()
    request = json.dumps([path, Path(path).suffix.lower()])
    serve(request.encode() + b"\n", replies, file_bytes=file_bytes)
    reply: dict[str, object] = json.loads(replies.getvalue())
    return reply


def test_the_child_answers_with_text_and_hash_or_with_a_reason(tmp_path: Path) -> None:
    folder = documents.write(
        tmp_path,
        {"a.md": "# A\u202e \n\nb", "empty.txt": " \n", "big.txt": "x" * 100, "a.exe": b"MZ"},
    )
    good = answer(str(folder / "a.md"))["parsed"]
    assert isinstance(good, dict)
    assert (good["text"], good["title"], len(good["content_hash"])) == ("# A\n\nb", "A", 64)
    for name, words in {
        "empty.txt": "It holds no text",
        "a.exe": "that end in '.exe'",
        "none": "without a suffix",
    }.items():
        assert words in str(answer(str(folder / name))["refused"])
    assert "more than 0 MB" in str(answer(str(folder / "big.txt"), file_bytes=10)["refused"])
    nested = documents.write(folder, {"deep.eml": "Content-Type: message/rfc822\n\n" * 2000})
    assert "nested too deeply" in str(answer(str(nested / "deep.eml"))["refused"])
    assert answer(str(folder / "gone.txt"))["unopened"] == [2, "No such file or directory"]
