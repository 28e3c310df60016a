"""A text with `{column}` in it: values are inserted, and nothing else can be done."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from knowledge.errors import UsageError, suggestion
from knowledge.sources import SourceUnavailableError

_SIGNS = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


class WrongOptionError(SourceUnavailableError, UsageError):
    """An option of the source names something that cannot be."""


@dataclass(frozen=True, slots=True)
class Template:
    """A text with places for values; `{{` and `}}` stand for braces."""

    text: str

    def __post_init__(self) -> None:
        lone = next((sign for sign in _SIGNS.finditer(self.text) if sign[0] in {"{", "}"}), None)
        if lone:
            raise WrongOptionError(
                f"A {lone[0]} stands alone in the template '{_cut(self.text)}'.",
                what_to_do="A column is written {name}; a brace that is meant as such is doubled.",
            )

    def columns(self) -> list[str]:
        """The columns that it names."""
        return [sign[1] for sign in _SIGNS.finditer(self.text) if sign[1] is not None]

    def is_one_column(self) -> bool:
        """Whether it is a value and nothing beside it."""
        return bool(re.fullmatch(r"\s*\{[^{}]*\}\s*", self.text))

    def check(self, columns: Iterable[str]) -> None:
        """Refuse a template with a column that there is not.

        Raises:
            WrongOptionError: names the nearest right one.
        """
        known = list(columns)
        for name in self.columns():
            if name not in known:
                raise WrongOptionError(
                    f"The query gives no column '{name}', which the template "
                    f"'{_cut(self.text)}' wants.",
                    what_to_do=suggestion(name.lower(), known),
                )

    def filled(
        self, values: Mapping[str, str], *, quoted: Callable[[str], str] = lambda value: value
    ) -> str:
        """The text with its values; what stands in a value is never taken for a column."""

        def inserted(sign: re.Match[str]) -> str:
            return sign[0][0] if sign[1] is None else quoted(values[sign[1]])

        return _SIGNS.sub(inserted, self.text)


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:57]}..."
