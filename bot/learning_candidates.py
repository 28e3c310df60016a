"""`tertulia learn status`, `promote` and `rollback`: what serves, and who decides that."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from bot import console
from bot.learning_options import As, Json, with_app
from bot.principals import asker
from knowledge.candidate import TRIALS
from knowledge.errors import UsageError

if TYPE_CHECKING:
    from bot.app import App
    from knowledge.candidate import Candidate, State
    from knowledge.candidates import Candidates


class PlaceError(UsageError):
    """A place was named in which nothing learnt serves, or none where there are several."""


def status(*, as_json: Json = False) -> None:
    """Show what was learnt, what the gate said of it, and what serves now.

    Example: tertulia learn status
    """
    rows = asyncio.run(with_app(_status))
    if as_json:
        console.show_json({"candidates": rows})
        return
    for row in rows:
        console.show(f"{row['name']:32} {row['place']:18} {row['state']}{_beside(row)}")
        for rule in row["failed"]:
            console.show(f"    {rule['name']}: {rule['measured']}; wanted: {rule['rule']}")
    if not rows:
        console.tell("Nothing was learnt yet. Try it: tertulia learn run")


def promote(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As `learn status` lists it.")],
    *,
    to: Annotated[
        Literal["champion", "canary", "shadow"],
        typer.Option(help="canary: for a tenth of the channels that agree; shadow: unseen."),
    ] = "champion",
    waive: Annotated[
        list[str] | None, typer.Option(help="A rule of the gate that shall not count for it.")
    ] = None,
    as_user: As = None,
    as_json: Json = False,
) -> None:
    """Have a candidate serve from the next question on, or be tried; nothing is restarted.

    Example: tertulia learn promote helpdesk-1a2b3c4d5e6f --to canary
    """
    by = asker(as_user)
    if to != "champion":
        asyncio.run(with_app(lambda app: _tried(app, name, to, by, waive or [])))
        if as_json:
            console.show_json({"tried": name, "as": to})
        else:
            console.show(f"{name} is tried from now on: {to}.")
        return
    before = asyncio.run(with_app(lambda app: _promoted(app, name, by, waive or [])))
    if as_json:
        console.show_json({"serves": name, "before": before})
        return
    console.show(f"{name} serves now{f', {before} did before' if before else ''}.")
    console.tell("It is taken back with: tertulia learn rollback")


def rollback(
    place: Annotated[
        str, typer.Argument(metavar="[PLACE]", help="Such as model or prompt:helpdesk.")
    ] = "",
    *,
    reason: Annotated[str, typer.Option(help="Why, for whoever reads it later.")] = "",
    as_user: As = None,
    as_json: Json = False,
) -> None:
    """Have what served before serve again, at once; a canary there goes first.

    Example: tertulia learn rollback model --reason "It answers in verse."
    """
    by = asker(as_user)
    gone, back = asyncio.run(with_app(lambda app: _rolled_back(app, place, by, reason)))
    if as_json:
        console.show_json({"taken_back": gone, "serves": back})
        return
    console.show(
        f"{gone} serves no more; {back or 'what there was before anything was learnt'} does."
    )


async def _candidates(app: "App") -> "Candidates":
    from knowledge.candidates import Candidates

    return Candidates(await app.database())


async def _status(app: "App") -> list[dict[str, Any]]:
    from bot.live import OFF, in_place_now, is_for
    from pipelines.current import ROUTER

    found = await (await _candidates(app)).all()
    now = {place: await in_place_now(app, place) for place in {one.place for one in found}}
    off = {ROUTER} if app.settings.models.router == OFF else set()
    return [
        _row(one, waits=not is_for(one, now[one.place]), is_off=one.place in off) for one in found
    ]


def _row(one: "Candidate", *, waits: bool, is_off: bool) -> dict[str, Any]:
    from pipelines.learning.registry import conditions

    failed = [rule for rule in conditions(one.about) if not rule.holds]
    return {
        "name": one.name,
        "place": one.place,
        "state": one.state,
        "serves": one.serves,
        "waits": one.state == "champion" and waits,
        "is_off": is_off,
        "made_at": one.made_at.isoformat(timespec="seconds"),
        "failed": [
            {"name": rule.name, "rule": rule.rule, "measured": rule.measured} for rule in failed
        ],
    }


def _beside(row: dict[str, Any]) -> str:
    if row["is_off"]:
        return ": does nothing, since ROUTER=off"
    if row["waits"]:
        return ": waits, since what it was learnt for has changed"
    return f": refused, {len(row['failed'])} rules" if row["failed"] else ""


async def _promoted(app: "App", name: str, by: str, waived: list[str]) -> str:
    from bot.live import check_files
    from pipelines.learning.registry import Registry

    candidates = await _candidates(app)
    await asyncio.to_thread(check_files, await candidates.one(name))
    before = await Registry(candidates).promote(name, by=by, is_person=True, waived=waived)
    return before.name if before else ""


async def _tried(app: "App", name: str, state: "State", by: str, waived: list[str]) -> None:
    from bot.live import check_files
    from pipelines.learning.registry import Registry

    candidates = await _candidates(app)
    await asyncio.to_thread(check_files, await candidates.one(name))
    await Registry(candidates).try_out(name, state, by=by, is_person=True, waived=waived)


async def _rolled_back(app: "App", place: str, by: str, reason: str) -> tuple[str, str]:
    candidates = await _candidates(app)
    place, reason = place or await _only_place(candidates), reason or "taken back"
    serves = await candidates.champion(place)
    for one in await candidates.all(place):
        if one.state == "canary" or (one.state == "shadow" and serves is None):
            await candidates.move(one.name, "retired", by=by, reason=reason)
            return one.name, serves.name if serves else ""
    gone, back = await candidates.roll_back(place, by=by, reason=reason)
    return gone.name, back.name if back else ""


async def _only_place(candidates: "Candidates") -> str:
    busy = ("champion", *TRIALS)
    places = sorted({one.place for one in await candidates.all() if one.state in busy})
    if len(places) > 1:
        raise PlaceError(
            f"What was learnt serves in several places: {', '.join(places)}.",
            what_to_do=f"Name one: tertulia learn rollback {places[0]}",
        )
    return places[0] if places else "model"
