"""Signs that nobody sees, or that move things, are taken out of a text."""

import re
import unicodedata

# Terminal escape sequences: a page that carries one must not move anybody's cursor.
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_KEPT = "\n\t"
_BREAKS = re.compile("\r\n|[\u2028\u2029]")
# Letters, marks and symbols without a shape, and the variation signs that can carry a message.
_SHAPELESS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0e\uffa0\U000e0100-\U000e01ef]"
)
# Joiner and colour sign belong into emoji and some scripts; beside Latin letters they split words.
_LOOSE = re.compile("(?<![\u0900-\u0dff\u2000-\uffff\U00010000-\U0010ffff#*0-9])[\u200d\ufe0f]")
_REPEATED = re.compile("([\u200d\ufe0f])[\u200d\ufe0f]*(?=\\1)")


def cleaned(text: str) -> str:
    """The text without escape sequences, control, bidi, zero-width and tag characters."""
    if text.isascii() and text.isprintable():
        return text
    text = _SHAPELESS.sub("", _ESCAPES.sub("", _BREAKS.sub("\n", text)))
    if not text.replace("\n", "").replace("\t", "").isprintable():
        text = "".join(c for c in text if c in _KEPT or not _is_invisible(c))
    return _LOOSE.sub("", _REPEATED.sub("", text))


def _is_invisible(character: str) -> bool:
    # Cc: controls; Cf: bidi marks, zero-width joiners, tags; Cs: half characters.
    return unicodedata.category(character) in ("Cc", "Cf", "Cs") and character != "\u200d"
