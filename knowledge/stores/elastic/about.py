"""What an index knows about itself and may change: its sketches, and who may read a source."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from time import monotonic
from typing import Any

from knowledge.articles import Audience
from knowledge.stores.elastic.client import Elastic
from knowledge.stores.elastic.failures import ConflictError, MissingError

FRESH_S = 1.0
"""How long another process may not yet see a change."""
_TRIES = 20


@dataclass(frozen=True, slots=True)
class About:
    """What was noted of one index.

    Attributes:
        sketch_version: the version of sketches that is searched.
        fields: the field of each version of sketches that is kept.
        made: fields made so far: none is used twice.
        audiences: who may read a source, where its chunks are being labelled anew.
    """

    sketch_version: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    made: int = 0
    audiences: Mapping[str, list[str]] = field(default_factory=dict)

    def closed_to(self, reader: Audience) -> list[str]:
        """The sources that this reader may not read any more, whatever their chunks say."""
        return [
            source
            for source, principals in self.audiences.items()
            if not Audience.of(*principals).admits(reader)
        ]


class Noticeboard:
    """Where the notes of an index hang; read at most once a second."""

    def __init__(self, elastic: Elastic, board: str, index: str) -> None:
        self._elastic, self._path = elastic, f"/{board}/_doc/{index}"
        self._known, self._read_at = About(), -FRESH_S

    async def read(self) -> About:
        """The notes as they were a second ago at most, or after our own last change."""
        if monotonic() - self._read_at >= FRESH_S:
            self._known, _ = await self._fetched()
            self._read_at = monotonic()
        return self._known

    async def change(self, how: Callable[[About], About]) -> About:
        """Change the notes, also where others do so at the same moment.

        Raises:
            ConflictError: others were quicker again and again.
        """
        for _ in range(_TRIES - 1):
            try:
                return await self._changed(how)
            except ConflictError:
                continue
        return await self._changed(how)

    async def _changed(self, how: Callable[[About], About]) -> About:
        about, place = await self._fetched()
        new = how(about)
        await self._elastic.ask("PUT", self._path, asdict(new), **place)
        self._known, self._read_at = new, monotonic()
        return new

    async def _fetched(self) -> tuple[About, dict[str, Any]]:
        """The notes, and what a write must say so that it takes the place of just these."""
        try:
            found = await self._elastic.ask("GET", self._path)
        except MissingError:
            return About(), {"op_type": "create"}
        place = {"if_seq_no": found["_seq_no"], "if_primary_term": found["_primary_term"]}
        return About(**found["_source"]), place
