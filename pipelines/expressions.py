"""Calculations as people write them, in both languages, read as one plain form."""

import re
from unicodedata import category, decimal

from pipelines.tool import CannotError

LONGEST = 200
"""Characters of an expression."""
PERCENT = "percent"
NO_ARITHMETIC = (
    "It is no arithmetic: use numbers, + - * / ** %, brackets, sqrt, abs, min, max, round."
)
_NUMBER = r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
_SIGNS = str.maketrans({
    "×": "*", "·": "*", "⋅": "*", "∙": "*", "÷": "/", "∶": "/", "−": "-", "–": "-", "²": "**2",
    "³": "**3", "^": "**", "％": "%",
})  # fmt: skip
_TOKEN = re.compile(rf"{_NUMBER}|\b(?:sqrt|abs|min|max|round|percent)\b|[\s+\-*/%(),]")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:[.,]\d{3})+")
_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?: \d{3})+(?!\d)")
_WRITTEN = re.compile(r"(?<![\d.,])(?:\d+(?:[.,]\d+)*|[.,]\d+)")
_HEX = re.compile(r"\b0[xX][0-9a-fA-F]")
_TIMES = re.compile(r"(?<=[\d)])\s*[xX]\s*(?=[\d(])")
_PER_CENT = re.compile(r"\s*(?:%|\bper ?cent\b|\bpor ciento\b|\bpor cien\b)", re.IGNORECASE)
_SHARE = re.compile(rf"({_NUMBER}|\([^()]*\))%\s+(?:of|de|del)\s+(?:the\s+|los\s+|las\s+)?", re.I)
_PART = re.compile(rf"({_NUMBER}|\([^()]*\))%(?!\s*[\w(.])")
_OF_SEVERAL = re.compile(r"\b(?:min|max|round)\b")


def readable(expression: str, language: str) -> str:
    """An expression with plain digits and signs, points for decimals and nothing for thousands.

    Args:
        expression: as it was written: `12,5 × 3`, `1.250 € + 21 %`.
        language: of who wrote it: in `es` the point in `1.250` stands for thousands.

    Raises:
        CannotError: it is too long, or a number can be read in no way.
    """
    if len(expression) > LONGEST:
        raise CannotError(f"It is longer than {LONGEST} signs.")
    text = "".join(_sign(one) for one in expression).translate(_SIGNS).strip().rstrip("=? ")
    if _HEX.search(text):
        raise CannotError("Numbers such as 0x1F are not read; a product is written with *.")
    text = _TIMES.sub(" * ", _GROUPED.sub(lambda found: found[0].replace(" ", ""), text))
    text = _PER_CENT.sub("%", " ".join(text.split()))
    if ";" not in text and _OF_SEVERAL.search(text):
        text = text.replace(",", ", ")  # there a comma stands between numbers, not in them
    # A number elsewhere in it proves nothing: models write 1.350 * 0.21 where people say 1.350.
    point = "," if language == "es" else "."
    text = _WRITTEN.sub(lambda found: _number(found[0], point), text)
    return " ".join(text.replace(";", ", ").split())


def in_pythons_grammar(text: str) -> str:
    """A readable expression as Python parses it; percent signs become calls.

    Raises:
        CannotError: something else than arithmetic is in it.
    """
    text = _PART.sub(rf"{PERCENT}(\1)", _SHARE.sub(r"(\1/100)*", text))
    if _TOKEN.sub("", text).strip():
        raise CannotError(NO_ARITHMETIC)
    return text


def _sign(one: str) -> str:
    """A sign as we know it: digits of all scripts, no currencies, one kind of space."""
    if one.isdecimal():
        return str(decimal(one))
    return {"Zs": " ", "Sc": ""}.get(category(one), one)


def _sure_point(number: str) -> str:
    """The decimal sign that a number has or would have; empty where that cannot be seen."""
    signs = re.findall(r"[.,]", number)
    if len(set(signs)) > 1:
        return str(signs[-1])
    if len(signs) > 1:
        return "," if signs[0] == "." else "."
    return "".join(signs) if not _THOUSANDS.fullmatch(number) else ""


def _number(written: str, point: str) -> str:
    """One number with a point for decimals and nothing for thousands.

    Raises:
        CannotError: its signs stand where no thousands end.
    """
    point = _sure_point(written) or point
    whole, _, rest = written.partition(point)
    has_thousands = re.search(r"[.,]", whole) is not None
    if (has_thousands and not _THOUSANDS.fullmatch(whole)) or re.search(r"[.,]", rest):
        raise CannotError(f"The number {written} can be read in no way.")
    plain = re.sub(r"[.,]", "", whole).lstrip("0") or "0"
    return f"{plain}.{rest}" if rest else plain
