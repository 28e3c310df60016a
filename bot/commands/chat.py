"""`tertulia chat`: talk to Tertulia in the terminal."""

import asyncio
from functools import partial
from typing import Annotated

import typer

from bot.principals import asker
from bot.settings import Settings


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
    all_answered = asyncio.run(_chat(asker(as_user), persona))
    raise typer.Exit(0 if all_answered else 1)


async def _chat(author: str, persona: str) -> bool:
    """Whether every question of a pipe was answered; who sits at a terminal has seen it."""
    from bot.app import App
    from bot.learning_chat import Learner, learn
    from bot.places import Person
    from bot.platforms import terminal
    from bot.reminding import told_in_terminal
    from bot.undecided import Undecided
    from knowledge.confirmations import Confirmations
    from knowledge.reminders import Reminders

    async with App(Settings()) as app:
        talk = await app.talk(author, persona)

        async def switch(name: str) -> None:
            talk.assistant = await app.cast.assistant(name)

        who = Learner(author, [author], Person(author).rights)
        database = await app.database()
        around = terminal.Around(
            idle=app.index.complete,
            with_persona=switch,
            due=partial(told_in_terminal, Reminders(database), author),
            learn=partial(learn, app.learning, who),
            undecided=Undecided(Confirmations(database), talk.history, author, persona),
            pictures=app.settings.home.pictures,
        )
        here = terminal.build(talk, around)
        # The model is read in while the first question is typed.
        loading = asyncio.create_task(talk.assistant.start())
        await here.run()
        loading.cancel()
        # Whatever kept it from loading was told to whoever asked.
        await asyncio.gather(loading, return_exceptions=True)
    return here.is_tty or not here.has_failed
