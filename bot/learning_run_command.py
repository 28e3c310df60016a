"""`tertulia learn run`: what people said becomes a candidate, or the reason why there is none."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from bot import console
from bot.learning_options import As, Json, with_app
from bot.principals import asker

if TYPE_CHECKING:
    from bot.learning_run import Outcome

_FEW = 100


def run(
    *,
    persona: Annotated[str, typer.Option(help="Whose answers are looked at.")] = "helpdesk",
    questions: Annotated[
        int, typer.Option(min=1, max=1000, help="For each of what a candidate must not lose.")
    ] = _FEW,
    way: Annotated[
        list[str] | None,
        typer.Option(
            help="search, routing, prompt, reading, tuning or liking: try it, whatever triage "
            "would say. [default: ask it]"
        ),
    ] = None,
    adapter: Annotated[
        int,
        typer.Option(
            min=0, max=256, help="Only with --way routing: width of an adapter to try as well."
        ),
    ] = 0,
    as_user: As = None,
    as_json: Json = False,
) -> None:
    """Learn from what people rated and put right; what does not measure better is refused.

    The first candidate in its place waits for a person: tertulia learn promote NAME. It takes
    minutes to hours, by the model; the schedule does it every week.

    Example: tertulia learn run
    """
    from bot.learning_run import WAYS, Wish, learn

    if unknown := [one for one in way or () if one not in WAYS]:
        raise typer.BadParameter(f"--way '{unknown[0]}' is none of {', '.join(WAYS)}.")
    if adapter and way != ["routing"]:
        raise typer.BadParameter("--adapter is only for --way routing, alone.")
    tuning = {"adapter": adapter} if adapter else {}
    wish = Wish(asker(as_user), persona, questions, tuning=tuning, ways=tuple(way or ()))
    shown = console.progress(as_json=as_json)
    outcome = asyncio.run(with_app(lambda app: learn(app, wish, shown)))
    if as_json:
        console.show_json(outcome.as_json())
    else:
        _show(outcome)


def _show(outcome: "Outcome") -> None:
    rows = outcome.rows
    console.show(f"{rows['learnt_from']} rows to learn from, {rows['measuring']} to measure with.")
    for kind, count in outcome.triage.kinds.items():
        console.show(f"  {count:4} answers: {kind}")
    for one in outcome.made:
        failed = len(one.verdict.failed)
        console.show(f"{one.candidate.name}: {f'refused, {failed} rules' if failed else 'passed'}")
        console.show(f"  {one.report}")
        if one.serves:
            console.show("  It serves from the next question on.")
        elif one.verdict.passes:
            console.tell(f"Look at it, then: tertulia learn promote {one.candidate.name}")
    for reason in outcome.reasons:
        console.show(reason)
