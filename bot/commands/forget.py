"""`tertulia forget`: what is kept of a person is removed."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot import console
from bot.principals import is_person
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.learning import Forgotten


def command(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Such as slack:U7.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on stdout.")] = False,
) -> None:
    """Remove what is kept of a person: questions, answers, ratings, and what was learnt from them.

    Pages of your sources that speak of the person are not ours to change.

    Example: tertulia forget slack:U7
    """
    if not is_person(person):
        raise typer.BadParameter(f"'{person}' is not of the form PLATFORM:PERSON.")
    learnt, counts = asyncio.run(_forgotten(person))
    if as_json:
        console.show_json(_value(person, learnt, counts))
        return
    for name, count in counts.items():
        console.show(f"{name} removed: {count}")
    console.show(f"examples to learn from forgotten: {len(learnt.rows)}")
    for folder in learnt.removed:
        console.show(f"removed the rows of the set in {folder}")
    for folder in learnt.elsewhere:
        console.tell(f"The set that was in {folder} is not there any more: remove its copies.")
    for name in learnt.to_train_anew:
        console.tell(f"Train {name} anew, or retire it: it has learnt from what is forgotten.")


async def _forgotten(person: str) -> "tuple[Forgotten, dict[str, int]]":
    from bot.app import App
    from knowledge.forgetting import forget_person

    async with App(Settings()) as app:
        learnt = await app.learning.disagree(person)
        await (await app.learning.kept()).forget_curator(person)
        return learnt, dict(await forget_person(await app.database(), person))


def _value(person: str, learnt: "Forgotten", counts: dict[str, int]) -> dict[str, Any]:
    return {
        "person": person,
        "removed": counts,
        "examples": list(learnt.rows),
        "sets": {"removed": list(learnt.removed), "not_found": list(learnt.elsewhere)},
        "to_train_anew": list(learnt.to_train_anew),
    }
