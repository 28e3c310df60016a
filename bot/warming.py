"""Before people come: what the first question needs is opened, so that nobody waits for it."""

import asyncio
from time import monotonic

import structlog

from bot.app import App
from bot.channels import Channel
from bot.wording import LANGUAGES, say
from knowledge import language
from knowledge.errors import TertuliaError

WITHIN_S = 30.0
"""So long nobody is listened to because of it; a large model goes on loading behind that."""
log = structlog.get_logger(__name__)


async def warm_up(app: App) -> None:
    """Open the assistant that answers where the team names no other one.

    Where it cannot be opened, each asker is told why: serving goes on.
    """
    begun = monotonic()
    try:
        await asyncio.to_thread(_load_words)
        for one in (await app.cast.examined())[1]:
            log.warning("a persona cannot speak", error=str(one), do=one.what_to_do)
        assistant = await app.cast.assistant(Channel().persona)
        await assistant.start()
    except TertuliaError as error:
        log.warning("cannot answer yet", kind=error.kind, error=str(error), do=error.what_to_do)
    else:
        log.info("warmed up", seconds=round(monotonic() - begun, 1))


def _load_words() -> None:
    """What tells languages apart, and our own sentences."""
    language.load()
    for spoken in LANGUAGES:
        say("waiting", spoken, before=2)


async def waited_for(warming: "asyncio.Task[None]", told: asyncio.Event) -> None:
    """Wait until it is warm, for a while and not once we are told to stop."""
    stopping = asyncio.create_task(told.wait())
    try:
        await asyncio.wait(
            (warming, stopping), timeout=WITHIN_S, return_when=asyncio.FIRST_COMPLETED
        )
    finally:
        stopping.cancel()
