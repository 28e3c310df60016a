"""What commands print: answers and values on stdout, messages on stderr."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from typing import Any, TextIO

from rich.console import Console
from rich.markup import escape

from bot.egress import cleaned
from knowledge.errors import TertuliaError

# Without emoji: a page that says `:x:` is shown as it is.
out = Console(highlight=False, soft_wrap=True, emoji=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)
_for_values: TextIO | None = None


def tell(message: str) -> None:
    """A message for the person at the terminal, on stderr."""
    err.print(escape(cleaned(message)))


def show(text: str) -> None:
    """Something that the command was asked for, on stdout, as it is."""
    out.print(cleaned(text), markup=False)


def show_json(value: object) -> None:
    """One JSON value, on stdout."""
    stream = _for_values or sys.stdout
    stream.write(json.dumps(value, ensure_ascii=False) + "\n")
    stream.flush()


@contextmanager
def values_alone() -> Iterator[None]:
    """Leave stdout to values; what others print, such as a tool of the team, goes to stderr."""
    global _for_values
    _for_values = sys.stdout
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        _for_values = None


def error_value(error: TertuliaError) -> Mapping[str, Any]:
    """The JSON shape of a failure."""
    return {
        "error": {"kind": error.kind, "message": str(error), "what_to_do": error.what_to_do},
    }


def tell_error(error: TertuliaError) -> None:
    """A failure for a person: what is wrong, then what to do."""
    err.print(f"[bold]{escape(cleaned(str(error)))}[/bold]\n{escape(cleaned(error.what_to_do))}")
