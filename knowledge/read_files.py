"""What sources that read files share: what a file says, and failures in the words of sources."""

from datetime import UTC, datetime
from pathlib import PurePath

from knowledge.parsing import NoTextError, NotParsedError
from knowledge.sources import BrokenContentError, EmptyError, UnreadableError


def title_from(path: PurePath) -> str:
    """A title for a file that states none: `the_house-rules.md` is `The house rules`."""
    words = path.stem.replace("_", " ").replace("-", " ").strip() or path.name
    return words[0].upper() + words[1:]


def moment(stated: str) -> datetime | None:
    """A point in time as a file states it; without a zone it is taken as UTC."""
    try:
        found = datetime.fromisoformat(stated)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def megabytes(size: int) -> str:
    """A size in bytes as people read it: 0.1 MB, 3.4 MB, 50 MB."""
    amount = size / 2**20
    digits = f"{amount:.2g}" if amount < 1 else f"{amount:.1f}".removesuffix(".0")
    return f"{digits} MB"


def too_large(size: int, allowed: int) -> str:
    """Why a file of so many bytes is not read."""
    return f"It has {megabytes(size)}; more than {megabytes(allowed)} are not read."


def unparsed(error: NotParsedError) -> UnreadableError:
    """A file that gave no text is at fault, unless the clock ran out: we may have been busy."""
    if isinstance(error.__cause__, TimeoutError):
        return UnreadableError(
            str(error),
            what_to_do="Refresh again when this machine is less busy. If that does not help: "
            f"{error.what_to_do}",
        )
    kind = EmptyError if isinstance(error, NoTextError) else BrokenContentError
    return kind(str(error), what_to_do=error.what_to_do)
