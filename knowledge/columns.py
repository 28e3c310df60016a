"""A column for what people, models and documents wrote, which every database takes."""

from sqlalchemy import Text, TypeDecorator
from sqlalchemy.engine import Dialect


class Written(TypeDecorator[str]):
    """A text of any length; NUL, which PostgreSQL takes in no text, is left out.

    Half a character, which JSON can hold and no database, becomes the sign for what is unreadable.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text as it is kept."""
        return valid(value) if value else value


def valid(text: str) -> str:
    """The text without what could not be kept."""
    whole = text.replace("\0", "")
    return whole.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
