"""Edits of `tertulia.toml` take effect while Tertulia serves: jobs, and who may read what."""

import asyncio
from dataclasses import replace
from time import monotonic

import structlog

from bot.alarms import Alarm, Alarms, sound, to_nobody
from bot.app import App
from bot.refreshing import job_name, refresh_job
from bot.rhythm import Rhythm
from bot.schedule import Schedule
from bot.source_entry import SourceEntry, StructureError
from bot.watching import Watchers
from knowledge.errors import OperatorError, TertuliaError
from knowledge.sources import Source

LOOK_S = 5.0
READERS_S = 30.0
"""Seconds between two looks at who may read what, whether the file has changed or not: a refresh
that another process began with an older file may have written for its readers meanwhile."""
log = structlog.get_logger(__name__)


class Follower:
    """Keeps the jobs, and the readers of all that is known, as the file says.

    A source that was taken out of the file is closed: nobody reads it any more, and putting it back
    opens it again. `tertulia source remove` is what forgets it.

    Args:
        look_s: seconds between two looks at the file. An edit counts when two looks in a row have
            seen it, because some editors write a file in several steps.
    """

    def __init__(
        self,
        app: App,
        schedule: Schedule,
        *,
        alarms: Alarms = to_nobody,
        look_s: float = LOOK_S,
        readers_s: float = READERS_S,
    ) -> None:
        self._app, self._schedule, self._alarms = app, schedule, alarms
        self._look_s, self._readers_s = look_s, readers_s
        self._watchers = Watchers(self._ask)
        self._file = app.settings.home.structure
        self._entries: dict[str, SourceEntry] = {}
        self._rhythms: dict[str, Rhythm] = {}
        self._changed: set[str] = set()
        self._seen = b""
        self._applied: bytes | None = None
        self._readers_at = 0.0

    async def start(self) -> None:
        """Take in the file as it is; what fails for other reasons is tried again.

        Raises:
            StructureError: it is written wrong.
        """
        self._seen = await asyncio.to_thread(self._app.structure.content)
        try:
            await self._apply()
            self._applied = self._seen
        except StructureError:
            raise
        except TertuliaError as error:
            log.warning("failed to follow the file", kind=error.kind)

    async def run(self) -> None:
        """Follow the file until this is cancelled."""
        try:
            while True:
                await asyncio.sleep(self._look_s)
                await self._look()
        finally:
            await self._watchers.stop()

    async def _look(self) -> None:
        content = await asyncio.to_thread(self._app.structure.content)
        is_stable, self._seen = content == self._seen, content
        try:
            if is_stable and content != self._applied:
                await self._apply()
                self._applied = content
            elif content == self._applied and monotonic() >= self._readers_at:
                await self._app.settling.settle()
                self._readers_at = monotonic() + self._readers_s
        except StructureError as error:
            self._applied = content  # as far as it can be: said once, until the next edit
            await self._settle_what_is_right()
            alarm = Alarm(self._file.name, f"{error} {error.what_to_do}")
            await sound(alarm, self._alarms)
        except TertuliaError as error:
            log.warning("failed to follow the file", kind=error.kind)

    async def _settle_what_is_right(self) -> None:
        """A mistake in one table must not keep a right open that another one has withdrawn."""
        try:
            await self._app.settling.settle()
        except TertuliaError as error:
            log.warning("failed to settle who reads", kind=error.kind)

    async def _apply(self) -> None:
        structure = self._app.structure
        entries = {entry.name: entry for entry in structure.sources()}
        rhythms = structure.rhythms()
        for name in self._entries.keys() - entries.keys():
            self._watchers.leave(name)
            await self._schedule.drop(job_name(name))
        for name, entry in entries.items():
            before = self._entries.get(name)
            if before != entry or self._rhythms[name].text != rhythms[name].text:
                await self._take_in(entry, rhythms[name], before)
        self._entries, self._rhythms = entries, rhythms
        stale = await self._app.settling.follow()
        self._readers_at = monotonic() + self._readers_s
        for name in sorted((self._changed | stale) & entries.keys()):
            await self._ask(name)
        self._changed.clear()
        log.info("took in the file", sources=len(entries))

    async def _take_in(
        self, entry: SourceEntry, rhythm: Rhythm, before: SourceEntry | None
    ) -> None:
        """A source that is new, or not as it was."""
        self._watchers.leave(entry.name)
        job = refresh_job(self._app, entry, rhythm)
        await self._schedule.put(job)
        is_other = before is not None and replace(before, schedule="") != replace(
            entry, schedule=""
        )
        if is_other:
            self._schedule.interrupt(job.name)
        source = self._built(entry)
        if is_other or (source is not None and source.has_own_audiences):
            self._changed.add(entry.name)
        if source is not None and entry.is_watched:
            self._watchers.watch(source)

    def _built(self, entry: SourceEntry) -> Source | None:
        """The source; None where it cannot be built: its job then fails and says why."""
        try:
            return self._app.structure.built(entry)
        except OperatorError:
            return None

    async def _ask(self, source: str) -> None:
        await self._schedule.ask(job_name(source))
