"""Reads the answer out of the JSON object that a model is still writing."""

import json
import re

_START = re.compile(r'"answer"\s*:\s*"')
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


class AnswerField:
    """Takes the model's text piece by piece and gives the answer's text as far as it is known."""

    def __init__(self) -> None:
        self._raw = ""
        self._at: int | None = None
        self.text = ""
        self.is_complete = False

    def feed(self, piece: str) -> str:
        """Add what the model wrote and return the new part of the answer, maybe empty."""
        self._raw += piece
        if self._at is None:
            start = _START.search(self._raw)
            if not start:
                return ""
            self._at = start.end()
        before = len(self.text)
        while not self.is_complete and self._take_one():
            pass
        return self.text[before:]

    def _take_one(self) -> bool:
        """Move over one character or one whole escape; False where more text is needed."""
        assert self._at is not None  # noqa: S101 (feed has found the start)
        rest = self._raw[self._at : self._at + 12]
        if not rest:
            return False
        if rest[0] == '"':
            self.is_complete = True
            return True
        taken, length = _unescaped(rest)
        self.text += taken
        self._at += length
        return length > 0


def _unescaped(rest: str) -> tuple[str, int]:
    """The first character of a JSON string and how much of it that took; 0 where it is cut."""
    if rest[0] != "\\":
        return rest[0], 1
    if len(rest) < 2:
        return "", 0
    if rest[1] != "u":
        return _ESCAPES.get(rest[1], rest[1]), 2
    is_pair = rest[2:4].lower() in ("d8", "d9", "da", "db")
    length = 12 if is_pair else 6
    if len(rest) < length:
        return "", 0
    try:
        character: str = json.loads(f'"{rest[:length]}"')
    except ValueError:
        return "", length
    return character.encode("utf-16", "surrogatepass").decode("utf-16", "ignore"), length


def reply_fields(text: str) -> tuple[str, list[int]]:
    """Answer and source numbers of a model's reply; of one that was cut short what is whole."""
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if isinstance(value, dict) and isinstance(value.get("answer"), str):
        sources = value.get("sources")
        numbers = [n for n in sources if isinstance(n, int)] if isinstance(sources, list) else []
        return value["answer"].strip(), numbers
    field = AnswerField()
    field.feed(text)
    said = field.text.strip()
    return (said if field.is_complete else _whole_sentences(said)), []


def _whole_sentences(text: str) -> str:
    """The text without its last sentence, which broke off: what it leaves out may turn it round."""
    ends = [match.end() for match in re.finditer(r"[.!?…](?=\s)|[.!?…]$", text)]
    return text[: ends[-1]] if ends else ""
