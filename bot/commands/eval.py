"""`tertulia eval`: a set of questions with known answers in, figures with intervals out."""

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import INTERRUPTED, console
from bot.principals import asker
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.evaluating import Outcome, Wish

FEWEST_PAGES, MOST_PAGES = 28, 100_000
"""From the first on, an invented company has every kind of question."""
TEMPLATE = "template"
"""Instead of a set: prints a table to begin with."""
_COMPANY = re.compile(r"company:(\d+)")

Set = Annotated[
    str,
    typer.Argument(
        metavar="SET",
        help="A CSV file of questions; the folder of a public set; company:112, an invented "
        "company of so many pages; or template, which prints a file to begin with.",
    ),
]
Against = Annotated[
    str, typer.Option(metavar="RUN", help="An older run to compare with; `last` is the newest.")
]
Alone = Annotated[bool, typer.Option("--retrieval-only", help="Measure the search alone: quick.")]
Sample = Annotated[
    int, typer.Option(min=0, metavar="N", help="So many of the questions, evenly; 0 is all.")
]
AsUser = Annotated[
    str | None, typer.Option("--as", help="Who asks where the file does not say it. [default: you]")
]


def command(  # noqa: PLR0913 (the options of the command line)
    questions: Set,
    *,
    against: Against = "",
    retrieval_only: Alone = False,
    sample: Sample = 0,
    as_user: AsUser = None,
    persona: Annotated[str, typer.Option(help="Who answers.")] = "helpdesk",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on stdout.")] = False,
) -> None:
    """Measure how good the answers are, on your own questions or on a ready-made set.

    The columns of the file are explained in docs/evaluation.md.

    Example: tertulia eval questions.csv --against last
    """
    if questions == TEMPLATE:
        _show_template(as_json=as_json)
        return
    from bot.evaluating import Wish

    pages = _pages(questions)
    wish = Wish(
        path=None if pages else Path(questions),
        pages=pages,
        author=asker(as_user),
        persona=persona,
        against=against,
        sample=sample,
        retrieval_only=retrieval_only,
    )
    outcome = asyncio.run(_evaluate(wish, as_json=as_json))
    _show(outcome, as_json=as_json)
    if outcome.is_interrupted:
        raise typer.Exit(INTERRUPTED)


def _pages(name: str) -> int:
    """The pages of an invented company; 0 where the name is that of a file or folder."""
    if not name.startswith("company:"):
        return 0
    match = _COMPANY.fullmatch(name)
    pages = int(match[1]) if match else 0
    if not FEWEST_PAGES <= pages <= MOST_PAGES:
        raise typer.BadParameter(
            f"'{name}': a company has {FEWEST_PAGES} to {MOST_PAGES} pages. Right: company:112"
        )
    return pages


def _show_template(*, as_json: bool) -> None:
    from pipelines.evaluation.columns import COLUMNS, TEMPLATE

    if as_json:
        console.show_json({"columns": list(COLUMNS), "template": TEMPLATE})
    else:
        console.show(TEMPLATE.rstrip())


async def _evaluate(wish: "Wish", *, as_json: bool) -> "Outcome":
    from bot.evaluating import evaluate

    return await evaluate(Settings(), wish, progress=console.progress(as_json=as_json))


def _show(outcome: "Outcome", *, as_json: bool) -> None:
    from bot.eval_text import text

    if outcome.is_interrupted:
        console.tell("Stopped. What was measured so far is kept.")
    if as_json:
        console.show_json(outcome.as_json())
    elif outcome.run.results:
        console.show(text(outcome))
