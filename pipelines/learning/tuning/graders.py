"""Rules that tell whether an answer is one that is wanted: by its form, or by the row's own answer.

A job names one with its argument: `json:answer,sources`, `voice:vos`, `words:40`, `matches:^[0-9]`;
or `answer`, which takes none.
"""

import json
import re
from collections.abc import Callable, Mapping

from knowledge.errors import suggestion
from pipelines.learning.trainers import JobRefusedError
from pipelines.voices import SINGULAR, address

Grader = Callable[[str, str], bool]
"""Whether an answer is one that is wanted; the second text is what the row says is right."""
BY_ROW = "answer"
"""The rule for which rows need answers: one that is only well formed may be wrong every time."""


def grader(named: str) -> Grader:
    """The rule that a job names.

    Raises:
        JobRefusedError: there is none of this name, or its argument is wrong.
    """
    kind, _, argument = named.partition(":")
    if kind not in _RULES:
        raise JobRefusedError(
            f"There is no grader '{named}'.",
            what_to_do=suggestion(kind, _RULES) + " With its argument: `json:answer,sources`.",
        )
    try:
        return _RULES[kind](argument)
    except (ValueError, re.error) as error:
        raise JobRefusedError(
            f"The grader '{named}' cannot be used: {error}.",
            what_to_do="Right: `json:answer,sources`, `voice:vos`, `words:40`, `matches:^[0-9]`, "
            "`answer`.",
        ) from error


def _json(argument: str) -> Grader:
    """An object with just these fields."""
    fields = {name.strip() for name in argument.split(",")} - {""}
    if not fields:
        raise ValueError("it names no fields")

    def keeps(text: str, _right: str) -> bool:
        try:
            said = json.loads(text)
        except (ValueError, RecursionError):
            return False
        return isinstance(said, dict) and set(said) == fields

    return keeps


def _voice(argument: str) -> Grader:
    """Spanish that addresses one person in this way, and in no other."""
    if argument not in SINGULAR:
        raise ValueError(f"it is one of {', '.join(sorted(SINGULAR))}")
    return lambda text, _right: address(text) == {argument}


def _words(argument: str) -> Grader:
    """At most so many words, and not none."""
    most = int(argument)
    return lambda text, _right: 0 < len(text.split()) <= most


def _matches(argument: str) -> Grader:
    """What a regular expression finds."""
    pattern = re.compile(argument)
    return lambda text, _right: pattern.search(text) is not None


def _answer(argument: str) -> Grader:
    """What the row says, whatever its capitals and its full stop."""
    if argument:
        raise ValueError("it takes no argument")
    return lambda text, right: _bare(text) == _bare(right)


def _bare(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".")


_RULES: Mapping[str, Callable[[str], Grader]] = {
    "json": _json,
    "voice": _voice,
    "words": _words,
    "matches": _matches,
    BY_ROW: _answer,
}
