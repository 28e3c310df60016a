"""What the commands below `tertulia learn` share: who decides, how it is shown, and the app."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bot.settings import Settings

if TYPE_CHECKING:
    from bot.app import App

Found = TypeVar("Found")
As = Annotated[
    str | None, typer.Option("--as", help="Who decides, such as terminal:ana. [default: you]")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON value on stdout.")]


async def with_app(work: "Callable[[App], Awaitable[Found]]") -> Found:
    """Do something with the application, and close it."""
    from bot.app import App

    async with App(Settings()) as app:
        return await work(app)
