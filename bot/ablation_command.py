"""`tertulia learn ablation`: what prompt, retrieval, tools and learning add to a team's answers."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot import console
from bot.learning_options import As, Json, with_app
from bot.principals import asker


def ablation(
    table: Annotated[Path, typer.Argument(help="A CSV file of questions with what is right.")],
    *,
    persona: Annotated[str, typer.Option(help="Who answers.")] = "helpdesk",
    as_user: As = None,
    as_json: Json = False,
) -> None:
    """Answer questions with the prompt alone, then with retrieval, tools and what was learnt, too.

    Example: tertulia learn ablation questions.csv
    """
    from bot.ablating import ablated
    from pipelines.learning.ablation import LABELS

    who, shown = asker(as_user), console.progress(as_json=as_json)
    found = asyncio.run(with_app(lambda app: ablated(app, table, persona, who, shown)))
    if as_json:
        console.show_json(found.as_json())
        return
    console.show(f"Right answers of {len(found.steps[0].right)} questions of {found.name}:")
    before = 0.0
    for step in found.steps:
        value = step.as_json()
        low, high = (100 * one for one in value["interval"])
        share, seconds = 100 * step.share, value["seconds"]
        said = f"{share:4.0f} % ({low:.0f} to {high:.0f})  {share - before:+4.0f}  {seconds:.1f} s"
        console.show(f"  {LABELS[step.rung]:18} {said}")
        before = share
    console.show(f"Chart: {found.chart}")
