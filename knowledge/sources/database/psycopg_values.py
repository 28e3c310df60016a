"""Values of PostgreSQL that Python has nothing for: one of them must not end the whole stream."""

from collections.abc import Callable
from typing import Any

from psycopg import Connection, DataError
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader

from knowledge.sources.database.positions import Unbounded


class _Text(Loader):
    """Text; bytes where it is none, as a database without an encoding may hold them."""

    def load(self, data: Buffer) -> str | bytes:
        """The value."""
        raw = bytes(data)
        try:
            return raw.decode()
        except UnicodeDecodeError:
            return raw


class _Date(DateLoader):
    """A date, or a word such as `infinity`."""

    def load(self, data: Buffer) -> Any:  # noqa: ANN401 (a date or a text)
        """The value."""
        return _or_word(super().load, data)


class _Timestamp(TimestampLoader):
    """A time without a zone, or a word such as `infinity`."""

    def load(self, data: Buffer) -> Any:  # noqa: ANN401 (a time or a text)
        """The value."""
        return _or_word(super().load, data)


class _Timestamptz(TimestamptzLoader):
    """A time with a zone, or a word such as `infinity`."""

    def load(self, data: Buffer) -> Any:  # noqa: ANN401 (a time or a text)
        """The value."""
        return _or_word(super().load, data)


_LOADERS: dict[str, type[Loader]] = {
    "text": _Text,
    "varchar": _Text,
    "bpchar": _Text,
    "date": _Date,
    "timestamp": _Timestamp,
    "timestamptz": _Timestamptz,
}


def register(connection: Connection[Any]) -> None:
    """Have a connection hand over such values as they are written."""
    for name, loader in _LOADERS.items():
        connection.adapters.register_loader(name, loader)


def _or_word(load: Callable[[Buffer], object], data: Buffer) -> object:
    try:
        return load(data)
    except DataError:
        return Unbounded(bytes(data).decode())
