"""Reads and edits `tertulia.toml`: sources, channels, schedule, tools; comments and order stay."""

import fcntl
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any, Literal

import tomlkit
from tomlkit.exceptions import TOMLKitError

from bot.principals import wrong_readers
from bot.rhythm import Rhythm, rhythm, zone_named
from bot.source_entry import SourceEntry, StructureError
from bot.structure_mistakes import TOOLS, all_mistakes, who_mistakes
from knowledge.articles import Audience
from knowledge.errors import OperatorError, suggestion
from knowledge.sources import Source

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
DEFAULT_SCHEDULE = "every hour"
"""How often a source is refreshed whose table does not say so."""
SCHEDULE_OF_OWN_READERS = "every 30 seconds"
"""The same where articles say who may read them: a right ends when a refresh sees that it ended."""


class Structure:
    """The file `tertulia.toml`; each method reads it afresh, so that edits by hand count.

    One process edits it at a time; readers see it before an edit or after it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def content(self) -> bytes:
        """The bytes of the file, by which an edit is noticed; none where it cannot be read."""
        try:
            return self._path.read_bytes()
        except OSError:
            return b""

    def sources(self) -> list[SourceEntry]:
        """All sources, in the order of the file.

        Raises:
            StructureError: the file is written wrong; names every mistake at once.
        """
        return self._entries(self._tables_of(self._checked()))

    def sound(self) -> list[SourceEntry]:
        """Those sources of which is right who may read them, whatever else is wrong in the file.

        Raises:
            StructureError: nothing of the file can be read.
        """
        return self._entries(
            {n: table for n, table in self._tables().items() if not any(who_mistakes(n, table))}
        )

    def _entries(self, tables: Mapping[str, Any]) -> list[SourceEntry]:
        return [_entry(name, table, self._path.parent) for name, table in tables.items()]

    def rhythms(self) -> dict[str, Rhythm]:
        """How often each source is refreshed, by its name.

        Raises:
            StructureError: the file is written wrong; names every mistake at once.
        """
        entries = self.sources()
        zone = self.zone()
        return {one.name: rhythm(self._schedule(one), zone) for one in entries}

    def zone(self) -> tzinfo:
        """The time zone of the team; that of this machine where the file names none.

        Raises:
            StructureError: nothing of the file can be read.
            RhythmError: there is no such time zone.
        """
        return zone_named(self._read().unwrap().get("schedule", {}).get("timezone", ""))

    def _schedule(self, entry: SourceEntry) -> str:
        """What the file says of a source, or what is right for its kind."""
        if entry.schedule:
            return entry.schedule
        try:
            says_who_reads = self.built(entry).has_own_audiences
        except OperatorError:  # its job says why it cannot be built
            says_who_reads = False
        return SCHEDULE_OF_OWN_READERS if says_who_reads else DEFAULT_SCHEDULE

    def built(self, entry: SourceEntry) -> Source:
        """A source, with a folder of its own beside the file."""
        return entry.build(self._path.parent / "sources" / entry.name)

    def table(self, name: Literal["channels", "mcp", "learning"]) -> Mapping[str, Any]:
        """What is said of channels or servers of tools, by their names, or of learning.

        Raises:
            StructureError: the file is written wrong; names every mistake at once.
        """
        found: Mapping[str, Any] = self._checked().get(name, {})
        return found

    def told_in(self) -> str:
        """The channel that `[learning]` names, whatever else is wrong in the file; else empty.

        Raises:
            StructureError: nothing of the file can be read.
        """
        table = self._read().unwrap().get("learning", {})
        return str(table.get("told_in", "")) if isinstance(table, Mapping) else ""

    def tools(self) -> Mapping[str, Any]:
        """What is set for tools, by the name of their file; whoever has the tools checks it.

        Raises:
            StructureError: nothing of the file can be read, or `[tools]` is no table.
        """
        tables = self._read().unwrap().get("tools", {})
        if not isinstance(tables, Mapping):
            raise self._error("'tools' is no table", TOOLS)
        return tables

    def names(self) -> list[str]:
        """The names of all sources, also of those that are written wrong."""
        return list(self._tables())

    def left_over(self, articles: Mapping[str, int]) -> list[tuple[str, str]]:
        """What is indexed of sources that were taken out by hand: what to say, and what to do.

        Args:
            articles: how many are indexed, by the name of their source.
        """
        gone = sorted(articles.keys() - set(self.names()))
        return [
            (
                f"Source {name} is no longer in {self._path.name}, but {articles[name]} of its "
                "articles are still kept.",
                f"Remove them: tertulia source remove {name}",
            )
            for name in gone
        ]

    def source(self, name: str) -> SourceEntry:
        """The source of this name."""
        entries = {entry.name: entry for entry in self.sources()}
        if name not in entries:
            raise _unknown(name, entries)
        return entries[name]

    def add(self, entry: SourceEntry) -> bool:
        """Write a source; False where just this one stands there already.

        Raises:
            StructureError: a bad name, or another source of this name exists.
        """
        self._check(entry)
        with self._alone():
            present = self._present(entry.name)
            if present not in (None, entry):
                raise StructureError(
                    f"There is another source '{entry.name}' already.",
                    what_to_do="Take another name, or add --replace to take its place.",
                )
            if present is None:
                self._put(entry)
        return present is None

    def replace(self, entry: SourceEntry) -> bool:
        """Write a source, in the place of another one of this name; False where it stands there.

        Raises:
            StructureError: a bad name, or a source that cannot be.
        """
        self._check(entry)
        with self._alone():
            if self._present(entry.name) == entry:
                return False
            self._put(entry)
        return True

    def remove(self, name: str) -> None:
        """Take a source out of the file."""
        with self._alone():
            names = self.names()
            if name not in names:
                raise _unknown(name, names)
            document = self._read()
            del document["sources"][name]
            self._write(document)

    def _check(self, entry: SourceEntry) -> None:
        """Refuse a source whose name would spoil ids, or that cannot be built."""
        if not NAME.fullmatch(entry.name):
            raise StructureError(
                f"'{entry.name}' cannot be a source's name.",
                what_to_do="Take 1 to 40 of the characters a-z, 0-9, '-' and '_'.",
            )
        for said, right in wrong_readers(sorted(entry.audience.principals)):
            raise StructureError(f"Source '{entry.name}': {said}.", what_to_do=right)
        rhythm(entry.schedule or DEFAULT_SCHEDULE, UTC)
        self.built(entry)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else edits meanwhile; the lock ends with its holder, also with one that is killed.

        The lock is a file beside ours, because every edit puts a new file in the place of ours.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lock = self._path.with_suffix(".toml.lock").open("w")
        except OSError as error:
            raise self._unwritable(error) from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _present(self, name: str) -> SourceEntry | None:
        return next((entry for entry in self.sources() if entry.name == name), None)

    def _put(self, entry: SourceEntry) -> None:
        document = self._read()
        wanted = document.unwrap()
        table = tomlkit.table()
        table.add("kind", entry.kind)
        for key, value in entry.options.items():
            table.add(key, value)
        table.add("audience", sorted(entry.audience.principals))
        if entry.schedule:
            table.add("schedule", entry.schedule)
        wanted.setdefault("sources", {})[entry.name] = table.unwrap()
        try:
            document.setdefault("sources", tomlkit.table(is_super_table=True))[entry.name] = table
        except ValueError:  # an inline table, `sources = {...}`, takes no other kind of table
            document = self._read()
        # Dotted keys, `sources.a.kind = ...`, would go on below the new table.
        if tomlkit.parse(tomlkit.dumps(document)).unwrap() != wanted:
            raise self._error(
                "its sources are not written as tables", "Write each one as [sources.NAME]"
            )
        self._write(document)

    def _checked(self) -> Mapping[str, Any]:
        """The whole file, in which nothing is wrong."""
        document = self._read().unwrap()
        mistakes = list(all_mistakes(document, self._tables_of(document)))
        if mistakes:
            raise StructureError(
                "\n".join(f"{self._path}: {message}." for message, _ in mistakes),
                what_to_do="\n".join(dict.fromkeys(advice for _, advice in mistakes)),
            )
        return document

    def _tables(self) -> Mapping[str, Any]:
        return self._tables_of(self._read().unwrap())

    def _tables_of(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        tables = document.get("sources", {})
        if not isinstance(tables, Mapping):
            raise self._error("'sources' is no table", "Each source is a table: [sources.NAME]")
        return tables

    def _read(self) -> tomlkit.TOMLDocument:
        try:
            return tomlkit.parse(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return tomlkit.document()
        except (TOMLKitError, UnicodeDecodeError) as error:
            raise self._error(f"cannot be read: {error}", "Correct that line.") from error
        except OSError as error:
            raise self._error(f"cannot be opened: {error.strerror}", "Check the path.") from error

    def _write(self, document: tomlkit.TOMLDocument) -> None:
        temporary = self._path.with_suffix(".toml.new")
        try:
            temporary.write_text(tomlkit.dumps(document), encoding="utf-8")
            temporary.replace(self._path)
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> StructureError:
        return self._error(f"cannot be written: {error.strerror}", "Check free space and rights.")

    def _error(self, message: str, what_to_do: str) -> StructureError:
        return StructureError(f"{self._path}: {message}.", what_to_do=what_to_do)


def _entry(name: str, table: Mapping[str, Any], folder: Path) -> SourceEntry:
    """A source without mistakes; its paths begin in the folder of the file, wherever we are."""
    options: dict[str, Any] = {
        key: _placed(value, folder) if key == "path" else value for key, value in table.items()
    }
    kind, audience = options.pop("kind"), options.pop("audience")
    return SourceEntry(
        name, kind, options, Audience.of(*audience), str(options.pop("schedule", ""))
    )


def _placed(path: object, folder: Path) -> object:
    if isinstance(path, list):
        return [_placed(one, folder) for one in path]
    is_relative = isinstance(path, str) and path and not path.startswith(("/", "~", "${"))
    return str(folder.absolute() / str(path)) if is_relative else path


def _unknown(name: str, names: Iterable[str]) -> StructureError:
    known = list(names)
    advice = suggestion(name, known) if known else "There are none yet."
    return StructureError(f"There is no source '{name}'.", what_to_do=advice)
