"""Who can answer: personas, each with its model and its tools."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from knowledge.errors import TertuliaError
from knowledge.tool_calls import ToolCalls
from pipelines import personas
from pipelines.answering import Assistant
from pipelines.calling import ToolUse
from pipelines.current import CurrentAssistant
from pipelines.models import ChatModel
from pipelines.personas import Persona
from pipelines.retrieval import Retriever
from pipelines.tool_files import all_tools
from pipelines.tools import Broker

if TYPE_CHECKING:
    from bot.app import App


class Cast:
    """The personas of an app, ours and the team's."""

    def __init__(self, app: "App") -> None:
        self._app = app

    async def assistant(self, persona: str) -> CurrentAssistant:
        """Somebody who answers, always as the persona's file says; the same one for all talks."""
        load = partial(self._load, persona, await self.broker())
        load()  # a wrong name is told at once, and an index that cannot be opened
        await self._app.retriever()
        return await self._app.once(f"assistant {persona}", lambda: self._opened(load))

    async def unable(self) -> list[TertuliaError]:
        """Why some personas cannot speak, one reason each."""
        broker, found = await self.broker(), []
        for name in personas.names(self._app.settings.home.personas):
            try:
                self._load(name, broker)
            except TertuliaError as error:
                found.append(error)
        return found

    async def broker(self) -> Broker:
        """The only way to a tool.

        Raises:
            ToolFilesError: files of tools are wrong.
        """
        return await self._app.once("broker", self._open_broker)

    async def _open_broker(self) -> Broker:
        tools = await asyncio.to_thread(all_tools, self._app.settings.home.tools)
        return Broker(tools, ToolCalls(await self._app.database()).add)

    def _load(self, name: str, broker: Broker) -> Persona:
        persona = personas.load(name, self._app.settings.home.personas)
        personas.check_tools(persona, broker.names)
        return persona

    async def _opened(self, load: Callable[[], Persona]) -> CurrentAssistant:
        broker = await self.broker()

        def build(persona: Persona, model: ChatModel, found_by: Retriever) -> Assistant:
            coverage = found_by.coverage
            tools = ToolUse(broker, model, persona.tools) if persona.tools else None
            return Assistant(
                retriever=found_by, model=model, persona=persona, coverage=coverage, tools=tools
            )

        return CurrentAssistant(
            load=load,
            retriever=self._app.retriever,
            build=build,
            models=await self._app.models(),
            default_model=await self._app.default_model(),
        )
