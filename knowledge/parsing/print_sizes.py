"""Print has no headings, only larger letters: which lines of a printed text are headings."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

_LARGER = 1.15  # than the letters of the text itself
_LONGEST_HEADING = 120  # signs
_DEEPEST = 4

Print = tuple[str, float]
"""Some printed signs and the height of their letters."""


def marked(pages: Sequence[Sequence[Print]]) -> list[str]:
    """The pages as text in which lines of larger letters are Markdown headings."""
    lined = [list(_lines(page)) for page in pages]
    levels = _levels(line for page in lined for line in page)
    return ["\n".join(_headed(page, levels)) for page in lined]


def _lines(page: Iterable[Print]) -> Iterator[Print]:
    """Whole lines, with the height of their largest letters."""
    line, height = "", 0.0
    for text, size in page:
        for number, part in enumerate(text.split("\n")):
            if number:
                yield line, height
                line, height = "", 0.0
            line += part
            height = max(height, size) if part.strip() else height
    yield line, height


def _levels(lines: Iterable[Print]) -> dict[float, int]:
    """The heading level of every height that is larger than that of most letters."""
    signs: Counter[float] = Counter()
    for text, height in lines:
        signs[height] += len(text.strip())
    usual = signs.most_common(1)[0][0] if signs else 0.0
    larger = sorted((height for height in signs if height > usual * _LARGER), reverse=True)
    return {height: min(level, _DEEPEST) for level, height in enumerate(larger, 1)}


def _headed(lines: Sequence[Print], levels: dict[float, int]) -> Iterator[str]:
    """Lines with their heading marks; a heading of several lines is one heading."""
    before = 0.0
    heading = ""
    for text, height in [*lines, ("", 0.0)]:
        is_heading = height in levels and any(sign.isalpha() for sign in text)
        if heading and is_heading and height == before and len(heading) < _LONGEST_HEADING:
            heading += f" {text.strip()}"
            continue
        if heading:
            yield heading
        before = height
        heading = f"{'#' * levels[height]} {text.strip()}" if is_heading else ""
        if not is_heading:
            yield text
