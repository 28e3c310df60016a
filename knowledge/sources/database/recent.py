"""The rows that were just listed and are about to be read: so none is fetched twice."""

from collections import OrderedDict

from knowledge.sources.database.rows import Row

_ROWS = 256
_CHARACTERS = 20_000_000


class Recent:
    """The last rows, as many as fit; never so many that memory grows with the table."""

    def __init__(self) -> None:
        self._rows: OrderedDict[str, Row] = OrderedDict()
        self._characters = 0

    def add(self, row: Row) -> None:
        """Remember a row, and forget the oldest where there are too many."""
        self._drop(self._rows.pop(row.path, None))
        self._rows[row.path] = row
        self._characters += len(row.text)
        while len(self._rows) > _ROWS or self._characters > _CHARACTERS:
            self._drop(self._rows.popitem(last=False)[1])

    def get(self, path: str, stamp: str) -> Row | None:
        """The row of this path, if it is remembered as it was with this stamp."""
        row = self._rows.get(path)
        return row if row and row.stamp == stamp else None

    def clear(self) -> None:
        """Forget all."""
        self._rows.clear()
        self._characters = 0

    def _drop(self, row: Row | None) -> None:
        self._characters -= len(row.text) if row else 0
