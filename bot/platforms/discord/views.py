"""What a reply looks like while it is being made and once it is there (Components V2)."""

import io
from collections.abc import Sequence
from typing import Any

from discord import File, MediaGalleryItem, ui

from bot.pictures import described, file_name
from bot.platforms.discord.buttons import answer_row, confirming_row, stop_row
from bot.platforms.discord.texts import MOST_SHOWN, ending, outgoing, source_lines
from bot.posts import Post
from knowledge.conversations import Picture

MOST_BYTES = 9 * 2**20
"""Of the files of one message: Discord takes 10 MB."""
MOST_DESCRIBED = 250


class Layout(ui.LayoutView):
    """Texts, one below the other, pictures, and a row of buttons."""

    def __init__(
        self,
        texts: Sequence[str],
        row: ui.ActionRow[Any] | None = None,
        pictures: Sequence[Picture] = (),
    ) -> None:
        super().__init__(timeout=None)
        self._pictures = pictures
        for n, text in enumerate(texts):
            if n:
                self.add_item(ui.Separator())
            self.add_item(ui.TextDisplay(text))
        if pictures:
            shown = (MediaGalleryItem(f.uri, description=f.description) for f in self.files())
            self.add_item(ui.MediaGallery(*shown))
        if row:
            self.add_item(row)

    def files(self) -> list[File]:
        """Its pictures, to be sent with it; each time anew, since a file is sent once."""
        return [
            File(
                io.BytesIO(one.content),
                file_name(f"picture-{n}", one),
                description=described(one, MOST_DESCRIBED) or None,
            )
            for n, one in enumerate(self._pictures, 1)
        ]


def in_the_making(text: str, mark: str, language: str) -> Layout:
    """A status, or what is written so far, and the button that ends it."""
    return Layout([ending(text, language)], stop_row(mark, language))


def finished(post: Post, mark: str) -> list[Layout]:
    """The reply in as many messages as it takes.

    Sources and pictures are below the last text, and buttons below all.
    """
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
    first, *more = _fitting(post.pictures)
    if not more:
        return [*(Layout(texts) for texts in before), Layout(last, row, first)]
    *between, lowest = more
    above = [*(Layout(texts) for texts in before), Layout(last, pictures=first)]
    return [*above, *(Layout([], pictures=one) for one in between), Layout([], row, lowest)]


def _fitting(pictures: Sequence[Picture]) -> list[list[Picture]]:
    """The pictures of each message, those of the first one first; those that are gone left out."""
    groups: list[list[Picture]] = [[]]
    for one in (one for one in pictures if one.content):
        if groups[-1] and sum(len(p.content) for p in (*groups[-1], one)) > MOST_BYTES:
            groups.append([])
        groups[-1].append(one)
    return groups


def _together(parts: Sequence[str], sources: Sequence[str]) -> list[list[str]]:
    """The texts of each message: the sources stand below the last part where there is room."""
    shown = [[part] for part in parts]
    for lines in sources:
        if sum(map(len, shown[-1])) + len(lines) <= MOST_SHOWN:
            shown[-1].append(lines)
        else:
            shown.append([lines])
    return shown
