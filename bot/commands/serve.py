"""`tertulia serve`: all platforms and the schedule, in one process."""

import asyncio
import faulthandler
from typing import TYPE_CHECKING, Annotated

import typer

from bot import console, extensions, logs
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.app import App
    from bot.platforms import Platform
    from bot.stopping import Stopping

TERMINAL = "terminal"
_END_S = 20.0


def command(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Say whether Tertulia serves on this machine.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on stdout.")] = False,
) -> None:
    """Answer on all PLATFORMS and keep the knowledge fresh, until told to stop (Ctrl+C, SIGTERM).

    Example: tertulia serve
    """
    if check:
        raise typer.Exit(0 if asyncio.run(_check(as_json=as_json)) else 1)
    from bot.stopping import Stopping

    stopping = Stopping()
    try:
        asyncio.run(_serve(stopping, as_json=as_json))
    finally:
        stopping.over()
        # Threads of libraries may keep the interpreter from ending; then it says where they are.
        faulthandler.dump_traceback_later(_END_S, exit=True)


async def _serve(stopping: "Stopping", *, as_json: bool) -> None:
    from bot.app import App
    from bot.serving import serve

    settings = Settings()
    stopping.listen()
    async with App(settings) as app:
        logs.configure(settings.log, interactive=False)
        await app.cast.broker()  # tools that cannot be used are told here, before anybody asks
        platforms = await _platforms(app)

        def ready() -> None:
            names = [platform.name for platform in platforms]
            if as_json:
                console.show_json({"ready": True, "platforms": names})
            where = f"on {', '.join(names)}" if names else "the schedule alone"
            _tell(settings, f"Tertulia serves {where}. Jobs: tertulia schedule. Stop: Ctrl+C.")

        await serve(app, platforms, stopping.told, ready=ready)


async def _platforms(app: "App") -> "list[Platform]":
    """The platforms of the settings; a terminal is for `tertulia chat`, which has one."""
    from bot.desk import Desk

    names = [name for name in app.settings.platforms.platforms if name != TERMINAL]
    if not names:
        _tell(
            app.settings,
            "PLATFORMS names no platform but the terminal, which has its own command: "
            "tertulia chat. Here runs the schedule alone.",
        )
    desk = Desk(app, await app.inbox())
    return [extensions.load("bot.platforms", name).build(desk) for name in names]


def _tell(settings: Settings, message: str) -> None:
    """A message for the person at the terminal, where the log is not for machines."""
    if settings.log.log_format == "text":
        console.tell(message)


async def _check(*, as_json: bool) -> bool:
    from bot.app import App
    from bot.serving import serving
    from knowledge.leases import people

    async with App(Settings()) as app:
        found = await serving(await app.leases())
    who = [people(one.holder) for one in found]
    if as_json:
        console.show_json({"serving": who})
    elif who:
        console.tell(f"Tertulia serves here: {', '.join(who)}.")
    else:
        console.tell("Nobody serves here. Start it: tertulia serve")
    return bool(who)
