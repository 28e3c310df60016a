"""What was read while looking for pages, until it is asked for."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from knowledge.parsing import Parsed
from knowledge.sources import UnreadableError

_MOST = 256
"""More than a refresh looks at in one go."""
_MOST_LETTERS = 32 * 2**20


@dataclass(frozen=True, slots=True)
class Read:
    """A page that was read.

    Attributes:
        stamp: of its text.
        changed_at: as the site says; None where it does not.
    """

    url: str
    stamp: str
    parsed: Parsed
    changed_at: datetime | None


class Shelf:
    """Pages, or the reasons why there are none; what is pushed off at the end is read again."""

    def __init__(self) -> None:
        self._items: OrderedDict[str, Read | UnreadableError] = OrderedDict()
        self._letters = 0

    def put(self, path: str, item: Read | UnreadableError) -> None:
        """Keep one item, and let go of the oldest ones where there are too many."""
        self.take(path)
        self._items[path] = item
        self._letters += _letters(item)
        while len(self._items) > _MOST or self._letters > _MOST_LETTERS:
            self._letters -= _letters(self._items.popitem(last=False)[1])

    def get(self, path: str) -> Read | UnreadableError | None:
        """An item, which stays."""
        return self._items.get(path)

    def take(self, path: str) -> Read | UnreadableError | None:
        """An item, which goes."""
        item = self._items.pop(path, None)
        self._letters -= _letters(item)
        return item

    def clear(self) -> None:
        """Let go of everything."""
        self._items.clear()
        self._letters = 0


def _letters(item: Read | UnreadableError | None) -> int:
    return len(item.parsed.text) if isinstance(item, Read) else 0
