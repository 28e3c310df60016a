"""What is wrong with `tertulia.toml` as somebody wrote it, and what to do about each mistake."""

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any

from bot import channels, learning_settings, tool_servers
from bot.principals import wrong_readers
from bot.rhythm import RhythmError, rhythm, zone_named
from bot.source_entry import WATCH
from knowledge.articles import EVERYONE
from knowledge.errors import suggestion

TABLES = ("sources", "channels", "schedule", "tools", "mcp", "learning")
TOOLS = "Each file of tools has a table: [tools.weather]"
_Mistake = tuple[str, str]


def all_mistakes(document: Mapping[str, Any], sources: Mapping[str, Any]) -> Iterator[_Mistake]:
    """Everything at once: what is wrong, and what would be right."""
    for key in document:
        if key not in TABLES:
            yield f"there is no table '{key}'", suggestion(key, TABLES)
    for name, table in sources.items():
        yield from who_mistakes(name, table)
        yield from _how_mistakes(name, table)
    yield from _schedule_mistakes(document.get("schedule", {}))
    yield from channels.mistakes(document.get("channels", {}), [*sources])
    if not isinstance(document.get("tools", {}), Mapping):  # each table is read beside its tools
        yield "'tools' is no table", TOOLS
    yield from tool_servers.mistakes(document.get("mcp", {}))
    yield from learning_settings.mistakes(document.get("learning", {}))


def _schedule_mistakes(table: object) -> Iterator[_Mistake]:
    """What is wrong with `[schedule]`, and what to do."""
    if not isinstance(table, Mapping):
        yield "'schedule' is no table", 'Write [schedule] and below it: timezone = "Europe/Madrid"'
        return
    for key in table:
        if key != "timezone":
            yield f"[schedule] has no '{key}'", suggestion(key, ["timezone"])
    zone = table.get("timezone", "")
    try:
        zone_named(zone if isinstance(zone, str) else str(zone))
    except RhythmError as error:
        yield f"[schedule] {error}", error.what_to_do


def who_mistakes(name: str, table: object) -> Iterator[_Mistake]:
    """What is wrong with the kind of a source or with who may read it, and what to do."""
    options = table if isinstance(table, Mapping) else {}
    if not isinstance(options.get("kind"), str):
        yield f"[sources.{name}] has no kind", 'Add a line like: kind = "files"'
    audience = options.get("audience")
    if not isinstance(audience, list) or not all(isinstance(p, str) for p in audience):
        yield (
            f"[sources.{name}] does not say who may read it",
            f'Add a line like: audience = ["{EVERYONE}"]',
        )
    else:
        yield from ((f"[sources.{name}] {said}", right) for said, right in wrong_readers(audience))


def _how_mistakes(name: str, table: object) -> Iterator[_Mistake]:
    """What else is wrong with a source, and what to do."""
    options = table if isinstance(table, Mapping) else {}
    if str(options.get(WATCH, True)).lower() not in ("true", "false"):
        yield f"[sources.{name}] watch is neither true nor false", "Right: watch = true"
    if "schedule" in options:
        yield from _rhythm_mistakes(name, options["schedule"])


def _rhythm_mistakes(name: str, written: object) -> Iterator[_Mistake]:
    try:
        rhythm(written if isinstance(written, str) else str(written), UTC)
    except RhythmError as error:
        yield f"[sources.{name}] schedule = {error}", error.what_to_do
