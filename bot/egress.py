"""The one gate that every outgoing text passes."""

import re
import unicodedata

# Terminal escape sequences: a page that carries one must not move anybody's cursor.
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_KEPT = "\n\t"


def cleaned(text: str) -> str:
    """The text without escape sequences, control, bidi, zero-width and tag characters."""
    text = _ESCAPES.sub("", text.replace("\r\n", "\n"))
    return "".join(c for c in text if c in _KEPT or not _is_invisible(c))


def _is_invisible(character: str) -> bool:
    # Cc: controls; Cf: bidi marks, zero-width joiners, tags; Cs: half characters.
    return unicodedata.category(character) in ("Cc", "Cf", "Cs") and character != "\u200d"
