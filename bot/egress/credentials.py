"""Passwords, keys and tokens are masked in what goes out."""

import re
from collections.abc import Collection

from bot.egress.addresses import outside
from knowledge.credentials import is_password, without_secrets

_IN_BRACKETS = re.compile(r"\s*\([^()]*\)\s*$")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


def masked(text: str, mark: str, *, but: Collection[str] = ()) -> str:
    """The text with `mark` in place of what looks like a secret.

    Args:
        text: any text, of one line or of many.
        mark: what people see instead, such as `[secret removed]`.
        but: addresses that stay as they are, whatever they look like.
    """
    return outside(text, but, lambda part: without_secrets(part, mark))


def is_named_by(name: str, value: str) -> bool:
    """Whether a whole text is a secret because of what stands before it, in a cell for instance.

    Several of them may stand there; a name may have something in brackets behind it.
    """
    before = f"{_IN_BRACKETS.sub('', name).rstrip(' :=')}: "
    words = [word.strip("\"'`*").rstrip(".,;:?!*") for word in value.split()]
    secrets = [word for word in words if any(map(str.isalnum, word))]
    return bool(secrets) and all(_is_beside(before, word) for word in secrets)


def _is_beside(before: str, word: str) -> bool:
    return is_password(word) and without_secrets(before + word, "") == before


def masked_markdown(text: str, mark: str, *, but: Collection[str] = ()) -> str:
    """The same for Markdown, where a backslash may stand inside a secret."""
    return masked("\n".join(_unbroken(line, mark, but) for line in text.split("\n")), mark, but=but)


def _unbroken(line: str, mark: str, but: Collection[str]) -> str:
    """The line, without its backslashes where more of it is secret then."""
    if "\\" not in line:
        return line
    bare, safe = _bare(line), masked(line, mark, but=but)
    return line if _bare(safe) == masked(bare, mark, but=but) else bare


def _bare(line: str) -> str:
    return _ESCAPED.sub(r"\1", line)
