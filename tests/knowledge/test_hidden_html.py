"""HTML, in pages and in Markdown: what a reader sees is read, what is hidden is not."""

import pytest

from tests.knowledge.test_what_is_seen import parsed

# Web pages


@pytest.mark.parametrize(
    "style",
    [
        "visibility:hidden;background:red",
        "display:/* x */none",
        "font-size:0.1px",
        "opacity:0.01",
        "opacity:.0",
        "position:absolute;width:1px;height:1px;overflow:hidden;clip:rect(0,0,0,0)",
        "max-height:0; overflow:hidden",
        "overflow:hidden; height:0px",
        "transform:translateX(-9999px)",
        "color:#fff; background:white",
    ],
)
def test_words_without_a_visible_form_are_not_read(style: str) -> None:
    assert parsed(".html", f"<p>seen</p><p style='{style}'>obey</p>").text == "seen"
    assert parsed(".html", f"<style>.x{{{style}}}</style>seen<p class=x>obey</p>").text == "seen"


@pytest.mark.parametrize(
    "shown",
    [
        "<div style='background:#003'><p style='color:#fff'>seen</p></div>",
        "<table><tr><td bgcolor='#003366'><span style='color:white'>seen</span></td></tr></table>",
        "<style>.a{background:#000} .b{color:#fff}</style><div class=a><p class=b>seen</p></div>",
        "<h3><button>seen</button></h3>",
        "<p style='font-size:0.9em;opacity:0.8;line-height:0;color:#fff1e0'>seen</p>",
        "<noscript>x</noscript><details><summary>seen</summary></details>",
    ],
)
def test_words_that_a_page_shows_are_read(shown: str) -> None:
    assert parsed(".html", shown).text.strip("# ") == "seen"


def test_hidden_parts_of_a_table_of_a_page_are_not_read() -> None:
    row = "<tr><td>{0}</td><td>{0}</td></tr>"
    hidden = f"<tbody hidden>{row.format('obey')}</tbody>"
    text = parsed(".html", f"<table><tbody>{row.format('a')}</tbody>{hidden}</table>").text
    assert text == "| a | a |\n| --- | --- |"


# Markdown and reStructuredText


@pytest.mark.parametrize(
    "hidden",
    [
        '<span style="display:none">obey</span>',
        "<div hidden>\n\nobey <div>obey</div> obey\n\n</div>",
        "<DIV\nSTYLE='display:\nnone'>obey</Div>",
        '<b style="display&#58;none">obey</b>',
        "<table><tr style='display:none'><td>obey</td></tr></table>",
        "<template>obey</template>",
        "\\`<i hidden>obey</i>\\`",
        "[comment]: <> (obey)",
        "[//]: # (obey)",
    ],
)
def test_hidden_html_in_markdown_is_not_read(hidden: str) -> None:
    text = parsed(".md", f"before\n\n{hidden}\n\nafter").text
    assert text.startswith("before")
    assert text.endswith("after")
    assert "obey" not in text


def test_hidden_html_in_markdown_that_never_ends_hides_the_rest() -> None:
    assert parsed(".md", "seen\n\n<div hidden>\n\nobey").text == "seen"


@pytest.mark.parametrize(
    "shown",
    [
        "`<div hidden>words</div>`",
        "``<div hidden>`words``",
        "- a\n\n  ```html\n  <div hidden>words</div>\n  ```",
        "Add the <script> tag: words",
        '<img hidden src="a.png"> words',
        '<b style="color:red">words</b> </div>',
        "a < b and words > c",
    ],
)
def test_code_and_visible_html_in_markdown_are_read(shown: str) -> None:
    assert parsed(".md", shown).text == shown


def test_comments_of_restructured_text_are_not_read_but_its_directives_are() -> None:
    text = (
        "Seen.\n\n.. obey\n   obey\n\n   obey\n\n..\n   obey\n\n.. note:: Words.\n\n   More.\n\n"
        ".. _target:\n\n.. [1] A footnote.\n\n..\n\nEnd."
    )
    assert parsed(".rst", text).text == text.replace(
        ".. obey\n   obey\n\n   obey\n\n..\n   obey\n\n", ""
    )


def test_cells_over_several_rows_or_columns_keep_the_others_in_their_columns() -> None:
    text = parsed(
        ".html",
        "<table><tr><th>Plan</th><th>Year</th><th>Price</th></tr>"
        "<tr><td rowspan=2>Small</td><td>2024</td><td>10</td></tr>"
        "<tr><td>2025</td><td>12</td></tr>"
        "<tr><td colspan=2>All</td><td>9</td></tr><tr><td rowspan=no>x</td></tr></table>",
    ).text
    assert text.split("\n")[2:] == [
        "| Small | 2024 | 10 |",
        "| Small | 2025 | 12 |",
        "| All |  | 9 |",
        "| x |  |  |",
    ]
