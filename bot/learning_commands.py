"""`tertulia learn examples`: the rows that something can be learnt from, for those who decide."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bot import console
from bot.learning_options import As, Found, Json, with_app
from bot.learning_text import WHY, lines, short, value
from bot.places import Person
from bot.principals import asker

if TYPE_CHECKING:
    from bot.learning import Learnt
    from knowledge.articles import Audience
    from knowledge.learning_examples import Example

HELP = """The rows that something can be learnt from: what people rated and corrected.

Example: tertulia learn examples --state waiting
"""
examples = typer.Typer(help=HELP)
Names = Annotated[list[str], typer.Argument(metavar="ID...", help="As they are listed: E-7Q2M.")]


@examples.callback(invoke_without_command=True)
def list_(
    context: typer.Context,
    *,
    state: Annotated[
        str, typer.Option(help="Only these: waiting, approved, rejected, forgotten.")
    ] = "",
    as_user: As = None,
    as_json: Json = False,
) -> None:
    """List the rows that you may read, oldest first.

    Example: tertulia learn examples --state waiting --json
    """
    if context.invoked_subcommand is not None:
        return
    states = _states(state)
    rows = asyncio.run(_with(lambda learnt: learnt.open_to(_rights(as_user), *states)))
    if as_json:
        console.show_json({"examples": [value(one) for one in rows]})
        return
    for one in rows:
        doubts = f" ! {', '.join(one.doubts)}" if one.doubts else ""
        console.show(f"{one.id:14} {one.state:9} {one.kind:8} {short(one.question)}{doubts}")
    if not rows:
        console.tell("There are none. Make some of what was rated: tertulia learn examples find")


@examples.command("find")
def find(*, as_json: Json = False) -> None:
    """Make rows of what people rated and corrected; the schedule does it every night.

    Example: tertulia learn examples find
    """
    mined = asyncio.run(_with(lambda learnt: learnt.mine()))
    if as_json:
        about = {"made": mined.made, "left_out": dict(mined.left_out)}
        console.show_json(about | {"alarms": mined.alarms, "forgotten": mined.forgotten})
        return
    console.show(f"new or changed: {len(mined.made)}")
    for reason, count in mined.left_out.most_common():
        console.show(f"left out: {count}, {WHY.get(reason, reason)}")
    for alarm in mined.alarms:
        console.tell(f"Look at this: {alarm}")


@examples.command("show")
def show(
    name: Annotated[str, typer.Argument(metavar="ID")], *, as_user: As = None, as_json: Json = False
) -> None:
    """Show a row with all that is known of where it came from.

    Example: tertulia learn examples show E-7Q2M
    """
    one = asyncio.run(_with(lambda learnt: learnt.named(name, _rights(as_user))))
    if as_json:
        console.show_json(value(one))
        return
    for line in lines(one):
        console.show(line)


@examples.command("approve")
def approve(
    names: Names,
    *,
    answer: Annotated[
        str, typer.Option(help="What is to be learnt instead, in your words; of one row.")
    ] = "",
    as_user: As = None,
    as_json: Json = False,
) -> None:
    """Approve rows: their answers may be learnt.

    Example: tertulia learn examples approve E-7Q2M --answer "Parents take 19 weeks."
    """
    if answer and len(names) > 1:
        raise typer.BadParameter("--answer is for one row.")
    _decide(names, "approved", as_user, answer=answer, as_json=as_json)


@examples.command("reject")
def reject(names: Names, *, as_user: As = None, as_json: Json = False) -> None:
    """Reject rows: nothing is learnt from them.

    Example: tertulia learn examples reject E-7Q2M
    """
    _decide(names, "rejected", as_user, as_json=as_json)


@examples.command("export")
def export(
    folder: Annotated[
        Path | None, typer.Argument(help="Where. [default: learning/sets in TERTULIA_HOME]")
    ] = None,
    *,
    form: Annotated[
        str, typer.Option("--format", help="messages, alpaca, sharegpt, preference or kto.")
    ] = "messages",
    kind: Annotated[
        list[str] | None, typer.Option(help="Only what teaches this: answer, refusal, tool, style.")
    ] = None,
    audience: Annotated[
        str, typer.Option(help="Whom the model will serve: also what only they may read.")
    ] = "",
    replay: Annotated[
        float, typer.Option(min=0, max=0.5, help="The share of rows for what was known before.")
    ] = 0.15,
    as_json: Json = False,
) -> None:
    """Write a set: train.jsonl, eval.jsonl and a manifest.

    Example: tertulia learn examples export --format preference --json
    """
    from knowledge.articles import EVERYONE, Audience
    from pipelines.learning.formats import FORMATS
    from pipelines.learning.sets import Wanted

    chosen_form = next((one for one in FORMATS if one == form), None)
    if chosen_form is None:
        raise typer.BadParameter(f"'{form}' is no format. There are: {', '.join(FORMATS)}")
    readers = Audience.of(EVERYONE, *([audience] if audience else []))
    wanted = Wanted(chosen_form, readers, tuple(kind or ()), replay)
    found, made = asyncio.run(_with(lambda learnt: learnt.give_out(wanted, folder)))
    counts = {"train": found.train, "replay": found.replay, "eval": found.evaluate}
    about = {name: len(rows) for name, rows in counts.items()}
    if as_json:
        told = {"left_out": dict(found.left_out), "alarms": found.alarms}
        console.show_json({"id": made.id, "folder": made.folder, **about, **told})
        return
    console.show(f"{made.folder}: " + ", ".join(f"{n} {name}" for name, n in about.items()))
    for reason, count in found.left_out.most_common():
        console.show(f"left out: {count}, {reason}")
    for alarm in found.alarms:
        console.tell(f"Look at this: {alarm}")


@examples.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="Rows: JSON, a line each.")],
    *,
    terms: Annotated[
        str, typer.Option(help="On which terms the rows may be used: a licence, or who agreed.")
    ],
    form: Annotated[
        str, typer.Option("--format", help="messages, alpaca, sharegpt, preference or kto.")
    ] = "messages",
    as_user: As = None,
    as_json: Json = False,
) -> None:
    """Take in rows that you bring along; they wait for a curator like all others.

    Example: tertulia learn examples import rows.jsonl --terms "written by us"
    """
    from pipelines.learning.formats import FORMATS

    if form not in FORMATS:
        raise typer.BadParameter(f"'{form}' is no format. There are: {', '.join(FORMATS)}")
    if not terms.strip():
        raise typer.BadParameter("--terms is empty: say on which terms the rows may be used.")
    who = asker(as_user)
    names = asyncio.run(_with(lambda learnt: learnt.take_in(file, form, terms, who)))
    if as_json:
        console.show_json({"taken_in": names})
    else:
        console.show(f"taken in: {len(names)}. They wait for a curator: tertulia learn examples")


def consent(
    choice: Annotated[
        str, typer.Argument(metavar="on|off", help="Without it: how it stands.")
    ] = "",
    *,
    as_user: As = None,
    as_json: Json = False,
) -> None:
    """Agree that something is learnt from what you write and rate here, or take that back.

    Example: tertulia learn consent off
    """
    if choice not in ("", "on", "off"):
        raise typer.BadParameter(f"'{choice}' is neither on nor off.")
    who = asker(as_user)

    async def work(learnt: "Learnt") -> tuple[bool, list[str]]:
        rows: list[str] = []
        if choice == "on":
            await learnt.agree(who)
        elif choice == "off":
            rows = list((await learnt.disagree(who)).rows)
        return who in (await learnt.consents()).people, rows

    agrees, rows = asyncio.run(_with(work))
    if as_json:
        console.show_json({"person": who, "agrees": agrees, "forgotten": rows})
    else:
        console.show(f"{who} {'agrees' if agrees else 'does not agree'}.")
        if rows:
            console.show(f"forgotten: {len(rows)}")


def _decide(
    names: list[str],
    state: Literal["approved", "rejected"],
    as_user: str | None,
    *,
    answer: str = "",
    as_json: bool,
) -> None:
    who = asker(as_user)

    async def work(learnt: "Learnt") -> "list[Example]":
        rows = [await learnt.named(name, _rights(as_user)) for name in names]
        return [await learnt.decide(one, state, who, answer=answer) for one in rows]

    rows = asyncio.run(_with(work))
    if as_json:
        console.show_json({"examples": [value(one) for one in rows]})
    else:
        console.show(f"{state}: {', '.join(one.id for one in rows)}")


def _rights(as_user: str | None) -> "Audience":
    """What whoever decides may read."""
    return Person(asker(as_user)).rights


def _states(wanted: str) -> tuple[str, ...]:
    known = ("waiting", "approved", "rejected", "forgotten")
    if wanted and wanted not in known:
        raise typer.BadParameter(f"'{wanted}' is no state. There are: {', '.join(known)}")
    return (wanted,) if wanted else ()


async def _with(work: "Callable[[Learnt], Awaitable[Found]]") -> Found:
    return await with_app(lambda app: work(app.learning))
