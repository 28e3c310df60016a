"""The chat models in use: one for each setting, stopped once nobody holds it any more."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from pipelines.models import ChatModel


class ModelPool:
    """Shares models between personas, and lets an old one finish what it is writing.

    Args:
        make: turns a setting such as `ollama:qwen2.5:7b` into a model that is not started.
    """

    def __init__(self, make: Callable[[str], ChatModel]) -> None:
        self._make = make
        self._models: dict[str, ChatModel] = {}
        self._holders: Counter[str] = Counter()

    def take(self, setting: str) -> ChatModel:
        """The model of a setting, to be given back."""
        if setting not in self._models:
            self._models[setting] = self._make(setting)
        self._holders[setting] += 1
        return self._models[setting]

    async def give_back(self, setting: str) -> None:
        """Hold it no longer; whoever does so last stops it."""
        self._holders[setting] -= 1
        if self._holders[setting] == 0:
            await self._models.pop(setting).stop()

    @asynccontextmanager
    async def holding(self, setting: str) -> AsyncIterator[ChatModel]:
        """The model for as long as something takes."""
        model = self.take(setting)
        try:
            yield model
        finally:
            await self.give_back(setting)

    async def close(self) -> None:
        """Stop all that are left."""
        while self._models:
            setting, model = self._models.popitem()
            self._holders.pop(setting)
            await model.stop()
