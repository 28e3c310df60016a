"""The names of commands in the languages of those who use them."""

from discord import Locale, app_commands
from discord.app_commands import TranslationContextTypes, locale_str

from bot.wording import LANGUAGES, say


def words(key: str) -> locale_str:
    """The sentence of this key, in English unless a translation is asked for."""
    return locale_str(say(key, "en"), key=key)


class Translator(app_commands.Translator):
    """Finds translations in our own catalogue."""

    async def translate(
        self, string: locale_str, locale: Locale, context: TranslationContextTypes
    ) -> str | None:
        """The text in this language; None where we do not speak it, or where it is English."""
        del context
        language, key = locale.value[:2], string.extras.get("key", "")
        if language == "en" or language not in LANGUAGES or not key:
            return None
        return say(key, language)
