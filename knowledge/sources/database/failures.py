"""What a database said, as an error of its source: where, what, and what to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError

from knowledge.database_address import shown, without_password
from knowledge.errors import OperatorError
from knowledge.sources import SourceUnavailableError
from knowledge.sources.database.kinds import Kind
from knowledge.sources.database.template import WrongOptionError
from knowledge.sql_failures import Failure, failure_of

_MEANINGS = {
    Failure.USER: (
        "{where} does not accept the user or the password",
        "Correct the user in `url`, and the password in the environment variable that it names.",
    ),
    Failure.NO_DATABASE: (
        "there is no such database: {where}",
        "Correct the name at the end of `url`.",
    ),
    Failure.NO_FILE: (
        "the file {where} cannot be opened",
        "Check that it exists and may be read, or correct `url`.",
    ),
    Failure.AWAY: (
        "{where} does not answer",
        "Check that the server runs and that `url` has its right host and port; then refresh "
        "again: it goes on where it stopped.",
    ),
    Failure.CROWDED: (
        "{where} takes no more connections",
        "Refresh again later, or allow the user more connections.",
    ),
    Failure.BUSY: ("{where} is locked by somebody else", "Refresh again later."),
    Failure.TOO_LONG: (
        "{query} took longer than {timeout_s:g} seconds",
        "Put an index on its columns `key` and `changed`, make it simpler, or raise the option "
        "`timeout_s`.",
    ),
    Failure.NO_TABLE: ("{query} names a table that is not there", "Correct `query`."),
    Failure.NO_COLUMN: ("{query} names a column that is not there", "Correct `query`."),
    Failure.WRONG_SQL: ("{query} is not understood", "Correct `query`."),
    Failure.NOT_ALLOWED: (
        "the user of {where} may not read this",
        "Give that user the right to: GRANT SELECT ON ... TO ...",
    ),
    Failure.READ_ONLY: (
        "{query} tries to change something, and that is never allowed",
        "Write a query that only reads.",
    ),
    Failure.DAMAGED: ("{where} is damaged, or no database", "Restore it, or correct `url`."),
    Failure.OTHER: ("{query} failed", "Try the query by hand in the same database."),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A source and its database, for messages."""

    source: str
    url: URL
    timeout_s: float

    @contextmanager
    def reading(self, kind: Kind) -> Iterator[None]:
        """Turn what a driver says while rows of a kind are read into our error.

        Raises:
            SourceUnavailableError: says what to do.
        """
        try:
            yield
        except WrongOptionError as error:
            raise named(self.source, error) from error
        except SQLAlchemyError as error:
            raise self._explained(getattr(error, "orig", None) or error, kind) from error
        except (ArithmeticError, UnicodeDecodeError, NotImplementedError) as error:
            # A driver met a value that it has no type for.
            raise self._explained(error, kind) from error

    def _explained(self, error: BaseException, kind: Kind) -> SourceUnavailableError:
        said = without_password(str(error), self.url).strip().partition("\n")[0].rstrip(".")
        message, what_to_do = _MEANINGS[failure_of(error)]
        query = f"{kind.said[0].lower()}{kind.said[1:]}"
        words = {"where": shown(self.url), "query": query, "timeout_s": self.timeout_s}
        return SourceUnavailableError(
            f"Source '{self.source}': {message.format(**words)} ({said}). What was known from it "
            "stays.",
            what_to_do=what_to_do,
        )

    def doubled(self, kind: Kind, keys: list[str]) -> SourceUnavailableError:
        """Several rows have the same key: which of them the article is, nobody could say."""
        return SourceUnavailableError(
            f"Source '{self.source}': {kind.said[0].lower()}{kind.said[1:]} gives several rows "
            f"with the same '{kind.key}', such as {', '.join(keys)}. What was known from it stays.",
            what_to_do="Give one row for each article (GROUP BY, DISTINCT), or name a column as "
            "`key` that differs.",
        )


def named(source: str, error: OperatorError) -> OperatorError:
    """A mistake in the options, with the name of the source that has it."""
    return type(error)(f"Source '{source}': {error}", what_to_do=error.what_to_do)
