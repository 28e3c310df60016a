"""`tertulia models`: the catalogue of embedded models, and fetching them."""

import asyncio
from pathlib import Path
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
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on stdout.")] = False,
) -> None:
    """Fetch a model and check its hash; goes on where an earlier try stopped.

    Example: tertulia models fetch qwen2.5-coder-0.5b
    """
    from pipelines.models import catalogue
    from pipelines.models.checking import find

    settings = Settings()
    kind, _, chosen = _in_use(settings).partition(":") if name is None else ("embedded", "", name)
    chosen = chosen.partition("+")[0] if kind == "embedded" else chosen  # an adapter is made here
    if kind != "embedded":
        path, message = None, f"CHAT_MODEL is served by {kind}: there is nothing to fetch here."
        message += f" Ollama itself does it: ollama pull {chosen}" if kind == "ollama" else ""
    elif path := find(catalogue.entry(chosen), settings.home.models):
        message = f"{chosen} is here already."
    else:
        path = asyncio.run(_fetch(catalogue.entry(chosen), settings))
        message = f"{chosen} is at {path}, and it is the right file."
    if as_json:
        console.show_json({"model": f"{kind}:{chosen}", "path": str(path) if path else None})
    else:
        console.tell(message)


def _in_use(settings: Settings) -> str:
    from pipelines.models import choosing

    return settings.models.chat_model or choosing.default_chat_model(settings.home.models)


async def _fetch(model: "EmbeddedModel", settings: Settings) -> Path:
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

        return await fetching.fetch(model, settings.home.models, progress=show)
