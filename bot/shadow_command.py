"""`tertulia learn shadow`: what a candidate would have answered, beside what was answered."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot import console
from bot.learning_options import As, Json, with_app
from bot.places import Person
from bot.principals import asker

if TYPE_CHECKING:
    from bot.app import App
    from knowledge.articles import Audience


def shadow(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As `learn status` lists it.")],
    *,
    as_user: As = None,
    as_json: Json = False,
) -> None:
    """Show what a candidate in shadow would have answered, where you may read the question.

    Example: tertulia learn shadow helpdesk-1a2b3c4d5e6f
    """
    reader = Person(asker(as_user)).rights
    rows = asyncio.run(with_app(lambda app: _beside(app, name, reader)))
    if as_json:
        console.show_json({"shadow": rows})
        return
    for row in rows:
        console.show(f"{row['reference']}  {row['question']}")
        console.show(f"    given:   {row['given']}")
        console.show(f"    instead: {row['text']} ({row['seconds']:.1f} s)")
    if not rows:
        console.tell(f"{name} has answered nothing in shadow that you may read.")


async def _beside(app: "App", name: str, reader: "Audience") -> list[dict[str, Any]]:
    """Both answers to each question, oldest first."""
    from knowledge.candidates import Candidates
    from knowledge.rated_answers import RatedAnswers
    from knowledge.shadow_answers import ShadowAnswers

    database = await app.database()
    await Candidates(database).one(name)  # tells a wrong name
    answers, rows = RatedAnswers(database), []
    for said in await ShadowAnswers(database).of(name):
        one = await answers.one(said.reference)
        if one is None or not one.recorded.was_told_to(reader):
            continue
        if await one.recorded.still(reader, app.readable) is None:
            continue
        rows.append(
            {
                "reference": said.reference,
                "question": one.question.text,
                "given": one.recorded.text,
                "text": said.text,
                "reason": said.reason,
                "seconds": round(said.seconds, 2),
            }
        )
    return rows
