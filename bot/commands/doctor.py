"""`tertulia doctor`: checks what people get wrong and says what to do."""

import asyncio
import shutil
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from bot import console, extensions
from bot.settings import Settings
from bot.source_entry import StructureError
from bot.structure import Structure
from knowledge.errors import TertuliaError, suggestion
from knowledge.sources import NotesInMemory, Source

if TYPE_CHECKING:
    from bot.app import App
    from pipelines.personas import Persona

MOST_MEGABYTES_WANTED = 2000
QUICK = ("settings", "database", "index")


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Attributes:
        state: `ok`, `note` (worth knowing) or `broken` (something does not work).
    """

    name: str
    state: str
    message: str
    what_to_do: str = ""


def command(
    *,
    quick: Annotated[
        bool,
        typer.Option("--quick", help=f"Only {', '.join(QUICK)}: loads no model, reads no source."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON value on stdout.")] = False,
) -> None:
    """Check settings, sources, index and models; exit code 1 if something is broken.

    Example: tertulia doctor
    """
    findings = asyncio.run(_examine(quick=quick))
    is_broken = any(finding.state == "broken" for finding in findings)
    if as_json:
        console.show_json({"ok": not is_broken, "checks": [asdict(f) for f in findings]})
    else:
        for finding in findings:
            console.show(f"{finding.state:7} {finding.name:9} {finding.message}")
            if finding.what_to_do:
                console.show(f"{'':17} {finding.what_to_do}")
    raise typer.Exit(1 if is_broken else 0)


async def _examine(*, quick: bool) -> list[Finding]:
    settings = Settings()
    checks: list[tuple[str, Callable[[Settings], Awaitable[list[Finding]]]]] = [
        ("settings", _settings),
        ("sources", _sources),
        ("database", _database),
        ("schedule", _schedule),
        ("index", _index),
        ("tools", _tools),
        ("persona", _persona),
        ("channels", _channels),
        ("model", _model),
        ("vectors", _vectors),
        ("platforms", _platforms),
    ]
    findings: list[Finding] = []
    for name, check in checks:
        if quick and name not in QUICK:
            continue
        try:
            findings += await check(settings)
        except TertuliaError as error:
            findings.append(Finding(name, "broken", str(error), error.what_to_do))
    return findings


async def _settings(settings: Settings) -> list[Finding]:
    from bot.home_folder import make_folder

    home = settings.home.tertulia_home
    await asyncio.to_thread(make_folder, home)
    free = shutil.disk_usage(home).free // 1_000_000
    python = ".".join(map(str, sys.version_info[:3]))
    found = [Finding("settings", "ok", f"all settings are right; home is {home}; Python {python}")]
    if free < MOST_MEGABYTES_WANTED:
        found.append(
            Finding("disk", "note", f"{free} MB free in {home}", "Models want up to 2 GB.")
        )
    return found


async def _platforms(settings: Settings) -> list[Finding]:
    """What each platform that is served finds wrong with itself."""
    found: list[Finding] = []
    for name in settings.platforms.platforms:
        examine = getattr(extensions.load("bot.platforms", name), "examine", None)
        try:
            said = await examine(settings) if examine else []
        except TertuliaError as error:
            said = [("broken", str(error), error.what_to_do)]
        found += [Finding(name, *one) for one in said]
    return found


async def _sources(settings: Settings) -> list[Finding]:
    entries = Structure(settings.home.structure).sources()
    if not entries:
        advice = "Add one: tertulia source add NAME files --path DIR"
        return [Finding("sources", "note", "there are no sources yet", advice)]
    return [await _source(settings, entry.name) for entry in entries]


async def _source(settings: Settings, name: str) -> Finding:
    structure = Structure(settings.home.structure)
    entry = structure.source(name)
    try:
        await _begin_to_read(structure.built(entry))
    except TertuliaError as error:
        return Finding("sources", "broken", f"{name}: {error}", error.what_to_do)
    if not entry.audience.principals:
        return Finding("sources", "note", f"{name}: nobody may read it", "Give it an audience.")
    return Finding("sources", "ok", f"{name}: can be read")


async def _begin_to_read(source: Source) -> None:
    try:
        async for _ in source.entries("", NotesInMemory()):
            break
    finally:
        await source.close()


async def _database(settings: Settings) -> list[Finding]:
    from bot.app import App
    from knowledge.database import check_file, described, file_of
    from knowledge.ledger import Ledger

    file = file_of(settings.database)
    if file and not await asyncio.to_thread(file.exists):
        return [Finding("database", "ok", f"{file} will be made by the first refresh")]
    if file:
        await check_file(file)
    async with App(settings) as app:
        database = await app.database()
        articles = await Ledger(database).articles()
        found = [Finding("database", "ok", await described(database))]
    with suppress(StructureError):  # the check of the sources names it
        left_over = Structure(settings.home.structure).left_over(articles)
        found += [Finding("sources", "note", *said) for said in left_over]
    return found


async def _schedule(settings: Settings) -> list[Finding]:
    from bot.app import App
    from bot.timetable import findings, timetable
    from knowledge.database import file_of

    file = file_of(settings.database)
    if file and not await asyncio.to_thread(file.exists):
        return []
    async with App(settings) as app:
        with suppress(StructureError):  # the check of the sources names it
            return [Finding("schedule", *said) for said in findings(await timetable(app))]
    return []


async def _index(settings: Settings) -> list[Finding]:
    from bot.app import App

    async with App(settings) as app:
        state = await app.index.state()
    if not state.chunks:
        return [Finding("index", "note", "the index is empty", "Run: tertulia refresh")]
    message = f"{state.chunks} passages, {state.embedded} of them with their vectors"
    return [Finding("index", "ok", message)]


async def _tools(settings: Settings) -> list[Finding]:
    """Whether tools can be used: the team's own, ours that want settings, those of servers."""
    from bot.app import App
    from bot.toolbox import toolbox
    from bot.tools import findings
    from pipelines.tool_files import is_ours

    found, tables = toolbox(settings.home).tools, Structure(settings.home.structure).tools()
    own = [name for name, one in found.items() if not is_ours(one)]
    set_up = [name for name, one in found.items() if is_ours(one) and one.topic in tables]
    said = {"the team's own": own, "set up in tertulia.toml": set_up}
    told = [
        Finding("tools", "ok", f"{which}: {', '.join(names)}")
        for which, names in said.items()
        if names
    ]
    async with App(settings) as app:
        return told + [Finding("tools", *said) for said in await findings(app)]


async def _persona(settings: Settings) -> list[Finding]:
    from bot.app import App

    async with App(settings) as app:
        _, unable = await app.cast.examined()
    return [Finding("persona", "broken", str(error), error.what_to_do) for error in unable]


async def _channels(settings: Settings) -> list[Finding]:
    """Whether those who shall answer in channels are there, and who tells alarms."""
    from pipelines import personas

    known = personas.names(settings.home.personas)
    return _not_served(settings) + [
        Finding(
            "channels",
            "broken",
            f'[channels."{name}"] {key} names "{wanted}", and there is no such persona',
            suggestion(wanted, known),
        )
        for name, table in Structure(settings.home.structure).table("channels").items()
        for key in ("persona", "personas")
        for wanted in _names(table.get(key, ()))
        if wanted not in known
    ]


def _not_served(settings: Settings) -> list[Finding]:
    """That alarms are told on a chat which nobody with these settings serves."""
    name = Structure(settings.home.structure).told_in()
    chat = name.partition(":")[0]
    if not chat or chat in settings.platforms.platforms:
        return []
    said = f"[learning] told_in = {name}, and PLATFORMS does not name {chat}"
    return [Finding("channels", "note", said, "It is told once somebody serves that chat.")]


def _names(said: str | list[str]) -> list[str]:
    return [said] if isinstance(said, str) else list(said)


async def _model(settings: Settings) -> list[Finding]:
    from bot.app import App
    from pipelines import reranking

    async with App(settings) as app:
        able, _ = await app.cast.examined()  # what is wrong with the others is said already
        default = await app.default_model()
        used = dict.fromkeys(one.model or default for one in able)
        if second := reranking.parts(settings.models.reranker)[1]:
            used.setdefault(second)
        tried = [
            await _tried(app, setting, [one for one in able if (one.model or default) == setting])
            for setting in used
        ]
    return [finding for findings in tried for finding in findings]


async def _tried(app: "App", setting: str, able: "list[Persona]") -> list[Finding]:
    """Whether the model of one setting answers and calls tools, and what may be better with it."""
    try:
        async with (await app.models()).holding(setting):  # loaded once for all of this
            notes = await app.try_model(setting)
            calling = await app.cast.tool_findings(setting, able)
    except TertuliaError as error:
        return [Finding("model", "broken", str(error), error.what_to_do)]
    found = [Finding("model", "ok", f"{setting} answers")]
    found += [Finding("template", "note", f"{setting}: {said}", do) for said, do in notes]
    return found + [Finding("tools", *said) for said in calling]


async def _vectors(settings: Settings) -> list[Finding]:
    from bot.app import App

    async with App(settings) as app:
        embedder = await app.embedder()
        rows = await embedder.embed_questions(["hello"])
    return [Finding("vectors", "ok", f"{embedder.name} gives {rows.shape[1]} dimensions")]
