"""A column for what people, models and documents wrote, which every database takes."""

from sqlalchemy import Text, TypeDecorator
from sqlalchemy.engine import Dialect


class Written(TypeDecorator[str]):
    """A text of any length; NUL, which PostgreSQL takes in no text, is left out."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text as it is kept."""
        return value.replace("\0", "") if value else value
