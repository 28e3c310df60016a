"""A pen for charts: words, rules and dots, in the colours that all of them share."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import ImageDraw, ImageFont

# One colour stands out, the rest is what it is compared with; readable in grey and colour-blind.
OURS, OLDER, INK, FAINT, RULE = "#1f5fa8", "#8a94a3", "#1c2430", "#6b7482", "#dfe3e8"
# Everything is drawn at this size and then halved, which smooths its edges.
SCALE = 2


@dataclass(frozen=True, slots=True)
class Pen:
    """Draws in the units of the finished picture, which is `SCALE` times smaller."""

    draw: ImageDraw.ImageDraw

    def text(
        self, at: tuple[float, float], text: str, size: int = 14, *, colour: str = INK,
        anchor: str = "lm",
    ) -> None:  # fmt: skip
        """Words; letters that the font of the library lacks lose their accents."""
        font = ImageFont.load_default(size * SCALE)
        plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
        self.draw.text(self._at(*at), plain, font=font, fill=colour, anchor=anchor)

    def line(self, start: tuple[float, float], end: tuple[float, float], colour: str) -> None:
        """A rule."""
        self.draw.line(self._at(*start) + self._at(*end), fill=colour, width=2 * SCALE)

    def dot(self, at: tuple[float, float], radius: float, colour: str) -> None:
        """A filled circle."""
        x, y = at
        corners = self._at(x - radius, y - radius) + self._at(x + radius, y + radius)
        self.draw.ellipse(corners, fill=colour)

    @staticmethod
    def _at(x: float, y: float) -> tuple[float, float]:
        return x * SCALE, y * SCALE

    def path(self, points: Sequence[tuple[float, float]], colour: str) -> None:
        """A line from point to point."""
        self.draw.line([self._at(*point) for point in points], fill=colour, width=2 * SCALE)
