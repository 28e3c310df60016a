"""The command line, `tertulia`; its commands are the files in bot/commands/."""

from contextlib import nullcontext
from importlib.metadata import version
from typing import Annotated

import typer

from bot import INTERRUPTED, console, extensions, main
from knowledge.errors import TertuliaError, UsageError

FAILED, WRONG_USAGE = 1, 2


class WrongUsageError(UsageError):
    """The command line names something that there is not, or leaves something out."""


class UnexpectedError(TertuliaError):
    """Something happened that we did not foresee: a fault of ours."""


def _show_version(wanted: bool) -> None:
    if wanted:
        console.show(f"tertulia {version('tertulia')}")
        raise typer.Exit


def build() -> typer.Typer:
    """The command line with every command that has a file."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
        help="Tertulia answers from your team's own knowledge, with citations that hold.",
    )

    @app.callback()
    def _options(
        version: Annotated[
            bool, typer.Option("--version", callback=_show_version, is_eager=True)
        ] = False,
        debug: Annotated[
            bool, typer.Option("--debug", help="Show where an error comes from.")
        ] = False,
    ) -> None: ...

    for name in extensions.names_in("bot.commands"):
        command = extensions.load("bot.commands", name).command
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code."""
    as_json = "--json" in arguments
    debug = "--debug" in arguments
    arguments = [a for a in arguments if a != "--debug"]
    shows_help = "--help" in arguments
    with console.values_alone() if as_json and not shows_help else nullcontext():
        return _run(arguments, as_json=as_json, debug=debug)


def _run(arguments: list[str], *, as_json: bool, debug: bool) -> int:
    try:
        result = build()(arguments, prog_name="tertulia", standalone_mode=False)
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except typer.TyperException as error:
        return _misused(error, as_json=as_json)
    except TertuliaError as error:
        return _failed(error, as_json=as_json, debug=debug)
    except Exception as error:  # noqa: BLE001 (the outermost place; nothing may end in a traceback)
        return _failed(_unexpected(error), as_json=as_json, debug=debug)
    return result if isinstance(result, int) else 0


def _unexpected(error: Exception) -> UnexpectedError:
    wrapped = UnexpectedError(
        f"Something unexpected happened: {type(error).__name__}: {error}",
        what_to_do="Run it again with --debug and tell us what it prints.",
    )
    wrapped.__cause__ = error
    return wrapped


def _misused(error: typer.TyperException, *, as_json: bool) -> int:
    """Say what is wrong with the command line; nothing where its help was just printed."""
    message = error.format_message()
    if message:
        command = getattr(getattr(error, "ctx", None), "command_path", "tertulia")
        wrong = WrongUsageError(message, what_to_do=f"How it is used: {command} --help")
        _failed(wrong, as_json=as_json, debug=False)
    return WRONG_USAGE


def _failed(error: TertuliaError, *, as_json: bool, debug: bool) -> int:
    if as_json:
        console.show_json(console.error_value(error))
    else:
        console.tell_error(error)
    if debug:
        console.err.print_exception()
    return WRONG_USAGE if isinstance(error, UsageError) else FAILED


if __name__ == "__main__":
    main()
