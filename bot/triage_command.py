"""`tertulia learn triage`: what would put wrong answers right, and which way would help most."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import INTERRUPTED, console
from bot.principals import asker
from bot.settings import Settings
from bot.wording import LANGUAGES

if TYPE_CHECKING:
    from bot.triaging import Outcome, Wish


def triage(
    table: Annotated[
        Path | None,
        typer.Argument(
            metavar="[TABLE]",
            help="A CSV file of questions with what is right, as for `tertulia eval`; without one, "
            "the answers that people put right.",
        ),
    ] = None,
    *,
    persona: Annotated[str, typer.Option(help="Who answers.")] = "helpdesk",
    language: Annotated[str, typer.Option(help="Of the report: en or es.")] = "en",
    as_user: Annotated[
        str | None,
        typer.Option("--as", help="Who looks into it, such as terminal:ana. [default: you]"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on stdout.")] = False,
) -> None:
    """Find out which change would put wrong answers right, and which way would help most.

    Each question is answered some twenty times, with one thing changed at a time; that takes
    minutes a question. Whoever stops it goes on with the same command.

    Example: tertulia learn triage questions.csv
    """
    if language not in LANGUAGES:
        raise typer.BadParameter(f"--language '{language}' is none of {', '.join(LANGUAGES)}.")
    from bot.triaging import Wish

    wish = Wish(table, asker(as_user), persona)
    outcome = asyncio.run(_looked_into(wish, as_json=as_json))
    if outcome.is_interrupted:
        console.tell("Stopped. The same command goes on where this ended.")
    if as_json:
        console.show_json(outcome.as_json())
    else:
        from bot.triage_text import text

        console.show(text(outcome, language))
    if outcome.is_interrupted:
        raise typer.Exit(INTERRUPTED)


async def _looked_into(wish: "Wish", *, as_json: bool) -> "Outcome":
    from bot.app import App
    from bot.triaging import Triage

    async with App(Settings()) as app:
        return await Triage(app, wish).run(console.progress(as_json=as_json))
