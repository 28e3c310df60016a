"""In which language notices are: the one rule for all platforms."""

from bot.wording import LANGUAGES
from knowledge.language import language_of_question
from knowledge.turn import Turn


def language_for(locale: str, text: str) -> str:
    """The language of notices: that of a locale such as `es-ES`, else that of what was said."""
    known = locale[:2].lower()
    return known if known in LANGUAGES else language_of_question(text, "en")


def language_of(turn: Turn) -> str:
    """The language of notices about a turn."""
    return language_for(turn.locale, turn.text)
