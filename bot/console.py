"""What commands print: answers and values on stdout, messages on stderr."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stdout, suppress
from typing import Any, TextIO

from rich.console import Console
from rich.markup import escape

from bot.egress import cleaned
from knowledge.errors import TertuliaError

# Without emoji: a page that says `:x:` is shown as it is.
out = Console(highlight=False, soft_wrap=True, emoji=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)
_STDOUT, _STDERR = 1, 2
_for_values: TextIO | None = None


def tell(message: str) -> None:
    """A message for the person at the terminal, on stderr."""
    err.print(escape(cleaned(message)))


def show(text: str) -> None:
    """Something that the command was asked for, on stdout, as it is."""
    out.print(cleaned(text), markup=False)


def progress(*, as_json: bool) -> Callable[[str], None]:
    """Shows how far something is, each time in the place of the last, where somebody looks."""
    if as_json or not err.is_terminal:
        return lambda _: None
    return lambda line: err.print(f"\x1b[2K{line}", end="\r", markup=False)


def show_json(value: object) -> None:
    """One JSON value, on stdout."""
    stream = _for_values or sys.stdout
    stream.write(json.dumps(value, ensure_ascii=False) + "\n")
    stream.flush()


@contextmanager
def values_alone() -> Iterator[None]:
    """Leave stdout to values; what others print, such as a tool of the team, goes to stderr.

    Also what programs print that they start: where stdout is the first file of this process, that
    file is another one meanwhile.
    """
    global _for_values
    with ExitStack() as stack:
        _for_values = (
            stack.enter_context(_kept_apart()) if _is_first_file(sys.stdout) else sys.stdout
        )
        stack.enter_context(redirect_stdout(sys.stderr))
        try:
            yield
        finally:
            _for_values = None


@contextmanager
def _kept_apart() -> Iterator[TextIO]:
    """Stdout as it was, while the file that all print to is stderr."""
    sys.stdout.flush()
    kept = os.dup(_STDOUT)
    os.dup2(_STDERR, _STDOUT)
    stream = os.fdopen(os.dup(kept), "w", encoding=sys.stdout.encoding)
    try:
        yield stream
    finally:
        with suppress(BrokenPipeError):  # nobody reads any more
            stream.close()
        os.dup2(kept, _STDOUT)
        os.close(kept)


def _is_first_file(stream: TextIO) -> bool:
    try:
        return stream.fileno() == _STDOUT
    except (OSError, ValueError):  # it is none, in tests for instance
        return False


def error_value(error: TertuliaError) -> Mapping[str, Any]:
    """The JSON shape of a failure."""
    return {
        "error": {"kind": error.kind, "message": str(error), "what_to_do": error.what_to_do},
    }


def tell_error(error: TertuliaError) -> None:
    """A failure for a person: what is wrong, then what to do."""
    err.print(f"[bold]{escape(cleaned(str(error)))}[/bold]\n{escape(cleaned(error.what_to_do))}")
