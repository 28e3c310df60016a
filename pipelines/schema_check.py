"""Compares what a model wrote with a JSON schema; no text can make that take for ever.

An expression such as `^([a-z]+-?)+$` can need years for forty letters, and `re` cannot be stopped.
`regex` reads the same expressions and stops at a time; which ones are slow cannot be told by looks.
"""

from collections.abc import Iterator, Mapping
from time import thread_time
from typing import Any

import regex
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError as Violation
from jsonschema.validators import extend
from referencing import Registry
from referencing.exceptions import Unresolvable

MOST_S = 0.5
"""For all expressions of one check, in seconds of work; one that is fit for use takes far less."""
_NOWHERE: Registry[Any] = Registry()
"""Of other schemas: nothing is fetched that a schema refers to."""


class UncheckableError(Exception):
    """It cannot be told whether this keeps to the schema."""


def violations(
    value: Mapping[str, Any], schema: Mapping[str, Any], formats: FormatChecker | None = None
) -> list[Violation]:
    """All places where a value does not keep to a schema.

    Args:
        value: an object, as JSON is read.
        schema: valid as such.
        formats: those that are checked.

    Raises:
        UncheckableError: the schema cannot be used, or takes too long with this value.
    """
    matching = extend(Draft202012Validator, {"pattern": _Matching()})
    validator = matching(dict(schema), registry=_NOWHERE, format_checker=formats)
    try:
        return list(validator.iter_errors(dict(value)))
    except (OverflowError, Unresolvable, regex.error, RecursionError, TimeoutError) as error:
        raise UncheckableError from error


class _Matching:
    """The check of `pattern`, with time for one check of a value."""

    def __init__(self) -> None:
        self._ends = thread_time() + MOST_S

    def __call__(
        self, _: object, expression: str, text: object, __: Mapping[str, Any]
    ) -> Iterator[Violation]:
        """A violation, if the text does not match.

        Raises:
            TimeoutError: that cannot be told in time.
        """
        if not isinstance(text, str):
            return
        left = self._ends - thread_time()
        if left <= 0:
            raise TimeoutError
        if not regex.search(expression, text, timeout=left):
            yield Violation(f"{text!r} does not match {expression!r}")
