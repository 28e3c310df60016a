"""Every text that goes out to Discord passes here."""

import re
from collections.abc import Collection, Sequence

from bot.egress import Egress, cleaned
from bot.egress.credentials import masked
from bot.posts import Link
from bot.wording import say

MOST_SHOWN = 3_800
"""Characters of one message; Discord takes 4,000 in all of its texts."""
MOST_PLAIN = 1_900
"""Characters of one message without components; Discord takes 2,000."""
MOST_NAME = 90
HIDDEN = "•••"
_SPACE = re.compile(r"\s+")
_SIGN = re.compile(r"([\\`*_~|\[\]<>#@+-])")
_NUMBER = re.compile(r"^(\d+)(?=[.)])")
_GATE = Egress("discord")


def outgoing(
    text: str, *, links: Collection[str] = (), language: str = "en", limit: int = MOST_SHOWN
) -> tuple[str, ...]:
    """A text in Markdown as Discord may show it, in messages of at most `limit` characters.

    Args:
        text: whoever wrote it.
        limit: of Discord, with room for what is added.
        links: the addresses that may be linked: those of the sources.
        language: of what stands in place of something that is taken out.
    """
    parts = _GATE.parts(text.strip() or "…", limit=limit, links=links, language=language)
    return tuple(part.shown for part in parts)


def ending(text: str, language: str, limit: int = MOST_SHOWN) -> str:
    """The end of a text that is being written, as Discord may show it.

    It passes the gate whole before it is cut: of half a secret nobody knows that it is one.
    """
    most = limit - 100  # a cut may need more escapes
    if len(text) > most:
        text = f"… {_GATE.markdown(text, language=language)[-most:]}"
    return outgoing(text, language=language, limit=limit)[-1]


def in_one_line(text: str, limit: int = MOST_NAME) -> str:
    """A short name out of any text, with no secret in it, not even a part of one."""
    line = _SPACE.sub(" ", masked(cleaned(text), HIDDEN)).strip()
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def source_lines(links: Sequence[Link], language: str, *, quotes: bool = False) -> str:
    """The numbered sources; nothing where there are none."""
    lines = [f"**{say('sources', language)}**"] if links else []
    for link in links:
        lines.append(f"\\[{link.n}\\] {_titled(link)}")
        # Without an empty line behind it what follows would belong to the quote.
        lines += [f"> {literal(link.quote)}", ""] if quotes else []
    return "\n".join(lines).rstrip()


def _titled(link: Link) -> str:
    title = literal(link.title)
    return f"[{title}](<{link.url}>)" if link.url.startswith(("http://", "https://")) else title


def literal(text: str) -> str:
    """Words as they are: none of them is markup."""
    line = _SIGN.sub(r"\\\1", _SPACE.sub(" ", text).strip())
    return _NUMBER.sub(r"\1\\", line)


def fenced(text: str) -> str:
    """Lines whose columns stand below each other."""
    return "```\n" + text.replace("```", "'''") + "\n```"
