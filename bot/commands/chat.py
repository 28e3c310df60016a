"""`tertulia chat`: talk to Tertulia in the terminal."""

import asyncio
from typing import Annotated

import typer

from bot.settings import Settings, local_user


def command(
    *,
    as_user: Annotated[
        str | None, typer.Option("--as", help="Who asks, such as terminal:ana. [default: you]")
    ] = None,
    persona: Annotated[str, typer.Option(help="Who answers.")] = "helpdesk",
) -> None:
    """Ask and get answers, streamed, with numbered sources; without a terminal, a line a question.

    Example: echo "Who orders the coffee?" | tertulia chat
    """
    asyncio.run(_chat(as_user or local_user(), persona))


async def _chat(author: str, persona: str) -> None:
    from bot.app import App
    from bot.platforms.terminal import Terminal

    async with App(Settings()) as app:
        talk = await app.talk(author, persona)

        async def switch(name: str) -> None:
            talk.assistant = await app.assistant(name)

        await Terminal(talk, idle=app.complete_index, with_persona=switch).run()
