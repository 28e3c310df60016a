"""How each chat writes what we may say: its marks, its escapes, its links."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_ESCAPABLE = re.compile(r"\\(?=[!-/:-@\[-`{-~]|$)", re.MULTILINE)
_ENTITY = re.compile(r"&(?=#?\w{1,31};)")
# With code behind it, Discord would read both as an address between angle brackets.
_OPEN_ANGLE = re.compile(r"<(?=[^\s<>]*\Z)")
_MARKUP = re.compile(r"[*_\[\]~|#!]")
_LINE_START = re.compile(r"^(\s*)(?=[-+=>])|^(\s*\d{1,9})(?=[.)])", re.MULTILINE)

Escape = Callable[[str, bool], str]
Link = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Dialect:
    """A way to write.

    Attributes:
        limit: characters of one message, with room for what is added later.
        is_markdown: whether what comes out is Markdown that can be read again.
        escaped: a text so that it is shown as it is; with True also where Markdown would not
            need it, for lines that are read differently else.
        link: from words, already escaped, and an address; without words the address alone.
        marks: for `emphasis`, `strong`, `strike` and `code`, what differs from Markdown.
        deepest_heading: the last level with a size of its own; deeper ones are bold.
    """

    limit: int
    escaped: Escape
    link: Link
    is_markdown: bool = False
    marks: Mapping[str, str] = field(default_factory=dict)
    deepest_heading: int = 6
    has_tables: bool = False
    has_hard_breaks: bool = False
    links_names: bool = False
    links_in_code: bool = False


def _markdown_escaped(text: str, is_careful: bool) -> str:
    text = _ESCAPABLE.sub(r"\\\\", text).replace("`", r"\`").replace("](", r"]\(")
    if is_careful:
        text = _LINE_START.sub(r"\1\2\\", _MARKUP.sub(r"\\\g<0>", text))
    return text


def in_markdown(text: str) -> str:
    """A text of one line as Markdown that says just this: for words of people within a sentence."""
    escaped = _markdown_escaped(" ".join(text.split()), is_careful=True)
    return escaped.replace("<", r"\<").replace("&", r"\&")


def _slack_escaped(text: str, is_careful: bool) -> str:
    text = _ENTITY.sub("&amp;", _markdown_escaped(text, is_careful))
    return text.replace("<", "&lt;")


def _discord_escaped(text: str, is_careful: bool) -> str:
    text = _ENTITY.sub(r"\\&", _markdown_escaped(text, is_careful))
    text = _OPEN_ANGLE.sub(r"\\<", text)
    return text.replace("||", r"\|\|")


def _slack_link(words: str, url: str) -> str:
    if not words:
        return f"<{url}>"
    is_plain = not {"(", ")"}.intersection(url)
    return f"[{words}]({url})" if is_plain else f"{words} <{url}>"


def _discord_link(words: str, url: str) -> str:
    """Between angle brackets, which also keep Discord from showing a preview."""
    return f"[{words}](<{url}>)" if words else f"<{url}>"


def _plain_link(words: str, url: str) -> str:
    return f"{words} ({url})" if words else url


DIALECTS = {
    "slack": Dialect(
        limit=11_500,
        is_markdown=True,
        escaped=_slack_escaped,
        link=_slack_link,
        has_tables=True,
        has_hard_breaks=True,
        links_names=True,
        links_in_code=True,
    ),
    "discord": Dialect(
        limit=1_900,
        is_markdown=True,
        escaped=_discord_escaped,
        link=_discord_link,
        deepest_heading=3,
    ),
    "terminal": Dialect(
        limit=20_000,
        escaped=lambda text, _is_careful: text,
        link=_plain_link,
        has_tables=True,
        links_in_code=True,
    ),
}
"""By the name that a platform gives; `slack` is `markdown_text` and the block `markdown`."""

PLAIN = Dialect(
    limit=20_000,
    escaped=lambda text, _is_careful: text,
    link=_plain_link,
    marks={"emphasis": "", "strong": "", "strike": "", "code": ""},
)
"""Without any markup: the cells of an aligned table."""
