"""What of an answer that is still being written may be shown already: words that will stay so."""

import re

from bot.egress import cleaned
from bot.platforms.slack.posting import unfinished

HELD_BACK = 1
"""So many places of a cut at the end are not used: what comes next may make a secret of it."""
_OPEN = re.compile(r"-----BEGIN(?:(?!-----END [^\n-]*-----)[\s\S])*\Z|\x1b[\s\S]*\Z")
"""A key whose end is not there yet is no secret by its looks; nor is a sequence for terminals."""
_FENCE = re.compile(r"^[ >]*(?:[-*+] +|\d+[.)] +)*(?P<sign>`{3,}|~{3,})(?P<more>.*)$", re.MULTILINE)
_PARAGRAPH = re.compile(r"\n[ \t>]*\n")
_SPACE = re.compile(r"[ \n]+")
_NO_MARK = re.compile(r"(?<=\w)_(?=\w)|(?<!\S)[*_](?!\S)|\\[*_`~\[\]]")
_PAIRED = ("`", "*", "_", "~~")


def settled(text: str, language: str) -> str:
    """The words that can be shown for good, through the gate together with all before them.

    Args:
        text: all that was written so far.
        language: of what stands in the place of something that is taken out.
    """
    readable = _closed(cleaned(_OPEN.sub("", text)), 0)
    readable = _closed(_OPEN.sub("", readable), 0)  # the cut may have opened it again
    shown = _closed(unfinished(readable, language), HELD_BACK)
    # A part of what has passed the gate may be something else than the whole: it must pass, too.
    return shown if unfinished(shown, language) == shown.rstrip() else ""


def _closed(text: str, held_back: int) -> str:
    """The text up to a space where nothing is open that would be read otherwise once it closes."""
    text = text[: _end_of_blocks(text)]
    start = max((found.end() for found in _PARAGRAPH.finditer(text)), default=0)
    tail = _NO_MARK.sub(lambda found: "-" * len(found[0]), text[start:])
    ends = [found.end() for found in _SPACE.finditer(tail)]
    usable = ends[: len(ends) - held_back] if held_back else ends
    end = next((end for end in reversed(usable) if not _is_open(tail[:end])), 0)
    return text[: start + end]


def _is_open(words: str) -> bool:
    """Whether something was begun here that goes on: emphasis, code, the words of a link."""
    is_odd = any(words.count(mark) % 2 for mark in _PAIRED)
    return is_odd or words.count("[") != words.count("]") or _is_table(words)


def _is_table(words: str) -> bool:
    """Whether it ends in the middle of a table, or in the line that may become its head."""
    *_, last = words.removesuffix("\n").split("\n")
    return last.lstrip(" >").startswith("|")


def _end_of_blocks(text: str) -> int:
    """Where the last fence begins that is not closed; else the end."""
    opened, sign = len(text), ""
    for found in _FENCE.finditer(text):
        if not sign:
            opened, sign = found.start(), found["sign"]
        elif found["sign"].startswith(sign) and not found["more"].strip():
            opened, sign = len(text), ""
    return opened
