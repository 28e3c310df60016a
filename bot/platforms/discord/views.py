"""What a reply looks like while it is being made and once it is there (Components V2)."""

from collections.abc import Sequence
from typing import Any

from discord import ui

from bot.platforms.discord.buttons import answer_row, confirming_row, stop_row
from bot.platforms.discord.texts import MOST_SHOWN, ending, outgoing, source_lines
from bot.posts import Post


class Layout(ui.LayoutView):
    """Texts, one below the other, and a row of buttons."""

    def __init__(self, texts: Sequence[str], row: ui.ActionRow[Any] | None = None) -> None:
        super().__init__(timeout=None)
        for n, text in enumerate(texts):
            if n:
                self.add_item(ui.Separator())
            self.add_item(ui.TextDisplay(text))
        if row:
            self.add_item(row)


def in_the_making(text: str, mark: str, language: str) -> Layout:
    """A status, or what is written so far, and the button that ends it."""
    return Layout([ending(text, language)], stop_row(mark, language))


def finished(post: Post, mark: str) -> list[Layout]:
    """The reply in as many messages as it takes; sources and buttons are below the last one."""
    urls = [link.url for link in post.links if link.url]
    parts = outgoing(post.text, links=urls, language=post.language)
    if not post.is_answer:
        return [Layout([part]) for part in parts]
    lines = source_lines(post.links, post.language)
    sources = outgoing(lines, links=urls, language=post.language) if lines else ()
    *before, last = _together(parts, sources)
    row = answer_row(post.reference, mark, post.language, has_sources=bool(sources))
    if post.confirmation:
        row = confirming_row(post, mark)
    return [*(Layout(texts) for texts in before), Layout(last, row)]


def _together(parts: Sequence[str], sources: Sequence[str]) -> list[list[str]]:
    """The texts of each message: the sources stand below the last part where there is room."""
    shown = [[part] for part in parts]
    for lines in sources:
        if sum(map(len, shown[-1])) + len(lines) <= MOST_SHOWN:
            shown[-1].append(lines)
        else:
            shown.append([lines])
    return shown
