"""`tertulia source`: add, list and remove where knowledge comes from."""

import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace as replace_in
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from bot import console, extensions
from bot.settings import Settings
from bot.source_entry import SourceEntry, StructureError, explained, kinds, options_of
from bot.structure import Structure
from knowledge.articles import EVERYONE, Audience

HELP = """Where knowledge comes from: add, list and remove sources.

Example: tertulia source add handbook files --path ./handbook
"""
_SSH_ADDRESS = re.compile(r"[\w.-]+@[\w.-]+:")  # as git has it: git@host:team/handbook.git
_HALF_ADDRESS = re.compile(r"[\w-]+(\.[\w-]+)+(:\d+)?/")  # as a browser shows it: host.org/team
command = typer.Typer(no_args_is_help=True, help=HELP)


class AddCommand(TyperCommand):
    """`source add`; behind a kind, `--help` explains the options of that kind."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 (the context of a private base class)
        """As usual, but for `source add KIND --help` and `source add NAME KIND --help`."""
        named = [word for word in args[:2] if word in kinds()]
        if named and "--help" in args:
            console.show(explained(named[-1]))
            raise typer.Exit
        return super().parse_args(ctx, args)


NameAndKind = Annotated[
    tuple[str, str],
    typer.Argument(
        metavar="NAME KIND",
        help="A short name, with which article ids begin; and files, ...: see "
        "`tertulia source add KIND --help`.",
    ),
]
Places = Annotated[
    list[str] | None,
    typer.Option(
        "--path", "--url", help="The folder, file or address to read; repeat for several."
    ),
]
Options = Annotated[
    list[str] | None,
    typer.Option(help="KEY=VALUE, repeat for several: see `tertulia source add KIND --help`."),
]
Rhythm = Annotated[
    str, typer.Option(help='How often it is refreshed: "every 15 minutes", "30 2 * * *".')
]
Audiences = Annotated[
    list[str] | None,
    typer.Option(help="Who may read it: everyone, terminal:NAME, slack:U... (repeat or use ',')."),
]
Replace = Annotated[
    bool, typer.Option("--replace", help="Take the place of a source of this name.")
]


@command.command("add", cls=AddCommand)
def add(  # noqa: PLR0913 (the options of the command line)
    name_and_kind: NameAndKind,
    *,
    place: Places = None,
    option: Options = None,
    schedule: Rhythm = "",
    audience: Audiences = None,
    replace: Replace = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on stdout.")] = False,
) -> None:
    """Add a source to tertulia.toml; `tertulia refresh NAME` then reads it.

    Example: tertulia source add handbook files --path ./handbook --audience everyone
    """
    name, kind = name_and_kind
    structure = Structure(Settings().home.structure)
    options = dict(_pair(text) for text in option or []) | _places(kind, place or [])
    entry = _named(name, kind, options, _readers(audience), schedule)
    entry = _completed(entry, structure, keep_readers=replace and not audience)
    added = structure.replace(entry) if replace else structure.add(entry)
    if added and replace:
        asyncio.run(_settle(entry))
    if as_json:
        console.show_json({"added": added, "source": _value(entry)})
    elif added or not replace:
        done = f"Added source '{name}'." if added else f"Source '{name}' is there already."
        console.tell(f"{done} Next: tertulia refresh {name}")


def _named(
    name: str, kind: str, options: dict[str, object], audience: Audience, schedule: str
) -> SourceEntry:
    """What the command line says; `--option schedule=...` is the same as `--schedule`."""
    said = str(options.pop("schedule", ""))
    return SourceEntry(name, kind, options, audience, schedule or said)


def _readers(audience: Sequence[str] | None) -> Audience:
    """Those who are named, else everybody."""
    principals = [p.strip() for text in audience or () for p in text.split(",")]
    return Audience.of(*filter(None, principals or [EVERYONE]))


def _completed(entry: SourceEntry, structure: Structure, *, keep_readers: bool) -> SourceEntry:
    """The entry, and what it does not say from the source whose place it takes."""
    present = next((one for one in structure.sources() if one.name == entry.name), entry)
    readers = present.audience if keep_readers else entry.audience
    return replace_in(entry, audience=readers, schedule=entry.schedule or present.schedule)


def _places(kind: str, texts: Sequence[str]) -> dict[str, object]:
    """The options `url` and `path`: an address as it is, a path from wherever we are now."""
    options = options_of(extensions.load("knowledge.sources", kind))
    found: dict[str, list[str]] = {}
    for text in texts:
        if "://" in text or _SSH_ADDRESS.match(text):
            found.setdefault("url", []).append(_file_from_here(text))
            continue
        path = Path(text)
        is_half = _HALF_ADDRESS.match(text) and not path.exists()
        if "url" in options and ("path" not in options or is_half):
            raise _no_address(kind, text)
        with suppress(RuntimeError):  # ~ and a name that nobody has
            path = path.expanduser()
        found.setdefault("path", []).append(str(path.absolute()))
    return {key: some if len(some) > 1 else some[0] for key, some in found.items()}


def _no_address(kind: str, text: str) -> StructureError:
    """Why a text is no address; to most people it is one that a browser completes."""
    example = extensions.load("knowledge.sources", kind).EXAMPLE
    near = f"--url https://{text}" if "--url https://" in example else f"it as here: {example}"
    return StructureError(
        f"'{text}' is no address, and a {kind} source needs one.", what_to_do=f"Write {near}"
    )


def _file_from_here(url: str) -> str:
    """An address; the path of a database that is a file does not depend on where we are."""
    kind, slashes, path = url.partition(":///")
    if not kind.startswith("sqlite") or not path:
        return url
    with suppress(RuntimeError):
        path = str(Path(path).expanduser())
    return f"{kind}{slashes}{Path(path).absolute()}"


async def _settle(entry: SourceEntry) -> None:
    """Whoever may not read it any more loses sight of it now, not at the next refresh."""
    from bot.app import App
    from bot.settling import settle

    async with App(Settings()) as app:
        await settle(app, app.structure.source(entry.name))


def _pair(text: str) -> tuple[str, object]:
    key, equals, value = text.partition("=")
    if not (key and equals):
        raise StructureError(
            f"--option {text}: this is no KEY=VALUE.", what_to_do="Right: --option glob=*.md"
        )
    return key.strip(), value


@command.command("list")
def list_sources(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on stdout.")] = False,
) -> None:
    """Show all sources.

    Example: tertulia source list --json
    """
    entries = Structure(Settings().home.structure).sources()
    if as_json:
        console.show_json({"sources": [_value(entry) for entry in entries]})
        return
    if not entries:
        console.tell("There are no sources yet. Add one: tertulia source add NAME files --path DIR")
    for entry in entries:
        options = "  ".join(f"{key}={value}" for key, value in entry.options.items())
        readers = ",".join(sorted(entry.audience.principals)) or "nobody"
        rhythm_said = f"  {entry.schedule}" if entry.schedule else ""
        console.show(f"{entry.name}  ({entry.kind})  {options}  for: {readers}{rhythm_said}")


def _value(entry: SourceEntry) -> dict[str, object]:
    value: dict[str, object] = {
        "name": entry.name,
        "kind": entry.kind,
        "options": dict(entry.options),
        "audience": sorted(entry.audience.principals),
    }
    return value | ({"schedule": entry.schedule} if entry.schedule else {})


@command.command("remove")
def remove(
    name: Annotated[str, typer.Argument(help="The source's name.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on stdout.")] = False,
) -> None:
    """Take a source out of tertulia.toml, and what came from it out of the index.

    Example: tertulia source remove handbook
    """
    settings = Settings()
    structure = Structure(settings.home.structure)
    is_listed = name in structure.names()
    # The file last: where forgetting fails, the source still stands there and can be removed again.
    forgotten = asyncio.run(_forget(name, settings))
    if is_listed or not forgotten:
        structure.remove(name)
    if as_json:
        console.show_json({"removed": name, "articles": forgotten})
    else:
        console.tell(f"Removed source '{name}' and its {forgotten} articles from the index.")


async def _forget(name: str, settings: Settings) -> int:
    from bot.app import App
    from bot.refreshing import forget_by_hand

    async with App(settings) as app:
        return await forget_by_hand(app, name)
