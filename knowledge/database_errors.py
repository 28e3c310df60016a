"""What goes wrong with our own database, said so that somebody can act."""

from pathlib import Path

from sqlalchemy import URL

from knowledge.database_address import shown, without_password
from knowledge.errors import OperatorError, TransientError
from knowledge.sql_failures import Failure, failure_of

LOCK_WAIT_S = 30
"""Seconds to wait for somebody else who is writing."""


class DatabaseVersionError(OperatorError):
    """The database was written by another version of Tertulia."""


class DatabaseFullError(OperatorError):
    """There is no room to write; nothing of the transaction was kept."""


class DatabaseUnusableError(OperatorError):
    """The database cannot be opened, read or written."""


class DatabaseBusyError(TransientError):
    """Somebody else is writing and did not finish in time."""


class DatabaseAwayError(TransientError):
    """The server of the database does not answer, or the connection to it was lost."""


_MEANINGS: dict[Failure, tuple[type[OperatorError | TransientError], str, str]] = {
    Failure.USER: (
        DatabaseUnusableError,
        "The database {where} does not let us in: {said}.",
        "Correct user and password in DATABASE_URL. In them, @ is written %40, : is %3A, / is %2F.",
    ),
    Failure.NO_DATABASE: (
        DatabaseUnusableError,
        "There is no database {where} to open: {said}.",
        "Create it (on a PostgreSQL server: createdb {name}), or correct DATABASE_URL.",
    ),
    Failure.AWAY: (
        DatabaseAwayError,
        "The database {where} does not answer: {said}.",
        "Check that its server runs and that DATABASE_URL has its right host and port. Nothing has "
        "to be restarted here: the next request connects anew.",
    ),
    Failure.CROWDED: (
        DatabaseBusyError,
        "The database {where} takes no more connections: {said}.",
        "Try again when others have finished. If it happens often, allow more connections on the "
        "server, or run fewer replicas.",
    ),
    Failure.BUSY: (
        DatabaseBusyError,
        "Another process kept {where} locked for {wait} seconds.",
        "Try again when the other refresh or server has finished its work.",
    ),
    Failure.FULL: (
        DatabaseFullError,
        "There is no room left to write to {where}; nothing was lost.",
        "Free some space on this disk and try again.",
    ),
    Failure.READ_ONLY: (
        DatabaseUnusableError,
        "The database {where} can only be read: {said}.",
        "Let the user of DATABASE_URL write to it; of several servers, name the one that writes.",
    ),
    Failure.NOT_ALLOWED: (
        DatabaseUnusableError,
        "The database {where} does not allow this: {said}.",
        "Give the user of DATABASE_URL the right to create tables and to write to them: it is "
        "best the owner of the database.",
    ),
    Failure.DAMAGED: (
        DatabaseUnusableError,
        "The database {where} is damaged: {said}.",
        # A log of the damaged file would be taken for the new one's.
        "Move it away, with {name}-wal and -shm where they are beside it, and run: tertulia "
        "refresh. Your sources are read anew; the conversations so far are in the file that you "
        "moved.",
    ),
    Failure.OTHER: (
        DatabaseUnusableError,
        "The database {where} cannot be used: {said}.",
        "Check that the file or server exists, may be written and has room.",
    ),
}


def translated(error: BaseException, url: URL) -> OperatorError | TransientError:
    """What a driver said, as an error of ours; without the password."""
    said = without_password(str(error), url).strip().partition("\n")[0].rstrip(".")
    where, failure = shown(url), failure_of(error)
    kind, message, what_to_do = _MEANINGS.get(failure, _MEANINGS[Failure.OTHER])
    words = {"where": where, "said": said, "name": Path(where).name, "wait": LOCK_WAIT_S}
    return kind(message.format(**words), what_to_do=what_to_do.format(**words))
