"""Markdown files: the text as it is, without what its readers never see."""

import re

from selectolax.lexbor import LexborHTMLParser

from knowledge.cleaning import clean
from knowledge.parsing.hiding import is_hidden
from knowledge.parsing.parsed import Parsed
from knowledge.parsing.plain import decode, marked_headings, title_of

_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n(?:---|\.\.\.)(?:\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"^(title|lang|language|date|updated)\s*:\s*(.+?)\s*$", re.MULTILINE | re.I)
_CODE = (
    r"^[ \t>]*(?P<fence>```|~~~)(?s:.*?)^[ \t>]*(?P=fence)"
    r"|(?<![\\`])(?P<ticks>`+)(?!`)[^\n]{0,2000}?(?<!`)(?P=ticks)(?!`)"
)
_COMMENT = r"<!--(?s:.*?)(?:-->|\Z)|^[ ]{0,3}\[[^\]\n]+\]:[ ]*(?:#|<>)[ ].*$"
_CODE_OR_COMMENT = re.compile(f"(?P<code>{_CODE})|{_COMMENT}", re.MULTILINE)
_ONLY_CODE = re.compile(_CODE, re.MULTILINE)
_TAG = re.compile(
    r"""<(/?)([A-Za-z][\w-]*)((?:[\s/](?:[^<>"']|"[^"]{0,2000}"|'[^']{0,2000}')*)?)>"""
)
_NEVER_SHOWN = ("template", "script", "style")
_WITHOUT_END = {"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}


def parse_markdown(content: bytes) -> Parsed:
    """Markdown as it is, without front matter, comments and hidden HTML."""
    text = clean(decode(content))
    fields: dict[str, str] = {}
    if front := _FRONT_MATTER.match(text):
        fields = {key.lower(): value.strip("'\"") for key, value in _FIELD.findall(front[1])}
        text = text[front.end() :]
    text = _CODE_OR_COMMENT.sub(lambda found: found["code"] or "", text)
    text = marked_headings(_without_hidden(text), underlines="=-")
    return Parsed(
        clean(text),
        title=fields.get("title", "") or title_of(text),
        language=(fields.get("lang") or fields.get("language") or "")[:2].lower(),
        updated_at=fields.get("updated") or fields.get("date") or "",
    )


def _without_hidden(text: str) -> str:
    """The text without hidden HTML elements; one that never ends hides the rest, as on a page."""
    tags = _ONLY_CODE.sub(lambda found: "`" * len(found[0]), text)
    last_ends = {name: tags.lower().rfind(f"</{name}") for name in _NEVER_SHOWN}
    kept, position, hiding, depth = "", 0, "", 0
    for tag in _TAG.finditer(tags):
        name = tag[2].lower()
        is_start = not tag[1]
        if not hiding and is_start and (_hides(tag) or last_ends.get(name, 0) > tag.start()):
            kept += text[position : tag.start()]
            hiding, depth = name, 1
        elif name == hiding:
            depth += -1 if tag[1] else 1
            position = tag.end()
            hiding = hiding if depth else ""
    return kept if hiding else kept + text[position:]


def _hides(tag: re.Match[str]) -> bool:
    """Whether what follows this tag is hidden until its end."""
    attributes = tag[3]
    is_plain = "hidden" not in attributes.lower() and "style" not in attributes.lower()
    if is_plain or tag[2].lower() in _WITHOUT_END:
        return False
    return is_hidden(LexborHTMLParser(f"<p{attributes}>").css_first("p"))
