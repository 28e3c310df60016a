"""`tertulia store`: the versions of the index on a server, and the way back to the one before."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot import console
from bot.settings import Settings
from knowledge.errors import OperatorError

if TYPE_CHECKING:
    from knowledge.stores.elastic import ElasticIndexes, Version

HELP = """The versions of the index; going back to the one before.

Example: tertulia store status
"""
command = typer.Typer(no_args_is_help=True, help=HELP)


class NoVersionsError(OperatorError):
    """The store of the settings has one version only."""


@command.command("status")
def status(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on stdout.")] = False,
) -> None:
    """Show where passages are kept, how many there are, and which versions of the index.

    Example: tertulia store status --json
    """
    value = asyncio.run(_status(Settings()))
    if as_json:
        console.show_json(value)
        return
    console.show(
        f"{value['store']} at {value['place']}: {value['passages']} passages, "
        f"{value['embedded']} with their vectors"
    )
    for version in value["versions"]:
        console.show(
            f"  {version['index']:28} {version['state']:8} {version['passages']:>9} passages  "
            f"{version['model']}"
        )


async def _status(settings: Settings) -> dict[str, Any]:
    from bot.app import App

    async with App(settings) as app:
        state = await app.index.state()
        indexes = await app.index.versions()
        versions = (
            [await _value(indexes, one) for one in await indexes.versions()] if indexes else []
        )
    return {
        "store": settings.store.store,
        "place": indexes.place if indexes else str(settings.home.index),
        "passages": state.chunks,
        "embedded": state.embedded,
        "versions": versions,
    }


async def _value(indexes: "ElasticIndexes", version: "Version") -> dict[str, Any]:
    held = await indexes.opened(version).state()
    return {
        "index": version.index,
        "state": _state(version),
        "passages": held.chunks,
        "embedded": held.embedded,
        "model": version.model,
    }


def _state(version: "Version") -> str:
    if version.is_live:
        return "in use"
    return "refused" if version.is_refused else "kept"


@command.command("rollback")
def rollback(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on stdout.")] = False,
) -> None:
    """Search the version of the index before the present one again.

    Example: tertulia store rollback
    """
    index = asyncio.run(_rolled_back(Settings()))
    if as_json:
        console.show_json({"index": index})
    else:
        console.tell(
            f"{index} is in use again. If a setting was the reason (EMBEDDING_MODEL above all), "
            "put the old one back before the next refresh."
        )


async def _rolled_back(settings: Settings) -> str:
    from bot.app import App

    async with App(settings) as app:
        indexes = await app.index.versions()
        if indexes is None:
            raise NoVersionsError(
                "The embedded store has one version only: there is nothing to go back to.",
                what_to_do="Build it anew with: tertulia refresh --full",
            )
        return (await indexes.rollback()).index
