"""Who can answer: personas, each with its model and its tools."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot import tools
from bot.live import Live, Load, usual_router
from bot.live_search import LiveSearch
from bot.source_entry import StructureError
from bot.toolbox import toolbox
from knowledge.confirmations import Confirmations
from knowledge.errors import TertuliaError, UsageError
from knowledge.history import History
from knowledge.reminders import Reminders
from knowledge.tool_calls import ToolCalls
from pipelines import personas
from pipelines.answering import Assistant
from pipelines.calling import ToolUse
from pipelines.choosers.probe import NOTES, Probe
from pipelines.current import Casting, Casts, CurrentAssistant, Fixed
from pipelines.learning.counterfactuals import Parts
from pipelines.mcp.tools import AllTools
from pipelines.models import ChatModel
from pipelines.personas import Offered, Persona
from pipelines.retrieval import Retriever
from pipelines.routing import QuestionRouter
from pipelines.tool_memory import Memory
from pipelines.tools import Broker

if TYPE_CHECKING:
    from bot.app import App

USUAL = "helpdesk"
"""The persona of ours whose rules a prompt is tried with."""
Searches = Callable[[], Awaitable[Retriever]]
FEWER = "Shorten their docstrings, or take tools out of the persona's header."


class Cast:
    """The personas of an app, ours and the team's."""

    def __init__(self, app: "App") -> None:
        self._app = app
        self._unset: Mapping[str, str] = {}

    async def assistant(self, persona: str) -> CurrentAssistant:
        """Somebody who answers, always as the persona's file says; the same one for all talks."""
        load = await self._loader(persona)
        await self._app.retriever()  # an index that cannot be opened is told at once
        live = Live(self._app, load)
        return await self._app.once(f"assistant {persona}", partial(self._opened, live))

    async def on_trial(self, persona: str, tried: Collection[str]) -> CurrentAssistant:
        """Somebody who answers with candidates that are on trial, each before the champion.

        Whoever asks for one gives it back: `close`.
        """
        live = Live(self._app, await self._loader(persona), tried=tried)
        return await self._opened(live, self._searching(tried))

    def _searching(self, tried: Collection[str]) -> Searches:
        """What finds chunks now, with candidates that are on trial."""
        search = LiveSearch(self._app, tried)

        async def retriever() -> Retriever:
            return await search.over(*await self._app.plain_retriever())

        return retriever

    async def reading(self, persona: Persona) -> Persona:
        """The persona with those of its tools that change nothing and draw nothing."""
        known = (await self.broker()).offered(persona.tools)
        names = tuple(one.name for one in known if one.effect == "read" and not one.draws)
        return replace(persona, tools=names)

    async def trying(self, name: str, file: Path) -> CurrentAssistant:
        """Somebody who answers as a file says that nobody else meets."""
        load = await self._loader(name, file)
        return await self._opened(Live(self._app, lambda _: load(file), may_be_tuned=False))

    async def casting(
        self, name: str, *, learnt: bool = True, tried: Collection[str] = ()
    ) -> Casting:
        """Who answers the next question; without what was learnt where that is not wanted."""
        load = await self._loader(name)
        if learnt:
            return await Live(self._app, load, tried=tried).now()
        persona = load(None)
        model, router = persona.model or await self._app.default_model(), usual_router(self._app)
        return Casting(persona, model, router=router)

    @asynccontextmanager
    async def steady(
        self, casting: Casting, tried: Collection[str] = ()
    ) -> AsyncIterator[CurrentAssistant]:
        """Somebody who answers just so, whatever serves here; their model is given back."""
        assistant = await self._opened(Fixed(casting), self._searching(tried) if tried else None)
        try:
            yield assistant
        finally:
            await assistant.close()

    @asynccontextmanager
    async def taken_apart(self, name: str, *, learnt: bool = True) -> AsyncIterator[Parts]:
        """What answers of a persona are made of now, to try what each part does.

        Args:
            name: of the persona.
            learnt: whether what was learnt belongs to it; else its file and the usual model do.
        """
        casting = await self.casting(name, learnt=learnt)
        async with (await self._app.models()).holding(casting.model) as model:
            await model.start()
            plain, _ = await self._app.plain_retriever()
            yield Parts(
                retriever=await self._app.retriever() if learnt else plain,
                model=model,
                persona=casting.persona,
                usual=personas.load(USUAL),
                broker=await self.broker(),
                probe=await self._probe(),
                router=casting.router,
                deadline_s=self._app.settings.models.answer_deadline_s,
            )

    async def read(self, name: str, file: Path) -> Persona:
        """The persona that such a file makes, looked at as it will be when somebody asks it."""
        return (await self._loader(name, file))(file)

    async def _loader(self, name: str, file: Path | None = None) -> Load:
        """What reads a persona again and again; what is wrong with it is told at once."""
        known = await self.tools()
        await known.renew()
        load = partial(self._load, name, known)
        load(file)
        return load

    async def examined(self) -> tuple[list[Persona], list[TertuliaError]]:
        """The personas that can speak, and why others cannot: an error each, with all mistakes.

        Files of tools that are wrong stand in nobody's way here: whoever opens the tools hears it.
        """
        able: list[Persona] = []
        unable: list[TertuliaError] = []
        known = None
        with suppress(UsageError):
            known = await self.tools()
        for name in personas.names(self._app.settings.home.personas):
            try:
                able.append(self._load(name, known))
            except TertuliaError as error:
                unable.append(error)
        return able, unable

    async def broker(self) -> Broker:
        """The only way to a tool.

        Raises:
            ToolFilesError: files of tools are wrong.
            ToolSettingsError: what is set for tools is wrong.
        """
        return await self._app.once("broker", self._open_broker)

    async def _open_broker(self) -> Broker:
        database = await self._app.database()
        return Broker(await self.tools(), ToolCalls(database).add, Confirmations(database))

    async def tools(self) -> AllTools:
        """Ours, the team's, and those of servers.

        Raises:
            ToolFilesError: files of tools are wrong.
            ToolSettingsError: what is set for tools is wrong.
        """
        return await self._app.once("tools", self._open_tools)

    async def _open_tools(self) -> AllTools:
        found = await asyncio.to_thread(toolbox, self._app.settings.home)
        self._unset = found.unset
        memory = await self._memory()
        own = {name: one.remembering(memory) for name, one in found.tools.items()}
        return await tools.opened(self._app, own)

    async def _memory(self) -> Memory:
        """What tools of ours may look at."""
        app, database = self._app, await self._app.database()
        return Memory(
            retriever=app.retriever,
            history=History(database),
            readable=app.readable,
            reminders=Reminders(database),
            zone=app.structure.zone,
        )

    async def _probe(self) -> Probe:
        return Probe((await self._app.ledger()).notes(NOTES))

    async def tool_findings(
        self, setting: str, wanted: Sequence[Persona]
    ) -> list[tuple[str, str, str]]:
        """How the model of a setting calls tools, and which tools do not fit into its prompt.

        Args:
            setting: of the model.
            wanted: personas of this model.

        Returns:
            State, what is so and what to do, as `tertulia doctor` tells it.

        Raises:
            TertuliaError: the model cannot be used.
        """
        found: list[tuple[str, str, str]] = []
        able = [one for one in wanted if one.tools]
        if not able:
            return found
        broker, probe = await self.broker(), await self._probe()
        async with (await self._app.models()).holding(setting) as model:
            await model.start()
            for persona in able:
                use = ToolUse(broker, model, persona.tools, probe)
                await use.find_a_way()
                found = found or [("ok", f"{setting} {await probe.told(model)}", "")]
                if names := [one.name for one in use.offered()[1]]:
                    said = f"no room in the prompt of {persona.name} for {', '.join(names)}"
                    found.append(("note", f"{setting}: {said}", FEWER))
        return found

    def _load(self, name: str, known: AllTools | None, file: Path | None = None) -> Persona:
        offered = Offered(known, self._unset, self._sources)
        return personas.load(name, self._app.settings.home.personas, file=file, offered=offered)

    def _sources(self) -> list[str] | None:
        """The names of all sources; None where the file is wrong, which whoever reads it tells."""
        with suppress(StructureError):
            return [one.name for one in self._app.structure.sources()]
        return None

    async def _opened(self, casts: Casts, retriever: Searches | None = None) -> CurrentAssistant:
        broker, probe = await self.broker(), await self._probe()

        def build(casting: Casting, model: ChatModel, found_by: Retriever) -> Assistant:
            persona, coverage = casting.persona, found_by.coverage
            # Also without any: what another one has wanted to do may be decided on by now.
            tools = ToolUse(broker, model, persona.tools, probe)
            if persona.tools and casting.router:
                tools.router = QuestionRouter(found_by, casting.router)
            return Assistant(
                retriever=found_by, model=model, persona=persona, coverage=coverage, tools=tools
            )

        return CurrentAssistant(
            casts=casts,
            retriever=retriever or self._app.retriever,
            build=build,
            models=await self._app.models(),
        )
