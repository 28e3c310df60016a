"""`tertulia prompt`: a new version of a persona beside the one in use, on the team's questions."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import INTERRUPTED, console
from bot.principals import asker
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.trying import Trial

HELP = """Try a new version of a persona before anybody meets it.

Example: tertulia prompt try helpdesk.md --questions questions.csv
"""
command = typer.Typer(no_args_is_help=True, help=HELP)


@command.callback()
def group() -> None:
    """Keep `try` a word of its own: a group of one command would swallow it."""


@command.command("try")
def try_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The new version: NAME.md.")],
    *,
    questions: Annotated[
        Path | None,
        typer.Option(
            metavar="CSV",
            help="What is asked. [default: personas/questions/NAME.csv, else "
            "personas/questions.csv in EXTENSIONS_DIR]",
        ),
    ] = None,
    against: Annotated[
        str, typer.Option(metavar="NAME", help="Whom it is compared with. [default: NAME]")
    ] = "",
    sample: Annotated[
        int, typer.Option(min=0, metavar="N", help="So many of the questions, evenly; 0 is all.")
    ] = 0,
    as_user: Annotated[
        str | None,
        typer.Option("--as", help="Who asks where the file does not say it. [default: you]"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on stdout.")] = False,
) -> None:
    """Ask two versions of a persona the same questions and keep the new one if it is better.

    It is kept as a candidate, a folder in TERTULIA_HOME/candidates; nothing changes for anybody.

    Example: tertulia prompt try helpdesk.md --questions questions.csv
    """
    from bot.evaluating import Wish
    from bot.trying import questions_for, tried

    settings = Settings()
    wish = Wish(
        path=questions or questions_for(file.stem, settings),
        pages=0,
        author=asker(as_user),
        persona=against or file.stem,
        sample=sample,
    )
    trial = asyncio.run(
        tried(settings, file.absolute(), wish, progress=console.progress(as_json=as_json))
    )
    _show(trial, as_json=as_json)
    if trial.is_interrupted:
        raise typer.Exit(INTERRUPTED)


def _show(trial: "Trial", *, as_json: bool) -> None:
    from bot.eval_text import text

    if trial.is_interrupted:
        console.tell("Stopped. What was measured so far is kept.")
    if as_json:
        console.show_json(trial.as_json())
        return
    if trial.after is None or not trial.after.run.results:
        return
    console.show(text(trial.after))
    if trial.is_interrupted:
        return  # fewer questions than were meant tell nothing of the two
    if trial.kept:
        console.show(f"The new version is better. Kept as a candidate in {trial.kept}")
    else:
        console.show("The new version is not better, as far as these questions tell: not kept.")
