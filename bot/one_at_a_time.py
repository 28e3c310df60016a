"""What bears the same name is done one after the other."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from weakref import WeakValueDictionary


@dataclass(frozen=True, slots=True)
class OneAtATime:
    """Locks by name, for as long as somebody holds or awaits them."""

    _locks: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    def of(self, name: str) -> asyncio.Lock:
        """The lock of this name."""
        return self._locks.setdefault(name, asyncio.Lock())

    async def over(self, names: Iterable[str]) -> None:
        """Wait until nothing is being done any more under these names."""
        for name in names:
            async with self.of(name):
                pass

    def is_at(self, names: Iterable[str]) -> bool:
        """Whether something is just being done under one of these names."""
        found = (self._locks.get(name) for name in names)
        return any(lock is not None and lock.locked() for lock in found)
