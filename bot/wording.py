"""The sentences of `bot/locales/`, in English and Spanish."""

from functools import cache
from pathlib import Path

from fluent.runtime import FluentBundle, FluentResource

LANGUAGES = ("en", "es")
MOST_CHARACTERS = 2_000
"""Of one value: a sentence is no place for more, and Fluent refuses 2,500."""


@cache
def _bundle(language: str) -> FluentBundle:
    bundle = FluentBundle([language], use_isolating=False)
    path = Path(__file__).parent / "locales" / f"{language}.ftl"
    bundle.add_resource(FluentResource(path.read_text(encoding="utf-8")))
    return bundle


def say(key: str, language: str, **values: object) -> str:
    """The sentence of this key in the language, English where we do not speak it.

    Values are inserted as they are, the longest cut short; they are never read as a pattern.
    """
    values = {name: _cut(value) for name, value in values.items()}
    bundle = _bundle(language if language in LANGUAGES else "en")
    pattern = bundle.get_message(key).value
    if pattern is None:
        raise KeyError(key)
    text, problems = bundle.format_pattern(pattern, values)
    if problems:
        raise problems[0]
    return str(text)


def _cut(value: object) -> object:
    is_long = isinstance(value, str) and len(value) > MOST_CHARACTERS
    return f"{str(value)[: MOST_CHARACTERS - 1]}…" if is_long else value
