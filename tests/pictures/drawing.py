"""A page drawn as its chat shows it."""

from functools import singledispatchmethod

from tests.pictures.marked import Block, blocks_of
from tests.pictures.pages import (
    Buttons,
    Choice,
    Entry,
    Line,
    Page,
    Piece,
    Place,
    Said,
    Steps,
    Table,
    Text,
    Window,
)
from tests.pictures.sheet import WIDTH, Look, Run, Sheet, wide, wrapped

SLACK = Look(
    ink="#1d1c1d", faint="#616061", link="#1264a3", code="#c01343", name="#1264a3",
    edge="#dddddd", shade="#f8f8f8", paper="#ffffff", is_round=False, badge="APP", accent="#007a5a",
)  # fmt: skip
DISCORD = Look(
    ink="#2e3338", faint="#5c5e66", link="#006ce7", code="#2e3338", name="#5865f2",
    edge="#d9dade", shade="#f2f3f5", paper="#ffffff", is_round=True, badge="APP", accent="#5865f2",
)  # fmt: skip
_COLOURS = ("#7c5295", "#2f7d6b", "#b4562b", "#3c62a8")
_LEFT, _RIGHT, _AVATAR, _STEP = 24.0, 24.0, 36.0, 44.0


def drawn(page: Page, look: Look) -> str:
    """The picture of a page."""
    drawing = Drawing(Sheet(look))
    for part in page.parts:
        if isinstance(part, Window):
            drawing.window(part)
        else:
            drawing.place(part)
    return drawing.sheet.svg(page.says)


class Drawing:
    """Draws one thing below the other."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet, self.look = sheet, sheet.look
        self._left, self._width = _LEFT, WIDTH - _LEFT - _RIGHT

    def place(self, place: Place) -> None:
        """A bar with the name of a channel, and what was said there."""
        sheet = self.sheet
        sheet.words([Run(place.title, "bold")], left=_LEFT, width=WIDTH, size=16)
        sheet.box(0, sheet.at + 4, WIDTH, 1, fill=self.look.edge, corner=0)
        sheet.at += 18
        for said in place.said:
            self.said(said)
        sheet.at += 8

    def said(self, said: Said) -> None:
        """A message: who, when, and what."""
        sheet, look = self.sheet, self.look
        left = _LEFT + said.depth * _STEP
        top = sheet.at
        if said.only_for:
            sheet.words(
                [Run(f"Only visible to {said.only_for}", "faint")],
                left=left + _STEP + 4, width=self._width, size=12,
            )  # fmt: skip
        self._avatar(said, left, top)
        self._left, self._width = left + _AVATAR + 12, WIDTH - left - _AVATAR - 12 - _RIGHT
        self._head(said)
        for piece in said.pieces:
            self.piece(piece)
        sheet.at = max(sheet.at, top + _AVATAR) + 14
        if said.depth:
            sheet.box(_LEFT + 17, top - 8, 2, sheet.at - top, fill=look.edge, corner=0)

    def window(self, window: Window) -> None:
        """A form or a text over the chat."""
        sheet, look = self.sheet, self.look
        left, width = 90.0, WIDTH - 180.0
        frame = sheet.mark()
        top = sheet.at
        sheet.at += 16
        self._left, self._width = left + 24, width - 48
        sheet.words([Run(window.title, "bold")], left=self._left, width=self._width, size=19)
        sheet.at += 8
        for piece in window.pieces:
            self.piece(piece)
        self._pressed(window.buttons)
        sheet.at += 14
        sheet.box(
            left,
            top,
            width,
            sheet.at - top,
            fill=look.paper,
            edge="#b9bbc0",
            corner=8,
            behind=frame,
        )
        sheet.at += 20

    @singledispatchmethod
    def piece(self, piece: Piece) -> None:
        """Draw a part of a message."""
        raise TypeError(piece)

    @piece.register
    def _(self, text: Text) -> None:
        for block in blocks_of(text.markdown):
            self._block(block, 13.0 if text.is_small else 15.0)

    @piece.register
    def _(self, table: Table) -> None:
        sheet, columns = self.sheet, len(table.rows[0])
        widths = [
            max(wide(row[n], "bold", 14) for row in table.rows if n < len(row)) + 20
            for n in range(columns)
        ]
        shrink = min(1.0, self._width / sum(widths))
        for number, row in enumerate(table.rows):
            left = self._left
            for words, width in zip(row, widths, strict=True):
                sheet.box(
                    left, sheet.at, width * shrink, 27, edge=self.look.edge, corner=0,
                    fill=self.look.shade if not number else "none",
                )  # fmt: skip
                run = Run(words, "" if number else "bold")
                sheet.line((run,), left=left + 10, baseline=sheet.at + 18, size=14)
                left += width * shrink
            sheet.at += 27
        sheet.at += 8

    @piece.register
    def _(self, buttons: Buttons) -> None:
        sheet, left = self.sheet, self._left
        sheet.at += 4
        for label in buttons.labels:
            width = wide(label, "bold", 13) + 24
            if left + width > self._left + self._width:
                sheet.at, left = sheet.at + 36, self._left
            fill = self.look.shade if self.look.is_round else self.look.paper
            sheet.box(left, sheet.at, width, 30, fill=fill, edge=self.look.edge, corner=6)
            sheet.line((Run(label, "bold"),), left=left + 12, baseline=sheet.at + 20, size=13)
            left += width + 8
        sheet.at += 36

    @piece.register
    def _(self, steps: Steps) -> None:
        sheet = self.sheet
        for title, is_done in steps.steps:
            sign = Run("✓  " if is_done else "◌  ", "bold" if is_done else "faint")
            for line in wrapped(
                [sign, Run(title, "" if is_done else "faint")], self._width - 24, 14
            ):
                sheet.box(self._left, sheet.at, self._width, 28, fill=self.look.shade, corner=5)
                sheet.line(line, left=self._left + 12, baseline=sheet.at + 19, size=14)
                sheet.at += 31
        sheet.at += 4

    @piece.register
    def _(self, _line: Line) -> None:
        self.sheet.box(self._left, self.sheet.at + 4, self._width, 1, fill=self.look.edge, corner=0)
        self.sheet.at += 12

    @piece.register
    def _(self, choice: Choice) -> None:
        sheet = self.sheet
        self._label(choice.label)
        for option in choice.options:
            is_picked = option == choice.picked
            edge = self.look.accent if is_picked else "#868686"
            sheet.box(self._left, sheet.at + 3, 14, 14, edge=edge, corner=7)
            if is_picked:
                sheet.box(self._left + 4, sheet.at + 7, 6, 6, fill=edge, corner=3)
            sheet.line((Run(option),), left=self._left + 24, baseline=sheet.at + 15)
            sheet.at += 26
        sheet.at += 6

    @piece.register
    def _(self, entry: Entry) -> None:
        sheet = self.sheet
        self._label(entry.label)
        top, frame = sheet.at, sheet.mark()
        sheet.at += 8
        sheet.words([Run(entry.text or " ")], left=self._left + 12, width=self._width - 24)
        sheet.at += 12
        sheet.box(
            self._left,
            top,
            self._width,
            sheet.at - top,
            fill=self.look.paper,
            edge="#868686",
            behind=frame,
        )
        sheet.at += 12

    def _label(self, label: str) -> None:
        self.sheet.words([Run(label, "bold")], left=self._left, width=self._width)
        self.sheet.at += 2

    def _block(self, block: Block, size: float) -> None:
        sheet, left, width = self.sheet, self._left, self._width
        top, frame = sheet.at, sheet.mark()
        if block.kind == "code":
            sheet.at += 8
            sheet.words(block.runs, left=left + 12, width=width - 24, size=13)
            sheet.at += 8
            sheet.box(
                left,
                top,
                width,
                sheet.at - top,
                fill=self.look.shade,
                edge=self.look.edge,
                behind=frame,
            )
            sheet.at += 6
            return
        if block.kind == "quote":
            sheet.words(block.runs, left=left + 14, width=width - 14, size=size)
            sheet.box(left, top + 2, 4, sheet.at - top - 2, fill=self.look.edge, corner=2)
        elif block.kind == "item":
            sheet.line((Run(block.sign),), left=left, baseline=top + size, size=size)
            sheet.words(block.runs, left=left + 20, width=width - 20, size=size)
        else:
            sheet.words(block.runs, left=left, width=width, size=size)
            sheet.at += 4

    def _avatar(self, said: Said, left: float, top: float) -> None:
        letters = "".join(word[0] for word in said.who.split()[:2]).upper()
        colour = "#c2410c" if said.is_app else _COLOURS[sum(map(ord, said.who)) % len(_COLOURS)]
        corner = _AVATAR / 2 if self.look.is_round else 6
        self.sheet.box(left, top, _AVATAR, _AVATAR, fill=colour, corner=corner)
        at = left + (_AVATAR - wide(letters, "bold", 15)) / 2
        self.sheet.line((Run(letters, "bold"),), left=at, baseline=top + 23, ink="#ffffff")

    def _head(self, said: Said) -> None:
        sheet, left, baseline = self.sheet, self._left, self.sheet.at + 13
        sheet.line((Run(said.who, "bold"),), left=left, baseline=baseline)
        left += wide(said.who, "bold", 15) + 8
        if said.is_app:
            sheet.box(left, baseline - 12, 32, 16, fill=self._badge, corner=3)
            ink = "#ffffff" if self.look.is_round else self.look.faint
            sheet.line(
                (Run("APP", "bold"),), left=left + 4.5, baseline=baseline, size=10.5, ink=ink
            )
            left += 40
        sheet.line((Run(said.at),), left=left, baseline=baseline, size=12, ink=self.look.faint)
        sheet.at += 20

    @property
    def _badge(self) -> str:
        return self.look.accent if self.look.is_round else "#e8e8e8"

    def _pressed(self, labels: tuple[str, ...]) -> None:
        """The buttons of a window, at its right."""
        sheet, right = self.sheet, self._left + self._width
        for number, label in enumerate(reversed(labels)):
            width = wide(label, "bold", 14) + 28
            fill = self.look.accent if not number and len(labels) > 1 else self.look.paper
            ink = "#ffffff" if fill == self.look.accent else self.look.ink
            right -= width
            sheet.box(right, sheet.at + 6, width, 34, fill=fill, edge=self.look.edge, corner=5)
            sheet.line(
                (Run(label, "bold"),), left=right + 14, baseline=sheet.at + 28, size=14, ink=ink
            )
            right -= 10
        sheet.at += 44 if labels else 0
