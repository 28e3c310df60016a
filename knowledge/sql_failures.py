"""What went wrong with a database, whatever words its driver has for it."""

import re
from enum import Enum, auto


class Failure(Enum):
    """The ways in which a database fails that people can do something about."""

    USER = auto()
    """It does not accept the user or the password."""
    NO_DATABASE = auto()
    NO_FILE = auto()
    AWAY = auto()
    """It cannot be reached, or the connection was lost."""
    CROWDED = auto()
    """It takes no more connections."""
    BUSY = auto()
    """Somebody else holds a lock."""
    FULL = auto()
    READ_ONLY = auto()
    NOT_ALLOWED = auto()
    """The user may not do this."""
    TOO_LONG = auto()
    """The statement took longer than allowed."""
    NO_TABLE = auto()
    NO_COLUMN = auto()
    WRONG_SQL = auto()
    DAMAGED = auto()
    OTHER = auto()


# SQL states as PostgreSQL has them (appendix A of its manual); the first match counts.
_STATES = (
    (Failure.USER, "28"),
    (Failure.NO_DATABASE, "3D"),
    (Failure.CROWDED, "53300"),
    (Failure.FULL, "53100"),
    (Failure.BUSY, "55P03|40P01|40001"),
    (Failure.TOO_LONG, "57014"),
    (Failure.AWAY, "57P|08|25P03"),
    (Failure.READ_ONLY, "25006"),
    (Failure.NOT_ALLOWED, "42501"),
    (Failure.NO_TABLE, "42P01|3F000"),
    (Failure.NO_COLUMN, "42703"),
    (Failure.WRONG_SQL, "42"),
)
# What carries no state: SQLite, MySQL, and connections that PostgreSQL refuses.
_WORDS = (
    (Failure.NO_TABLE, r"no such table|table '.*' doesn't exist"),
    (Failure.NO_COLUMN, r"no such column|unknown column"),
    (Failure.WRONG_SQL, r"syntax error|error in your sql|incomplete input"),
    (Failure.DAMAGED, r"not a database|malformed"),
    (Failure.FULL, r"\bfull\b|no space"),
    (Failure.BUSY, r"\blocked\b|\bbusy\b"),
    (Failure.READ_ONLY, r"read-?only"),
    (Failure.TOO_LONG, r"interrupted|execution time exceeded"),
    (Failure.CROWDED, r"too many (connections|clients)|connection slots|queuepool limit"),
    (Failure.USER, r"password|access denied|role \".*\" does not exist"),
    (Failure.NO_DATABASE, r"database \".*\" does not exist|unknown database"),
    (Failure.NO_FILE, r"unable to open"),
    (
        Failure.AWAY,
        r"connection (refused|failed|is closed|is lost|was lost|timeout)|timeout expired|resolve"
        r"|server closed|lost connection|can't connect|consuming input|starting up|shutting down",
    ),
)


def failure_of(error: BaseException) -> Failure:
    """How a database has failed, by the error of its driver."""
    state = getattr(error, "sqlstate", None)
    if state:
        return next((kind for kind, states in _STATES if re.match(states, state)), Failure.OTHER)
    said = str(error).lower()
    return next((kind for kind, words in _WORDS if re.search(words, said)), Failure.OTHER)
