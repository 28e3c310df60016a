"""`tertulia models`: the catalogue of embedded models, and fetching them."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from bot import console
from bot.settings import Settings

if TYPE_CHECKING:
    from pipelines.models.catalogue import EmbeddedModel

command = typer.Typer()


@command.callback(invoke_without_command=True)
def list_models(
    context: typer.Context,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on stdout.")] = False,
) -> None:
    """List the models that run without a server: what is here, and what can be fetched.

    Example: tertulia models --json
    """
    if context.invoked_subcommand is None:
        settings = Settings()
        values = [_value(model, settings) for model in _catalogue()]
        if as_json:
            console.show_json({"models": values})
            return
        for value in values:
            console.show(
                f"{value['name']:20} {value['state']:8} {value['megabytes']:>5} MB  "
                f"{value['licence']}  {value['summary']}"
            )


def _catalogue() -> "list[EmbeddedModel]":
    from pipelines.models import catalogue

    return list(catalogue.models().values())


def _value(model: "EmbeddedModel", settings: Settings) -> dict[str, object]:
    from pipelines.models.checking import find
    from pipelines.models.errors import ModelDamagedError

    try:
        state = "present" if find(model, settings.home.models) else "missing"
    except ModelDamagedError:
        state = "damaged"
    return {
        "name": model.name,
        "state": state,
        "megabytes": model.size // 1_000_000,
        "licence": model.licence,
        "languages": list(model.languages),
        "sha256": model.sha256,
        "summary": model.summary,
    }


@command.command("fetch")
def fetch(
    name: Annotated[
        str | None, typer.Argument(help="A model of the catalogue. [default: the one in use]")
    ] = None,
) -> None:
    """Fetch a model and check its hash; goes on where an earlier try stopped.

    Example: tertulia models fetch qwen2.5-coder-0.5b
    """
    from pipelines.models import catalogue, choosing
    from pipelines.models.checking import find

    settings = Settings()
    if name is None:
        kind, _, name = (
            settings.models.chat_model or choosing.default_chat_model(settings.home.models)
        ).partition(":")
        if kind != "embedded":
            console.tell(f"CHAT_MODEL is served by {kind}: there is nothing to fetch.")
            return
    model = catalogue.entry(name)
    if find(model, settings.home.models):
        console.tell(f"{name} is here already.")
        return
    asyncio.run(_fetch(model, settings))


async def _fetch(model: "EmbeddedModel", settings: Settings) -> None:
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    from pipelines.models import fetching

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console.err) as progress:
        task = progress.add_task(model.name, total=model.size)

        def show(done: int, total: int, place: str) -> None:
            progress.update(
                task, completed=done, total=total, description=f"{model.name} ({place})"
            )

        path = await fetching.fetch(model, settings.home.models, progress=show)
    console.tell(f"{model.name} is at {path}, and it is the right file.")
