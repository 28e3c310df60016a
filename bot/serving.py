"""Serving: all platforms and the schedule in one process, until it is told to stop."""

import asyncio
import socket
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from bot.alarms import Alarms
from bot.app import App
from bot.following import Follower
from bot.inbox import Inbox
from bot.learning_job import keep_learning
from bot.owners import ALIVE_S, SERVING, serving_name
from bot.platforms import Platform
from bot.reminding import keep_reminding
from bot.schedule import Schedule
from bot.telling import OwnersChannel
from bot.warming import waited_for, warm_up
from knowledge.errors import TertuliaError
from knowledge.leases import Holding, Lease, Leases
from knowledge.reminders import Reminders

IDLE_S = 30.0
_ANSWERS_END_WITHIN_S = 10.0
_RUNS_STOP_WITHIN_S = 10.0
_RESUME_S, _HEED_S = 20.0, 1.0
_KEPT_FOR = timedelta(days=7)

log = structlog.get_logger(__name__)


async def serve(
    app: App,
    platforms: Sequence[Platform],
    told: asyncio.Event,
    *,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Run platforms and schedule until we are told to stop, or all platforms have failed.

    Args:
        app: the wiring; whoever gives it closes it.
        platforms: where people talk.
        told: set when this shall end. Platforms end first; a refresh ends at its next border and
            goes on next time.
        ready: called once everything has begun.

    Raises:
        StructureError: `tertulia.toml` is written wrong.
    """
    leases, alarms = await app.leases(), OwnersChannel(app).alarm
    schedule = Schedule(await app.runs(), leases, pace=app.pace, alarms=alarms)
    follower = Follower(app, schedule, alarms=alarms)
    await follower.start()
    await leases.forget_silent(SERVING, longer_than=timedelta(days=1))
    inbox = await app.inbox()
    inbox.worker.platforms.update({platform.name: platform for platform in platforms})
    await _put_jobs(app, schedule, platforms, alarms)
    warming = [_begun(warm_up(app))] if platforms else []
    for task in warming:
        await waited_for(task, told)
    outer = [_side_by_side(platforms)] if platforms else []
    inner = [follower.run(), _embed_when_idle(app, leases), _say_alive(leases), schedule.run()]
    tasks = [_begun(work) for work in (*outer, *inner, _resume(inbox), _heed(inbox))]
    ready()
    log.info("ready", platforms=[platform.name for platform in platforms])
    try:
        await _until(told, tasks)
    finally:
        await inbox.worker.close(_ANSWERS_END_WITHIN_S)
        await _ended(tasks[: len(outer)])
        await schedule.stop(_RUNS_STOP_WITHIN_S)
        await _ended([*tasks, *warming])
    log.info("stopped")


async def _put_jobs(
    app: App, schedule: Schedule, platforms: Sequence[Platform], alarms: Alarms
) -> None:
    """Schedule what no source asks for."""
    await keep_learning(schedule, app, alarms)
    for platform in platforms:
        reminders = Reminders(await app.database())
        await keep_reminding(schedule, await app.inbox(), reminders, platform)


async def serving(leases: Leases) -> list[Holding]:
    """Those who serve on this machine and have said so lately."""
    late = datetime.now(UTC) - timedelta(seconds=ALIVE_S)
    here = await leases.taken(f"{SERVING}{socket.gethostname()}:")
    return [one for one in here if one.beaten_at > late]


async def _side_by_side(platforms: Sequence[Platform]) -> None:
    """Run all of them; one that ends for good, since its token is refused, takes no other along.

    Raises:
        TertuliaError: why the last one ended.
    """
    running = {_begun(one.run()): one for one in platforms}
    try:
        while running:
            done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                _heed_end(task, running.pop(task).name, is_last=not running)
    finally:
        await _ended(list(running))


def _heed_end(task: "asyncio.Task[None]", name: str, *, is_last: bool) -> None:
    """Say that a platform has ended; raise what was no more to be expected than that all end."""
    try:
        task.result()
    except TertuliaError as error:
        if is_last:
            raise
        log.error("a platform has ended", platform=name, error=str(error), do=error.what_to_do)  # noqa: TRY400 (no fault of ours)


async def _until(told: asyncio.Event, tasks: Sequence["asyncio.Task[None]"]) -> None:
    """Wait until we are told to stop; what fails before is raised here."""
    waiting = asyncio.create_task(told.wait())
    try:
        done, _ = await asyncio.wait((waiting, *tasks), return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
    for task in done:
        if task is not waiting:
            task.result()


async def _say_alive(leases: Leases) -> None:
    """Keep a lease that says that this process serves; nobody else wants it."""
    name = serving_name()
    while True:
        try:
            await leases.alone(name, _for_ever)
        except TertuliaError as error:
            log.warning("failed to say that we are alive", kind=error.kind)
        await asyncio.sleep(1)


async def _resume(inbox: Inbox) -> None:
    """Go on with what was broken off, here or in a process that has ended."""
    while True:
        try:
            resumed = await inbox.resume()
            if resumed:
                log.info("resumed", turns=resumed)
            await inbox.turns.forget_ended(datetime.now(UTC) - _KEPT_FOR)
        except TertuliaError as error:
            log.warning("failed to look for turns that were broken off", kind=error.kind)
        await asyncio.sleep(_RESUME_S)


async def _heed(inbox: Inbox) -> None:
    """Notice what other processes have ended: what was asked of us may be stopped at another."""
    while True:
        try:
            await inbox.heed()
        except TertuliaError as error:
            log.warning("failed to look for turns that were ended", kind=error.kind)
        await asyncio.sleep(_HEED_S)


async def _for_ever(_: Lease) -> None:
    await asyncio.Event().wait()


async def _embed_when_idle(app: App, leases: Leases) -> None:
    """Give vectors to what a refresh has brought, in one process and while nobody asks."""

    async def complete(_: Lease) -> None:
        await app.index.complete()

    while True:
        try:
            await leases.alone("vectors", complete)
        except TertuliaError as error:
            log.debug("left vectors for later", kind=error.kind)
        except Exception as error:  # answers come without them, too
            log.exception("failed to make vectors", error=type(error).__name__)
        await asyncio.sleep(IDLE_S)


def _begun(work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
    return asyncio.create_task(work)


async def _ended(tasks: Sequence["asyncio.Task[None]"]) -> None:
    """Cancel tasks and wait for their end; what failed was raised before or does not matter now."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
