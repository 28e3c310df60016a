"""A sheet on which words and boxes are drawn from top to bottom, as SVG."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from itertools import groupby

from fpdf.fonts import CORE_FONTS_CHARWIDTHS
from wcwidth import wcswidth

WIDTH = 800
_SANS = "Helvetica, Arial, 'Liberation Sans', sans-serif"
_MONO = "Menlo, Consolas, 'Liberation Mono', 'DejaVu Sans Mono', monospace"
_MONO_WIDTH = 0.6
_WIDER = 1.13
"""Fonts that stand in for Helvetica are wider, DejaVu most of all."""


@dataclass(frozen=True, slots=True)
class Run:
    """Words in one style."""

    words: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """The colours of a chat."""

    ink: str
    faint: str
    link: str
    code: str
    name: str
    edge: str
    shade: str
    paper: str
    is_round: bool
    badge: str
    accent: str


Line = tuple[Run, ...]


def wide(words: str, style: str, size: float) -> float:
    """How many units words take."""
    if style in ("code", "fence"):
        return max(wcswidth(words), 0) * _MONO_WIDTH * size
    widths = CORE_FONTS_CHARWIDTHS["helveticaB" if "bold" in style else "helvetica"]
    return sum(_char(widths.get(sign, 0), sign) for sign in words) * size / 1000 * _WIDER


@lru_cache
def _char(known: int, sign: str) -> int:
    return known or 556 * max(wcswidth(sign), 0)


def wrapped(runs: Iterable[Run], width: float, size: float) -> Iterator[Line]:
    """Lines that fit, broken at blanks, and inside words that are wider than a line."""
    line: list[Run] = []
    taken = 0.0
    for word in _words(runs):
        if word.words == "\n":
            yield _tight(line)
            line, taken = [], 0.0
            continue
        for piece in _fitting(word, width, size):
            needed = wide(piece.words.rstrip(), piece.style, size)
            if line and taken + needed > width:
                yield _tight(line)
                line, taken = [], 0.0
            line.append(piece)
            taken += wide(piece.words, piece.style, size)
    if line:
        yield _tight(line)


def _words(runs: Iterable[Run]) -> Iterator[Run]:
    for run in runs:
        for number, text in enumerate(run.words.split("\n")):
            if number:
                yield Run("\n")
            words = text.split(" ")
            pieces = [f"{word} " for word in words[:-1]] + words[-1:]
            yield from (Run(piece, run.style) for piece in pieces if piece)


def _fitting(word: Run, width: float, size: float) -> Iterator[Run]:
    """A word in pieces, each no wider than a line."""
    piece = ""
    for sign in word.words:
        if piece and wide(piece + sign.strip(), word.style, size) > width:
            yield Run(piece, word.style)
            piece = ""
        piece += sign
    yield Run(piece, word.style)


def _tight(line: Sequence[Run]) -> Line:
    grouped = groupby(line, key=lambda run: run.style)
    joined = [Run("".join(run.words for run in runs), style) for style, runs in grouped]
    return tuple(joined)


@dataclass
class Sheet:
    """Draws, and remembers how far down it is.

    Attributes:
        at: where the next thing begins.
    """

    look: Look
    at: float = 16.0
    _drawn: list[str] = field(default_factory=list)

    def words(
        self, runs: Iterable[Run], *, left: float, width: float, size: float = 15.0, ink: str = ""
    ) -> None:
        """Words in as many lines as they take."""
        for line in wrapped(runs, width, size):
            self.line(line, left=left, baseline=self.at + size, size=size, ink=ink)
            self.at += round(size * 1.45)

    def line(
        self, line: Line, *, left: float, baseline: float, size: float = 15.0, ink: str = ""
    ) -> None:
        """One line at a place."""
        spans = "".join(
            f"<tspan{self._styled(run.style, size)}>{_safe(run.words)}</tspan>" for run in line
        )
        place = f'x="{left:g}" y="{baseline:g}" font-size="{size:g}" fill="{ink or self.look.ink}"'
        self._drawn.append(f'<text {place} xml:space="preserve">{spans}</text>')

    def box(
        self,
        left: float,
        top: float,
        width: float,
        height: float,
        *,
        fill: str = "none",
        edge: str = "none",
        corner: float = 4.0,
        behind: int | None = None,
    ) -> None:
        """A box, over what is there already, or behind all that was drawn since `mark`."""
        place = f'x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}"'
        at = len(self._drawn) if behind is None else behind
        self._drawn.insert(at, f'<rect {place} rx="{corner:g}" fill="{fill}" stroke="{edge}"/>')

    def mark(self) -> int:
        """How much is drawn by now."""
        return len(self._drawn)

    def svg(self, says: str) -> str:
        """The whole sheet; `says` is for who cannot see it."""
        height = round(self.at + 16)
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
            f'viewBox="0 0 {WIDTH} {height}" role="img" font-family="{_SANS}">'
        )
        paper = f'<rect width="{WIDTH}" height="{height}" fill="{self.look.paper}"/>'
        return "\n".join((head, f"<title>{escape(says)}</title>", paper, *self._drawn, "</svg>\n"))

    def _styled(self, style: str, size: float) -> str:
        look, styles = self.look, style.split()
        found = {
            "bold": ' font-weight="bold"',
            "italic": ' font-style="italic"',
            "strike": ' text-decoration="line-through"',
            "code": f' font-family="{_MONO}" font-size="{size * 0.9:g}" fill="{look.code}"',
            "fence": f' font-family="{_MONO}"',
            "link": f' fill="{look.link}"',
            "name": f' fill="{look.name}" font-weight="bold"',
            "faint": f' fill="{look.faint}"',
        }
        return "".join(found[one] for one in styles)


def _safe(words: str) -> str:
    return escape(words, quote=False)
