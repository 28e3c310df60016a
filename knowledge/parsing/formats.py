"""Which parser reads which kind of file; a new format is one file here and one line below."""

from collections.abc import Callable
from importlib import import_module

from knowledge.parsing.parsed import Parsed

Parser = Callable[[bytes], Parsed]


def _late(module: str, function: str) -> Parser:
    """A parser whose library is loaded with the first file that needs it."""

    def parse(content: bytes) -> Parsed:
        parser: Parser = getattr(import_module(f"knowledge.parsing.{module}"), function)
        return parser(content)

    return parse


_MARKDOWN = _late("markdown", "parse_markdown")
_TEXT = _late("plain", "parse_text")
_WEBPAGE = _late("webpage", "parse_webpage")
_WORKBOOK = _late("workbook", "parse_workbook")

FORMATS: dict[str, Parser] = {
    ".md": _MARKDOWN,
    ".markdown": _MARKDOWN,
    ".rst": _late("plain", "parse_restructured_text"),
    ".txt": _TEXT,
    ".log": _TEXT,
    ".html": _WEBPAGE,
    ".htm": _WEBPAGE,
    ".pdf": _late("pdf", "parse_pdf"),
    ".docx": _late("word", "parse_word"),
    ".pptx": _late("slides", "parse_slides"),
    ".xlsx": _WORKBOOK,
    ".xlsm": _WORKBOOK,
    ".csv": _late("tables", "parse_csv"),
    ".tsv": _late("tables", "parse_csv"),
    ".eml": _late("mail", "parse_mail"),
}

CODE: dict[str, Parser] = {
    "python": _late("code", "parse_python"),
    "code": _late("code", "parse_code"),
}
"""How programs are read, by the names that `ParserProcess.parse` takes."""

# What a website sends, under names of our own; no file of a team has them.
WEBSITE_FORMATS: dict[str, Parser] = {
    ".sitepage": _late("sitepage", "parse_sitepage"),
    ".sitemap": _late("sitemap", "parse_sitemap"),
}
